"""What an operation is called: MLflow's own rpc name where there is one, else its handler's name in the same style.

The rule: ``MlflowService.createRun`` is ``CreateRun``. A handler without an rpc loses its leading underscores, a
``serve_`` in front and a ``_handler`` at its end, and is put into the same case: ``_generate_demo`` is
``GenerateDemo``. The tables below say where that rule would give two operations one name, or a name that tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

_RPC_NAMES: Mapping[str, str] = {
    "MlflowArtifactsService.listArtifacts": "ListProxiedArtifacts",  # MlflowService has a listArtifacts, for runs
    "MlflowArtifactsService.getPresignedDownloadUrl": "GetProxiedPresignedDownloadUrl",
}

_HANDLER_NAMES: Mapping[str, str] = {
    "serve": "GetIndexPage",
    "static": "GetBuildFile",
    "serve_static_file": "GetStaticFile",
    "health": "GetHealth",
    "version": "GetVersion",
    "signup": "GetSignupPage",
    "create_user_ui": "CreateUserFromPage",
    "serve_artifacts": "GetArtifactUi",
    "serve_model_version_artifact": "GetModelVersionArtifactUi",
    "serve_get_trace_artifact": "GetTraceArtifactUi",
    "serve_get_logged_model_artifact": "GetLoggedModelArtifactUi",
    "serve_upload_artifact": "UploadArtifactUi",
    "serve_get_metric_history_bulk": "GetMetricHistoryBulk",
    # The Flask route of 2.14 and later hides behind the rpc of the same path; older listings show this handler.
    "serve_get_metric_history_bulk_interval": "GetMetricHistoryBulkInterval",
    "export_traces": "ExportOtlpTraces",
    # Two job APIs: /ajax-api/3.0/jobs for any job, /ajax-api/3.0/mlflow/jobs for those that the invoke calls start.
    "_get_job": "GetInvokedJob",
    "_cancel_job": "CancelInvokedJob",
    "_invoke_genai_evaluate_handler": "InvokeGenaiEvaluate",
    "get_config": "GetAssistantConfig",
    "update_config": "UpdateAssistantConfig",
    "get_providers": "ListAssistantProviders",
    "list_provider_models": "ListAssistantProviderModels",
    "provider_health_check": "CheckAssistantProviderHealth",
    "send_message": "SendAssistantMessage",
    "stream_response": "StreamAssistantResponse",
    "patch_session": "PatchAssistantSession",
    "resolve_permission": "ResolveAssistantPermission",
    "resolve_client_tool_result": "ResolveAssistantToolResult",
    "install_skills_endpoint": "InstallAssistantSkills",
    "list_models": "ListGatewayModels",
    "chat_completions": "GatewayChatCompletions",
    "invocations": "InvokeGatewayEndpoint",
    "raw_proxy": "GatewayRawProxy",
    "openai_passthrough_chat": "GatewayOpenaiChat",
    "openai_passthrough_embeddings": "GatewayOpenaiEmbeddings",
    "openai_passthrough_responses": "GatewayOpenaiResponses",
    "openai_passthrough_responses_compact": "GatewayOpenaiResponsesCompact",
    "anthropic_passthrough_messages": "GatewayAnthropicMessages",
    "gemini_passthrough_generate_content": "GatewayGeminiGenerateContent",
    "gemini_passthrough_stream_generate_content": "GatewayGeminiStreamGenerateContent",
    "typesafe_passthrough_system_one": "GatewayTypesafeSystemOne",
    "get_version_by_alias": "GetMcpServerVersionByAlias",
    "search_all_access_endpoints": "SearchMcpAccessEndpoints",
    "search_server_access_endpoints": "SearchMcpServerAccessEndpoints",
}


def operation_name(rpc: str | None, handler: str) -> str:
    """The operation's name.

    Args:
        rpc: ``Service.method`` as the protobuf descriptor has it, None for a rule without one.
        handler: the function that answers, e.g. ``_invoke_scorer_handler``.
    """
    if rpc is not None:
        known = _RPC_NAMES.get(rpc)
        method = rpc.rpartition(".")[2]
        return known if known is not None else method[:1].upper() + method[1:]
    handler = handler.partition("(")[0]
    known = _HANDLER_NAMES.get(handler)
    if known is not None:
        return known
    bare = handler.lstrip("_").removeprefix("serve_").removesuffix("_handler")
    return "".join(part[:1].upper() + part[1:] for part in bare.split("_"))
