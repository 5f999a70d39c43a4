"""Several clients at once: while the sides are switched, on one model, and on objects older than the window."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPException

import pytest

from tests.e2e.compare import contents
from tests.e2e.logging_client import LoggingClient
from tests.e2e.rest import answered, call, create_run
from tests.e2e.stacks import Stack

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True),
]


def test_switches_under_load(stack: Stack) -> None:
    """Cutover and rollback, twice, while four clients log: no client sees an error, and nothing is lost or doubled."""
    proxy = stack.tightrope.url
    experiment = str(call(proxy, "experiments/create", {"name": f"load {uuid.uuid4()}"})["experiment_id"])
    with ExitStack() as all_clients:
        clients = [all_clients.enter_context(LoggingClient(proxy, experiment)) for _ in range(4)]
        for move in ("cutover", "rollback") * 2:
            clients[0].wait_for_runs(3)
            stack.move(move)
    stack.same()
    assert [client.errors for client in clients] == [[]] * 4
    acknowledged = {f"run {run}" for client in clients for run in client.acknowledged}
    held = {key: facts for key, facts in contents(stack.green).items() if key in acknowledged}
    assert held.keys() == acknowledged
    assert all(len(facts["metric loss"]) == 3 for facts in held.values())
    assert stack.tightrope.metric("tightrope_cutovers_total") >= 4


def test_killed_in_a_switch(stack: Stack) -> None:
    """Kill -9 right behind the order to cut over: the phase is one of the two, and nothing acknowledged is lost."""
    proxy = stack.tightrope.url
    experiment = str(call(proxy, "experiments/create", {"name": f"killed {uuid.uuid4()}"})["experiment_id"])
    with LoggingClient(proxy, experiment) as client:
        client.wait_for_runs(3)

        def order_it() -> None:
            with suppress(OSError, HTTPException):  # its answer may not come any more
                stack.move("cutover")

        order = threading.Thread(target=order_it, daemon=True)
        order.start()
        client.wait_for_runs(1)
        stack.tightrope.kill()
        order.join(30)
        stack.tightrope.start()
        client.wait_for_runs(2)
    stack.same()
    held = contents(stack.green)
    for run, values in client.acknowledged.items():
        assert len(held[f"run {run}"]["metric loss"]) == len(values)


def test_versions_at_once(stack: Stack) -> None:
    """Versions of one model made, staged and deleted by eight clients at once keep their numbers on both sides."""
    proxy, name = stack.tightrope.url, f"busy {uuid.uuid4()}"
    run = create_run(proxy)
    call(proxy, "registered-models/create", {"name": name})

    def work(number: int) -> None:
        source = f"mlflow-artifacts:/0/{run}/artifacts/{number}"
        url = f"{proxy}/api/2.0/mlflow/model-versions/create"
        body = f'{{"name": "{name}", "source": "{source}", "run_id": "{run}"}}'.encode()
        status, _, content = answered(url, "POST", body)
        if status == 200 and number % 3 == 0:
            version = content.split(b'"version": "')[1].split(b'"')[0].decode()
            call(proxy, "model-versions/delete", {"name": name, "version": version}, method="DELETE")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))
    stack.same()
    assert any(f"version {name!r}" in key for key in contents(stack.green))


def test_one_tag_at_once(stack: Stack) -> None:
    """A tag that many clients overwrite at the same time ends with the same value on both sides."""
    proxy = stack.tightrope.url
    runs = [create_run(proxy) for _ in range(4)]

    def work(number: int) -> None:
        call(proxy, "runs/set-tag", {"run_id": runs[number % 4], "key": "last", "value": str(number)})

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(160)))
    stack.same()


@pytest.mark.parametrize(
    "writes",
    [
        ["runs/restore"],
        ["runs/log-metric", "runs/delete"],
        ["runs/set-tag", "experiments/delete", "experiments/restore"],
        ["experiments/update", "runs/set-tag"],
        ["runs/log-batch", "experiments/delete"],
    ],
    ids="+".join,
)
def test_older_than_the_window(stack: Stack, writes: list[str]) -> None:
    """The first write to a run or experiment that green never heard of brings it over, whatever the write is."""
    name = f"old {uuid.uuid4()}"
    # Made on blue behind the proxy's back, as everything was before the proxy came.
    experiment = str(call(stack.blue.url, "experiments/create", {"name": name})["experiment_id"])
    run_id = create_run(stack.blue.url, experiment, 5)
    for step in range(30):
        point = {"run_id": run_id, "key": "loss", "value": step, "timestamp": step, "step": step}
        call(stack.blue.url, "runs/log-metric", point)
    if writes == ["runs/restore"]:
        call(stack.blue.url, "runs/delete", {"run_id": run_id})
    for path in writes:
        run = {"run_id": run_id}
        bodies = {
            "runs/log-metric": {**run, "key": "late", "value": 1.5, "timestamp": 1, "step": 1},
            "runs/set-tag": {**run, "key": "late", "value": "yes"},
            "runs/log-batch": {**run, "params": [{"key": "late", "value": "yes"}]},
            "experiments/update": {"experiment_id": experiment, "new_name": f"{name} renamed"},
        }
        body = bodies.get(path, run if path.startswith("runs/") else {"experiment_id": experiment})
        call(stack.tightrope.url, path, body)
    stack.same()
    assert f"run {run_id}" in contents(stack.green)
