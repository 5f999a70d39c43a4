"""Notes in hidden tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.hidden_tags import PREFIX
from proxy.core.versions import notes

TEXTS = st.text(max_size=50) | st.integers(0, 3).flatmap(lambda n: st.just("ä1 " * (n * notes.PIECE // 2)))


@given(TEXTS, TEXTS)
def test_a_note_is_read_as_it_was_written(before, text):
    """Whatever it replaces, and however long either is; no tag is longer than servers allow."""
    tags = notes.as_map(notes.write("a", before)) | notes.as_map(notes.write("a", text))
    assert notes.read([{"key": key, "value": value} for key, value in tags.items()], "a") == text
    assert all(len(value) <= 5000 for value in tags.values())


@given(st.dictionaries(st.sampled_from(["x", "y", "z-1"]), TEXTS))
def test_all_notes_of_a_kind_are_found(texts):
    """Pieces are not taken for notes of their own."""
    tags = [tag for name, text in texts.items() for tag in notes.write(f"kind.{name}", text)]
    assert notes.read_all([*tags, *notes.write("other", "1"), {"key": "kind.q", "value": "1 a"}], "kind.") == texts


def test_what_is_not_whole_is_not_there():
    """A missing piece, no number, no tags at all."""
    tags = notes.write("a", "x" * notes.PIECE * 2)
    assert notes.read(tags[:1], "a") is None
    assert notes.read([{"key": f"{PREFIX}a", "value": "text"}], "a") is None
    assert notes.read([None, {"value": "no key"}], "a") is None
    assert notes.as_map(None) == {}
    assert notes.as_map({"k": 1}) == {"k": "1"}


def test_pieces_can_be_shorter_and_their_keys_are_known():
    """For servers that show less of a tag, and for deleting a note with everything that belongs to it."""
    tags = [*notes.write("a", "x" * 25, piece=10), *notes.write("b", "")]
    assert [len(tag["value"]) for tag in tags[:3]] == [12, 10, 5]
    assert notes.read(tags, "a") == "x" * 25
    assert notes.keys(tags, "a") == [tag["key"] for tag in tags[:3]]
    assert notes.keys(tags, "none") == []


@pytest.mark.parametrize("head", ["999999 x", "9999999 x", "9" * 5000 + " x", "² x", "x", "", "-1 x"])
def test_a_note_that_somebody_tampered_with_is_none(head):
    """It is not looked for piece by piece up to whatever number stands there."""
    assert notes.read({f"{PREFIX}n": head}, "n") is None
