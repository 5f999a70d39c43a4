"""Requests in one side's own ids."""

from __future__ import annotations

from proxy.core.messages import Request, Side
from proxy.core.records import IdEntry
from proxy.services.localise import localised

PUBLIC, LOCAL = "a" * 32, "b" * 32


async def test_ids_of_the_side(sides):
    """Known endpoints get numbers and tokens replaced, unknown ones tokens; the side that named them is left alone."""
    identity = sides.identity
    await identity.learn([IdEntry("token", PUBLIC, PUBLIC, LOCAL), IdEntry("experiment", "3", "3", "8")])
    search = Request("POST", "/api/2.0/mlflow/runs/search", body=b'{"experiment_ids":["3"],"filter":"tags.p = \'3\'"}')
    there = await localised(identity, Side.GREEN, search)
    assert there.body == b'{"experiment_ids":["8"],"filter":"tags.p = \'3\'"}'
    assert await localised(identity, Side.BLUE, search) is search
    unknown = Request("GET", f"/what/{PUBLIC}", "id=3")
    assert (await localised(identity, Side.GREEN, unknown)).target == f"/what/{LOCAL}?id=3"
