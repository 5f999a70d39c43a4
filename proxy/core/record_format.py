r"""The on-disk form of a journaled request.

One byte format number, four bytes CRC-32 (big-endian) of what follows, one line of JSON, then the body as it came:

    01 5f1c09aa {"m":"POST","p":"/api/2.0/mlflow/runs/log-metric","q":"","h":[["Content-Type","application/json"]],
                 "i":"7c9e6679"}\n{"run_id": "0f3c…", "key": "loss", …}

The JSON is ASCII (``\uXXXX`` escapes), so that header bytes that are not UTF-8, which the HTTP library gives us as lone
surrogates, come back as they were. Bodies are arbitrary bytes and are never looked into.

A reader must know every format number ever written; a new form gets the next number.
"""

from __future__ import annotations

import json
import zlib

from proxy.core.messages import Request

FORMAT = 1
_PREFIX_BYTES = 5


def encode(request: Request, request_id: str = "") -> bytes:
    """The request and our id for it as bytes."""
    head = json.dumps(
        {"m": request.method, "p": request.path, "q": request.query, "h": request.headers, "i": request_id},
        separators=(",", ":"),
    ).encode("ascii")
    content = b"%b\n%b" % (head, request.body)
    return b"%c%b%b" % (FORMAT, zlib.crc32(content).to_bytes(4, "big"), content)


def decode(stored: bytes) -> tuple[Request, str]:
    """The request and our id for it.

    Raises:
        ValueError: cut off, damaged, or of a format that this program does not know.
    """
    if len(stored) < _PREFIX_BYTES:
        raise ValueError(f"a stored request of {len(stored)} bytes is cut off")
    if stored[0] != FORMAT:
        raise ValueError(f"a stored request has format {stored[0]}, known is {FORMAT}")
    content = stored[_PREFIX_BYTES:]
    if zlib.crc32(content) != int.from_bytes(stored[1:_PREFIX_BYTES], "big"):
        raise ValueError("the checksum of a stored request does not match")
    head, _, body = content.partition(b"\n")
    try:
        fields = json.loads(head)
        headers = tuple((str(name), str(value)) for name, value in fields["h"])
        return Request(fields["m"], fields["p"], fields["q"], headers, body), fields["i"]
    except (KeyError, TypeError) as exc:  # json's own error is a ValueError
        raise ValueError(f"the head of a stored request is malformed: {exc!r}") from exc
