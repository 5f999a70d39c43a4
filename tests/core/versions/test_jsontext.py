"""JSON in and out of bodies."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.messages import Response
from proxy.core.versions import jsontext

_numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _values, max_size=4))
def test_what_is_written_reads_back(value):
    """Any JSON object survives writing and reading, with every integer that MLflow has a field for."""
    assert jsontext.read_object(jsontext.write(value)) == value


def test_half_a_character_survives():
    """A lone surrogate, which clients can send escaped, is written escaped again."""
    assert jsontext.write(jsontext.read_object(b'{"a": "\\ud800"}')) == b'{"a":"\\ud800"}'


def test_an_empty_body_is_an_empty_object():
    """No body at all means no arguments, as MLflow's servers treat it."""
    assert jsontext.read_object(b"") == {}


def test_a_json_string_that_holds_an_object_counts():
    """A doubly encoded body is read, as every server does."""
    assert jsontext.read_object(json.dumps('{"a": 1}').encode()) == {"a": 1}


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e999", "Infinity"),
        ("-1e999", "-Infinity"),
    ],
)
def test_numbers_that_json_lacks_become_the_strings_that_servers_take(token, text):
    """Metric values that are not finite never turn into null on the way."""
    found = jsontext.read_object(f'{{"value": {token}}}'.encode())
    assert jsontext.write(found) == f'{{"value":"{text}"}}'.encode()


def test_an_ordinary_exponent_stays_a_number():
    """Only what overflows becomes a string."""
    found = jsontext.read_object(b'{"value": NaN, "step": 1e3}')
    assert found == {"value": "NaN", "step": 1000.0}
    assert math.isfinite(found["step"])


@pytest.mark.parametrize("body", [b"{", b"[1]", b"3", b"null", b"\xff\xfe\xfd", b'"text"', b"[" * 100_000])
def test_what_is_no_object_is_refused(body):
    """Everything that is not a JSON object raises the one error that callers expect."""
    with pytest.raises(ValueError):
        jsontext.read_object(body)


def test_an_answer_with_another_body_describes_the_new_bytes():
    """Headers about the old bytes are dropped, all others stay."""
    before = Response(200, (("Content-Length", "99"), ("ETag", "x"), ("X-Other", "1")), b"{}")
    after = jsontext.with_body(before, {"a": 1})
    assert after == Response(200, (("X-Other", "1"), ("content-type", "application/json")), b'{"a":1}')


def test_an_answer_that_is_no_json_reads_as_none():
    """Pages and empty bodies are not mistaken for empty objects."""
    assert jsontext.read_answer(Response(200, (), b"<html>")) is None
    assert jsontext.read_answer(Response(200)) is None


@pytest.mark.parametrize("text", [None, "", "no", "[1]", "7", "\ud800", "{"])
def test_a_note_that_is_no_object_holds_nothing(text):
    """Anybody may have written the tag."""
    assert jsontext.parsed(text) == {}
    assert jsontext.parsed('{"a": "\u00e4"}') == {"a": "ä"}
