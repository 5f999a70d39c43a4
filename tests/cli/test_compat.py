"""`tightrope compat`."""

from __future__ import annotations

import json
import re

import pytest

from proxy.cli.compat import CLIENTS, SERVERS, cell, summary
from proxy.core.mlflow_version import Version
from proxy.core.versions.skew import Standing, Verdict, standings
from tests.cli.conftest import Run

NATIVE = Standing("A", "runs", Verdict.NATIVE)
SOME = Standing("B", "runs", Verdict.TRANSLATED, conditional=True)
ALL = Standing("C", "runs", Verdict.TRANSLATED)
STANDS_FOR = Standing("D", "runs", Verdict.EMULATED)
REFUSED = Standing("E", "runs", Verdict.REFUSED, refusal="no")


def test_everything_at_one_glance(run: Run):
    """Without a question: every client by every server, in counts."""
    found = run("compat")
    assert found.exit_code == 0, found.output
    for version in (*CLIENTS, *SERVERS):
        assert version in found.stdout
    assert "native / translated / emulated / refused" in found.stdout


def test_a_pair_lists_operations_with_what_is_lost(run: Run):
    """Verdict in words, the changes by name, and what does not survive."""
    found = run("compat", "--client", "2.22.4", "--server", "1.30.1")
    assert found.exit_code == 0
    shown = re.sub(r"[\s│]+", "", found.stdout)  # cells are folded
    for each in standings(Version(2, 22, 4), Version(1, 30, 1)):
        for text in (each.operation, each.feature, *(part.change for part in each.parts), *each.lost):
            assert re.sub(r"\s+", "", text)[:20] in shown, text


@pytest.mark.parametrize("question", [("--client", "1.30.1"), ("--server", "2.5.0")])
def test_one_version_shows_features(run: Run, question: tuple[str, str]):
    """A row per feature, a column per version of the other kind."""
    found = run("compat", *question)
    assert found.exit_code == 0
    assert "model registry" in found.stdout
    assert "user interface" not in found.stdout


def test_one_operation(run: Run):
    """Everywhere, or for one pair."""
    found = run("compat", "--operation", "CreateRun", "--server", "3.17.2")
    assert found.exit_code == 0
    assert found.stdout.count("3.17.2") >= len(CLIENTS)
    assert "registry" not in found.stdout
    nobody = run("compat", "--operation", "CreateUser", "--client", "2.9.2", "--server", "2.5.0")
    assert "No client library" in nobody.stdout


def test_json_is_stable(run: Run):
    """One entry per pair, with counts and operations."""
    found = run("compat", "--client", "1.30.1", "--server", "3.17.2", "--operation", "ListExperiments", "-o", "json")
    assert found.exit_code == 0
    (pair,) = json.loads(found.stdout)["pairs"]
    assert (pair["client"], pair["server"]) == ("1.30.1", "3.17.2")
    assert pair["counts"] == {"native": 0, "translated": 1, "emulated": 0, "refused": 0}
    (operation,) = pair["operations"]
    assert operation["operation"] == "ListExperiments"
    assert operation["verdict"] == "translated"
    assert operation["changes"][0]["change"] == "list_experiments_by_search"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--client", "new"), "not an MLflow version"),
        (("--server", "2"), "not an MLflow version"),
        (("--operation", "CreateRuns"), "Did you mean CreateRun"),
        (("--operation", "zzz"), "docs/compat.md"),
    ],
)
def test_a_wrong_question_is_wrong_use(run: Run, arguments: tuple[str, str], said: str):
    """Exit code 2 and a hint."""
    found = run("compat", *arguments)
    assert found.exit_code == 2
    assert said in found.stderr


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ((), "-"),
        ((NATIVE,), "native"),
        ((NATIVE, SOME), "translated*"),
        ((NATIVE, SOME, ALL), "translated"),
        ((ALL, STANDS_FOR), "emulated"),
        ((STANDS_FOR, REFUSED), "emulated, 1 of 2 refused"),
        ((NATIVE, REFUSED), "native, 1 of 2 refused"),
        ((REFUSED, REFUSED), "refused"),
    ],
)
def test_a_feature_in_a_few_words(found: tuple[Standing, ...], text: str):
    """The furthest from native, a star for some calls only, and how many are refused."""
    assert summary(found) == text


def test_a_cell_counts_verdicts():
    """In the order of the legend; what only some calls meet counts as what the others get."""
    assert cell((NATIVE, SOME, ALL, STANDS_FOR, REFUSED)) == "2 / 1 / 1 / 1"
    assert cell(()) == "-"
