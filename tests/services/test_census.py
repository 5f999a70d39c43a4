"""Counting clients."""

from __future__ import annotations

import pytest

from proxy.services import census as module
from proxy.services.census import FORGET_AFTER_S, MAX_PAIRS, SHOWN_CHANGES, Census, ClientSeen, ClientUse

OLD, NEW = "mlflow-python-client/1.30.1", "mlflow-python-client/3.1.0"


def test_clients_are_counted_by_kind_and_version():
    """Requests, translated and refused ones, times, and which changes acted; the busiest first."""
    census = Census()
    census.note(OLD, "ListExperiments", ("list_experiments_by_search",), 10.0)
    census.note(NEW, "GetRun", (), 11.0)
    census.note(NEW, "CreateRun", ("a", "b"), 12.0)
    census.note(NEW, "CreateRun", ("a",), 13.0)
    census.note(NEW, "CreateWebhook", (), 14.0, refused=True)
    assert census.seen() == (
        ClientSeen("python", "3.1.0", 4, 2, 14.0, 11.0, 1, 13.0, {"a": 2, "b": 1}),
        ClientSeen("python", "1.30.1", 1, 1, 10.0, 10.0, 0, 10.0, {"list_experiments_by_search": 1}),
    )


def test_what_was_used_is_remembered_with_its_last_time():
    """Per client; what the catalogue does not know is nothing to plan with."""
    census = Census()
    census.note(OLD, "GetRun", (), 1.0)
    census.note(OLD, "GetRun", (), 3.0)
    census.note(OLD, "unknown", (), 4.0)
    assert census.uses() == (ClientUse("python", "1.30.1", {"GetRun": 3.0}),)


def test_times_never_go_back():
    """A clock that is set back does not make a client look older."""
    census = Census()
    census.note("curl/8", "GetRun", ("a",), 10.0)
    census.note("curl/8", "GetRun", ("a",), 5.0)
    (seen,) = census.seen()
    assert (seen.last_seen, seen.last_translated) == (10.0, 10.0)


def test_the_list_is_bounded(monkeypatch):
    """Invented versions do not grow it, nor do operations beyond the limit."""
    monkeypatch.setattr(module, "MAX_PAIRS", 20)
    census = Census()
    for n in range(1000):
        census.note(f"mlflow-python-client/1.0.{n}", "GetRun", (), float(n))
    assert len(census.seen()) == 51
    assert sum(each.requests for each in census.seen()) == 1000
    assert sum(len(each.operations) for each in census.uses()) == 20
    assert MAX_PAIRS > 1000


def test_only_the_most_frequent_changes_are_shown():
    """A few names say what a client needs."""
    census = Census()
    for n in range(10):
        for _ in range(n + 1):
            census.note(OLD, "GetRun", (f"change{n}",), 1.0)
    assert list(census.seen()[0].changes) == [f"change{n}" for n in range(9, 9 - SHOWN_CHANGES, -1)]


def test_it_is_taken_up_again():
    """A restart changes nothing, and counting goes on from there."""
    census, again = Census(), Census()
    census.note(OLD, "CreateRun", ("a",), 10.0)
    census.note("Mozilla/5.0", "GetRun", (), 11.0)
    changed = [census.changed]
    again.restore(census.dumped(12.0), {"CreateRun", "GetRun"}, {"a"})
    changed.append(census.changed)
    assert changed == [True, False]
    assert again.seen() == census.seen()
    assert again.uses() == census.uses()
    again.note(OLD, "CreateRun", (), 20.0)
    assert again.seen()[0].requests == 2
    assert again.seen()[0].first_seen == 10.0


def test_names_that_are_gone_are_left_out():
    """An upgrade may rename a change."""
    census, again = Census(), Census()
    census.note(OLD, "CreateRun", ("a", "b"), 10.0)
    census.note(OLD, "GetRun", (), 10.0)
    again.restore(census.dumped(12.0), {"GetRun"}, {"b"})
    assert again.seen()[0].changes == {"b": 1}
    assert again.uses()[0].operations == {"GetRun": 10.0}


def test_clients_not_seen_for_a_month_are_forgotten():
    """So that the answer to "who still needs it" is about those who are there."""
    census, again = Census(), Census()
    census.note(OLD, "GetRun", (), 0.0)
    census.note(NEW, "GetRun", (), FORGET_AFTER_S)
    again.restore(census.dumped(FORGET_AFTER_S + 1), {"GetRun"}, ())
    assert [each.version for each in census.seen()] == [each.version for each in again.seen()] == ["3.1.0"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": 9, "clients": []}',
        '{"format": 1, "clients": [1]}',
        '{"format": 1, "clients": [{"name": ["python"]}]}',
        '{"format": 1, "clients": [{"name": ["python", "1"], "x": 1}]}',
        '{"format": 1, "clients": [{"name": ["python", "1"], "operations": []}]}',
        '{"format": 1, "clients": [{"name": ["python", "1"], "changes": 1}]}',
    ],
)
def test_something_else_is_not_taken_for_a_census(text):
    """And leaves it empty."""
    census = Census()
    with pytest.raises(ValueError):
        census.restore(text, (), ())
    assert census.seen() == ()
