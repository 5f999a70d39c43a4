"""Comparing the catalogue with real releases."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.lab import catalogue
from proxy.lab.catalogue import compare, current_table, extract, main, report, routes_in
from proxy.lab.failures import LabError

NEWEST = Version(3, 17, 2)
A_KEY = ("POST", "/api/2.0/mlflow/runs/create")


def test_a_release_that_is_as_the_table_says_has_no_differences():
    """Nothing is reported where nothing differs."""
    table = current_table()
    differences = compare(table, NEWEST, table.routes_of(NEWEST))
    assert not differences
    assert report(table, NEWEST, differences) == "MLflow 3.17.2: no differences"


def test_news_of_an_unstudied_release_are_listed_with_what_must_be_described():
    """New and gone routes are told a line each, and operations without a description by name."""
    table = current_table()
    found = {**table.routes_of(NEWEST), ("POST", "/api/3.0/mlflow/skills"): "CreateSkill"}
    del found[A_KEY]
    text = report(table, Version(3, 99, 0), compare(table, Version(3, 99, 0), found))
    assert text.splitlines() == [
        "MLflow 3.99.0 (not studied; compared with 3.17.2): 2 differences",
        "  new  CreateSkill  POST /api/3.0/mlflow/skills",
        "  gone CreateRun  POST /api/2.0/mlflow/runs/create",
        "  to describe: CreateSkill",
    ]


def test_a_renamed_handler_is_a_note_and_no_difference():
    """The path is what clients use; another name inside MLflow changes nothing for them."""
    table = current_table()
    found = {**table.routes_of(NEWEST), A_KEY: "MakeRun"}
    differences = compare(table, NEWEST, found)
    assert not differences
    assert "note CreateRun" in report(table, NEWEST, differences)


def test_a_release_read_only_in_part_is_refused():
    """Routes of an application that could not be loaded would look as if they had gone."""
    with pytest.raises(LabError, match=r"only in part.*auth: ImportError"):
        routes_in({"version": "3.17.2", "skipped": {"auth": "ImportError: x"}, "routes": []})


def test_rules_that_are_not_implemented_are_left_out():
    """A rule that a release registers and does not serve is no route."""
    route = {"method": "GET", "template": "/a", "rpc": None, "handler": "get_a", "implemented": False}
    assert routes_in({"version": "3.17.2", "skipped": {}, "routes": [route]}) == {}


@pytest.mark.parametrize(("version", "code"), [("nonsense", 1), ("3.17.2", 0), ("3.99.0", 3)])
def test_exit_codes(version, code, monkeypatch, capsys):
    """0 says no differences, 3 differences, 1 that it could not be told."""
    found = current_table().routes_of(NEWEST)
    if code == 3:
        found.pop(A_KEY)
    monkeypatch.setattr(catalogue, "extract", lambda _version: found)
    assert main([version]) == code
    assert capsys.readouterr().out or code == 1


@pytest.mark.real
@pytest.mark.timeout(600)
def test_real_releases_agree_with_the_table(version):
    """The installed release has exactly the routes that the table says, and a doctored table is found out."""
    found = extract(version)
    studied = Version.parse(version)
    table = current_table()
    assert report(table, studied, compare(table, studied, found)) == f"MLflow {version}: no differences"
    del table.versions[A_KEY]
    table.add(studied, {**table.routes_of(studied), ("GET", "/made/up"): "MadeUp"})
    differences = compare(table, studied, found)
    assert differences.new == {A_KEY: "CreateRun"}
    assert differences.gone == {("GET", "/made/up"): "MadeUp"}
