"""The registry of MCP servers (MLflow 3.17 and later).

Source: servers are known by name and versions by the client's own version text, so neither is mapped; access endpoints
have minted ids (``ae-`` and 32 hex digits). A FastAPI application of its own, JSON in and out.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation

_SERVER = ("{name}",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})
_EXISTS = frozenset({"RESOURCE_ALREADY_EXISTS"})


def _write(name: str, *, gone: bool = False) -> Operation:
    already = _GONE if gone else frozenset()
    return Operation(name, Kind.WRITE, Lane.OTHER, _SERVER, repeatable=not gone, already=already)


OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateMcpServer", Kind.CREATE, Lane.OTHER, ("name",), already=_EXISTS),
    Operation("CreateMcpServerVersion", Kind.CREATE, Lane.OTHER, _SERVER, already=_EXISTS),
    Operation("CreateMcpAccessEndpoint", Kind.CREATE, Lane.OTHER, _SERVER, creates="id"),
    _write("UpdateMcpServer"),
    _write("UpdateMcpServerVersion"),
    _write("UpdateMcpAccessEndpoint"),
    _write("SetMcpServerAlias"),
    _write("SetMcpServerTag"),
    _write("SetMcpServerVersionTag"),
    _write("DeleteMcpServer", gone=True),
    _write("DeleteMcpServerVersion", gone=True),
    _write("DeleteMcpAccessEndpoint", gone=True),
    _write("DeleteMcpServerAlias", gone=True),
    _write("DeleteMcpServerTag", gone=True),
    _write("DeleteMcpServerVersionTag", gone=True),
    Operation("GetMcpServer", Kind.READ),
    Operation("GetMcpServerVersion", Kind.READ),
    Operation("GetMcpServerVersionByAlias", Kind.READ),
    Operation("GetMcpAccessEndpoint", Kind.READ),
    Operation("SearchMcpServers", Kind.READ),
    Operation("SearchMcpServerVersions", Kind.READ),
    Operation("SearchMcpServerAccessEndpoints", Kind.READ),
    Operation("SearchMcpAccessEndpoints", Kind.READ),
)
