"""Spans in three forms."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import spans
from tests.golden import recorded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_an_answer_gives_the_file_that_the_client_wrote():
    """The same trace, recorded both ways."""
    answered = recorded("traces/whole_3_17.json")["trace"]["spans"]
    assert [spans.from_answer(span) for span in answered] == recorded("traces/file_3_17.json")["spans"]


def test_a_file_gives_what_the_server_answers():
    """And the other way round."""
    written = recorded("traces/file_3_17.json")["spans"]
    assert [spans.to_answer(span) for span in written] == recorded("traces/whole_3_17.json")["trace"]["spans"]


def test_a_newer_file_becomes_one_that_old_clients_load():
    """Ids in hex, request and response of the root, attributes as they were."""
    file = spans.file_of_v2(recorded("traces/file_3_17.json")["spans"])
    outer, inner = file["spans"]
    assert outer["context"] == {"span_id": "b150d4c1fb5d4950", "trace_id": "031682e8febc2988a983665233a16d29"}
    assert (outer["parent_id"], inner["parent_id"]) == (None, outer["context"]["span_id"])
    assert (outer["status_code"], outer["start_time"]) == ("OK", 1795553120564098873)
    assert outer["attributes"]["k"] == '{"a": [1, 2]}'
    assert (file["request"], file["response"]) == ('{"x": 7}', "17.0")


def test_an_old_file_survives_the_way_to_the_newer_form_and_back():
    """With the exception that it records."""
    file = recorded("traces/file_2_22.json")
    assert spans.file_of_v2([spans.to_v3(span) for span in file["spans"]]) == file


def test_an_old_file_is_answered_with_its_events():
    """Status, message and the attributes of the exception."""
    (answer,) = [spans.to_answer(span) for span in recorded("traces/file_2_22.json")["spans"]]
    assert answer["status"] == {"code": "STATUS_CODE_ERROR", "message": "ValueError: boom"}
    assert answer["events"][0]["attributes"][0] == {"key": "exception.type", "value": {"string_value": "ValueError"}}
    assert "parent_span_id" not in answer


def test_a_file_of_3_5_is_understood():
    """It has ids in hex and bare status codes."""
    old = {"trace_id": "tr-" + "0a" * 16, "span_id": "0b" * 8, "parent_span_id": None, "status": {"code": "OK"}}
    assert spans.to_v2(old)["context"] == {"span_id": "0b" * 8, "trace_id": "0a" * 16}
    assert spans.to_v2(old)["status_code"] == "OK"
    assert spans.to_answer(old)["status"] == {"code": "STATUS_CODE_OK"}
    assert spans.to_answer(old)["span_id"] == "CwsLCwsLCws="


@given(st.dictionaries(st.text(), JSON))
def test_attributes_of_any_type_survive_the_answer(attributes):
    """JSON in a file, typed values in an answer."""
    written = recorded("traces/file_3_17.json")["spans"][0]
    written["attributes"] = {key: json.dumps(value) for key, value in attributes.items()}
    assert spans.from_answer(spans.to_answer(written)) == written


@pytest.mark.parametrize(
    "odd", [{}, {"context": {}}, {"trace_id": "?", "span_id": 7, "attributes": [1], "events": [2], "status": 3}]
)
def test_odd_spans_break_nothing(odd):
    """Whatever lies in a file is converted as far as it goes."""
    assert spans.to_answer(odd)["status"] == {"code": "STATUS_CODE_UNSET"}
    assert spans.to_v2(spans.to_v3(odd))["status_code"] == "UNSET"


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("NaN", {"double_value": "NaN"}),
        ("-Infinity", {"double_value": "-Infinity"}),
        ("1" + "0" * 30, {"double_value": 1e30}),
        ("1" + "0" * 400, {"double_value": "Infinity"}),
        ("-7", {"int_value": -7}),
    ],
)
def test_numbers_that_json_has_no_word_for(text, typed):
    """As protobuf's JSON mapping spells them; they would come out as null."""
    answer = spans.to_answer({"span_id": "", "trace_id": "", "attributes": {"a": text}})
    assert answer["attributes"] == [{"key": "a", "value": typed}]
