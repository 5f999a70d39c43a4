"""Exit codes."""

import pytest

from proxy.cli.exit_codes import exit_code
from proxy.errors import ConfigError, PreconditionFailedError, RequestError, StorageError, TightropeError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TightropeError("x"), 1),
        (StorageError("x"), 1),
        (ConfigError("x"), 2),
        (RequestError("x"), 2),
        (PreconditionFailedError("x"), 4),
    ],
)
def test_scripts_can_tell_errors_apart(error: TightropeError, code: int):
    """The codes are part of the contract."""
    assert exit_code(error) == code
