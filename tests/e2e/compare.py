"""The oracle: what two MLflow servers hold, read from their own SQLite files and artifact folders.

It shares no code with the proxy and asks no server anything. Runs find their twins by the hidden tag that the mirror
puts on what it creates (``mlflow.tightrope.publicId`` = ``id<public id>``), experiments and registered models by
name, versions by their numbers, which the mirror promises to keep.

Tolerated, each for a reason that is a server's own:

* times of creation and last update of experiments, models and versions: stamped by each server;
* the formatting of ``mlflow.log-model.history``: servers from 2.22 on write its JSON anew and drop ``mlflow_version``;
* an end time of 0, which 1.x writes for a run that has none and clients read as none;
* the run of a version that was created without one: servers from 3.17 on insist on it, and it is told by the source;
* rows of deleted model versions: they only hold a number, and numbers are compared through the versions after them.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxy.lab.servers import MlflowServer

_TAG = "mlflow.tightrope.publicId"
_HIDDEN = "mlflow.tightrope."
_HISTORY = "mlflow.log-model.history"
_ROOT = "mlflow-artifacts:/"
_ARTIFACT_URI = re.compile(r"^mlflow-artifacts:/(\d+)/([0-9a-f]{32})/artifacts(.*)$", re.DOTALL)

Facts = dict[str, Any]
"""``{"run 3f2…": {"status": "FINISHED", "metric loss": [[…]], …}}``: objects, and of each its fields."""


def differences(blue: MlflowServer, green: MlflowServer) -> list[str]:
    """Every difference between the two servers, one line each: object, field, both values."""
    ours, theirs = contents(blue), contents(green)
    found = [f"{name}: only on blue" for name in sorted(ours.keys() - theirs.keys())]
    found += [f"{name}: only on green" for name in sorted(theirs.keys() - ours.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        left, right = ours[name], theirs[name]
        for key in sorted(left.keys() | right.keys()):
            if left.get(key) != right.get(key):
                found.append(f"{name}: {key}: blue {_brief(left.get(key))}, green {_brief(right.get(key))}")
    return found


def contents(server: MlflowServer) -> dict[str, Facts]:
    """All that a server holds, by names that are the same on both sides."""
    assert server.database_path is not None
    # Not read-only: a reader of a database in WAL mode must be able to make its shared-memory file.
    with closing(sqlite3.connect(server.database_path, timeout=30)) as database:
        database.row_factory = sqlite3.Row
        return _Reader(database, server.artifacts_path).all()


def count(server: MlflowServer, table: str) -> int:
    """Number of rows in a table."""
    assert server.database_path is not None
    with closing(sqlite3.connect(server.database_path, timeout=30)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@dataclass
class _Reader:
    """One pass over one server."""

    database: sqlite3.Connection
    artifacts: Path
    experiments: dict[int, str] = field(default_factory=dict)
    """Local id to name."""
    runs: dict[str, str] = field(default_factory=dict)
    """Local id to public id."""

    def all(self) -> dict[str, Facts]:
        self.experiments = {row["experiment_id"]: row["name"] for row in self._rows("experiments")}
        tagged = {row["run_uuid"]: row["value"] for row in self._rows("tags") if row["key"] == _TAG}
        for row in self._rows("runs"):
            local = row["run_uuid"]
            self.runs[local] = tagged.get(local, f"id{local}").removeprefix("id")
        assert len(set(self.runs.values())) == len(self.runs), f"a run has two twins: {sorted(self.runs.values())}"
        facts: dict[str, Facts] = {}
        for named in (self._experiments(), self._runs(), self._models(), self._versions()):
            facts.update(named)
        return facts

    def _experiments(self) -> Iterator[tuple[str, Facts]]:
        tags = self._tags("experiment_tags", "experiment_id")
        for row in self._rows("experiments"):
            location = str(row["artifact_location"] or "")
            own = f"{_ROOT}{row['experiment_id']}"
            facts = {"lifecycle": row["lifecycle_stage"], "location": "own" if location == own else location}
            yield f"experiment {row['name']!r}", {**facts, **tags.get((row["experiment_id"],), {})}

    def _runs(self) -> Iterator[tuple[str, Facts]]:
        tags, params = self._tags("tags", "run_uuid"), self._tags("params", "run_uuid", "param")
        history, latest, inputs = self._metrics("metrics"), self._metrics("latest_metrics"), self._inputs()
        for row in self._rows("runs"):
            local, public = row["run_uuid"], self.runs[row["run_uuid"]]
            facts: Facts = {
                "experiment": self.experiments[row["experiment_id"]],
                "name": row["name"] or tags.get((local,), {}).get("tag mlflow.runName"),
                "user": row["user_id"],
                "status": row["status"],
                "start": row["start_time"],
                "end": row["end_time"] or None,
                "lifecycle": row["lifecycle_stage"],
                "artifact_uri": self._location(row["artifact_uri"]),
                "inputs": inputs.get(local, []),
                "files": self._files(self.artifacts / str(row["experiment_id"]) / local / "artifacts"),
            }
            for key, points in history.get(local, {}).items():
                facts[f"metric {key}"] = points
            for key, points in latest.get(local, {}).items():
                facts[f"latest {key}"] = points
            yield f"run {public}", {**facts, **tags.get((local,), {}), **params.get((local,), {})}

    def _models(self) -> Iterator[tuple[str, Facts]]:
        tags = self._tags("registered_model_tags", "name")
        aliases: dict[str, Facts] = {}
        if "registered_model_aliases" in self._tables():
            for row in self._rows("registered_model_aliases"):
                aliases.setdefault(row["name"], {})[f"alias {row['alias']}"] = row["version"]
        for row in self._rows("registered_models"):
            name = row["name"]
            facts = {"description": row["description"] or ""}
            yield f"model {name!r}", {**facts, **tags.get((name,), {}), **aliases.get(name, {})}

    def _versions(self) -> Iterator[tuple[str, Facts]]:
        tags = self._tags("model_version_tags", "name", "tag", "version")
        for row in self._rows("model_versions"):
            if row["current_stage"] == "Deleted_Internal":
                continue
            found = _ARTIFACT_URI.match(row["source"] or "")
            run = str(row["run_id"] or (found[2] if found is not None else ""))
            facts = {
                "source": self._location(row["source"]),
                "run": self.runs.get(run, run) or None,
                "stage": row["current_stage"] or "None",
                "description": row["description"] or "",
                "status": row["status"],
                "run_link": row["run_link"] or None,
            }
            key = (row["name"], row["version"])
            yield f"version {row['name']!r}/{row['version']}", {**facts, **tags.get(key, {})}

    def _tags(self, table: str, key: str, word: str = "tag", second: str = "") -> dict[tuple[Any, ...], Facts]:
        found: dict[tuple[Any, ...], Facts] = {}
        for row in self._rows(table):
            if not row["key"].startswith(_HIDDEN):
                owner = (row[key], row[second]) if second else (row[key],)
                found.setdefault(owner, {})[f"{word} {row['key']}"] = self._value(row["key"], row["value"])
        return found

    def _value(self, key: str, value: str) -> Any:
        """A tag's value with its ids made public."""
        if key == _HISTORY:
            entries = json.loads(value)
            kept = [{k: v for k, v in entry.items() if k in _HISTORY_FIELDS} for entry in entries]
            return [{**entry, "run_id": self.runs.get(entry["run_id"], entry["run_id"])} for entry in kept]
        return self.runs.get(value, value)

    def _metrics(self, table: str) -> dict[str, dict[str, list[Any]]]:
        found: dict[str, dict[str, list[Any]]] = {}
        for row in self._rows(table):
            point = [row["step"], row["timestamp"], "NaN" if row["is_nan"] else row["value"]]
            found.setdefault(row["run_uuid"], {}).setdefault(row["key"], []).append(point)
        for keys in found.values():
            for points in keys.values():
                points.sort(key=str)
        return found

    def _inputs(self) -> dict[str, list[Any]]:
        if "inputs" not in self._tables():
            return {}
        datasets = {row["dataset_uuid"]: row for row in self._rows("datasets")}
        tags: dict[str, dict[str, str]] = {}
        for row in self._rows("input_tags"):
            tags.setdefault(row["input_uuid"], {})[row["name"]] = row["value"]
        found: dict[str, list[Any]] = {}
        for row in self._rows("inputs"):
            if row["source_type"] == "DATASET":
                data = datasets[row["source_id"]]
                fields = ("name", "digest", "dataset_source_type", "dataset_source", "dataset_schema")
                entry = [*(data[name] for name in fields), sorted(tags.get(row["input_uuid"], {}).items())]
                found.setdefault(row["destination_id"], []).append(entry)
        return {run: sorted(entries, key=str) for run, entries in found.items()}

    def _location(self, uri: str | None) -> str | None:
        """An artifact address with the experiment's name and the run's public id in it."""
        found = _ARTIFACT_URI.match(uri or "")
        if found is None:
            return uri
        name = self.experiments.get(int(found[1]), found[1])
        return f"{_ROOT}<{name}>/{self.runs.get(found[2], found[2])}/artifacts{found[3]}"

    @staticmethod
    def _files(folder: Path) -> Mapping[str, str]:
        """Relative path to size and hash."""
        return {
            str(path.relative_to(folder)): f"{path.stat().st_size} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def _rows(self, table: str) -> list[sqlite3.Row]:
        return self.database.execute(f"SELECT * FROM {table}").fetchall()

    def _tables(self) -> set[str]:
        return {row[0] for row in self.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


_HISTORY_FIELDS = frozenset({"run_id", "artifact_path", "flavors", "model_uuid"})


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
