"""The settings of one server."""

import pytest
from pydantic import SecretStr, ValidationError

from proxy.config.sides import SideSettings, Tls


def test_secrets_hide_themselves():
    """A password or a token is in no repr, dump or error."""
    side = SideSettings(url="http://blue", username="ann", password=SecretStr("hunter2"))
    assert "hunter2" not in repr(side)
    assert "hunter2" not in side.model_dump_json()
    with pytest.raises(ValidationError) as caught:
        SideSettings.model_validate({"url": "http://blue", "token": ["hunter2"]})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "keys",
    [
        {"username": "ann"},
        {"password": "x"},
        {"username": "ann", "password": "x", "token": "y"},
    ],
)
def test_half_or_double_credentials_are_refused(keys):
    """Basic authentication needs both halves, and excludes a bearer token."""
    with pytest.raises(ValidationError, match="username and password"):
        SideSettings.model_validate({"url": "http://blue", **keys})


def test_token_comes_from_its_file(tmp_path):
    """`token_file` fills `token`."""
    file = tmp_path / "token"
    file.write_text("abc\n")
    side = SideSettings(url="http://blue", token_file=file)
    assert side.token is not None
    assert side.token.get_secret_value() == "abc"


def test_tls_key_needs_its_certificate(tmp_path):
    """A key alone authenticates nobody."""
    file = tmp_path / "key.pem"
    file.write_text("x")
    with pytest.raises(ValidationError, match="needs cert_file"):
        Tls(key_file=file)


def test_settings_never_change():
    """A service may keep its section without fear."""
    side = SideSettings(url="http://blue")
    with pytest.raises(ValidationError):
        side.url = "http://green"  # type: ignore[misc]  # that it is refused is the point
