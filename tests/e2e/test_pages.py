"""MLflow's own web pages through the proxy: of blue, and after the cutover of green with the same ids."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from proxy.lab.servers import MlflowServer
from tests.e2e.rest import answered, call, create_run, send
from tests.e2e.stacks import Stack

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(180),
    pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True),
]

_LINK = re.compile(r'(?:src|href)="\.?/?((?:static-files/)?[^":?]+\.(?:js|css|ico|svg|png))"')
_AJAX = "/ajax-api/2.0/mlflow"


@pytest.fixture
def shown(stack: Stack) -> tuple[str, str, str]:
    """An experiment with a run: its name, its public id, the run's public id."""
    name = f"shown {uuid.uuid4().hex[:8]}"
    experiment = str(call(stack.tightrope.url, "experiments/create", {"name": name})["experiment_id"])
    run = create_run(stack.tightrope.url, experiment)
    call(stack.tightrope.url, "runs/log-metric", {"run_id": run, "key": "loss", "value": 0.5, "timestamp": 1})
    return name, experiment, run


def check_files(proxy: str, server: MlflowServer) -> None:
    """The start page and everything that it links come as the server sends them, byte for byte."""
    status, headers, page = answered(f"{proxy}/", "GET")
    assert (status, page) == (200, send(f"{server.url}/", "GET")[1])
    links = sorted(set(_LINK.findall(page.decode())))
    assert links
    for link in links:
        ours, theirs = answered(f"{proxy}/{link}", "GET"), answered(f"{server.url}/{link}", "GET")
        assert (ours[0], ours[2]) == (theirs[0], theirs[2]), link
        for name in ("content-type", "cache-control", "etag", "content-length"):
            assert ours[1].get(name) == theirs[1].get(name), (link, name)
    assert any(link.endswith(".js") for link in links)
    assert headers["content-type"].startswith("text/html")


def check_calls(proxy: str, shown: tuple[str, str, str]) -> None:
    """What the page asks for in the background speaks public ids."""
    name, experiment, run = shown
    found = call_page(proxy, "runs/search", {"experiment_ids": [experiment], "max_results": 10})
    assert [(each["info"]["run_id"], each["info"]["experiment_id"]) for each in found["runs"]] == [(run, experiment)]
    one = json.loads(send(f"{proxy}{_AJAX}/experiments/get?experiment_id={experiment}", "GET")[1])
    assert one["experiment"]["name"] == name
    assert "mlflow.tightrope" not in json.dumps(found) + json.dumps(one)
    history = json.loads(send(f"{proxy}{_AJAX}/metrics/get-history?run_id={run}&metric_key=loss", "GET")[1])
    assert [point["value"] for point in history["metrics"]] == [0.5]


def call_page(proxy: str, path: str, body: object) -> Any:
    """A POST as the page makes it, with the Origin that a browser would add."""
    headers = {"Content-Type": "application/json", "Origin": proxy, "Referer": f"{proxy}/"}
    return json.loads(send(f"{proxy}{_AJAX}/{path}", "POST", json.dumps(body).encode(), headers)[1])


def test_pages_of_both(stack: Stack, shown: tuple[str, str, str]) -> None:
    """Page, static files and background calls work on blue, and on green after the cutover."""
    check_files(stack.tightrope.url, stack.blue)
    check_calls(stack.tightrope.url, shown)
    stack.move("cutover")
    check_files(stack.tightrope.url, stack.green)
    check_calls(stack.tightrope.url, shown)


def test_write_from_the_page(stack: Stack, shown: tuple[str, str, str]) -> None:
    """A tag set by the page of green, from a browser's Origin, is taken and mirrored back."""
    stack.move("cutover")
    _, _, run = shown
    call_page(stack.tightrope.url, "runs/set-tag", {"run_id": run, "key": "by", "value": "page"})
    stack.same()


def test_foreign_page(stack: Stack, shown: tuple[str, str, str]) -> None:
    """Green's protection against other sites' pages still works behind the proxy."""
    stack.move("cutover")
    url = f"{stack.tightrope.url}{_AJAX}/runs/set-tag"
    body = json.dumps({"run_id": shown[2], "key": "by", "value": "evil"}).encode()
    with pytest.raises(OSError, match="403"):
        send(url, "POST", body, {"Content-Type": "application/json", "Origin": "http://evil.example"})


@pytest.mark.parametrize("serving", ["blue", "green"])
def test_in_a_browser(stack: Stack, shown: tuple[str, str, str], serving: str, tmp_path: Path) -> None:
    """A real browser shows the experiment's name at its public id."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium is installed; the page was only fetched, not run")
    if serving == "green":
        stack.move("cutover")
    name, experiment, _ = shown
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=20000"]
    page = f"{stack.tightrope.url}/#/experiments/{experiment}"
    command = [browser, *options, f"--user-data-dir={tmp_path}", "--dump-dom", page]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert name in done.stdout, done.stderr[-1000:]
