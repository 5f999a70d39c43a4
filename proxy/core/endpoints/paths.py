"""Paths that no request should have.

Some MLflow servers (1.23, 1.28, 2.0) follow ``..`` out of their artifact root, plain or encoded, so such paths are
refused before they reach any server. Servers decode once; a second and third decoding are looked at as well, because
a reverse proxy or the server's own handler may decode again (MLflow decodes artifact paths until nothing changes).
"""

from __future__ import annotations

from urllib.parse import unquote

_ARTIFACTS = "mlflow-artifacts"

_MAX_DECODINGS = 8
"""Nobody encodes a path that often by accident; what still changes after so many rounds is unsafe by definition."""


def is_unsafe(path: str) -> bool:
    """Whether a raw path (percent-encoded, without the query) tries to leave its root, in any encoding.

    Unsafe are a segment that is ``..``, a backslash and a NUL. A segment that is ``.`` leaves nothing; it is unsafe
    only below ``mlflow-artifacts`` and before a run's ``artifacts``, where it would hide the experiment and the run
    that the path belongs to. Names such as ``a..b``, ``..data`` or ``...`` are fine.
    """
    if "%" not in path:
        return _leaves_root(path)
    for _ in range(_MAX_DECODINGS):
        if _leaves_root(path):
            return True
        decoded = unquote(path)
        if decoded == path:
            return False
        path = decoded
    return True


def is_unsafe_artifact_path(value: str, *, of_run: bool = False) -> bool:
    """Whether a decoded artifact path (a parameter, or the query's ``path``) leads elsewhere than below the root.

    As ``is_unsafe``; absolute paths are unsafe too, ``.`` alone is the root itself and fine. ``of_run``: the path
    begins below a run's artifacts, which are named otherwise, so a ``.`` in it hides nothing.
    """
    if value in {"", "."}:
        return False
    path = value if of_run else f"{_ARTIFACTS}/{value}"
    return value.startswith("/") or is_unsafe(path) or unquote(value).startswith("/")


def _leaves_root(path: str) -> bool:
    if "\\" in path or "\0" in path:
        return True
    if "/." not in path and not path.startswith("."):
        return False
    segments = path.split("/")
    return ".." in segments or ("." in segments and _ARTIFACTS in segments and _hides_ids(segments))


def _hides_ids(segments: list[str]) -> bool:
    """Whether the first ``.`` stands where ids stand, and not behind ``EXPERIMENT/RUN/artifacts``."""
    below = segments[segments.index(_ARTIFACTS) + 1 :]
    return "." in below and "artifacts" not in below[2 : below.index(".")]
