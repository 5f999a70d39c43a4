"""A server tells by itself that something of ours is hidden on it."""

from __future__ import annotations

from proxy.core.messages import Side
from proxy.services import landmark as module
from proxy.services.landmark import Landmark
from proxy.services.supervisor import Supervisor
from tests.fakes.running_proxy import Bench, eventually
from tests.fakes.tracking_server import Fault

BLUE, GREEN = Side.BLUE, Side.GREEN
KEY = "mlflow.tightrope.here"


def marks(server) -> list[str]:
    """Hidden tags of the default experiment."""
    return [tag["key"] for tag in server.store.experiments["0"].get("tags", []) if tag["key"] == KEY]


async def test_it_outlives_the_state(tmp_path):
    """The first hidden tag leaves the mark; a proxy with an empty state finds it, and clients never see it."""
    async with Bench(tmp_path) as bench:
        await bench.running.identity.mark(BLUE)
        await eventually(lambda: marks(bench.blue) == [KEY], "the mark is set")
        assert marks(bench.green) == []
        await bench.restart(state={"url": f"sqlite:///{tmp_path / 'empty.db'}"})
        assert [bench.running.identity.marked(side) for side in (BLUE, GREEN)] == [True, False]
        assert KEY not in (await bench.get("experiments/get", "experiment_id=0")).body.decode()


async def test_a_server_that_comes_late_is_asked_then(sides, monkeypatch):
    """It is asked until it answers, and then no more."""
    monkeypatch.setattr(module, "_ASK_AGAIN_S", 0.001)
    sides.blue.store.experiments["0"]["tags"] = [{"key": KEY, "value": "yes"}]
    sides.blue.break_("experiments/get", Fault.RESET_BEFORE, times=4)
    landmark = Landmark(sides.clients, sides.identity, Supervisor())
    assert not await landmark.find(BLUE)
    await landmark.run()
    assert [sides.identity.marked(side) for side in (BLUE, GREEN)] == [True, False]
    asked = len(sides.green.seen("experiments/get"))
    assert await landmark.find(GREEN)
    assert len(sides.green.seen("experiments/get")) == asked == 1


async def test_a_failing_server_is_asked_again(sides):
    """An error of the server says nothing about the mark; a refusal of our credential is final."""
    sides.blue.store.experiments["0"]["tags"] = [{"key": KEY, "value": "yes"}]
    landmark = Landmark(sides.clients, sides.identity, Supervisor())
    for status in (500, 503, 429):
        sides.blue.break_("experiments/get", Fault.ANSWER, times=1, status=status)
        assert not await landmark.find(BLUE)
    sides.green.break_("experiments/get", Fault.ANSWER, times=1, status=401)
    assert await landmark.find(GREEN)
    assert await landmark.find(BLUE)
    assert sides.identity.marked(BLUE)


async def test_a_server_that_refuses_the_mark(tmp_path):
    """Then only the state remembers, and nothing fails."""
    async with Bench(tmp_path) as bench:
        bench.blue.break_("set-experiment-tag", Fault.ANSWER, status=400, body=b"{}")
        await bench.running.identity.mark(BLUE)
        await bench.blue.saw("set-experiment-tag")
        assert (await bench.get("experiments/get", "experiment_id=0")).status == 200
        await bench.restart()
        assert bench.running.identity.marked(BLUE)
