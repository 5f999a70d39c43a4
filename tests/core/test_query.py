"""Query strings as documents and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.core.query import fields_of, with_fields


def test_repeated_names_become_lists():
    """A name that stands once has a value, one that is repeated a list, in the order of the query."""
    assert fields_of("a=1&b=2&a=3&c=&a=4") == {"a": ["1", "3", "4"], "b": "2", "c": ""}


def test_values_are_written_as_mlflow_reads_them():
    """Lists repeat the name, booleans are lower case, None is left out, numbers are digits."""
    fields = {"ids": ["1", 2], "all": True, "none": None, "some": [None, False], "text": "a b&c=ä"}
    assert with_fields(fields) == "ids=1&ids=2&all=true&some=false&text=a+b%26c%3D%C3%A4"


_text = st.text(alphabet=st.characters(codec="utf-8"), max_size=8)


@given(st.dictionaries(_text, _text | st.lists(_text, min_size=2, max_size=3), max_size=4))
def test_a_document_survives_the_query(fields):
    """What is written is read again, whatever characters it has."""
    assert fields_of(with_fields(fields)) == fields


@given(st.lists(st.integers(0, 255), max_size=12))
def test_bytes_that_are_no_text_survive(octets):
    """Percent-encoded bytes that are not UTF-8 come out as they went in."""
    encoded = "a=" + "".join(f"%{octet:02X}" for octet in octets)
    assert fields_of(with_fields(fields_of(encoded))) == fields_of(encoded)
    assert fields_of(encoded)["a"].encode("utf-8", "surrogateescape") == bytes(octets)
