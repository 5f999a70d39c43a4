"""The exit codes, part of the contract with scripts."""

from __future__ import annotations

from proxy.errors import ConfigError, PreconditionFailedError, RequestError, TightropeError

FINE = 0
ERROR = 1
USAGE = 2
"""Wrong use of the command line, a wrong configuration included."""
DIFFERENCES = 3
"""The two sides differ."""
REFUSED = 4
"""A precondition does not hold."""


def exit_code(error: TightropeError) -> int:
    """The code that tells scripts what kind of error it was."""
    if isinstance(error, ConfigError | RequestError):
        return USAGE
    return REFUSED if isinstance(error, PreconditionFailedError) else ERROR
