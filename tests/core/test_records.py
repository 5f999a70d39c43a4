"""The write record."""

from __future__ import annotations

import pytest

from proxy.core.messages import Side
from proxy.core.records import IdEntry, id_entry, kept


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Databricks-Org-Id", "X-Forwarded-For", "Origin"],
)
def test_no_credential_is_kept(name):
    """A header that is not on the list never gets into a record, whatever its case."""
    assert kept(((name, "secret"), (name.lower(), "secret"), (name.upper(), "secret"))) == ()


def test_what_a_request_means_is_kept():
    """Content type, client, workspace and the ids that OTLP puts into headers are kept as they were spelled."""
    headers = (
        ("Content-Type", "application/json"),
        ("user-agent", "mlflow-python-client/2.0.1"),
        ("X-MLFLOW-WORKSPACE", "w"),
        ("x-mlflow-experiment-id", "3"),
        ("X-Mlflow-Run-Id", "r"),
    )
    assert kept((("Accept", "*/*"), *headers)) == headers


@pytest.mark.parametrize("side", list(Side))
def test_an_entry_for_one_side_knows_that_side(side):
    """An id that one side named is known there and unknown on the other."""
    entry = id_entry("experiment", "3", side, "5")
    assert entry.local(side) == "5"
    assert entry.local(side.other) is None
    assert (entry.kind, entry.public) == ("experiment", "3")


def test_an_entry_keeps_the_sides_apart():
    """Blue's id and green's id are never mixed up."""
    entry = IdEntry("token", "p", blue="b", green="g")
    assert (entry.local(Side.BLUE), entry.local(Side.GREEN)) == ("b", "g")
