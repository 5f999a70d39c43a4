"""What people call the things that operations are about: words for refusals, the skew table and its page.

Every operation of the catalogue belongs to exactly one feature; what a family module gains belongs to the family's
feature until it is named here. A feature may also *use* operations of others: prompts are registered models with tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proxy.core.endpoints import (
    admin,
    artifacts,
    automation,
    datasets,
    experiments,
    gateway,
    logged_models,
    mcp_servers,
    pages,
    registry,
    reviews,
    runs,
    traces,
)
from proxy.core.endpoints.spec import Operation
from proxy.core.mlflow_version import Version


@dataclass(frozen=True, slots=True)
class Feature:
    """One group of operations.

    Attributes:
        name: short, for tables.
        words: what it is, as a plural: "Needed for …".
        named: the operations that belong to it and not to their family's feature.
        uses: operations of other features that it is made of.
        since: the first client version that knows it; None where the operations themselves tell.
        called: whether client libraries call it; pages and administration are called by browsers and people.
    """

    name: str
    words: str
    named: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    since: Version | None = None
    called: bool = True


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def _all(operations: tuple[Operation, ...]) -> frozenset[str]:
    return frozenset(operation.name for operation in operations)


EXPERIMENTS = Feature("experiments", "experiments")
RUNS = Feature("runs", "runs, their parameters and tags")
METRICS = Feature(
    "metrics",
    "metrics and their histories",
    _of("LogMetric", "LogBatch", "GetMetricHistory", "GetMetricHistoryBulk", "GetMetricHistoryBulkInterval"),
)
INPUTS = Feature("dataset inputs", "datasets as inputs of runs", _of("LogInputs", "SearchDatasets"))
ARTIFACTS = Feature("artifacts", "artifacts")
DIRECT_TRANSFERS = Feature(
    "direct transfers",
    "uploads and downloads in parts or past the server",
    _of(
        "CreateMultipartUpload",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
        "CreatePresignedUploadUrl",
        "CreatePresignedDownloadUrl",
        "GetProxiedPresignedDownloadUrl",
    ),
)
REGISTRY = Feature("model registry", "registered models and their versions")
STAGES = Feature("stages", "stages of model versions", _of("TransitionModelVersionStage", "GetLatestVersions"))
ALIASES = Feature(
    "aliases",
    "aliases of model versions",
    _of("SetRegisteredModelAlias", "GetModelVersionByAlias", "DeleteRegisteredModelAlias"),
)
PROMPTS = Feature(
    "prompts",
    "prompts",
    uses=_of(
        "CreateRegisteredModel",
        "GetRegisteredModel",
        "SearchRegisteredModels",
        "SetRegisteredModelTag",
        "CreateModelVersion",
        "GetModelVersion",
        "SearchModelVersions",
    )
    | ALIASES.named,
    since=Version(2, 21),
)
LOGGED_MODELS = Feature("logged models", "logged models of MLflow 3", _of("LogOutputs"))
TRACES_V2 = Feature("traces (v2)", "traces", _all(traces.V2) - _of("LinkTracesToRun", "LinkPromptsToTrace"))
TRACES_V3 = Feature("traces (v3)", "traces as MLflow 3 keeps them")
TRACE_STATISTICS = Feature(
    "trace statistics", "statistics over traces", _of("QueryTraceMetrics", "CalculateTraceFilterCorrelation")
)
ASSESSMENTS = Feature(
    "assessments",
    "assessments (feedback and expectations) of traces",
    _of("CreateAssessment", "GetAssessment", "UpdateAssessment", "DeleteAssessment"),
)
DATASETS = Feature("evaluation datasets", "evaluation datasets")
SCORERS = Feature("scorers", "scorers", _all(reviews.SCORERS))
REVIEWS = Feature("issues and reviews", "issues, label schemas and review queues")
WEBHOOKS = Feature("webhooks", "webhooks", frozenset(n for n in _all(automation.OPERATIONS) if "Webhook" in n))
JOBS = Feature("jobs", "jobs that the server runs, such as prompt optimization")
GATEWAY = Feature("AI gateway", "the AI gateway inside the tracking server")
MCP = Feature("MCP servers", "the registry of MCP servers")
SERVER = Feature("server facts", "what clients ask about a server", _of("GetHealth", "GetVersion", "GetServerInfo"))
ADMIN = Feature("users and permissions", "users, permissions and workspaces", called=False)
UI = Feature(
    "user interface",
    "the server's own pages",
    _all(pages.OPERATIONS) - SERVER.named | frozenset(n for n in _all(artifacts.OPERATIONS) if n.endswith("Ui")),
    called=False,
)

FEATURES: tuple[Feature, ...] = (
    EXPERIMENTS,
    RUNS,
    METRICS,
    INPUTS,
    ARTIFACTS,
    DIRECT_TRANSFERS,
    REGISTRY,
    STAGES,
    ALIASES,
    PROMPTS,
    LOGGED_MODELS,
    TRACES_V2,
    TRACES_V3,
    TRACE_STATISTICS,
    ASSESSMENTS,
    DATASETS,
    SCORERS,
    REVIEWS,
    WEBHOOKS,
    JOBS,
    GATEWAY,
    MCP,
    SERVER,
    ADMIN,
    UI,
)
"""In the order in which tables show them."""

_FAMILY = (
    (experiments.OPERATIONS, EXPERIMENTS),
    (runs.OPERATIONS, RUNS),
    (registry.OPERATIONS, REGISTRY),
    (artifacts.OPERATIONS, ARTIFACTS),
    (logged_models.OPERATIONS, LOGGED_MODELS),
    (traces.OPERATIONS, TRACES_V3),
    (datasets.OPERATIONS, DATASETS),
    (reviews.OPERATIONS, REVIEWS),
    (mcp_servers.OPERATIONS, MCP),
    (automation.OPERATIONS, JOBS),
    (gateway.OPERATIONS, GATEWAY),
    (admin.OPERATIONS, ADMIN),
    (pages.OPERATIONS, UI),
)

FEATURE_OF: Mapping[str, Feature] = {
    operation.name: next((feature for feature in FEATURES if operation.name in feature.named), default)
    for operations, default in _FAMILY
    for operation in operations
}
"""Operation -> the feature it belongs to."""
