"""The logged models of a fake server of MLflow 3."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tests.fakes.tracking_store import Arguments, Document, MlflowError


class ModelStore:
    """Logged models by id, as the server describes them."""

    def __init__(self) -> None:
        self.models: dict[str, Document] = {}
        self.deleted: dict[str, Document] = {}
        self.outputs: dict[str, list[Document]] = {}

    def do(self, method: str, path: str, asked: Arguments) -> Document:
        """Carry out ``path`` below ``logged-models``.

        Raises:
            MlflowError: it is refused.
        """
        if path == "":
            return {"model": self.add(asked)}
        if path == "search":
            return {"models": self._search(asked)}
        model_id, _, rest = path.partition("/")
        model = self.models.get(model_id)
        if model is None and str(asked.get("allow_deleted")).lower() == "true":
            model = self.deleted.get(model_id)
        if model is None:
            raise MlflowError("RESOURCE_DOES_NOT_EXIST", f"Logged model with ID '{model_id}' not found.", 404)
        if method == "DELETE" and not rest:
            self.deleted[model_id] = self.models.pop(model_id)
        elif method == "PATCH" and not rest:
            model["info"]["status"] = asked["status"]
        elif method == "DELETE":
            key = rest.removeprefix("tags/")
            model["info"]["tags"] = [tag for tag in model["info"]["tags"] if tag["key"] != key]
        elif rest == "tags":
            keys = {tag["key"] for tag in asked["tags"]}
            others = [tag for tag in model["info"]["tags"] if tag["key"] not in keys]
            model["info"]["tags"] = [*others, *asked["tags"]]
        elif rest == "params":
            model["data"]["params"] += asked["params"]
        return {"model": model}

    def add(self, asked: Arguments, model_id: str | None = None) -> Document:
        """A new one, PENDING."""
        model_id = model_id or f"m-{uuid4().hex}"
        experiment = str(asked.get("experiment_id") or "0")
        info: dict[str, Any] = {
            "model_id": model_id,
            "experiment_id": experiment,
            "name": asked.get("name") or "model",
            "creation_timestamp_ms": len(self.models) + 1,
            "artifact_uri": f"mlflow-artifacts:/{experiment}/models/{model_id}/artifacts",
            "status": "LOGGED_MODEL_PENDING",
            "source_run_id": asked.get("source_run_id") or "",
            "tags": list(asked.get("tags") or []),
        }
        made = {"info": info, "data": {"params": list(asked.get("params") or [])}}
        self.models[model_id] = made
        return made

    def log_outputs(self, asked: Arguments) -> Document:
        """Link models to a run; a link that is there already is a row that is there already."""
        links = self.outputs.setdefault(str(asked["run_id"]), [])
        if any(model in links for model in asked["models"]):
            raise MlflowError("BAD_REQUEST", "UNIQUE constraint failed")
        links += asked["models"]
        return {}

    def _search(self, asked: Arguments) -> list[Document]:
        """Newest first, as MLflow answers; by source run, name and tag."""
        text = str(asked.get("filter") or "")
        run = re.search(r"source_run_id = '([^']*)'", text)
        name = re.search(r"(?<!\w)name = '([^']*)'", text)
        tag = re.search(r"tags\.`([^`]+)` = '([^']*)'", text)
        found = [
            model
            for model in reversed(self.models.values())
            if model["info"]["experiment_id"] in asked.get("experiment_ids", [])
            and (run is None or model["info"]["source_run_id"] == run[1])
            and (name is None or model["info"]["name"] == name[1])
            and (tag is None or {"key": tag[1], "value": tag[2]} in model["info"]["tags"])
        ]
        return found[: int(asked.get("max_results") or 100)]
