"""Clients of one age on servers of another do everything they can, and read what others left.

A part of the square: ``make square`` runs all of it. What may fail, and with which words, is in ``expected.py``.
"""

from __future__ import annotations

import pytest

from tests.square.conftest import PLAN, Done

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

_PAIRS = [(client, server) for server, clients in PLAN.items() for client in clients]
_READINGS = [
    (reader, writer, server)
    for server, clients in PLAN.items()
    for reader in clients
    for writer in clients
    if reader != writer
]


@pytest.mark.parametrize(("client", "server"), _PAIRS, ids=[f"{client}-on-{server}" for client, server in _PAIRS])
def test_operations(square: Done, client: str, server: str) -> None:
    """Every operation works or is refused as declared."""
    result = square[client, server, None]
    assert not result.problems, "\n".join(result.problems)
    assert result.count("ok") > 90, f"only {result.count('ok')} operations worked"


@pytest.mark.parametrize(("reader", "writer", "server"), _READINGS, ids=["-".join(each) for each in _READINGS])
def test_readings(square: Done, reader: str, writer: str, server: str) -> None:
    """What a client of another age left reads the same."""
    result = square[reader, server, writer]
    assert not result.problems, "\n".join(result.problems)
    assert result.count("ok") > 30, f"only {result.count('ok')} facts were read"
