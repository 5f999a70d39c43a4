"""TCP manners towards tracking servers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

KEEPALIVE_S = 3.5
"""uvicorn (MLflow >= 3.3) closes a connection after 5 s of idling, so ours must have left the pool by then: a write
sent into a closing connection has an unknown outcome."""

_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only


class QuickAckConnector(aiohttp.TCPConnector):
    """A connector that acknowledges received segments at once.

    MLflow >= 3 behind uvicorn with several workers sends head and body of an answer in two segments with Nagle's
    algorithm on, and the kernel's delayed acknowledgement then stalls every keep-alive request by about 40 ms. The
    option is a one-shot in Linux (tcp(7)) and sending often undoes it, so it is set when a connection is taken and
    again when the head of an answer is there, before the body's segment is (measured: 56 ms without, or with the
    former alone; 13 to 17 ms with the latter; two workers, busy machine).
    """

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        """Take a connection from the pool or make one."""
        connection = await super().connect(req, traces, timeout)
        acknowledge_at_once(connection.transport)
        return connection


def acknowledge_at_once(transport: asyncio.Transport | None) -> None:
    """Do not delay the next acknowledgement on this connection; harmless where the system has no such option."""
    sock: Any = transport.get_extra_info("socket") if transport is not None else None
    if _QUICKACK is not None and sock is not None and sock.family != getattr(socket, "AF_UNIX", None):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
