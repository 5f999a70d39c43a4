"""What the catalogue promises about every operation at once, and a few of them by name."""

from __future__ import annotations

import re

import pytest

from proxy.core.endpoints.catalogue import CATALOGUE, STUDIED_VERSIONS, join, operations_missing_on
from proxy.core.endpoints.routes import ROUTES
from proxy.core.endpoints.spec import Kind, Lane, Operation
from proxy.core.mlflow_version import Version

SKIPS = {
    "webhook", "job", "gateway", "telemetry", "assistant", "ui", "admin", "multipart", "presigned", "invocation",
}  # fmt: skip
SITE = re.compile(r"(\*\*\.)?[a-zA-Z_]+(\[\])?(\.[a-zA-Z_]+(\[\])?)*|\{[a-z_]+\}")

OPERATIONS = list(CATALOGUE.values())


def _each(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.name)


def test_described_and_routed_are_the_same():
    """Every derived operation is described and every described one has routes."""
    assert {row[0] for row in ROUTES} == CATALOGUE.keys()


def test_joining_names_every_mismatch():
    """An operation described twice, one without routes and routes nobody described are all told at once."""
    described = [Operation("A", Kind.READ), Operation("A", Kind.READ), Operation("B", Kind.READ)]
    rows = [("A", "api", "GET", "/a", "1.0.0", None), ("C", "api", "GET", "/c", "1.0.0", None)]
    with pytest.raises(ValueError, match="twice: A; described without a route: B; routed without a description: C"):
        join(described, rows)


@_each([operation for operation in OPERATIONS if operation.kind.writes])
def test_every_mirrored_write_has_a_place_in_a_lane(operation):
    """A write names its object in the request or in the answer, or says why it is not mirrored."""
    named_by_its_body = operation.protobuf
    assert operation.subject or operation.creates or operation.skip or named_by_its_body


@_each(OPERATIONS)
def test_reasons_and_sites_are_well_formed(operation):
    """Skip reasons come from a bounded set, and sites are written as the visitor reads them."""
    assert operation.skip in SKIPS | {""}
    sites = [operation.creates, *operation.subject, *(site for _, site in operation.after)]
    for where in (operation.request, operation.response):
        sites += [where.artifact_path, *where.experiments, *where.page_tokens]
        sites += [site for pair in where.versions for site in (pair.name, pair.version)]
    assert [site for site in sites if site and not SITE.fullmatch(site)] == []


@_each(OPERATIONS)
def test_path_parameters_that_are_named_exist(operation):
    """A site in braces is a parameter of every path that the operation has."""
    sites = {*operation.subject, operation.request.artifact_path, *operation.request.experiments}
    for site in sites:
        if site.startswith("{"):
            assert all(f"{site[:-1]}}}" in r.template or f"{site[:-1]}:" in r.template for r in operation.routes)


@_each([operation for operation in OPERATIONS if operation.request.versions or operation.response.versions])
def test_version_numbers_lie_below_their_name(operation):
    """The number stands in the object that holds the name, or inside it, as the visitor needs it."""
    for pair in (*operation.request.versions, *operation.response.versions):
        assert pair.version.startswith(pair.name.rpartition(".")[0])


@_each([operation for operation in OPERATIONS if operation.kind in {Kind.READ, Kind.UI, Kind.ADMIN}])
def test_what_is_not_mirrored_claims_no_lane(operation):
    """Reads, pages and administration stand in no lane and create nothing."""
    assert (operation.lane, operation.subject, operation.creates, operation.after, operation.fence) == (
        Lane.OTHER, (), "", (), False,
    )  # fmt: skip


def test_posts_that_only_read_are_reads():
    """Searching by POST changes nothing and is never journaled."""
    searches = {
        f"Search{what}"
        for what in (
            "Runs",
            "Experiments",
            "Datasets",
            "LoggedModels",
            "EvaluationDatasets",
            "TracesV3",
            "Issues",
            "PromptOptimizationJobs",
            "Jobs",
        )
    }
    names = searches | {
        "GetLatestVersions",
        "QueryTraceMetrics",
        "BatchGetTraceInfos",
        "CalculateTraceFilterCorrelation",
    }
    assert {CATALOGUE[name].kind for name in names} == {Kind.READ}


def test_gets_never_write():
    """No operation with a GET route is called a write."""
    writes = [o.name for o in OPERATIONS if o.kind.writes and any(route.method == "GET" for route in o.routes)]
    assert writes == []


def test_whoever_changes_something_says_so():
    """An operation without any reading method is a write, unless it is known to only read."""
    reading_posts = {"BatchGetTraceInfos", "CalculateTraceFilterCorrelation", "QueryTraceMetrics", "SearchIssues"}
    reading_posts |= {"SearchJobs", "SearchLoggedModels", "SearchTracesV3", "CreatePresignedDownloadUrl"}
    silent = {o.name for o in OPERATIONS if o.kind is Kind.READ and all(route.method != "GET" for route in o.routes)}
    assert silent == reading_posts


@pytest.mark.parametrize(
    ("operation", "version", "surface", "expected"),
    [
        ("GetLatestVersions", "1.10.0", "api", "GET /api/2.0/preview/mlflow/registered-models/get-latest-versions"),
        ("GetLatestVersions", "1.20.2", "api", "GET /api/2.0/mlflow/registered-models/get-latest-versions"),
        ("GetLatestVersions", "3.17.2", "api", "POST /api/2.0/mlflow/registered-models/get-latest-versions"),
        ("GetLatestVersions", "1.30.1", "preview", "GET /api/2.0/preview/mlflow/registered-models/get-latest-versions"),
        ("GetLatestVersions", "2.0.1", "preview", "POST /api/2.0/mlflow/registered-models/get-latest-versions"),
        ("ListExperiments", "1.30.1", "api", "GET /api/2.0/mlflow/experiments/list"),
        ("ListExperiments", "2.0.1", "api", None),
        ("SearchExperiments", "1.23.1", "api", None),
        ("SearchExperiments", "1.28.0", "api", "POST /api/2.0/mlflow/experiments/search"),
        ("SearchRuns", "1.0.0", "ajax", "POST /ajax-api/2.0/mlflow/runs/search"),
        ("StartTraceV3", "3.0.1", "api", None),
        ("StartTraceV3", "3.3.2", "api", "POST /api/3.0/mlflow/traces"),
        ("GetTraceInfoV3", "2.22.4", "api", None),
        ("GetVersion", "2.0.1", "root", None),
        ("GetVersion", "2.1.1", "root", "GET /version"),
        ("GetMetricHistoryBulk", "2.3.2", "api", "GET /ajax-api/2.0/mlflow/metrics/get-history-bulk"),
    ],
)
def test_the_route_for_a_version(operation, version, surface, expected):
    """Each server version is asked by the path that it has, in the newest form, or not at all."""
    route = CATALOGUE[operation].route_for(Version.parse(version), surface)
    assert (f"{route.method} {route.template}" if route else None) == expected


@pytest.mark.parametrize(
    ("operation", "lane", "subject", "creates", "after"),
    [
        ("CreateExperiment", Lane.EXPERIMENT, (), "experiment_id", ()),
        ("CreateRun", Lane.RUN, (), "run.info.run_id", ((Lane.EXPERIMENT, "experiment_id"),)),
        ("LogMetric", Lane.RUN, ("run_id", "run_uuid"), "", ((Lane.LOGGED_MODEL, "model_id"),)),
        (
            "CreateModelVersion",
            Lane.REGISTERED_MODEL,
            ("name",),
            "",
            ((Lane.RUN, "run_id"), (Lane.LOGGED_MODEL, "model_id")),
        ),
        ("FinalizeLoggedModel", Lane.LOGGED_MODEL, ("{model_id}",), "", ()),
        ("CreateAssessment", Lane.TRACE, ("{trace_id}",), "", ()),
        ("DeleteDataset", Lane.DATASET, ("{dataset_id}",), "", ()),
    ],
)
def test_lanes(operation, lane, subject, creates, after):
    """Where the best known writes queue and what they wait for."""
    found = CATALOGUE[operation]
    assert (found.lane, found.subject, found.creates, found.after) == (lane, subject, creates, after)


def test_fences():
    """Only writes that reach objects which they do not name stop everything."""
    fences = {operation.name for operation in OPERATIONS if operation.fence}
    assert fences == {
        "DeleteExperiment",
        "RestoreExperiment",
        "DeleteTraces",
        "DeleteTracesV3",
        "RenameRegisteredModel",
    }


def test_what_a_version_lacks():
    """The old listing is missing on 2.x, logged models are missing before 3.0, nothing is both."""
    on_2, on_3 = operations_missing_on(Version(2, 22, 4)), operations_missing_on(Version(3, 17, 2))
    assert {"ListExperiments", "CreateLoggedModel", "StartTraceV3"} <= on_2
    assert "ListExperiments" in on_3
    assert "CreateLoggedModel" not in on_3


def test_the_oldest_and_the_newest_version_studied_are_known():
    """The versions are in order, so that neighbours can be looked up."""
    assert list(STUDIED_VERSIONS) == sorted(STUDIED_VERSIONS)
    assert STUDIED_VERSIONS[0] == Version(1, 0, 0)
