"""What a server offers."""

from __future__ import annotations

import pytest

from proxy.core.endpoints.catalogue import CATALOGUE, match
from proxy.core.endpoints.features import FEATURE_OF
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.reach import certain, is_api, named, no_such_page, reachable, refusal, route_on


@pytest.mark.parametrize(
    ("operation", "server", "template"),
    [
        ("LogInputs", "2.5.0", "/api/2.0/mlflow/runs/log-inputs"),
        ("LogInputs", "2.4.2", "/api/2.0/mlflow/runs/log-inputs"),
        ("LogInputs", "2.3.2", None),
        ("LogInputs", "2.3.1", None),
        ("LogInputs", "9.0.0", "/api/2.0/mlflow/runs/log-inputs"),
        ("ListExperiments", "2.0.0", "/api/2.0/mlflow/experiments/list"),
        ("ListExperiments", "2.0.1", None),
        ("GetRun", "0.9.0", "/api/2.0/mlflow/runs/get"),
    ],
)
def test_between_two_studied_releases_a_route_is_possible(operation, server, template):
    """What came or went in between is tried; what no neighbour has is not."""
    route = route_on(CATALOGUE[operation], Version.parse(server), "api")
    assert (route.template if route else None) == template


def test_what_is_certain_is_preferred_to_what_is_possible():
    """2.0.0 has the plain path for sure, so the preview path that it may have is not tried."""
    route = route_on(CATALOGUE["GetRun"], Version(2, 0, 0), "preview")
    assert route is not None
    assert route.surface == "api"


def test_certainty_comes_from_the_catalogue():
    """A release between two studied ones is certain only of what both have."""
    assert certain(CATALOGUE["GetRun"], Version(2, 4, 2))
    assert not certain(CATALOGUE["LogInputs"], Version(2, 4, 2))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Response(404, (), b"<!doctype html><title>404 Not Found</title>"), True),
        (Response(405, (), b"<!doctype html>"), True),
        (Response(404, (), b""), True),
        (Response(404, (), b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}'), False),
        (Response(500, (), b"<!doctype html>"), False),
        (Response(200, (), b"<!doctype html>"), False),
    ],
)
def test_only_a_page_says_that_there_is_no_such_page(answer, expected):
    """A JSON 404 is about an object, not about the endpoint."""
    assert no_such_page(answer) is expected


@pytest.mark.parametrize(
    ("line", "server", "expected"),
    [
        ("GET /api/2.0/mlflow-artifacts/artifacts/0/a", "1.30.1", True),
        ("GET /api/2.0/mlflow-artifacts/artifacts/0/a", "1.20.2", False),
        ("GET /api/2.0/mlflow-artifacts/artifacts/0/a", "1.21.0", True),
        ("GET /api/2.0/mlflow/experiments/permissions/get", "3.17.2", False),
        ("POST /graphql", "1.30.1", True),
    ],
)
def test_what_is_streamed_is_reachable_or_not(line, server, expected):
    """Perhaps counts as yes, between two studied releases; the UI's own calls are never refused."""
    method, path = line.split()
    found = match(method, path)
    assert found is not None
    assert reachable(found, Version.parse(server)) is expected


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_refusal_says_what_why_and_what_to_do(name):
    """In at most three sentences: the operation and the releases, the feature in words, advice with the way to more."""
    operation = CATALOGUE[name]
    for server in (Version(1, 20, 2), Version(3, 17, 2)):
        error = refusal(operation, server)
        assert error.message.startswith(f"{name} needs an MLflow server ")
        assert error.message.endswith(f"; this one is {server}")
        assert error.hint.startswith(f"Needed for {FEATURE_OF[name].words}. ")
        assert error.hint.endswith("docs/compat.md of Tightrope lists what works.")
        assert (error.http_status, error.code, error.retryable) == (404, "ENDPOINT_NOT_FOUND", False)


def test_what_the_server_is_too_new_for_is_refused_by_the_newest_version_that_had_it():
    """Message and hint tell where it works and what to do."""
    error = refusal(CATALOGUE["ListExperiments"], Version(3, 17, 2))
    assert error.message == "ListExperiments needs an MLflow server <= 1.30.1; this one is 3.17.2"
    assert "dropped" in error.hint


def test_lost_permissions_point_to_roles():
    """The one removal with a successor of another kind."""
    error = refusal(CATALOGUE["CreateExperimentPermission"], Version(3, 17, 2))
    assert "<= 3.10.1" in error.message
    assert "Roles" in error.hint


def test_a_page_is_replaced_by_an_error_that_names_path_and_server():
    """For paths where MLflow's clients read JSON."""
    answer = named(Request("GET", "/api/2.0/mlflow/new"), Version(2, 22, 4))
    assert answer.status == 404
    assert b"ENDPOINT_NOT_FOUND" in answer.body
    assert b"2.22.4" in answer.body
    assert b"GET /api/2.0/mlflow/new" in answer.body
    assert [is_api(path) for path in ("/api/2.0/x", "/ajax-api/3.0/x", "/static-files/api/x")] == [True, True, False]


def test_a_server_of_unknown_version_has_no_number():
    """It was down when the proxy started, say."""
    assert b"None" not in named(Request("GET", "/api/x"), None).body
