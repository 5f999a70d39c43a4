"""Page tokens."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import page_tokens


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_what_is_written_is_read(content):
    """Whatever a search has to remember."""
    assert page_tokens.read(page_tokens.write(content)) == content


def test_it_is_the_token_of_mlflow():
    """So it still means the same to a server."""
    assert page_tokens.read("eyJvZmZzZXQiOiAxMDB9") == {"offset": 100}
    assert page_tokens.write({"offset": 100}) == "eyJvZmZzZXQiOiAxMDB9"


@pytest.mark.parametrize("token", [None, 7, "", "ä", "no", base64.b64encode(b"[1]").decode(), "eyJ", ["a"]])
def test_anything_else_is_none(token):
    """What is wrong with it is for the server to say."""
    assert page_tokens.read(token) is None
