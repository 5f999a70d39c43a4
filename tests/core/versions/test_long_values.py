"""Long values in short ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.long_values import PARAM, REGISTRY_TAG, RUN_TAG


def _between(client: str | None, server: str) -> Dialects:
    return Dialects(Version.parse(client) if client else None, Version.parse(server))


@pytest.mark.parametrize(
    ("limits", "client", "server", "length", "stored", "notes"),
    [
        (PARAM, "3.17.2", "1.30.1", 500, 500, 0),
        (PARAM, "3.17.2", "1.30.1", 501, 500, 1),
        (PARAM, "3.17.2", "1.30.1", 7000, 500, 2),
        (PARAM, "3.17.2", "2.9.2", 7000, 6000, 0),
        (PARAM, "2.9.2", "1.30.1", 7000, 7000, 0),
        (PARAM, "2.9.2", "1.30.1", 6000, 500, 2),
        (PARAM, "1.30.1", "1.20.2", 400, 250, 1),
        (PARAM, "1.20.2", "1.30.1", 400, 400, 0),
        (PARAM, None, "1.30.1", 600, 600, 0),
        (RUN_TAG, "3.17.2", "2.14.3", 9000, 5000, 2),
        (RUN_TAG, "3.17.2", "2.17.2", 9000, 8000, 0),
        (REGISTRY_TAG, "3.17.2", "2.22.4", 100_000, 5000, 25),
        (REGISTRY_TAG, "3.17.2", "2.22.4", 100_001, 100_001, 0),
    ],
)
def test_values_are_cut_and_kept_as_both_versions_say(limits, client, server, length, stored, notes):
    """What the client's own servers take is kept, what they cut is cut, what they refuse is left to be refused."""
    value, tags = long_values.fit("x" * length, limits, _between(client, server))
    assert (len(value), len(tags)) == (stored, notes)


_LONG = st.integers(501, 6000).flatmap(
    lambda length: st.text(min_size=1, max_size=3).map(lambda t: (t * length)[:length])
)


@given(_LONG, st.text(max_size=10))
def test_whole_values_come_back(text, other):
    """Wherever tags and params stand, in one list or in two."""
    fitted, kept = long_values.fit_all(
        [{"key": "a", "value": text}, {"key": "b", "value": other}], PARAM, _between("3.17.2", "1.30.1")
    )
    run = {"runs": [{"data": {"params": fitted, "tags": [*kept, fitted[0]]}}]}
    data = long_values.restored(run)["runs"][0]["data"]
    assert [param["value"] for param in data["params"]] == [text, other]
    assert data["tags"][-1]["value"] == text


@given(_LONG, _LONG)
def test_what_is_stored_differs_as_the_whole_does(one, other):
    """So a server refuses another value of a param, and takes the same again."""
    stored = [long_values.fit(text, PARAM, _between("3.17.2", "1.30.1"))[0] for text in (one, other)]
    assert (stored[0] == stored[1]) is (one == other)


def test_nothing_to_do_leaves_the_very_list():
    """So that the bytes can pass."""
    tags = [{"key": "a", "value": "b"}, "odd"]
    assert long_values.fit_all(tags, RUN_TAG, _between("3.17.2", "1.30.1")) == (tags, [])
    assert long_values.fit_all(tags, RUN_TAG, _between("3.17.2", "1.30.1"))[0] is tags


def test_a_mark_without_its_note_stays():
    """A value that merely looks like ours, or whose note was deleted, is shown as it is stored."""
    value, _ = long_values.fit("x" * 600, PARAM, _between("3.17.2", "1.30.1"))
    document = {"tags": [{"key": "a", "value": value}]}
    assert long_values.restored(document) == document


def test_answers_without_long_values_are_not_read():
    """The very answer goes on."""
    call, dialects = Call("GetRun", {}), _between("3.17.2", "1.30.1")
    plain = Response(200, (), b'{"tags": [{"key": "a", "value": "b"}]}')
    assert long_values.show(plain, call, dialects) is plain
    fitted, kept = long_values.fit_all([{"key": "a", "value": "y" * 6000}], RUN_TAG, _between("3.17.2", "1.30.1"))
    shown = long_values.show(Response(200, (), json.dumps({"tags": [*fitted, *kept]}).encode()), call, dialects)
    assert json.loads(shown.body)["tags"][0]["value"] == "y" * 6000
