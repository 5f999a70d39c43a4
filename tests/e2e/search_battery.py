"""Objects to search for, and searches in MLflow's newest language, by plain HTTP.

``fill`` makes the objects, ``answers`` does every search, whole and in pages of two. Results are names,
so they can be compared between servers. ``python -m tests.e2e.search_battery`` records what a server of 3.17.2 answers
without a proxy, in ``tests/golden/searches.json``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.error
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from proxy.lab.servers import MlflowServer
from tests.e2e.rest import API, send

GOLDEN = Path(__file__).parent.parent / "golden" / "searches.json"
NEWEST = "3.17.2"
NO_PROMPTS = "tag.`mlflow.prompt.is_prompt` != 'true'"
IS_PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
_T0 = 1_700_000_000_000
_FIELDS = {
    "runs": "runs",
    "experiments": "experiments",
    "registered-models": "registered_models",
    "model-versions": "model_versions",
}


def ask(url: str, path: str, arguments: dict[str, Any], method: str = "POST") -> Any:
    """One call as a client of the newest version makes it.

    Raises:
        urllib.error.HTTPError: the answer is no success.
    """
    headers = {"Content-Type": "application/json", "User-Agent": f"mlflow-python-client/{NEWEST}"}
    if method == "GET":
        query = urllib.parse.urlencode(arguments, doseq=True)
        return json.loads(send(f"{url}{API}/{path}?{query}", "GET", None, headers)[1])
    return json.loads(send(f"{url}{API}/{path}", method, json.dumps(arguments).encode(), headers)[1])


def fill(url: str) -> dict[str, str]:
    """Make the objects; returns the ids of experiments and runs by their names."""
    ids = {}
    for index, name in enumerate(("alpha", "Beta", "alpha_2", "gamma 100%")):
        tags = [{"key": "team", "value": f"t{index % 2}"}]
        if name == "Beta":
            tags.append({"key": "extra.x", "value": "Vision"})
        ids[name] = str(ask(url, "experiments/create", {"name": name, "tags": tags})["experiment_id"])
    ask(url, "experiments/delete", {"experiment_id": ids["gamma 100%"]})
    for index in range(8):
        _make_run(url, ids, index)
    for index, name in enumerate(("m1", "M2", "m_3", "mx", "zeta", "prompt1")):
        marks = [IS_PROMPT] if name == "prompt1" else []
        stage = [{"key": "stage", "value": f"s{index % 2}"}] if index % 3 else []
        ask(url, "registered-models/create", {"name": name, "tags": [*stage, *marks]})
        for number in range(1 + index % 3 if not marks else 0):
            version = {"name": name, "source": "s3://bucket/x", "tags": [{"key": "q", "value": f"v{number}"}]}
            ask(url, "model-versions/create", version)
    return ids


def _make_run(url: str, ids: dict[str, str], index: int) -> None:
    tags = [{"key": "kind", "value": ("A", "b", "Ab", "a_b")[index % 4]}]
    if index % 3 == 0:
        tags.append({"key": "some key", "value": "x AND y"})
    create = {
        "experiment_id": ids["alpha" if index < 6 else "Beta"],
        "run_name": f"run{index}",
        "start_time": _T0 + index * 5 % 8 * 1000,
        "user_id": f"u{index % 2}",
        "tags": tags,
    }
    run = str(ask(url, "runs/create", create)["run"]["info"]["run_id"])
    ids[f"run{index}"] = run
    metrics = [{"key": "acc", "value": index / 10, "timestamp": _T0, "step": 0}] if index != 4 else []
    if index > 5:
        metrics.append({"key": "odd", "value": "NaN" if index == 7 else 1.5, "timestamp": _T0, "step": 0})
    params = [{"key": "lr", "value": f"0.{index}"}] if index % 2 else []
    ask(url, "runs/log-batch", {"run_id": run, "metrics": metrics, "params": params, "tags": []})
    if index in {1, 2, 5}:
        status = "FAILED" if index == 2 else "FINISHED"
        ask(url, "runs/update", {"run_id": run, "status": status, "end_time": _T0 + 5000 + index})


def searches(ids: dict[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """``(label, what, arguments)`` of every search; labels hold no ids."""
    both = [ids["alpha"], ids["Beta"]]
    for text in _RUN_FILTERS:
        yield f"runs: {text}", "runs", {"experiment_ids": both, "filter": text.format(**ids)}
    for orders in _RUN_ORDERS:
        yield f"runs by {orders}", "runs", {"experiment_ids": both, "order_by": orders}
    mixed = {"filter": "run_name LIKE 'run%' AND tags.kind IS NOT NULL", "order_by": ["user_id DESC", "metrics.acc"]}
    yield f"runs: {mixed}", "runs", {"experiment_ids": both, **mixed}
    for text in _EXPERIMENT_FILTERS:
        for view in ("ACTIVE_ONLY", "ALL"):
            yield f"{view} experiments: {text}", "experiments", {"filter": text.format(**ids), "view_type": view}
    for order in ("name ASC", "name DESC", "experiment_id ASC", "creation_time DESC", "creation_time ASC"):
        yield f"experiments by {order}", "experiments", {"order_by": [order], "view_type": "ALL"}
    for text in _MODEL_FILTERS:
        yield f"models: {text}", "registered-models", {"filter": text}
    for order in ("name DESC", "timestamp ASC", "last_updated_timestamp DESC"):
        yield f"models by {order}", "registered-models", {"filter": NO_PROMPTS, "order_by": [order]}
    for text in _VERSION_FILTERS:
        yield f"versions: {text}", "model-versions", {"filter": text}
    for orders in (["version_number ASC", "name"], ["name DESC"], ["creation_timestamp ASC"]):
        yield f"versions by {orders}", "model-versions", {"filter": NO_PROMPTS, "order_by": orders}


def answers(url: str, ids: dict[str, str]) -> dict[str, list[str]]:
    """What every search finds: label -> names. Pages that differ from the whole are an error.

    Raises:
        AssertionError: pages do.
        urllib.error.HTTPError: a search is refused.
    """
    found = {}
    for label, what, arguments in searches(ids):
        try:
            whole = _pages(url, what, arguments, 100)
            assert _pages(url, what, arguments, 2) == whole, f"{label} in pages"
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{label}: {error.read()!r}") from error
        found[label] = whole
    return found


def _pages(url: str, what: str, arguments: dict[str, Any], size: int) -> list[str]:
    names: list[str] = []
    token = ""
    for _ in range(50):
        page = {**arguments, "max_results": size, **({"page_token": token} if token else {})}
        content = ask(url, f"{what}/search", page, "POST" if what in {"runs", "experiments"} else "GET")
        listed = [_name(what, entity) for entity in content.get(_FIELDS[what], [])]
        assert len(listed) <= size
        names += listed
        token = content.get("next_page_token", "")
        if not token:
            return names
    raise AssertionError(f"{what} {arguments} never end")


def _name(what: str, entity: dict[str, Any]) -> str:
    if what == "runs":
        return str(entity["info"]["run_name"])
    return f"{entity['name']}/{entity['version']}" if what == "model-versions" else str(entity["name"])


_RUN_FILTERS = (
    "",
    "status = 'FINISHED'",
    "attributes.status != 'RUNNING'",
    "run_id = '{run3}'",
    "attributes.run_id IN ('{run1}','{run6}')",
    "run_id NOT IN ('{run1}')",
    "attributes.run_name LIKE 'run%'",
    "run_name ILIKE 'RUN_'",
    "`Run Name` = 'run5'",
    "attributes.`run name` != 'run5'",
    f"start_time > {_T0 + 1500}",
    f"attributes.Created <= {_T0 + 1000}",
    f"end_time >= {_T0 + 5002}",
    "user_id = 'u1'",
    "metrics.acc > 0.25 AND params.lr LIKE '0.%'",
    "tags.`some key` = 'x AND y'",
    "tags.kind ILIKE 'a%'",
    "tags.kind LIKE 'a_b'",
    "tags.kind != 'A'",
    "tags.`some key` IS NULL",
    "params.lr IS NOT NULL AND metrics.acc < 0.7",
    "metrics.odd > 1",
    f"user_id = 'u0' AND tags.`some key` IS NULL AND start_time >= {_T0}",
)
_RUN_ORDERS = (
    ["start_time DESC"],
    ["attributes.start_time ASC", "run_name DESC"],
    ["metrics.odd DESC"],
    ["metrics.acc DESC"],
    ["params.lr ASC"],
    ["run_name ASC"],
    ["user_id DESC"],
    ["Created ASC"],
    ["tags.`some key` ASC", "run_name"],
    ["end_time ASC", "attributes.run_name"],
    ["status"],
)
_EXPERIMENT_FILTERS = (
    "",
    "name = 'alpha'",
    "name LIKE 'alpha%'",
    "name ILIKE 'b%'",
    "tags.team = 't0'",
    "tags.`extra.x` IS NULL",
    "tags.`extra.x` IS NOT NULL",
    "experiment_id = '{Beta}'",
    "experiment_id IN ('{Beta}','{alpha}')",
    "name != 'alpha' AND tag.team = 't0'",
)
_MODEL_FILTERS = (
    NO_PROMPTS,
    "name = 'm1'",
    f"name LIKE 'm%' AND {NO_PROMPTS}",
    "name ILIKE 'm%'",
    f"name != 'm1' AND {NO_PROMPTS}",
    f"tags.stage = 's1' AND {NO_PROMPTS}",
    "tags.stage != 's1'",
    "tags.`mlflow.prompt.is_prompt` = 'true'",
    "name IN ('m1','zeta')",
    f"name NOT IN ('m1') AND {NO_PROMPTS}",
    "tags.`mlflow.prompt.is_prompt` = 'false'",
)
_VERSION_FILTERS = (
    "",
    NO_PROMPTS,
    "name = 'm_3'",
    "name='m_3' AND tags.q = 'v1'",
    f"tags.q != 'v0' AND {NO_PROMPTS}",
    "name IN ('m1','m_3')",
    "version_number > 1",
    "name LIKE 'm%' AND version_number = 1",
    "source_path ILIKE 'S3%'",
)


def record() -> None:
    """Write the golden file."""
    with tempfile.TemporaryDirectory() as directory, MlflowServer(NEWEST, directory) as server:
        found = answers(server.url, fill(server.url))
    origin = f"a server of MLflow {NEWEST} without a proxy, by python -m tests.e2e.search_battery"
    GOLDEN.write_text(json.dumps({"origin": origin, "answers": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
    sys.stdout.write(f"{GOLDEN}\n")
