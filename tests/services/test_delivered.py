"""What a refusal by the following side means."""

from __future__ import annotations

import pytest

from proxy.core.messages import Request, Response, Side
from proxy.core.records import Intent, WriteRecord
from proxy.core.writes import State
from proxy.errors import ServerFailedError, UpstreamError
from proxy.services.delivered import judged

INTENT = Intent("SetTag", Side.BLUE, "run:a", (), False, Request("POST", "/x"), "r-1")
RECORD = WriteRecord(1, State.ANSWERED, INTENT, 0.0, status=200)


def test_a_refusal_parks_the_write():
    """With both answers, for whoever looks at it."""
    found = judged(RECORD, Response(403, (), b"no"))
    assert (found.state, found.reason) == (State.PARKED, "rejected")
    assert found.detail == "serving side: 200; following side: 403 no"


@pytest.mark.parametrize(("status", "error"), [(500, ServerFailedError), (429, UpstreamError), (503, UpstreamError)])
def test_a_failure_is_worth_another_try(status, error):
    """A server that fails at this one thing is told from one that is busy."""
    with pytest.raises(error) as raised:
        judged(RECORD, Response(status, (), b"x"))
    assert isinstance(raised.value, ServerFailedError) == (error is ServerFailedError)
