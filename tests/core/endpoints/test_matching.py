"""Requests recognised, and paths built from routes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.endpoints.catalogue import CATALOGUE, match, render
from proxy.core.endpoints.matching import Matcher
from proxy.core.endpoints.spec import Kind, Operation, Route
from proxy.core.mlflow_version import Version

RUN = "0f3c5b7a9d1e4f60a2b4c6d8e0f1a2b3"
AR = "/api/2.0/mlflow-artifacts/artifacts"

# Request lines as clients of 1.0 to 3.17 and their UIs send them.
REQUESTS = [
    ("POST", "/api/2.0/preview/mlflow/runs/create", "CreateRun", {}),
    ("POST", "/api/2.0/mlflow/runs/create", "CreateRun", {}),
    ("POST", "/ajax-api/2.0/mlflow/runs/set-tag", "SetTag", {}),
    ("GET", "/api/2.0/mlflow/experiments/list", "ListExperiments", {}),
    ("GET", "/ajax-api/2.0/preview/mlflow/experiments/list", "ListExperiments", {}),
    ("GET", "/api/2.0/mlflow/experiments/get-by-name", "GetExperimentByName", {}),
    ("POST", "/api/2.0/mlflow/experiments/search", "SearchExperiments", {}),
    ("POST", "/api/2.0/mlflow/experiments/delete-experiment-tag", "DeleteExperimentTag", {}),
    ("GET", "/api/2.0/mlflow/runs/get", "GetRun", {}),
    ("POST", "/api/2.0/mlflow/runs/log-batch", "LogBatch", {}),
    ("POST", "/api/2.0/mlflow/runs/outputs", "LogOutputs", {}),
    ("GET", "/api/2.0/mlflow/metrics/get-history", "GetMetricHistory", {}),
    ("GET", "/api/2.0/preview/mlflow/registered-models/get-latest-versions", "GetLatestVersions", {}),
    ("POST", "/api/2.0/mlflow/registered-models/get-latest-versions", "GetLatestVersions", {}),
    ("DELETE", "/api/2.0/mlflow/registered-models/alias", "DeleteRegisteredModelAlias", {}),
    ("PATCH", "/api/2.0/mlflow/model-versions/update", "UpdateModelVersion", {}),
    ("GET", AR, "ListProxiedArtifacts", {}),
    ("PUT", f"{AR}/1/{RUN}/artifacts/a/b.txt", "UploadArtifact", {"artifact_path": f"1/{RUN}/artifacts/a/b.txt"}),
    ("GET", f"{AR}/1/{RUN}/artifacts/a%20b", "DownloadArtifact", {"artifact_path": f"1/{RUN}/artifacts/a b"}),
    ("HEAD", f"{AR}/1/x", "DownloadArtifact", {"artifact_path": "1/x"}),
    ("POST", "/api/2.0/mlflow-artifacts/mpu/create/1/x", "CreateMultipartUpload", {"artifact_path": "1/x"}),
    ("PATCH", "/api/2.0/mlflow/logged-models/m-1/tags", "SetLoggedModelTags", {"model_id": "m-1"}),
    ("POST", "/api/2.0/mlflow/logged-models/search", "SearchLoggedModels", {}),
    ("DELETE", "/api/2.0/mlflow/logged-models/m-1/tags/k", "DeleteLoggedModelTag", {"model_id": "m-1", "tag_key": "k"}),
    ("POST", "/api/2.0/mlflow/traces", "StartTrace", {}),
    ("PATCH", "/api/2.0/mlflow/traces/tr-1/tags", "SetTraceTag", {"request_id": "tr-1"}),
    ("GET", "/api/2.0/mlflow/traces/abc/info", "GetTraceInfo", {"request_id": "abc"}),
    ("POST", "/api/3.0/mlflow/traces", "StartTraceV3", {}),
    ("GET", "/api/3.0/mlflow/traces/tr-1", "GetTraceInfoV3", {"trace_id": "tr-1"}),
    ("GET", "/api/3.0/mlflow/traces/get", "GetTrace", {}),
    ("GET", "/api/3.0/mlflow/traces/batchGet", "BatchGetTraces", {}),
    (
        "PATCH",
        "/api/3.0/mlflow/traces/tr-1/assessments/a-1",
        "UpdateAssessment",
        {"trace_id": "tr-1", "assessment_id": "a-1"},
    ),
    ("POST", "/v1/traces", "ExportOtlpTraces", {}),
    ("GET", "/api/3.0/mlflow/datasets/search", "SearchEvaluationDatasets", {}),
    ("GET", "/api/3.0/mlflow/datasets/d-1", "GetDataset", {"dataset_id": "d-1"}),
    ("GET", "/api/3.0/mlflow/server-info", "GetServerInfo", {}),
    ("GET", "/version", "GetVersion", {}),
    ("GET", "/", "GetIndexPage", {}),
    ("POST", "/graphql", "Graphql", {}),
    ("GET", "/get-artifact", "GetArtifactUi", {}),
    ("POST", "/ajax-api/2.0/mlflow/upload-artifact", "UploadArtifactUi", {}),
    (
        "POST",
        "/gateway/gemini/v1beta/models/gpt:generateContent",
        "GatewayGeminiGenerateContent",
        {"endpoint_name": "gpt"},
    ),
    (
        "DELETE",
        "/api/3.0/mlflow/mcp-servers/org/s/versions/1.0/tags/a/b",
        "DeleteMcpServerVersionTag",
        {"name": "org/s", "version": "1.0", "key": "a/b"},
    ),
]


@pytest.mark.parametrize(("method", "path", "operation", "params"), REQUESTS)
def test_what_clients_send_is_recognised(method, path, operation, params):
    """Each request line of a real client finds its operation and its parameters."""
    found = match(method, path)
    assert found is not None
    assert (found.operation.name, dict(found.params)) == (operation, params)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/2.0/mlflow/runs/create"),
        ("POST", "/api/2.0/mlflow/runs/create/"),
        ("POST", "/api/2.0/mlflow/runs"),
        ("PUT", AR),
        ("PUT", f"{AR}/"),
        ("GET", "/api/2.0mlflow/experiments/search-datasets"),
        ("POST", "/api/2.0/mlflow/experiments/search-datasets"),
        ("GET", "/api/2.0/preview/mlflow/experiments/get-by-name"),
        ("GET", "/api/2.0/mlflow/traces/abc"),
        ("OPTIONS", "/api/2.0/mlflow/runs/create"),
        ("OPTIONS", "*"),
        ("GET", ""),
        ("GET", "/nothing/of/the/kind"),
    ],
)
def test_what_no_server_has_is_unknown(method, path):
    """Other methods, a trailing slash, rules that never worked and foreign paths match nothing."""
    assert match(method, path) is None


@pytest.mark.parametrize(
    "path", ["//api/2.0//mlflow/runs///create", "/api/2.0/mlflow%2Fruns/create", "/api/2.0/mlflow/runs/cr%65ate"]
)
def test_paths_are_read_as_servers_read_them(path):
    """Percent-encoding is decoded once and doubled slashes count as one."""
    found = match("POST", path)
    assert found is not None
    assert found.operation.name == "CreateRun"


def test_encoding_is_decoded_only_once():
    """A doubly encoded character stays encoded in the parameter, as a server would see it."""
    found = match("GET", f"{AR}/1/100%2525")
    assert found is not None
    assert found.params == {"artifact_path": "1/100%25"}


def _names(template: str) -> list[tuple[str, bool]]:
    parts = [part.partition("}")[0] for part in template.split("{")[1:]]
    return [(part.partition(":")[0], part.endswith(":path")) for part in parts]


ROUTES = [(operation, route) for operation in CATALOGUE.values() for route in operation.routes]
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8)
# A parameter may be any text; these few words are left out because they are the literals of longer or other templates.
LITERALS = {part for _, route in ROUTES for part in route.template.split("/") if "{" not in part}
PLAIN = WORDS.filter(lambda word: word not in LITERALS)


@given(st.data())
def test_a_rendered_path_matches_its_own_route(data):
    """Whatever the parameters, the path that is built from a route is recognised as that route with those values."""
    operation, route = data.draw(st.sampled_from(ROUTES))
    params = {
        name: "/".join(data.draw(st.lists(PLAIN, min_size=1, max_size=3))) if spans else data.draw(PLAIN)
        for name, spans in _names(route.template)
    }
    path = render(route, params)
    assert path.isascii()
    found = match(route.method, path)
    assert found is not None
    assert (found.operation.name, found.route, dict(found.params)) == (operation.name, route, params)


def test_every_known_route_is_found_by_its_template():
    """No route hides behind another one of the same method."""
    for operation, route in ROUTES:
        path = render(route, {name: "x" for name, _ in _names(route.template)})
        found = match(route.method, path)
        assert found is not None, path
        assert (found.operation.name, found.route) == (operation.name, route), path


def test_rendering_needs_every_parameter():
    """A missing parameter is an error, never an empty segment."""
    route = CATALOGUE["GetLoggedModel"].routes[0]
    with pytest.raises(KeyError):
        render(route, {})


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("template", ["/a/b", "/a/{x}"])
def test_a_route_that_is_still_there_wins_over_one_that_went(template, newest_first):
    """Where a path came back after a gap, or changed its operation, the living one is matched."""
    gone = Operation("Old", Kind.READ, routes=(Route("root", "GET", template, Version(1, 0), Version(1, 5)),))
    living = Operation("New", Kind.READ, routes=(Route("root", "GET", template, Version(2, 0), None),))
    matcher = Matcher([living, gone] if newest_first else [gone, living])
    found = matcher.match("GET", "/a/b")
    assert found is not None
    assert found.operation.name == "New"
