"""Answers as servers frame them."""

from __future__ import annotations

import pytest

from proxy.lab.bench.answers import Answer, AnswerReader
from proxy.lab.failures import LabError

_BY_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;note=x\r\nlo\r\n0\r\n\r\n"
_CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
_OLD = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(
    ("sent", "keep_open"), [(_BY_LENGTH, True), (_CHUNKED, True), (_CLOSING, False), (_OLD, False)]
)
def test_an_answer_is_complete_with_its_last_byte_and_not_before(sent, keep_open):
    """Fed byte by byte, each framing ends exactly where it says."""
    reader = AnswerReader()
    found = [reader.feed(sent[position : position + 1]) for position in range(len(sent))]
    assert found[:-1] == [None] * (len(sent) - 1)
    assert found[-1] == Answer(200, b"hello", keep_open)


def test_an_answer_without_a_length_ends_with_the_connection():
    """What an old server sends is complete when it closes."""
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nhel") is None
    assert reader.feed(b"lo") is None
    assert reader.finish() == Answer(200, b"hello", keep_open=False)


def test_a_cut_off_answer_is_no_answer():
    """A connection that ends in the middle gives nothing."""
    reader = AnswerReader()
    assert reader.feed(_BY_LENGTH[:-1]) is None
    assert reader.finish() is None


@pytest.mark.parametrize("sent", [_BY_LENGTH + b"x", b"SMTP\r\n\r\n"])
def test_nonsense_is_refused(sent):
    """Bytes beyond an answer, or bytes that are none, stop the measurement."""
    with pytest.raises(LabError):
        AnswerReader().feed(sent)
