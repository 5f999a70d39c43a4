"""Structured logs: one JSON object per line on standard error, or readable lines for people.

    {"event": "cutover done", "held_s": 0.41, "request_id": "…", "level": "info", "timestamp": "2025-01-31T12:00:00Z"}

Modules log with ``structlog.get_logger(__name__)``. What a request binds (``bind_contextvars(request_id=…)``) is in
every line that is written on its behalf. Lines of the standard library's ``logging`` (aiohttp, asyncio) take the same
way, and all of them pass ``redact``: no credential is written to a log (promise 8).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from proxy.config.models import LogSettings

HIDDEN = "***"
_SECRET_KEY = re.compile(r"authorization|passw(or)?d|token|cookie|secret|api[-_]?key|credential", re.IGNORECASE)
_SECRET_TEXT = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"//[^/@\s]+@"), f"//{HIDDEN}@"),
)
_DEEPEST = 6
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Set up logging for this process; calling it again replaces the set-up.

    Args:
        settings: level and format.
        stream: where lines go, standard error when None.
    """
    level = _LEVELS[settings.level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings, handler.stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace credentials: values of telling keys, ``Bearer …``/``Basic …`` and ``//user:password@`` in any text."""
    return {key: _redacted(key, value, _DEEPEST) for key, value in event.items()}


def _redacted(key: object, value: Any, depth: int) -> Any:
    if isinstance(key, str) and _SECRET_KEY.search(key) and value is not None:
        return HIDDEN
    if isinstance(value, str):
        for pattern, replacement in _SECRET_TEXT:
            value = pattern.sub(replacement, value)
        return value
    if depth == 0:
        return value if isinstance(value, int | float | None) else "..."
    if isinstance(value, Mapping):
        return {inner: _redacted(inner, item, depth - 1) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str):  # a header: (name, value)
            return [value[0], _redacted(value[0], value[1], depth - 1)]
        return [_redacted("", item, depth - 1) for item in value]
    return value if isinstance(value, int | float | None) else _redacted("", str(value), 0)


def _renderers(settings: LogSettings, stream: TextIO) -> list[Processor]:
    if settings.format == "json":
        return [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(serializer=_to_json)]
    plain = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=30
    )
    return [structlog.processors.format_exc_info, redact, plain]


def _to_json(event: Any, **_options: Any) -> str:
    try:
        return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a surrogate pair from a path, an integer over 64 bits: slower, but the line is not lost
        return json.dumps(event, default=str)
