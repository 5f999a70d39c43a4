"""The header by which a client names a workspace (3.10 and later).

A server without workspaces answers it with 500, which clients repeat for minutes. There the workspace "default" is all
that the server has, so that name is left out; any other is not there.
"""

from __future__ import annotations

from proxy.core.http_headers import without
from proxy.core.messages import Headers, header
from proxy.errors import NoSuchWorkspaceError

HEADER = "x-mlflow-workspace"
_DEFAULT = "default"


def understood(headers: Headers, *, offered: bool, mirrored: bool) -> Headers:
    """A client's headers as its server understands them.

    Args:
        headers: all of them.
        offered: the server has workspaces, or may have.
        mirrored: the request is a write that goes to another server as well, which has the default workspace only.

    Raises:
        NoSuchWorkspaceError: the workspace cannot be there.
    """
    named = header(headers, HEADER)
    if named is None:
        return headers
    if named.strip() in {"", _DEFAULT}:
        return headers if offered else without(headers, (HEADER,))
    if not offered:
        raise NoSuchWorkspaceError(f"there is no workspace {named!r}: the server behind the proxy has no workspaces")
    if mirrored:
        raise NoSuchWorkspaceError(
            f"writes to the workspace {named!r} cannot be mirrored; only those to the default workspace are",
            hint="Write there again when the upgrade is over.",
        )
    return headers
