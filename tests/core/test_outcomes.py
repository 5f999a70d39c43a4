"""What an answer means for its write."""

from __future__ import annotations

import json

import pytest

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, TOKEN
from proxy.core.outcomes import created_ref, error_code, parsed, state_after
from proxy.core.writes import State

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"


def error(code: object) -> bytes:
    return json.dumps({"error_code": code, "message": "x"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b"{}", State.ANSWERED),
        (204, b"", State.ANSWERED),
        (200, error("INTERNAL_ERROR"), State.ANSWERED),
        (302, b"", State.REJECTED),
        (400, error("INVALID_PARAMETER_VALUE"), State.REJECTED),
        (401, b"<html>", State.REJECTED),
        (404, error("RESOURCE_DOES_NOT_EXIST"), State.REJECTED),
        (429, b"", State.REJECTED),
        (500, error("INTERNAL_ERROR"), State.IN_DOUBT),
        (500, b"<html>Internal Server Error</html>", State.IN_DOUBT),
        (500, b"", State.IN_DOUBT),
        (503, error("TEMPORARILY_UNAVAILABLE"), State.IN_DOUBT),
        (504, b"", State.IN_DOUBT),
        (500, error("INVALID_STATE"), State.REJECTED),
        (500, error("FEATURE_DISABLED"), State.REJECTED),
        (501, error("NOT_IMPLEMENTED"), State.REJECTED),
    ],
)
def test_the_state_after_an_answer(status, body, state):
    """Success is mirrored, a refusal is not, and a server's failure is settled by looking, unless its code refuses."""
    assert state_after(status, body) is state


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (error("BAD_REQUEST"), "BAD_REQUEST"),
        (error(7), "7"),
        (error(None), ""),
        (b"{}", ""),
        (b"[]", ""),
        (b'"x"', ""),
        (b"", ""),
        (b"\xff", ""),
    ],
)
def test_error_codes(body, code):
    """MLflow's code is read where there is one; any other body has none."""
    assert error_code(body) == code


def test_what_is_no_json_is_none():
    """Pages and empty bodies are no documents."""
    assert parsed(b"<html>") is None
    assert parsed(b"") is None
    assert parsed(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("operation", "answer", "ref"),
    [
        ("CreateRun", {"run": {"info": {"run_id": RUN}}}, (TOKEN, RUN)),
        ("CreateExperiment", {"experiment_id": "3"}, (EXPERIMENT, "3")),
        ("CreateExperiment", {"experiment_id": 3}, (EXPERIMENT, "3")),
        ("CreateLoggedModel", {"model": {"info": {"model_id": f"m-{RUN}"}}}, (TOKEN, f"m-{RUN}")),
        ("CreateDataset", {"dataset": {"dataset_id": f"d-{RUN}"}}, (TOKEN, f"d-{RUN}")),
        ("StartTrace", {"trace_info": {"request_id": RUN}}, (TOKEN, RUN)),
        ("CreateModelVersion", {"model_version": {"name": "m", "version": "2"}}, (MODEL_VERSION, "m/2")),
        ("CreateModelVersion", {"model_version": {"name": "m", "version": 2}}, (MODEL_VERSION, "m/2")),
        ("CreateModelVersion", {"model_version": {"name": "m"}}, None),
        ("CreateModelVersion", {"model_version": "m"}, None),
        ("CreateModelVersion", None, None),
        ("CreateRegisteredModel", {"registered_model": {"name": "m"}}, None),
        ("StartTraceV3", {"trace": {"trace_info": {"trace_id": f"tr-{RUN}"}}}, None),
        ("LogMetric", {"run_id": RUN}, None),
        ("CreateRun", {"run": {"info": {}}}, None),
        ("CreateRun", [], None),
        ("CreateRun", None, None),
    ],
)
def test_the_id_that_a_create_mints(operation, answer, ref):
    """Minted ids are read from the answer with their kind; where names are the identity, or nothing is said, none."""
    assert created_ref(CATALOGUE[operation], answer) == ref
