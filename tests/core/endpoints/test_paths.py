"""Paths that are refused before any server sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.endpoints.paths import is_unsafe, is_unsafe_artifact_path

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.mark.parametrize(
    "path",
    [
        f"{ARTIFACTS}/../../etc/passwd",
        f"{ARTIFACTS}/1/run/artifacts/..",
        f"{ARTIFACTS}/%2e%2e/x",
        f"{ARTIFACTS}/%2E./x",
        f"{ARTIFACTS}/.%2e%2fx",
        f"{ARTIFACTS}/a%2f..%2fb",
        f"{ARTIFACTS}/%252e%252e/x",
        f"{ARTIFACTS}/%25252e%25252e/x",
        f"{ARTIFACTS}/a%5c..%5cb",
        f"{ARTIFACTS}/a%255cb",
        f"{ARTIFACTS}/a\\b",
        f"{ARTIFACTS}/a%00b",
        f"{ARTIFACTS}/./1/run",
        f"{ARTIFACTS}/1/%2e/run",
        f"{ARTIFACTS}/1/./run/artifacts/x",
        f"{ARTIFACTS}/./1/run/artifacts/./x",
        f"{ARTIFACTS}/1/run/./artifacts/x",
        "/get-artifact/..",
        "/../x",
        "..",
        "/static-files/%2e%2e%2fsecret",
    ],
)
def test_unsafe_in_every_encoding(path):
    """A way out of the root is seen plain, encoded once and encoded again."""
    assert is_unsafe(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"{ARTIFACTS}/1/run/artifacts/a..b",
        f"{ARTIFACTS}/1/run/artifacts/..data/x",
        f"{ARTIFACTS}/1/run/artifacts/x..",
        f"{ARTIFACTS}/1/run/artifacts/...",
        f"{ARTIFACTS}/1/run/artifacts/.hidden",
        f"{ARTIFACTS}/1/run/artifacts/100%25",
        f"{ARTIFACTS}/1/run/artifacts/50%",
        f"{ARTIFACTS}/1/run/artifacts/a%20b%C3%A4.txt",
        f"{ARTIFACTS}//1/run",
        f"{ARTIFACTS}/1/run/artifacts/.",
        f"{ARTIFACTS}/1/run/artifacts/./x/%2e/y",
        f"{ARTIFACTS}/some/where/1/run/artifacts/./x",
        "/static-files/./main.js",
    ],
)
def test_ordinary_names_are_fine(path):
    """Dots inside names, hidden files, per cent signs and doubled slashes reach nothing outside."""
    assert not is_unsafe(path)


def test_endless_encoding_is_unsafe():
    """What still decodes to something else after many rounds is refused without looking further."""
    assert is_unsafe("/a%" + "25" * 50 + "41")


@given(
    before=st.sampled_from(["", "/a", "/api/2.0"]),
    dots=st.lists(st.sampled_from([".", "%2e", "%2E", "%252e", "%25252E"]), min_size=2, max_size=2),
    separator=st.sampled_from(["/", "%2f", "%2F", "%252f"]),
    after=st.sampled_from(["", "x", "x/y"]),
)
def test_no_mixture_of_encodings_hides_two_dots(before, dots, separator, after):
    """Dots and slashes may each be encoded differently; the segment is found all the same."""
    assert is_unsafe(f"{before}{separator}{''.join(dots)}{separator}{after}")


@pytest.mark.parametrize("value", ["/etc", "../x", "a/../b", "a\\b", "%2fetc", "%2e%2e/x", "a/./b", "\0"])
def test_unsafe_artifact_paths_in_a_query(value):
    """The listing's ``path`` field must stay below the root as well."""
    assert is_unsafe_artifact_path(value)


@pytest.mark.parametrize("value", ["", ".", "1/run/artifacts", "1/run/artifacts/a..b", "models/.cache"])
def test_safe_artifact_paths_in_a_query(value):
    """The root itself and everything below it may be listed."""
    assert not is_unsafe_artifact_path(value)


def test_a_dot_below_a_run_hides_nothing():
    """Where the run is named beside the path, only what leaves its artifacts is refused."""
    assert not any(is_unsafe_artifact_path(value, of_run=True) for value in ("./a", "a/./b", "a/."))
    assert all(is_unsafe_artifact_path(value, of_run=True) for value in ("../a", "a/..", "/a", "%2fa", "a/%2e%2e"))
