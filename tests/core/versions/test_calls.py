"""Requests into calls and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.endpoints.catalogue import match
from proxy.core.messages import Request
from proxy.core.mlflow_version import Version
from proxy.core.versions.calls import UnreadableBodyError, parameters, read_call, write_call
from proxy.core.versions.change import Call
from proxy.errors import CannotTranslateError, RequestError

NEWEST = Version(3, 17, 2)


def _read(request: Request) -> Call:
    found = match(request.method, request.path)
    assert found is not None
    return read_call(found, request)


_text = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
_names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in {"max_results", "model_id"})
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | _text, lambda inner: st.lists(inner, max_size=3)
)
_ids = st.from_regex(r"[A-Za-z0-9 %ä-]{1,20}", fullmatch=True)


@given(
    st.sampled_from(["CreateRun", "SearchRuns", "DeleteRegisteredModel"]), st.dictionaries(_names, _json, max_size=4)
)
def test_a_call_with_a_body_survives_http(operation, arguments):
    """POST and DELETE carry any JSON arguments to the other end unchanged."""
    call = Call(operation, arguments)
    assert _read(write_call(call, NEWEST)) == call


@given(st.sampled_from(["SetLoggedModelTags", "FinalizeLoggedModel"]), _ids, st.dictionaries(_names, _json, max_size=3))
def test_a_call_with_path_parameters_survives_http(operation, model_id, arguments):
    """What stands in the path is an argument like any other; one operation wants it in the body as well."""
    call = Call(operation, {**arguments, "model_id": model_id})
    request = write_call(call, NEWEST)
    assert ("model_id" in json.loads(request.body)) is (operation == "FinalizeLoggedModel")
    assert _read(request) == call


@given(st.dictionaries(_names, _text | st.lists(_text, min_size=2, max_size=3), max_size=4))
def test_a_call_with_a_query_survives_http(arguments):
    """GET carries texts and lists of texts unchanged, blanks and repeats included."""
    call = Call("GetRun", arguments)
    expected = {
        name: [value] if name in {"experiment_ids", "order_by", "stages"} and isinstance(value, str) else value
        for name, value in arguments.items()
    }
    assert _read(write_call(call, NEWEST)) == Call("GetRun", expected)


def test_a_query_has_no_types_so_values_become_texts():
    """Booleans are spelled as JSON spells them, nothing is sent for None, lists repeat the key."""
    request = write_call(Call("GetRun", {"a": True, "b": None, "c": [1, 2], "d": 0.5, "e": {"x": 1}}), NEWEST)
    assert request.query == "a=true&c=1&c=2&d=0.5&e=%7B%22x%22%3A1%7D"
    assert request.body == b""


def test_a_list_of_one_in_a_query_stays_a_list():
    """``experiment_ids=1`` is a list when it moves to a JSON body."""
    read = _read(Request("GET", "/api/2.0/preview/mlflow/runs/search", "experiment_ids=1&order_by=a&max_results=5"))
    assert read.arguments == {"experiment_ids": ["1"], "order_by": ["a"], "max_results": "5"}
    written = write_call(read, NEWEST)
    assert (written.method, written.path) == ("POST", "/api/2.0/mlflow/runs/search")
    assert json.loads(written.body) == {"experiment_ids": ["1"], "order_by": ["a"], "max_results": 5}


def test_query_and_body_of_a_post_are_merged():
    """Some servers accept a query beside the body; the body wins."""
    read = _read(Request("POST", "/api/2.0/mlflow/runs/delete", "run_id=a&x=1", (), b'{"run_id": "b"}'))
    assert read.arguments == {"run_id": "b", "x": "1"}


def test_the_body_of_a_get_is_ignored():
    """As MLflow ignores it."""
    assert _read(Request("GET", "/api/2.0/mlflow/runs/get", "run_id=a", (), b"{oops")).arguments == {"run_id": "a"}


def test_a_body_that_is_not_an_object_is_reported():
    """The caller can then pass the bytes on, so that the server's own 4xx reaches the client."""
    with pytest.raises(UnreadableBodyError):
        _read(Request("POST", "/api/2.0/mlflow/runs/delete", "", (), b"{oops"))


def test_headers_about_the_old_body_are_replaced_and_others_kept():
    """Length and encoding of the client's bytes do not describe ours."""
    headers = (("Authorization", "x"), ("Content-Length", "3"), ("Content-Encoding", "gzip"), ("content-type", "y"))
    posted = write_call(Call("DeleteRun", {"run_id": "a"}), NEWEST, headers=headers)
    assert posted.headers == (("Authorization", "x"), ("content-type", "application/json"))
    assert write_call(Call("GetRun", {}), NEWEST, headers=headers).headers == (("Authorization", "x"),)


def test_the_clients_surface_is_kept_where_the_server_has_it():
    """A call of the UI stays on the UI's prefix; a preview path falls back to the plain one."""
    assert write_call(Call("GetRun", {}), NEWEST, surface="ajax").path == "/ajax-api/2.0/mlflow/runs/get"
    assert write_call(Call("GetRun", {}), NEWEST, surface="preview").path == "/api/2.0/mlflow/runs/get"
    assert write_call(Call("GetRun", {}), Version(1, 30, 1), surface="preview").path == (
        "/api/2.0/preview/mlflow/runs/get"
    )


def test_what_the_server_is_too_old_for_is_refused_by_name_and_version():
    """The message names the operation, what it needs and what is there; the status is one that nobody retries."""
    with pytest.raises(CannotTranslateError) as caught:
        write_call(Call("LogInputs", {"run_id": "a"}), Version(1, 30, 1))
    assert caught.value.message == "LogInputs needs an MLflow server >= 2.5.0; this one is 1.30.1"
    assert (caught.value.http_status, caught.value.code) == (404, "ENDPOINT_NOT_FOUND")
    assert caught.value.hint


@pytest.mark.parametrize("arguments", [{}, {"model_id": None}, {"model_id": ""}])
def test_a_missing_path_parameter_is_the_clients_mistake(arguments):
    """No path with a hole is ever sent."""
    with pytest.raises(RequestError, match="model_id"):
        write_call(Call("GetLoggedModel", arguments), NEWEST)


def test_parameters_of_a_template():
    """Names are found with and without a converter."""
    assert parameters("/a/{b}/{c:path}/{d.e}") == ("b", "c", "d.e")


def test_a_parameter_of_the_path_that_is_wanted_in_the_body_too():
    """3.17 servers refuse a finalisation whose body does not name the model."""
    request = write_call(Call("FinalizeLoggedModel", {"model_id": "m-1", "status": "LOGGED_MODEL_READY"}), NEWEST)
    assert request.path.endswith("/logged-models/m-1")
    assert json.loads(request.body) == {"model_id": "m-1", "status": "LOGGED_MODEL_READY"}
