"""How operations get their names."""

from __future__ import annotations

import pytest

from proxy.lab.operation_names import operation_name


@pytest.mark.parametrize(
    ("rpc", "handler", "name"),
    [
        ("MlflowService.createRun", "_create_run", "CreateRun"),
        ("MlflowService.GetAssessment", "_get_assessment", "GetAssessment"),
        ("MlflowService.startTraceV3", "_start_trace_v3", "StartTraceV3"),
        ("MlflowService.listArtifacts", "_list_artifacts", "ListArtifacts"),
        ("MlflowArtifactsService.listArtifacts", "_list_artifacts", "ListProxiedArtifacts"),
        (None, "_generate_demo", "GenerateDemo"),
        (None, "_invoke_scorer_handler", "InvokeScorer"),
        (None, "serve_search_datasets", "SearchDatasets"),
        (None, "create_mcp_access_endpoint", "CreateMcpAccessEndpoint"),
        (None, "create_user_ui(csrf)", "CreateUserFromPage"),
        (None, "get_job", "GetJob"),
        (None, "_get_job", "GetInvokedJob"),
    ],
)
def test_names(rpc, handler, name):
    """An rpc gives its own name, a handler one in the same style, and no two operations share one."""
    assert operation_name(rpc, handler) == name
