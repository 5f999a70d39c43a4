"""Reads a run from one server directly, in plain REST that every MLflow since 1.23 understands.

Deliberately shares nothing with the proxy's own reading: it is the witness. Urllib and JSON are all it uses.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proxy.lab.failures import LabError

PUBLIC_ID_TAG = "mlflow.tightrope.publicId"
"""The tag by which a copy made by the mirror is recognised; its value is `id` and the public id."""

_API = "/api/2.0/mlflow"
_TIMEOUT_S = 30.0

Point = tuple[int, int, float]
"""One point of a metric: step, timestamp in milliseconds, value."""


@dataclass(frozen=True)
class RunCopy:
    """Everything one server has of one run, with that server's own ids."""

    run_id: str
    experiment_id: str
    experiment: str
    """Its name."""
    info: Mapping[str, Any]
    """run_name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri."""
    params: Mapping[str, str]
    latest: Mapping[str, Point]
    """The point of each metric that the server shows as its value."""
    points: Mapping[str, tuple[Point, ...]]
    """The full history of each metric, sorted."""
    tags: Mapping[str, str]
    artifacts: Mapping[str, bytes]
    """Content by path."""


class ReadingError(LabError):
    """A server did not answer a read as it should."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status, 0 when there was no answer."""


class Reader:
    """Reads from the MLflow API at `url`: a server's, or Tightrope's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def run(self, run_id: str) -> RunCopy:
        """The run with this id, which is the server's own.

        Raises:
            ReadingError: it is not there, or something of it cannot be read.
        """
        found = self._get("/runs/get", run_id=run_id)["run"]
        info, data = found["info"], found.get("data") or {}
        experiment_id = str(info["experiment_id"])
        tags = {tag["key"]: tag["value"] for tag in data.get("tags") or []}
        latest = {metric["key"]: _point(metric) for metric in data.get("metrics") or []}
        return RunCopy(
            run_id=info["run_id"],
            experiment_id=experiment_id,
            experiment=self._get("/experiments/get", experiment_id=experiment_id)["experiment"]["name"],
            info={
                # Servers before 1.29 know the name as a tag only.
                "run_name": info.get("run_name") or tags.get("mlflow.runName"),
                "user_id": info.get("user_id"),
                "status": info.get("status"),
                "start_time": int(info.get("start_time") or 0),
                "end_time": int(info.get("end_time") or 0),
                "lifecycle_stage": info.get("lifecycle_stage"),
                "artifact_uri": info.get("artifact_uri"),
            },
            params={param["key"]: param["value"] for param in data.get("params") or []},
            latest=latest,
            points={key: tuple(sorted(self._history(run_id, key))) for key in latest},
            tags=tags,
            artifacts={path: self._artifact(run_id, path) for path in self._files(run_id, "")},
        )

    def copy_of(self, public_id: str, experiment: str) -> RunCopy | None:
        """The run that the mirror made here for a public id, found by the hidden tag; None when there is none.

        Raises:
            ReadingError: the server refuses to search, or has two of them.
        """
        wanted = f"tags.`{PUBLIC_ID_TAG}` = 'id{public_id}'"
        found = self._search(experiment, wanted)
        if len(found) > 1:
            raise ReadingError(f"{self.url} has {len(found)} copies of run {public_id}: {', '.join(found)}")
        return self.run(next(iter(found))) if found else None

    def public_ids(self, experiment: str) -> dict[str, str]:
        """The public id of every run of an experiment, by local id; empty without the experiment."""
        return {
            run_id: tags.get(PUBLIC_ID_TAG, f"id{run_id}").removeprefix("id")
            for run_id, tags in self._search(experiment, "").items()
        }

    def experiment_id(self, name: str) -> str | None:
        """The id of the experiment with this name, None when there is none."""
        try:
            found = self._get("/experiments/get-by-name", experiment_name=name)
        except ReadingError as error:
            if error.status == 404:
                return None
            raise
        return str(found["experiment"]["experiment_id"])

    def status_of(self, run_id: str) -> int:
        """The HTTP status with which a run is answered."""
        try:
            self._get("/runs/get", run_id=run_id)
        except ReadingError as error:
            return error.status
        return 200

    def _search(self, experiment: str, wanted: str) -> dict[str, dict[str, str]]:
        experiment_id = self.experiment_id(experiment)
        if experiment_id is None:
            return {}
        found: dict[str, dict[str, str]] = {}
        body = {"experiment_ids": [experiment_id], "filter": wanted, "run_view_type": "ALL", "max_results": 1000}
        while True:
            answer = self._json(f"{_API}/runs/search", json.dumps(body).encode())
            for run in answer.get("runs") or []:
                tags = (run.get("data") or {}).get("tags") or []
                found[run["info"]["run_id"]] = {tag["key"]: tag["value"] for tag in tags}
            if not answer.get("next_page_token"):
                return found
            body["page_token"] = answer["next_page_token"]

    def _history(self, run_id: str, key: str) -> Iterator[Point]:
        token = ""
        while True:
            more = {"page_token": token} if token else {}
            page = self._get("/metrics/get-history", run_id=run_id, metric_key=key, **more)
            for metric in page.get("metrics") or []:
                yield _point(metric)
            token = page.get("next_page_token") or ""
            if not token:
                return

    def _files(self, run_id: str, folder: str) -> Iterator[str]:
        where = {"path": folder} if folder else {}
        for file in self._get("/artifacts/list", run_id=run_id, **where).get("files") or []:
            if file.get("is_dir"):
                yield from self._files(run_id, file["path"])
            else:
                yield file["path"]

    def _artifact(self, run_id: str, path: str) -> bytes:
        # The way of MLflow's own web pages: the server reads its store, wherever that is.
        return self._ask(f"/get-artifact?{urllib.parse.urlencode({'run_id': run_id, 'path': path})}")

    def _get(self, path: str, /, **query: str) -> Any:
        return self._json(f"{_API}{path}?{urllib.parse.urlencode(query)}")

    def _json(self, target: str, body: bytes | None = None) -> Any:
        content = self._ask(target, body)
        try:
            return json.loads(content)
        except ValueError:
            raise ReadingError(f"{self.url}{target} answered no JSON: {content[:300]!r}") from None

    def _ask(self, target: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        request = urllib.request.Request(self.url + target, data=body, headers=headers)  # noqa: S310 - our own loopback
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            text = error.read()[:300].decode("utf-8", "replace")
            raise ReadingError(f"{self.url}{target} answered {error.code}: {text}", error.code) from error
        except OSError as error:
            raise ReadingError(f"{self.url}{target} gave no answer: {error}") from error


def _point(metric: Mapping[str, Any]) -> Point:
    # JSON numbers arrive as text where protobuf made int64 of them.
    return int(metric.get("step") or 0), int(metric.get("timestamp") or 0), float(metric["value"])
