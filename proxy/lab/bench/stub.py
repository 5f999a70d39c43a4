"""An upstream much faster than any proxy: MLflow-like answers made beforehand. ``python -m proxy.lab.bench.stub PORT``.

It knows just enough to be taken for an MLflow 3 server by a proxy that mirrors runs: versions, one experiment, runs
with a fresh id each, logging, artifact uploads. Every body must come with Content-Length. ``GET /_stub/writes`` tells
how many writes came and when the last one did: ``{"writes": 17, "last": 1234.5}`` (``time.monotonic()``, which all
processes of one machine share), so that a load generator can see when mirroring has caught up.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from itertools import count
from time import monotonic
from typing import Any, cast

from proxy.lab.bench.workloads import CLIENT_VERSION

_API = b"/api/2.0/mlflow/"
_WRITE_METHODS = (b"POST", b"PUT", b"PATCH", b"DELETE")
_LENGTH = b"\r\ncontent-length:"
_RUN_MARK = "0123456789abcdef0123456789abcdef"
_SEARCHES = (b"search", b"list")


def _answer(body: bytes, status: bytes = b"200 OK", kind: bytes = b"application/json") -> bytes:
    head = b"HTTP/1.1 %b\r\nServer: stub\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(body))
    return head + body


def _run() -> bytes:
    """A run of ordinary size (about 3 kB) whose id is `_RUN_MARK`."""
    point = {"value": 0.5, "timestamp": 1_700_000_000_000, "step": 10}
    info: dict[str, Any] = {
        "run_uuid": _RUN_MARK,
        "experiment_id": "0",
        "run_name": "bench",
        "user_id": "bench",
        "status": "RUNNING",
        "start_time": 1_700_000_000_000,
        "artifact_uri": f"mlflow-artifacts:/0/{_RUN_MARK}/artifacts",
        "lifecycle_stage": "active",
        "run_id": _RUN_MARK,
    }
    data = {
        "metrics": [{"key": f"metric-{number}", **point} for number in range(20)],
        "params": [{"key": f"param-{number}", "value": str(number)} for number in range(10)],
        "tags": [{"key": f"tag-{number}", "value": "x" * 20} for number in range(5)],
    }
    return json.dumps({"run": {"info": info, "data": data, "inputs": {}}}).encode()


_EXPERIMENT = {
    "experiment_id": "0",
    "name": "Default",
    "artifact_location": "mlflow-artifacts:/0",
    "lifecycle_stage": "active",
}
_EMPTY = _answer(b"{}")
_FIXED = {
    b"GET /health": _answer(b"OK", kind=b"text/plain"),
    b"GET /version": _answer(CLIENT_VERSION.encode(), kind=b"text/plain"),
    b"GET " + _API + b"experiments/get": _answer(json.dumps({"experiment": _EXPERIMENT}).encode()),
    b"GET " + _API + b"experiments/get-by-name": _answer(json.dumps({"experiment": _EXPERIMENT}).encode()),
    b"POST " + _API + b"experiments/search": _answer(json.dumps({"experiments": [_EXPERIMENT]}).encode()),
    b"POST " + _API + b"runs/log-metric": _EMPTY,
    b"POST " + _API + b"runs/log-batch": _EMPTY,
}
_UNKNOWN = _answer(b'{"error_code": "ENDPOINT_NOT_FOUND", "message": "the stub does not know this"}', b"404 Not Found")
_NO_LENGTH = _answer(b"", b"411 Length Required")
_GET_RUN = b"GET " + _API + b"runs/get"
_CREATE_RUN = b"POST " + _API + b"runs/create"
_WRITES_SEEN = b"GET /_stub/writes"
_UPLOAD = b"PUT /api/2.0/mlflow-artifacts/artifacts/"


class Stub:
    """What the connections of one stub share."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._prefix = os.urandom(12).hex().encode()
        self._run_pieces = _answer(_run()).split(_RUN_MARK.encode())
        self.writes = 0
        self.last_write = 0.0

    def answer(self, line: bytes) -> bytes:
        """The answer to a request line such as ``GET /health HTTP/1.1``."""
        method, _, rest = line.partition(b" ")
        path, _, query = rest.partition(b" ")[0].partition(b"?")
        name = method + b" " + path
        if method in _WRITE_METHODS and not path.endswith(_SEARCHES):
            self.writes += 1
            self.last_write = monotonic()
        if (found := _FIXED.get(name)) is not None:
            return found
        if name == _GET_RUN:
            return query.rpartition(b"run_id=")[2].partition(b"&")[0].join(self._run_pieces)
        if name == _CREATE_RUN:
            return (self._prefix + b"%08x" % next(self._numbers)).join(self._run_pieces)
        if name == _WRITES_SEEN:
            return _answer(json.dumps({"writes": self.writes, "last": self.last_write}).encode())
        return _EMPTY if name.startswith(_UPLOAD) else _UNKNOWN

    def connection(self) -> asyncio.Protocol:
        """A protocol for a new connection."""
        return _Connection(self)


class _Connection(asyncio.Protocol):
    """Reads request after request; bodies are dropped."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._held = b""
        self._skip = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods only

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        data = self._held + data if self._held else data
        # A body must be here in full before it is answered, as a real server has to read it first.
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            found = head.find(_LENGTH)
            if found < 0 and b"\r\ntransfer-encoding:" in head:
                self._write(_NO_LENGTH)
                data = b""
                break
            length = int(head[found + len(_LENGTH) :].split(b"\r\n", 1)[0]) if found >= 0 else 0
            if len(data) < end + 4 + length:
                break
            self._write(self._stub.answer(data[: data.find(b"\r\n")]))
            data = data[end + 4 + length :]
        self._held = data

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


async def serve(port: int, stub: Stub) -> asyncio.Server:
    """Listen on a port of this machine; 0 lets the system choose."""
    return await asyncio.get_running_loop().create_server(stub.connection, "127.0.0.1", port, backlog=1024)


async def _main(port: int) -> None:
    server = await serve(port, Stub())
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1])))
