"""A client that logs and repeats whatever is not acknowledged, as MLflow's own clients do; it notes every answer."""

from __future__ import annotations

import threading
import time
import urllib.error
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tests.e2e.rest import call

if TYPE_CHECKING:
    from typing_extensions import Self

_PAUSE_S = 0.02


class LoggingClient(AbstractContextManager["LoggingClient"]):
    """Makes runs with a param and metrics, in a thread, from ``with`` to the end of ``with``.

    Args:
        url: the proxy.
        experiment: public id.
    """

    def __init__(self, url: str, experiment: str) -> None:
        self.url = url
        self.experiment = experiment
        self.acknowledged: dict[str, list[float]] = {}
        """Run id to the values of its metric ``loss`` that were acknowledged."""
        self.creates_sent = 0
        """Creates, repeats included."""
        self.errors: list[str] = []
        """What was answered or happened instead of a success."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def wait_for_runs(self, more: int) -> None:
        """Return once ``more`` further runs were acknowledged."""
        wanted = len(self.acknowledged) + more
        wait_until(lambda: len(self.acknowledged) >= wanted, f"{more} more runs; errors: {self.errors[-3:]}")

    def _work(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            run = str(self._until_answered(number)["run"]["info"]["run_id"])
            values = self.acknowledged[run] = []
            self._persist("runs/log-parameter", {"run_id": run, "key": "number", "value": str(number)})
            for step in range(3):
                point = {"run_id": run, "key": "loss", "value": step / 4, "timestamp": step, "step": step}
                self._persist("runs/log-metric", point)
                values.append(step / 4)
            self._stop.wait(_PAUSE_S)  # a client, not a load test: the backlog of an outage must not dominate the test

    def _until_answered(self, number: int) -> Any:
        body = {"experiment_id": self.experiment, "start_time": 1_000_000 + number, "user_id": "e2e"}
        return self._persist("runs/create", body, self._count_create)

    def _count_create(self) -> None:
        self.creates_sent += 1

    def _persist(self, path: str, body: dict[str, Any], before: Callable[[], None] = lambda: None) -> Any:
        """Until a success; a test that stops it does so between two writes that were acknowledged."""
        while True:
            before()
            try:
                return call(self.url, path, body)
            except urllib.error.HTTPError as error:
                with error:
                    self.errors.append(f"{path}: {error.code} {error.read()[:200]!r}")
            except OSError as error:
                self.errors.append(f"{path}: {error}")
            except ValueError as error:
                self.errors.append(f"{path}: cut off: {error}")
            time.sleep(_PAUSE_S)


def wait_until(holds: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    """Wait for something that another process does, however long it takes up to the limit."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        time.sleep(_PAUSE_S)
