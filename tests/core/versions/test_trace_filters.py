"""Filters on traces."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions import trace_filters

SERVER = Version(2, 22, 4)
INFO = {
    "trace_id": "tr-1",
    "client_request_id": "mine",
    "request_time": "1970-01-01T00:00:01Z",
    "execution_duration": "0.5s",
    "state": "OK",
    "trace_metadata": {"mlflow.sourceRun": "r1", "m": "Value"},
    "tags": {"mlflow.traceName": "outer", "mlflow.linkedPrompts": '[{"name": "p", "version": "2"}]'},
    "assessments": [
        {"assessment_name": "q", "feedback": {"value": "good"}, "valid": True},
        {"assessment_name": "n", "feedback": {"value": 0.5}},
        {"assessment_name": "b", "feedback": {"value": True}},
        {"assessment_name": "old", "feedback": {"value": "x"}, "valid": False},
        {"assessment_name": "e", "expectation": {"serialized_value": {"value": '["a"]'}}},
    ],
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "status = 'OK' AND timestamp_ms > 5",
        "attributes.name IN ('a', 'b')",
        "trace.run_id = 'r'",
        "tags.`a b` != 'x' AND metadata.m = 'y' AND request_metadata.m = 'z'",
        "not a filter at all (",
        "attributes.nonsense = 'x'",
    ],
)
def test_what_the_server_knows_is_left_to_it(text):
    """Nonsense too: it says best what is wrong."""
    assert trace_filters.split(text, SERVER) == trace_filters.Split(text, ())


def test_a_filter_is_divided():
    """Clauses that the server lacks are ours, the rest stays as it stood."""
    split = trace_filters.split("status = 'OK' AND tag.a LIKE 'x%' AND feedback.q = 'good' AND name = 'b'", SERVER)
    assert split.theirs == "status = 'OK' AND name = 'b'"
    assert [clause.text for clause in split.ours] == ["tag.a LIKE 'x%'", "feedback.q = 'good'"]


@pytest.mark.parametrize("text", ["span.name = 'x'", "trace.text LIKE '%x%'", "tag.a RLIKE '.*'", "issue.id = '1'"])
def test_what_nobody_can_judge_is_refused_by_name(text):
    """The refusal names the clause and the server."""
    with pytest.raises(trace_filters.UnsupportedClauseError, match=r"2\.22\.4") as refused:
        trace_filters.split(f"status = 'OK' AND {text}", SERVER)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("client_request_id = 'mine'", True),
        ("client_request_id IN ('other', 'mine')", True),
        ("client_request_id NOT IN ('mine')", False),
        ("end_time_ms = 1500", True),
        ("end_time > 1500", False),
        ("end_time >= 1500", True),
        ("end_time < 1501", True),
        ("end_time <= 1499", False),
        ("name ILIKE 'OUT%'", True),
        ("name LIKE 'OUT%'", False),
        ("status LIKE 'O_'", True),
        ("request_id LIKE 'tr-%'", True),
        ("run_id LIKE 'r_'", True),
        ("prompt = 'p/2'", True),
        ("prompt = 'p/1'", False),
        ("tags.nothing IS NULL", True),
        ("tags.`mlflow.traceName` IS NOT NULL", True),
        ("tag.nothing LIKE '%'", False),
        ("metadata.m ILIKE 'value'", True),
        ("metadata.m IS NULL", False),
        ("feedback.q = 'good'", True),
        ("feedback.q != 'good'", False),
        ("feedback.n = '0.5'", True),
        ("feedback.n = '0.50'", True),
        ("feedback.n > 0.4", True),
        ("feedback.q > 0.4", False),
        ("feedback.b = 'true'", True),
        ("feedback.b > 0", False),
        ("feedback.old = 'x'", False),
        ("feedback.old IS NULL", True),
        ("feedback.e IS NULL", True),
        ("""expectation.e = '["a"]'""", True),
        ("expectation.e IS NOT NULL", True),
    ],
)
def test_our_clauses_mean_what_they_mean_on_a_newer_server(text, fits):
    """Attributes, tags, metadata and assessments that are still valid."""
    split = trace_filters.split(text, SERVER)
    assert split.theirs == ""
    assert trace_filters.fits(INFO, split.ours) is fits


def test_broken_links_to_prompts_match_nothing():
    """The tag can hold anything."""
    clauses = trace_filters.split("prompt = 'p/2'", SERVER).ours
    for text in ("[", "7", "[7]"):
        assert not trace_filters.fits({"tags": {trace_filters.LINKED_PROMPTS: text}}, clauses)


def test_orderings_that_the_server_lacks_are_refused():
    """The others pass, nonsense included."""
    trace_filters.check_order(["timestamp_ms DESC", "", "tag.end_time"], SERVER)
    trace_filters.check_order(None, SERVER)
    with pytest.raises(trace_filters.UnsupportedClauseError, match="end_time DESC"):
        trace_filters.check_order(["end_time DESC"], SERVER)
