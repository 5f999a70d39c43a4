"""What an answer means for the write that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.endpoints.spec import Lane, Operation
from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, TOKEN, Ref
from proxy.core.idmap import parse_json
from proxy.core.messages import Response
from proxy.core.writes import State

_CHANGED_NOTHING = frozenset({"INVALID_STATE", "FEATURE_DISABLED", "NOT_IMPLEMENTED"})
"""MLflow answers these with a 5xx although they are plain refusals."""

_NUMBERED: Mapping[str, str] = {"CreateExperiment": EXPERIMENT, "CreateModelVersion": MODEL_VERSION}


def parsed(body: bytes) -> Any:
    """The JSON document, None when it is none."""
    found = parse_json(body)
    return found[0] if found is not None else None


def error_code(body: bytes) -> str:
    """MLflow's ``error_code``, empty when the body has none."""
    document = parsed(body)
    code = document.get("error_code") if isinstance(document, dict) else None
    return str(code) if code is not None else ""


def is_absent(answer: Response) -> bool:
    """Whether a server said that the object does not exist; any other failure says nothing about that."""
    return answer.status == 404 and error_code(answer.body) in {"RESOURCE_DOES_NOT_EXIST", ""}


def state_after(status: int, body: bytes) -> State:
    """The state of a write whose serving side answered.

    A 4xx changed nothing. A 5xx may have changed something (a file store applies half a batch before it fails), so
    the write is in doubt and settled by reading, unless the error code says that it was refused.
    """
    if 200 <= status < 300:
        return State.ANSWERED
    if status < 500 or error_code(body) in _CHANGED_NOTHING:
        return State.REJECTED
    return State.IN_DOUBT


def created_ref(operation: Operation, answer: Any) -> Ref | None:
    """The id that a create's answer mints on the side that answered, None when names are the identity."""
    if operation.name == "CreateModelVersion":
        made = json_sites.first(answer, "model_version")
        known = isinstance(made, dict) and "name" in made and "version" in made
        return (MODEL_VERSION, f"{made['name']}/{made['version']}") if known else None
    if not operation.creates or operation.lane is Lane.REGISTERED_MODEL:
        return None
    value = json_sites.first(answer, operation.creates)
    return (_NUMBERED.get(operation.name, TOKEN), str(value)) if value is not None else None
