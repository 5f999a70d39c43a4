"""The whole error tree.

Three classes under :class:`UpstreamError` are kept apart on purpose, because only the first two are sure to have
changed nothing on a server: *refused*, *not reached*, *outcome unknown*. For a write the third is the one that costs
sleep: it becomes an IN_DOUBT record.

Every class carries:

``code``         MLflow's ``error_code``. Clients before 2.3 crash on names they do not know, so only names that
                 MLflow 1.0 already had are used on client paths (with ``NOT_IMPLEMENTED`` for endpoints that only
                 clients since 2.9 call).
``http_status``  what a client gets. MLflow clients since 1.20 retry 408, 429, 500, 502, 503 and 504 for minutes, so a
                 permanent condition never has one of these.
``retryable``    whether the same call may succeed later without anyone changing it.
``hint``         what an operator or a data scientist can do about it.
"""

from __future__ import annotations


class TightropeError(Exception):
    """Root of everything that Tightrope raises on purpose."""

    code: str = "INTERNAL_ERROR"
    http_status: int = 500
    retryable: bool = False
    hint: str = ""
    verbatim: bool = False
    """Clients know the message by how it begins, so nothing is put in front of it."""
    operation: str = "unknown"
    """The operation that was asked for, where it was recognised; a metric label."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint


class ConfigError(TightropeError):
    """The configuration cannot be used; the message lists every problem at once."""


class PreconditionFailedError(TightropeError):
    """An operator's command is refused because something it needs does not hold (exit code 4, HTTP 409)."""

    code = "INVALID_STATE"
    http_status = 409


# ------------------------------------------------------------------------------------------------ answers to clients


class RequestError(TightropeError):
    """The client's request is refused by us; nothing was sent to any server."""

    code = "INVALID_PARAMETER_VALUE"
    http_status = 400


class UnsafePathError(RequestError):
    """The path tries to leave its root (``..``, encoded dots, backslash, NUL). Old servers would follow it."""


class BodyTooLargeError(RequestError):
    """A JSON body over ``limits.max_json_body_bytes``. Artifacts are streamed and have no such limit."""

    http_status = 413


class ClientGoneError(RequestError):
    """The client closed its connection before its request was complete."""


class CannotTranslateError(RequestError):
    """The server behind us has no faithful way to do this. The message says what, why and what to do."""

    code = "ENDPOINT_NOT_FOUND"
    http_status = 404


class UnavailableDuringMirroringError(RequestError):
    """An upload path that would bypass the mirror (multipart, presigned); clients fall back to a plain upload."""

    code = "NOT_IMPLEMENTED"
    http_status = 501
    verbatim = True


class NoSuchWorkspaceError(RequestError):
    """The workspace that the request names cannot be there, or cannot be written to while writes are mirrored."""

    code = "RESOURCE_DOES_NOT_EXIST"
    http_status = 404
    hint = "Unset the workspace (MLFLOW_WORKSPACE), or use a server that was started with --enable-workspaces."


class HoldExpiredError(TightropeError):
    """A write waited for a hold longer than it may; it was not sent."""

    code = "TEMPORARILY_UNAVAILABLE"
    http_status = 503
    retryable = True


class JournalUnavailableError(TightropeError):
    """The journal could not take the write, so the write was not sent (policy ``refuse``)."""

    code = "TEMPORARILY_UNAVAILABLE"
    http_status = 503
    retryable = True


# --------------------------------------------------------------------------------------------------- tracking servers


class UpstreamError(TightropeError):
    """A tracking server did not give an answer."""

    code = "TEMPORARILY_UNAVAILABLE"
    http_status = 502
    retryable = True
    side: str = ""
    """``blue`` or ``green``, where it is known which server it was."""


class ServerFailedError(UpstreamError):
    """A server answered one of our own calls with a 5xx: worth more tries while it fails at everything."""


class NotReachedError(UpstreamError):
    """No connection could be made: the request never left, nothing changed."""

    http_status = 503


class OutcomeUnknownError(UpstreamError):
    """The request left and no complete answer came back (reset, cut off): nobody knows whether it took effect."""


class UpstreamTimeoutError(OutcomeUnknownError):
    """The server took the request and gave no answer in time."""

    http_status = 504


class SyncFailedError(TightropeError):
    """A side refused a sync call; the message says which and how."""


class GoneError(RequestError):
    """The object does not exist on the side it was to be read from."""

    code = "RESOURCE_DOES_NOT_EXIST"
    http_status = 404


# ------------------------------------------------------------------------------------------------------------ storage


class StorageError(TightropeError):
    """The state database failed; the message names the file or URL and the cause."""

    code = "TEMPORARILY_UNAVAILABLE"
    http_status = 503
    retryable = True


class StateLockedError(StorageError):
    """Another Tightrope instance holds the same embedded state."""

    retryable = False
