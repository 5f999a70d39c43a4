"""The book of operations: each one isolated, limited in time, and judged by what comes back.

An operation is a function that takes the ``Lab``, does what a user would do through MLflow's public API and asserts
what it reads. ``Unknown`` says that this client has no such feature. A server's 5xx, 408 or 429 fails an operation
even where the client hides it: with its default settings the client would repeat the request for minutes.
"""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.square.client.lab import Lab, Unknown

_RETRIED = (408, 429, 500, 502, 503, 504)
_LINES = 12

Outcome = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One entry of the book."""

    name: str
    do: Callable[[Lab], None]
    limit_s: float
    patient: bool
    """Whether a server may answer 5xx in its course."""


BOOK: dict[str, Operation] = {}


def operation(
    limit_s: float = 30, *, patient: bool = False
) -> Callable[[Callable[[Lab], None]], Callable[[Lab], None]]:
    """Enter a function into the book under its own name."""

    def enter(do: Callable[[Lab], None]) -> Callable[[Lab], None]:
        name = do.__name__
        assert name not in BOOK, name
        BOOK[name] = Operation(name, do, limit_s, patient)
        return do

    return enter


class _TooLong(BaseException):
    """Not an ``Exception``: libraries must not swallow it."""


@dataclass
class Wire:
    """The requests that urllib3 sends, one line each."""

    seen: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Wrap urllib3's own sending of a request, below its retries."""
        pool = import_module("urllib3.connectionpool").HTTPConnectionPool
        send = pool._make_request

        def noting(this: Any, connection: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            answer = send(this, connection, method, url, *args, **kwargs)
            line = f"{answer.status} {method} {url[:160]}"
            self.seen.append(line)
            if answer.status in _RETRIED:
                self.retried.append(line)
            return answer

        pool._make_request = noting

    def forget(self) -> None:
        """Before the next operation."""
        self.seen, self.retried = [], []


def perform(entry: Operation, lab: Lab, wire: Wire) -> Outcome:
    """Do one operation: ``{"outcome": ok | failed | unknown, "seconds": …, "message": …}``."""
    began = time.monotonic()
    wire.forget()
    outcome: Outcome = {"outcome": "ok"}
    try:
        with _limit(entry.limit_s):
            entry.do(lab)
    except Unknown as why:
        outcome = {"outcome": "unknown", "message": str(why)}
    except _TooLong:
        outcome = _failed(f"not done within {entry.limit_s:g} s", wire)
    except Exception as error:  # noqa: BLE001 - the battery goes on, and the report says what it was
        outcome = _failed(f"{type(error).__name__}: {error}", wire)
    if outcome["outcome"] == "ok" and wire.retried and not entry.patient:
        outcome = _failed(f"the server answered {wire.retried[0]}, which clients repeat", wire)
    return {**outcome, "seconds": round(time.monotonic() - began, 2)}


def _failed(message: str, wire: Wire) -> Outcome:
    lines = traceback.format_exc().strip().splitlines()[-_LINES:]
    return {"outcome": "failed", "message": message[:1500], "trace": lines, "requests": wire.seen[-_LINES:]}


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
