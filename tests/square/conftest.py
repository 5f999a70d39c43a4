"""The part of the square that runs with every test run: three servers, each pair done once for the whole session."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.square.grounds import Ground
from tests.square.runs import Result

PLAN: dict[str, tuple[str, ...]] = {
    "1.30.1": ("2.22.4", "3.17.2"),
    "2.22.4": ("3.17.2",),
    "3.17.2": ("1.30.1", "2.22.4"),
}
"""Server -> clients."""
SLOW = (
    "sklearn_log_load",
    "sklearn_autolog",
    "sklearn_autolog_search",
    "evaluate_model",
    "artifact_image",
    "command_line",
)
"""Left to the whole square: they load large libraries, and half of the time would be theirs."""
_AT_ONCE = 2
"""Grounds in parallel; the clients of one take turns, because some look at everything there is."""

Done = dict[tuple[str, str, str | None], "Result"]
"""(client, server, writer or None) -> what it made of it."""


def _all_on(version: str, clients: tuple[str, ...], directory: Path) -> Done:
    done: Done = {}
    with Ground(version, directory) as ground:
        for client in clients:
            done[client, version, None] = ground.battery(client, without=SLOW)
        for reader in clients:
            for writer in clients:
                if reader != writer:
                    done[reader, version, writer] = ground.reading(reader, writer)
    return done


@pytest.fixture(scope="session")
def square(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Everything that was done; tests only look at it."""
    done: Done = {}
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        running: list[Future[Done]] = [
            pool.submit(_all_on, version, clients, tmp_path_factory.mktemp(f"square-{version}-"))
            for version, clients in PLAN.items()
        ]
        for each in running:
            done.update(each.result())
    return done
