"""Spans in the three forms in which MLflow keeps and sends them.

* **files of 2.x**: ``{"context": {"span_id", "trace_id"} in hex, "parent_id", "start_time", "end_time",
  "status_code", "status_message", "attributes", "events": [{"timestamp"}]}``
* **files of 3.x**: ``{"span_id", "trace_id", "parent_span_id"} in base64, "start_time_unix_nano",
  "end_time_unix_nano", "status": {"code", "message"}, "attributes", "events": [{"time_unix_nano"}], "links"}``;
  3.5 wrote the ids in hex (``tr-…`` for the trace) and the bare status
* **answers of the API**: as the files of 3.x, but attributes are lists of OpenTelemetry's typed values

Attributes in files are JSON texts: ``{"mlflow.spanOutputs": "17.0"}`` is the number 17.
Source: ``Span.to_dict`` and ``from_dict`` in ``mlflow/entities/span.py`` of 2.14.3, 2.22.4, 3.1.4 and 3.17.2.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from proxy.core.json_sites import as_map, integer, maps_in

Span = dict[str, Any]

INPUTS, OUTPUTS = "mlflow.spanInputs", "mlflow.spanOutputs"

_STATUS = "STATUS_CODE_"
_ID_BYTES = frozenset({8, 16})
_SPECIAL = ("NaN", "Infinity", "-Infinity")


def is_v3(span: Mapping[str, Any]) -> bool:
    """Whether a span from a file is in the form of 3.x."""
    return "context" not in span and "trace_id" in span


def file_of_v2(spans: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The file that a 2.x client reads: spans, and request and response of the whole trace, which are the root's."""
    converted = [to_v2(span) if is_v3(span) else dict(span) for span in spans]
    root = next((span for span in converted if not span.get("parent_id")), {})
    attributes = as_map(root.get("attributes"))
    return {"spans": converted, "request": attributes.get(INPUTS), "response": attributes.get(OUTPUTS)}


def to_v2(span: Mapping[str, Any]) -> Span:
    """A span of a 3.x file as 2.x clients read it."""
    status = as_map(span.get("status"))
    return {
        "name": span.get("name", ""),
        "context": {"span_id": _hex(span.get("span_id")), "trace_id": _hex(span.get("trace_id"))},
        "parent_id": _hex(span.get("parent_span_id")),
        "start_time": integer(span.get("start_time_unix_nano")),
        "end_time": integer(span.get("end_time_unix_nano")),
        "status_code": str(status.get("code") or "UNSET").removeprefix(_STATUS),
        "status_message": status.get("message") or "",
        "attributes": as_map(span.get("attributes")),
        "events": [
            {
                "name": event.get("name", ""),
                "timestamp": integer(event.get("time_unix_nano")),
                "attributes": as_map(event.get("attributes")),
            }
            for event in maps_in(span.get("events"))
        ],
    }


def to_v3(span: Mapping[str, Any]) -> Span:
    """A span of a 2.x file in the form of 3.x; one that is in it already stays."""
    if is_v3(span):
        return dict(span)
    context = as_map(span.get("context"))
    return {
        "trace_id": _base64(context.get("trace_id")),
        "span_id": _base64(context.get("span_id")),
        "parent_span_id": _base64(span.get("parent_id")),
        "name": span.get("name", ""),
        "start_time_unix_nano": span.get("start_time"),
        "end_time_unix_nano": span.get("end_time"),
        "events": [
            {
                "name": event.get("name", ""),
                "time_unix_nano": event.get("timestamp"),
                "attributes": as_map(event.get("attributes")),
            }
            for event in maps_in(span.get("events"))
        ],
        "status": {"code": _STATUS + str(span.get("status_code") or "UNSET"), "message": span.get("status_message")},
        "attributes": as_map(span.get("attributes")),
        "links": [],
    }


def from_answer(span: Mapping[str, Any]) -> Span:
    """A span of an answer as 3.x clients write it into a file."""
    status = as_map(span.get("status"))
    return {
        "trace_id": span.get("trace_id"),
        "span_id": span.get("span_id"),
        "parent_span_id": span.get("parent_span_id") or None,
        "name": span.get("name", ""),
        "start_time_unix_nano": integer(span.get("start_time_unix_nano")),
        "end_time_unix_nano": integer(span.get("end_time_unix_nano")),
        "events": [
            {
                "name": event.get("name", ""),
                "time_unix_nano": integer(event.get("time_unix_nano")),
                "attributes": _untyped(event.get("attributes")),
            }
            for event in maps_in(span.get("events"))
        ],
        "status": {"code": status.get("code") or f"{_STATUS}UNSET", "message": status.get("message") or ""},
        "attributes": {key: json.dumps(value) for key, value in _untyped(span.get("attributes")).items()},
        "links": [],
    }


def to_answer(span: Mapping[str, Any]) -> Span:
    """A span of either kind of file as the API answers it."""
    v3 = to_v3(span)
    attributes = {key: _loaded(text) for key, text in as_map(v3.get("attributes")).items()}
    answer = {
        "trace_id": _base64(_hex(v3.get("trace_id"))),
        "span_id": _base64(_hex(v3.get("span_id"))),
        "parent_span_id": _base64(_hex(v3.get("parent_span_id"))),
        "name": v3.get("name", ""),
        "start_time_unix_nano": integer(v3.get("start_time_unix_nano")),
        "end_time_unix_nano": integer(v3.get("end_time_unix_nano")),
        "attributes": _typed_pairs(attributes),
        "events": [
            {**event, "attributes": _typed_pairs(as_map(event.get("attributes")))}
            for event in maps_in(v3.get("events"))
        ]
        or None,
        "status": _answered_status(as_map(v3.get("status"))),
    }
    return {name: value for name, value in answer.items() if value is not None}


def _answered_status(status: Mapping[str, Any]) -> dict[str, Any]:
    code = str(status.get("code") or "UNSET")
    named = {"code": code if code.startswith(_STATUS) else _STATUS + code}
    return {**named, "message": status["message"]} if status.get("message") else named


def _hex(text: Any) -> str | None:
    """An id in hex, from base64 or (3.5) hex with or without ``tr-``."""
    if not isinstance(text, str) or not text:
        return None
    bare = text.removeprefix("tr-")
    if len(bare) // 2 in _ID_BYTES and len(bare) % 2 == 0 and all(mark in "0123456789abcdef" for mark in bare):
        return bare
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text
    return decoded.hex() if len(decoded) in _ID_BYTES else text


def _base64(text: Any) -> str | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        return base64.b64encode(bytes.fromhex(text.removeprefix("0x"))).decode()
    except ValueError:
        return text


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _untyped(attributes: Any) -> dict[str, Any]:
    if isinstance(attributes, Mapping):
        return dict(attributes)
    return {str(each.get("key")): _plain(as_map(each.get("value"))) for each in maps_in(attributes)}


def _plain(value: Mapping[str, Any]) -> Any:
    """``{"int_value": "7"}`` -> 7; an empty one is None."""
    for kind, held in value.items():
        if kind == "int_value":
            return integer(held)
        if kind == "double_value" and held in _SPECIAL:
            return float(held)
        if kind == "array_value":
            return [_plain(each) for each in maps_in(as_map(held).get("values"))]
        if kind == "kvlist_value":
            return _untyped(as_map(held).get("values"))
        return held
    return None


def _typed_pairs(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _typed(value)} for key, value in attributes.items()]


def _typed(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int):
        return {"int_value": value} if -(1 << 63) <= value < 1 << 63 else {"double_value": _double(value)}
    if isinstance(value, float):
        return {"double_value": _double(value)}
    if isinstance(value, list):
        return {"array_value": {"values": [_typed(each) for each in value]}}
    if isinstance(value, Mapping):
        return {"kvlist_value": {"values": _typed_pairs(value)}}
    return {"string_value": str(value)}


def _double(value: float) -> float | str:
    """A double as protobuf's JSON mapping writes it; JSON itself has no NaN and no infinities."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
