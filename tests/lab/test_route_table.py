"""The table of routes: folding versions into first and last, and adding a version."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.core.endpoints import routes
from proxy.core.mlflow_version import Version
from proxy.lab.route_table import RouteTable, surface_of

ROWS = [
    ("GetA", "api", "GET", "/api/2.0/mlflow/a", "1.0.0", None),
    ("GetB", "api", "GET", "/api/2.0/mlflow/b", "1.0.0", "2.0.0"),
]
A, B, C = ("GET", "/api/2.0/mlflow/a"), ("GET", "/api/2.0/mlflow/b"), ("GET", "/api/2.0/mlflow/c")


def _table() -> RouteTable:
    return RouteTable.from_rows(["1.0.0", "2.0.0", "3.0.0"], ROWS)


def test_the_generated_file_is_what_the_writer_writes():
    """Reading ``routes.py`` and writing it again changes nothing, so nobody edited it by hand."""
    table = RouteTable.from_rows(routes.STUDIED, routes.ROUTES)
    assert Path(routes.__file__).read_text(encoding="utf-8") == table.to_python()


def test_a_newer_version_ends_what_it_lacks_and_begins_what_it_brings():
    """What is gone gets a last version, what stays keeps none, what is new starts here."""
    table = _table()
    table.add(Version(4, 0), {A: "GetA", C: "GetC"})
    assert table.rows() == [
        *ROWS,
        ("GetC", "api", "GET", C[1], "4.0.0", None),
    ]
    table.add(Version(5, 0), {C: "GetC"})
    assert ("GetA", "api", "GET", A[1], "1.0.0", "4.0.0") in table.rows()


def test_a_version_in_between_moves_the_bounds():
    """Studying 2.5 may show that a route lived longer, or that another one had a gap."""
    table = _table()
    table.add(Version(2, 5), {B: "GetB"})
    assert table.rows() == [
        ("GetA", "api", "GET", A[1], "1.0.0", "2.0.0"),
        ("GetA", "api", "GET", A[1], "3.0.0", None),
        ("GetB", "api", "GET", B[1], "1.0.0", "2.5.0"),
    ]


def test_studying_a_version_again_replaces_what_was_known():
    """The second reading of a version wins over the first."""
    table = _table()
    table.add(Version(3, 0), {B: "GetB"})
    assert table.routes_of(Version(3, 0)) == {B: "GetB"}


def test_a_renamed_operation_keeps_its_name():
    """People and metrics know an operation by its first name, whatever a later handler is called."""
    table = _table()
    table.add(Version(4, 0), {A: "FetchA"})
    assert table.routes_of(Version(4, 0)) == {A: "GetA"}


def test_a_version_that_was_not_studied_is_taken_for_the_one_before():
    """The nearest older studied release is the best guess; before the first there is none."""
    table = _table()
    assert table.routes_of(Version(2, 9)) == table.routes_of(Version(2, 0))
    assert table.routes_of(Version(0, 9)) == {}


@pytest.mark.parametrize(
    ("template", "surface"),
    [
        ("/api/2.0/mlflow/runs/get", "api"),
        ("/api/3.0/mlflow/traces", "api"),
        ("/ajax-api/3.0/jobs/", "ajax"),
        ("/api/2.0/preview/mlflow/runs/get", "preview"),
        ("/ajax-api/2.0/preview/mlflow/runs/get", "ajax-preview"),
        ("/v1/traces", "root"),
        ("/", "root"),
    ],
)
def test_surfaces(template, surface):
    """The parallel prefixes are told apart, everything else is root."""
    assert surface_of(template) == surface
