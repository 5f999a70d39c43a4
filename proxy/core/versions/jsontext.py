"""JSON in and out of message bodies, as tolerant as MLflow's servers are and no more.

Numbers are the trap. MLflow stores NaN and infinities as metric values; its clients put bare ``NaN`` and ``Infinity``
tokens into bodies, which are not JSON, and servers up to 1.23 answer those with 500 while every server from 1.10 on
takes the strings ``"NaN"`` and ``"Infinity"``. So such tokens are read as strings, and never come out as ``null``.
Lone surrogates, which the fast encoder refuses, take the slow one. Integers beyond 64 bits become floats: every number
field of MLflow is a double, for which that is the same, or at most 64 bits wide, and then servers refuse either.
"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

from proxy.core.messages import Response


def read_object(data: bytes) -> dict[str, Any]:
    """The JSON object in ``data``; nothing at all is ``{}``, and a JSON string that holds an object counts as it.

    Raises:
        ValueError: it is not JSON, or not an object.
    """
    if not data:
        return {}
    found = _read(data)
    if isinstance(found, str):  # double encoding: accepted by every server from 1.0.0 to 3.17.2
        found = _read(found)
    if not isinstance(found, dict):
        raise ValueError(f"a JSON object was expected, not {type(found).__name__}")  # noqa: TRY004 - one error for both
    return found


def parsed(text: str | None) -> dict[str, Any]:
    """The JSON object that a note or a tag holds; an empty one when it holds something else, or is not there."""
    try:
        return read_object(text.encode("utf-8", "replace")) if text else {}
    except ValueError:
        return {}


def write(value: Any) -> bytes:
    """``value`` as JSON. It must hold no float that is not finite (:func:`read_object` never yields one)."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def read_answer(response: Response) -> dict[str, Any] | None:
    """The JSON object that an answer carries, None when it carries something else."""
    try:
        return read_object(response.body) if response.body else None
    except ValueError:
        return None


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer of our own."""
    return Response(status, (("content-type", "application/json"),), write(value))


def with_body(response: Response, value: Any) -> Response:
    """``response`` with another JSON body; headers that described the old bytes are dropped."""
    kept = tuple((name, text) for name, text in response.headers if name.lower() not in _ABOUT_THE_BODY)
    return Response(response.status, (*kept, ("content-type", "application/json")), write(value))


_ABOUT_THE_BODY = frozenset({"content-type", "content-length", "content-encoding", "transfer-encoding", "etag"})


def _read(data: bytes | str) -> Any:
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    try:
        return json.loads(data, parse_constant=str, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _finite(text: str) -> float | str:
    """A number such as ``1e400`` overflows; it goes on as the string that the proto JSON mapping uses."""
    number = float(text)
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
