"""Logging set-up and redaction."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from proxy.config.models import LogSettings
from proxy.observe.logs import HIDDEN, configure, redact


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The JSON lines that were written."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_context():
    """Event, values, level, time in UTC and the request's id."""
    stream = io.StringIO()
    configure(LogSettings(), stream)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("proxy.x").info("cutover done", held_s=0.4)
    (line,) = lines(stream)
    assert (line["event"], line["held_s"], line["level"], line["request_id"]) == ("cutover done", 0.4, "info", "r1")
    assert line["logger"] == "proxy.x"
    assert line["timestamp"].endswith("Z")


def test_the_standard_library_takes_the_same_way():
    """Lines of aiohttp look like ours and are redacted, too."""
    stream = io.StringIO()
    configure(LogSettings(), stream)
    logging.getLogger("aiohttp.server").error("bad header %s", "Bearer abc.def")
    (line,) = lines(stream)
    assert line["event"] == f"bad header Bearer {HIDDEN}"
    assert line["logger"] == "aiohttp.server"


def test_warnings_are_logged():
    """A warning of a library does not break the JSON stream."""
    stream = io.StringIO()
    configure(LogSettings(), stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old thing", DeprecationWarning, stacklevel=1)
    assert "old thing" in lines(stream)[0]["event"]


def test_tracebacks_stay_in_their_line_and_are_redacted():
    """An exception is text in one JSON object, without the secret that its message held."""
    stream = io.StringIO()
    configure(LogSettings(), stream)
    try:
        int("http://ann:hunter2@blue")
    except ValueError:
        structlog.get_logger().exception("oops")
    (line,) = lines(stream)
    assert "ValueError" in line["exception"]
    assert "hunter2" not in stream.getvalue()


def test_levels_below_are_dropped():
    """`warning` hides info lines of ours and of others."""
    stream = io.StringIO()
    configure(LogSettings(level="warning"), stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("x").info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_configuring_again_replaces():
    """Nothing is logged twice."""
    first, second = io.StringIO(), io.StringIO()
    configure(LogSettings(), first)
    configure(LogSettings(), second)
    structlog.get_logger().info("once")
    assert first.getvalue() == ""
    assert len(lines(second)) == 1


def test_console_lines_are_for_people():
    """The console form is no JSON and hides secrets all the same."""
    stream = io.StringIO()
    configure(LogSettings(format="console"), stream)
    structlog.get_logger().info("hello", password="hunter2", lag_s=1)
    assert "hello" in stream.getvalue()
    assert "lag_s=1" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_values_that_are_no_json_do_not_lose_the_line():
    """Objects, half surrogates and huge numbers are written in some form."""
    stream = io.StringIO()
    configure(LogSettings(), stream)
    structlog.get_logger().info("odd", thing=object(), path="\udc80", number=2**80, keys={1: b"x"})
    (line,) = lines(stream)
    assert line["event"] == "odd"
    assert line["number"] == 2**80


@pytest.mark.parametrize(
    "event",
    [
        {"authorization": "hunter2"},
        {"Set-Cookie": "hunter2"},
        {"admin_token": "hunter2"},
        {"apiKey": "hunter2"},
        {"headers": {"Authorization": "hunter2"}},
        {"headers": [("Cookie", "hunter2")]},
        {"headers": (("X-Api-Key", "hunter2"),)},
        {"event": "sent Basic hunter2=="},
        {"event": "sent bearer hunter2"},
        {"url": "https://ann:hunter2@blue/x"},
        {"deep": {"deeper": [{"password": {"x": "hunter2"}}]}},
        {"error": ValueError("https://ann:hunter2@blue")},
    ],
)
def test_no_credential_gets_through(event):
    """Keys that tell, header pairs, schemes and URLs, at any depth."""
    assert "hunter2" not in str(redact(None, "info", event))


def test_harmless_values_stay():
    """Redaction does not eat what operators need."""
    event = {"event": "x", "lag_s": 1.5, "ok": True, "none": None, "lane": "run:1", "list": [1, "a"]}
    assert redact(None, "info", dict(event)) == event
