"""The on-disk form of a journaled request."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.messages import Request
from proxy.core.record_format import FORMAT, decode, encode

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates as well
REQUESTS = st.builds(
    Request, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(st.tuples(ANY_TEXT, ANY_TEXT)).map(tuple), st.binary()
)


@given(REQUESTS, ANY_TEXT)
def test_every_request_comes_back_as_it_was(request: Request, request_id: str):
    """Whatever bytes the body has and whatever text a header."""
    assert decode(encode(request, request_id)) == (request, request_id)


@given(REQUESTS, st.data())
def test_any_damaged_byte_is_noticed(request: Request, data: st.DataObject):
    """A flipped byte anywhere raises, and never gives another request."""
    stored = bytearray(encode(request))
    position = data.draw(st.integers(0, len(stored) - 1))
    stored[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"format|checksum"):
        decode(bytes(stored))


@given(REQUESTS, st.data())
def test_a_cut_off_request_is_noticed(request: Request, data: st.DataObject):
    """A shorter one raises."""
    stored = encode(request)
    with pytest.raises(ValueError, match=r"cut off|checksum"):
        decode(stored[: data.draw(st.integers(0, len(stored) - 1))])


@pytest.mark.parametrize("head", ["[]", "{}", '{"m":"GET"}', "nonsense", '{"m":"G","p":"/","q":"","h":[1],"i":""}'])
def test_a_malformed_head_is_a_value_error(head: str):
    """Also with a right checksum, which a bug could have written."""
    content = head.encode() + b"\nbody"
    with pytest.raises(ValueError):
        decode(bytes([FORMAT]) + zlib.crc32(content).to_bytes(4, "big") + content)


def test_the_form_of_format_1_does_not_change():
    """Journals written by released versions must stay readable: this is one."""
    stored = bytes.fromhex("01") + zlib.crc32(
        content := b'{"m":"POST","p":"/p","q":"a=1","h":[["User-Agent","x"]],"i":"r"}\n\x00body'
    ).to_bytes(4, "big")
    request = Request("POST", "/p", "a=1", (("User-Agent", "x"),), b"\x00body")
    assert decode(stored + content) == (request, "r")
    assert encode(request, "r") == stored + content
    assert json.loads(content.partition(b"\n")[0])["m"] == "POST"
