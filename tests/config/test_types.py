"""What the configuration parses once."""

import pytest

from proxy.config.types import is_loopback, parse_server_url, parse_state_url, parse_version, secret_from_file
from proxy.core.mlflow_version import Version


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://blue:5001", "http://blue:5001"),
        ("http://blue:5001/", "http://blue:5001"),
        (" https://host/mlflow/ ", "https://host/mlflow"),
        ("http://[::1]:5001", "http://[::1]:5001"),
    ],
)
def test_server_url_loses_its_trailing_slash_only(given, kept):
    """A URL is kept as written, without slashes and spaces at its ends."""
    assert parse_server_url(given) == kept


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("blue:5001", "begins with http"),
        ("ftp://blue", "begins with http"),
        ("http://", "names a host"),
        ("http://blue:0", "port"),
        ("http://blue:99999", "port"),
        ("http://blue:port", "port"),
        ("http://ann:secret@blue", "credentials"),
        ("http://blue/?a=1", "query"),
        ("http://blue/#top", "fragment"),
    ],
)
def test_server_url_says_what_is_wrong(given, reason):
    """A URL that cannot work is refused with its reason, and the reason never repeats a password."""
    with pytest.raises(ValueError, match=reason) as caught:
        parse_server_url(given)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ("auto", None),
        (None, None),
        ("2.22.4", Version(2, 22, 4)),
        (Version(3, 1), Version(3, 1)),
        ("v3.2", Version(3, 2)),
    ],
)
def test_version_is_auto_or_a_release(given, version):
    """`auto` means that the server is asked."""
    assert parse_version(given) == version


def test_version_as_a_number_is_refused():
    """YAML reads 3.10 as 3.1; guessing would configure the wrong release."""
    with pytest.raises(ValueError, match="quotes"):
        parse_version(3.10)


def test_version_of_nonsense_is_refused():
    """What does not begin with a version is refused."""
    with pytest.raises(ValueError, match="auto"):
        parse_version("latest")


@pytest.mark.parametrize("given", ["sqlite:///tightrope.db", "sqlite:////var/lib/t.db"])
def test_state_url_of_a_file_is_taken(given):
    """Relative and absolute SQLite files are both fine."""
    assert parse_state_url(given) == given


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("postgresql://db/t", "comes later"),
        ("mysql://db/t", "must look like"),
        ("sqlite://", "must look like"),
        ("sqlite:///", "name a file"),
        ("sqlite:///:memory:", "survive a restart"),
    ],
)
def test_state_url_of_anything_else_is_refused(given, reason):
    """A state that would not survive a restart, or that nothing can open, is refused."""
    with pytest.raises(ValueError, match=reason):
        parse_state_url(given)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_is_this_machine_only(host, local):
    """A name that only looks local is not taken for this machine."""
    assert is_loopback(host) is local


def test_secret_file_is_read_without_its_newline(tmp_path):
    """Editors end files with a newline, and that is no part of a token."""
    file = tmp_path / "token"
    file.write_text(" abc\n")
    assert secret_from_file(None, {"token_file": file}, "token") == "abc"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\n", "is empty"), (b"\xff\xfe", "not UTF-8"), (None, "cannot be read")]
)
def test_secret_file_without_a_secret_is_a_problem(tmp_path, content, reason):
    """A file that holds no secret is told apart from a wrong one."""
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        secret_from_file(None, {"token_file": file}, "token")


def test_secret_given_twice_is_a_problem(tmp_path):
    """Nobody should have to know which of two secrets wins."""
    with pytest.raises(ValueError, match="twice"):
        secret_from_file("abc", {"token_file": tmp_path / "token"}, "token")
