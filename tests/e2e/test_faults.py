"""What breaks around a client that logs: nothing acknowledged is lost, nothing is doubled, and clients do not notice.

Every test ends with both servers compared field by field.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import uuid

import pytest

from proxy.lab.tightrope import Tightrope
from tests.e2e.compare import Facts, contents
from tests.e2e.logging_client import LoggingClient, wait_until
from tests.e2e.rest import answered, call
from tests.e2e.stacks import Stack

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True),
]


@pytest.fixture
def experiment(stack: Stack) -> str:
    """A fresh experiment for the test's runs."""
    return str(call(stack.tightrope.url, "experiments/create", {"name": f"faults {uuid.uuid4()}"})["experiment_id"])


def runs_of(stack: Stack, experiment: str) -> dict[str, Facts]:
    """The runs of an experiment as blue holds them."""
    name = call(stack.blue.url, f"experiments/get?experiment_id={experiment}", method="GET")["experiment"]["name"]
    held = {key: facts for key, facts in contents(stack.blue).items() if key.startswith("run ")}
    return {key: facts for key, facts in held.items() if facts["experiment"] == name}


def check_acknowledged(stack: Stack, client: LoggingClient, experiment: str) -> None:
    """Both sides the same, every acknowledged write there, and no run that nobody asked for."""
    stack.same()
    runs = runs_of(stack, experiment)
    for run, values in client.acknowledged.items():
        points = runs[f"run {run}"].get("metric loss", [])
        assert [value for _, _, value in points] == values
    assert len(client.acknowledged) <= len(runs) <= client.creates_sent


def test_proxy_killed(stack: Stack, experiment: str) -> None:
    """After kill -9 in the middle of writes, twice, everything acknowledged is on both sides, once."""
    with LoggingClient(stack.tightrope.url, experiment) as client:
        for _ in range(2):
            client.wait_for_runs(5)
            stack.tightrope.kill()
            stack.tightrope.start()
        client.wait_for_runs(5)
    assert client.errors, "the kill was not noticed, so the test tested nothing"
    check_acknowledged(stack, client, experiment)


def test_green_stopped(stack: Stack, experiment: str) -> None:
    """Green goes away during writes: no client sees it, the lag does, and all is made up once it is back."""
    with LoggingClient(stack.tightrope.url, experiment) as client:
        client.wait_for_runs(2)
        stack.green.stop()
        client.wait_for_runs(5)
        status = stack.tightrope.status()
        assert status["lag_s"] > 0
        assert status["journal"]["answered"] > 0
        assert not status["sides"]["green"]["healthy"]
    stack.green.start()
    assert client.errors == []
    check_acknowledged(stack, client, experiment)


def test_green_frozen(stack: Stack, experiment: str) -> None:
    """Green takes connections and answers nothing: clients go on as before."""
    with LoggingClient(stack.tightrope.url, experiment) as client:
        client.wait_for_runs(2)
        stack.green.pause()
        client.wait_for_runs(10)
        assert stack.tightrope.status()["lag_s"] > 0
        stack.green.resume()
    assert client.errors == []
    check_acknowledged(stack, client, experiment)


def test_green_crashes(stack: Stack, experiment: str) -> None:
    """Green is killed in the middle of deliveries: what it had taken already is not delivered twice."""
    with LoggingClient(stack.tightrope.url, experiment) as client:
        client.wait_for_runs(4)
        stack.green.kill()
        client.wait_for_runs(2)
    stack.green.start()
    assert client.errors == []
    check_acknowledged(stack, client, experiment)


def test_blue_crashes(stack: Stack, experiment: str) -> None:
    """Blue is killed in the middle of writes: clients get MLflow's JSON errors, and what is in doubt is settled."""
    with LoggingClient(stack.tightrope.url, experiment) as client:
        client.wait_for_runs(4)
        stack.blue.kill()
        wait_until(lambda: len(client.errors) > 3, "errors while blue is down")
        stack.blue.start()
        client.wait_for_runs(2)
    assert all('"error_code": "TEMPORARILY_UNAVAILABLE"' in error for error in client.errors), client.errors
    check_acknowledged(stack, client, experiment)


def test_blue_down_at_start(stack: Stack, experiment: str) -> None:
    """Without blue it starts, says that it is not ready, answers 503 as JSON, and serves as soon as blue is there."""
    stack.tightrope.stop()
    stack.blue.stop()
    stack.tightrope.start()
    with pytest.raises(urllib.error.HTTPError) as refused:
        stack.tightrope.admin("GET", "/readyz")
    with refused.value:
        assert refused.value.code == 503
    for method, path in (("GET", "experiments/get?experiment_id=0"), ("POST", "runs/create")):
        body = None if method == "GET" else b'{"experiment_id": "0"}'
        status, headers, content = answered(f"{stack.tightrope.url}/api/2.0/mlflow/{path}", method, body)
        assert status == 503
        assert headers["content-type"].startswith("application/json")
        assert b'"error_code": "TEMPORARILY_UNAVAILABLE"' in content
    stack.blue.start()
    with LoggingClient(stack.tightrope.url, experiment) as client:
        client.wait_for_runs(1)
    assert client.errors == []
    assert stack.tightrope.admin("GET", "/readyz")["ready"] is True
    check_acknowledged(stack, client, experiment)


def test_second_instance(stack: Stack) -> None:
    """A second Tightrope on the same state ends at once with a sentence, and the first goes on."""
    first = stack.tightrope
    second = Tightrope(
        first.directory.parent / "second",
        blue=stack.blue.url,
        green=stack.green.url,
        settings={"state": {"url": f"sqlite:///{first.directory / 'tightrope.db'}"}},
    )
    command = [sys.executable, "-m", "proxy", "serve", "-c", str(second.config_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "another" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert stack.proxy_runs
