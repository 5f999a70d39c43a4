"""What a tracking server holds, in memory: enough of MLflow's REST API for everything that the proxy asks for.

It mints its own ids, keeps one point per identical metric as SQL stores do, and refuses what MLflow refuses. Answers
are ``(status, document)``; errors are MLflow's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

Arguments = dict[str, Any]
Document = dict[str, Any]

API = "/api/2.0/mlflow/"


class MlflowError(Exception):
    """An error as MLflow answers it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"error_code": code, "message": message}


def _missing(what: str) -> MlflowError:
    return MlflowError("RESOURCE_DOES_NOT_EXIST", f"No {what}", 404)


def _pairs(values: dict[str, str]) -> list[Document]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _dict(pairs: Any) -> dict[str, str]:
    return {str(pair["key"]): str(pair["value"]) for pair in pairs or []}


class TrackingStore:
    """Experiments, runs, registered models and their versions."""

    def __init__(self, first_experiment: int = 1) -> None:
        self.next_experiment = first_experiment
        self.experiments: dict[str, Document] = {}
        self.runs: dict[str, Document] = {}
        self.models: dict[str, Document] = {}
        self.versions: dict[str, list[Document]] = {}
        self._minted_versions: dict[str, int] = {}
        self.refused_sources: set[str] = set()
        """Logged models that no model version can be made from, because the server does not have them."""
        self.add_experiment("Default", "0")
        self._operations: dict[str, Callable[[Arguments], Document]] = {
            "experiments/create": self._create_experiment,
            "experiments/get": lambda asked: {"experiment": self._experiment(asked)},
            "experiments/get-by-name": self._experiment_by_name,
            "experiments/search": self._search_experiments,
            "experiments/list": self._search_experiments,
            "experiments/update": self._update_experiment,
            "experiments/delete": lambda asked: self._stage(self._experiment(asked), "deleted"),
            "experiments/restore": lambda asked: self._stage(self._experiment(asked), "active"),
            "experiments/set-experiment-tag": self._set_experiment_tag,
            "experiments/delete-experiment-tag": self._delete_experiment_tag,
            "runs/create": self._create_run,
            "runs/get": lambda asked: {"run": self.shown(str(asked.get("run_id")))},
            "runs/update": self._update_run,
            "runs/delete": lambda asked: self._stage(self._run(asked)["info"], "deleted"),
            "runs/restore": lambda asked: self._stage(self._run(asked)["info"], "active"),
            "runs/log-metric": lambda asked: self._log(asked, metrics=[asked]),
            "runs/log-parameter": lambda asked: self._log(asked, params=[asked]),
            "runs/set-tag": lambda asked: self._log(asked, tags=[asked]),
            "runs/log-batch": lambda asked: self._log(
                asked, asked.get("metrics") or (), asked.get("params") or (), asked.get("tags") or ()
            ),
            "runs/delete-tag": self._delete_tag,
            "runs/log-model": self._log_model,
            "runs/search": self._search_runs,
            "metrics/get-history": self._history,
            "registered-models/create": self._create_model,
            "registered-models/get": lambda asked: {"registered_model": self._model(asked)},
            "registered-models/update": lambda asked: self._describe(self._model(asked), asked, "registered_model"),
            "registered-models/set-tag": lambda asked: self._tag(self._model(asked), asked),
            "registered-models/alias": self._alias,
            "model-versions/create": self._create_version,
            "model-versions/get": lambda asked: {"model_version": self._version(asked)},
            "model-versions/get-download-uri": lambda asked: {"artifact_uri": self._version(asked)["source"]},
            "model-versions/search": self._search_versions,
            "model-versions/update": lambda asked: self._describe(self._version(asked), asked, "model_version"),
            "model-versions/delete": self._delete_version,
            "model-versions/set-tag": lambda asked: self._tag(self._version(asked), asked),
        }

    def knows(self, path: str) -> bool:
        """Whether the path is an operation."""
        return path.removeprefix(API) in self._operations

    def do(self, path: str, asked: Arguments) -> Document:
        """Carry out an operation.

        Raises:
            MlflowError: it is refused.
        """
        return self._operations[path.removeprefix(API)](asked)

    # ------------------------------------------------------------------------------------------------------ for tests

    def add_experiment(self, name: str, number: str | None = None) -> str:
        """An experiment that is there from before."""
        if number is None:
            number, self.next_experiment = str(self.next_experiment), self.next_experiment + 1
        self.experiments[number] = {
            "experiment_id": number,
            "name": name,
            "artifact_location": f"mlflow-artifacts:/{number}",
            "lifecycle_stage": "active",
            "tags": [],
        }
        return number

    def add_run(self, experiment: str = "0", run: str | None = None, **info: Any) -> str:
        """A run that is there from before."""
        run = run or uuid4().hex
        made = {
            "run_id": run,
            "run_uuid": run,
            "experiment_id": experiment,
            "run_name": f"name-of-{run[:6]}",
            "user_id": "",
            "status": "RUNNING",
            "start_time": 0,
            "artifact_uri": f"mlflow-artifacts:/{experiment}/{run}/artifacts",
            "lifecycle_stage": "active",
            **info,
        }
        self.runs[run] = {"info": made, "metrics": {}, "params": {}, "tags": {}}
        return run

    def twins_of(self, public: str) -> list[str]:
        """The runs that stand for ``public``: of that very id, or with its hidden tag."""
        return [
            run
            for run, held in self.runs.items()
            if run == public or held["tags"].get("mlflow.tightrope.publicId") == f"id{public}"
        ]

    def points(self, run: str, key: str = "loss") -> list[float]:
        """The values of a metric in the order in which they came."""
        return [point["value"] for point in self.runs[run]["metrics"].get(key, [])]

    def named(self, name: str) -> list[str]:
        """The ids of the experiments of that name; names are unique, so there should be one at most."""
        return [number for number, held in self.experiments.items() if held["name"] == name]

    # ---------------------------------------------------------------------------------------------------- experiments

    def _experiment(self, asked: Arguments) -> Document:
        found = self.experiments.get(str(asked.get("experiment_id")))
        if found is None:
            raise _missing(f"Experiment with id={asked.get('experiment_id')} exists")
        return found

    def _experiment_by_name(self, asked: Arguments) -> Document:
        for number in self.named(str(asked.get("experiment_name"))):
            return {"experiment": self.experiments[number]}
        raise _missing("experiment of that name")

    def _create_experiment(self, asked: Arguments) -> Document:
        name = asked.get("name")
        if not isinstance(name, str) or not name:
            raise MlflowError("INVALID_PARAMETER_VALUE", "Missing value for required parameter 'name'.")
        if self.named(name):
            raise MlflowError("RESOURCE_ALREADY_EXISTS", f"Experiment '{name}' already exists.")
        number = self.add_experiment(name)
        self.experiments[number]["tags"] = _pairs(_dict(asked.get("tags")))
        return {"experiment_id": number}

    def _search_experiments(self, _asked: Arguments) -> Document:
        return {"experiments": sorted(self.experiments.values(), key=lambda one: -int(one["experiment_id"]))}

    def _update_experiment(self, asked: Arguments) -> Document:
        self._experiment(asked)["name"] = asked["new_name"]
        return {}

    def _set_experiment_tag(self, asked: Arguments) -> Document:
        return self._tag(self._experiment(asked), asked)

    def _delete_experiment_tag(self, asked: Arguments) -> Document:
        held = self._experiment(asked)
        held["tags"] = [tag for tag in held["tags"] if tag["key"] != asked["key"]]
        return {}

    @staticmethod
    def _stage(held: Document, stage: str) -> Document:
        held["lifecycle_stage"] = stage
        return {}

    # ----------------------------------------------------------------------------------------------------------- runs

    def _run(self, asked: Arguments) -> Document:
        found = self.runs.get(str(asked.get("run_id")))
        if found is None:
            raise _missing(f"Run with id={asked.get('run_id')} exists")
        return found

    def shown(self, run: str) -> Document:
        """A run as MLflow answers it."""
        held = self._run({"run_id": run})
        metrics = [points[-1] for points in held["metrics"].values()]
        data = {"metrics": metrics, "params": _pairs(held["params"]), "tags": _pairs(held["tags"])}
        return {"info": dict(held["info"]), "data": data, "inputs": held.get("inputs", {})}

    def _create_run(self, asked: Arguments) -> Document:
        self._experiment(asked)
        given = {key: asked[key] for key in ("run_name", "user_id", "start_time") if asked.get(key)}
        run = self.add_run(str(asked["experiment_id"]), **given)
        self.runs[run]["tags"] = _dict(asked.get("tags"))
        return {"run": self.shown(run)}

    def _update_run(self, asked: Arguments) -> Document:
        info = self._run(asked)["info"]
        info.update({key: asked[key] for key in ("status", "end_time", "run_name") if asked.get(key)})
        return {"run_info": dict(info)}

    def _log(self, asked: Arguments, metrics: Any = (), params: Any = (), tags: Any = ()) -> Document:
        held = self._run(asked)
        if held["info"]["lifecycle_stage"] == "deleted":
            raise MlflowError("INVALID_PARAMETER_VALUE", "The run must be in the 'active' state.")
        for metric in metrics:
            point = {"key": metric["key"], "value": metric["value"]}
            point |= {"timestamp": metric.get("timestamp", 0), "step": metric.get("step", 0)}
            points = held["metrics"].setdefault(metric["key"], [])
            if point in points and metric["value"] == "NaN":  # as servers from 1.28 to 3.14
                raise MlflowError("INVALID_PARAMETER_VALUE", "duplicate NaN")
            if point not in points:
                points.append(point)
        for key, value in _dict(params).items():
            if held["params"].setdefault(key, value) != value:
                raise MlflowError("INVALID_PARAMETER_VALUE", "Changing param values is not allowed.")
        held["tags"].update(_dict(tags))
        return {}

    def _delete_tag(self, asked: Arguments) -> Document:
        if self._run(asked)["tags"].pop(str(asked.get("key")), None) is None:
            raise _missing("such tag")
        return {}

    def _log_model(self, asked: Arguments) -> Document:
        tags = self._run(asked)["tags"]
        history = json.loads(tags.get("mlflow.log-model.history", "[]"))
        tags["mlflow.log-model.history"] = json.dumps([*history, json.loads(asked["model_json"])])
        return {}

    def _search_runs(self, asked: Arguments) -> Document:
        wanted = {str(number) for number in asked.get("experiment_ids") or []}
        text = str(asked.get("filter") or "")
        start = re.fullmatch(r"attributes\.start_time = (\d+)", text)
        tag = re.fullmatch(r"tags\.`([^`]+)` (?:=|LIKE) '([^']*)'", text)
        if text and start is None and tag is None:
            raise MlflowError("INVALID_PARAMETER_VALUE", f"Invalid filter {text}")
        found = [
            self.shown(run)
            for run, held in self.runs.items()
            if held["info"]["experiment_id"] in wanted
            and (start is None or held["info"]["start_time"] == int(start[1]))
            and (tag is None or held["tags"].get(tag[1]) == tag[2] or (tag[1] in held["tags"] and tag[2] == "%"))
        ]
        return {"runs": found[: int(asked.get("max_results") or 1000)]}

    def _history(self, asked: Arguments) -> Document:
        return {"metrics": self._run(asked)["metrics"].get(asked.get("metric_key"), [])}

    # ------------------------------------------------------------------------------------------------------- registry

    def _model(self, asked: Arguments) -> Document:
        found = self.models.get(str(asked.get("name")))
        if found is None:
            raise _missing(f"Registered Model with name={asked.get('name')}")
        return found

    def _create_model(self, asked: Arguments) -> Document:
        name = str(asked.get("name"))
        if name in self.models:
            raise MlflowError("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={name}) already exists.")
        self.models[name] = {"name": name, "tags": _pairs(_dict(asked.get("tags")))}
        self.models[name]["description"] = asked.get("description") or ""
        self.versions[name] = []
        return {"registered_model": self.models[name]}

    def _alias(self, asked: Arguments) -> Document:
        aliases = self._model(asked).setdefault("aliases", [])
        aliases.append({"alias": asked["alias"], "version": str(self._version(asked)["version"])})
        return {}

    def _version(self, asked: Arguments) -> Document:
        for version in self.versions.get(str(asked.get("name")), []):
            if version["version"] == str(asked.get("version")):
                return version
        raise _missing("such Model Version")

    def _create_version(self, asked: Arguments) -> Document:
        name = self._model(asked)["name"]
        if asked.get("source") in self.refused_sources:
            raise _missing("such logged model")
        number = self._minted_versions[name] = self._minted_versions.get(name, 0) + 1
        made = {"name": name, "version": str(number), "source": asked.get("source"), "current_stage": "None"}
        made |= {"run_id": asked.get("run_id") or "", "tags": _pairs(_dict(asked.get("tags")))}
        self.versions[name].append(made | {"description": asked.get("description") or ""})
        return {"model_version": self.versions[name][-1]}

    def _search_versions(self, asked: Arguments) -> Document:
        name = str(asked.get("filter")).removeprefix("name='").removesuffix("'")
        return {"model_versions": self.versions.get(name, [])}

    def _delete_version(self, asked: Arguments) -> Document:
        version = self._version(asked)
        self.versions[version["name"]].remove(version)
        return {}

    @staticmethod
    def _describe(held: Document, asked: Arguments, under: str) -> Document:
        held["description"] = asked.get("description") or ""
        return {under: held}

    @staticmethod
    def _tag(held: Document, asked: Arguments) -> Document:
        held["tags"] = _pairs({**_dict(held["tags"]), asked["key"]: asked["value"]})
        return {}
