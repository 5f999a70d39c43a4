"""The UI and what serves only it, and the few facts that a server tells about itself.

A UI belongs to its own server version, so all of this goes to the serving side as it is. ``/graphql`` only reads; its
answers spell ids in camel case, at any depth.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Operation, Sites

OPERATIONS: tuple[Operation, ...] = (
    Operation("GetHealth", Kind.READ),
    Operation("GetVersion", Kind.READ),
    Operation("GetServerInfo", Kind.READ),
    Operation("GetIndexPage", Kind.UI, skip="ui", streamed=True),
    Operation("GetStaticFile", Kind.UI, skip="ui", streamed=True),
    Operation("GetBuildFile", Kind.UI, skip="ui", streamed=True),
    Operation(
        "Graphql",
        Kind.UI,
        skip="ui",
        request=Sites(experiments=("**.experimentId", "**.experimentIds[]")),
        response=Sites(experiments=("**.experimentId", "**.experimentIds[]")),
    ),
    Operation("GetUiTelemetry", Kind.UI, skip="telemetry"),
    Operation("PostUiTelemetry", Kind.UI, skip="telemetry"),
    Operation("GenerateDemo", Kind.UI, skip="ui"),
    Operation("DeleteDemo", Kind.UI, skip="ui"),
    Operation("GatewayProxy", Kind.UI, skip="gateway", streamed=True),
    Operation("ListSupportedProviders", Kind.UI, skip="gateway"),
    Operation("ListSupportedModels", Kind.UI, skip="gateway"),
    Operation("GetProviderConfig", Kind.UI, skip="gateway"),
    Operation("GetSecretsConfig", Kind.UI, skip="gateway"),
    Operation("GetAssistantConfig", Kind.UI, skip="assistant"),
    Operation("UpdateAssistantConfig", Kind.UI, skip="assistant"),
    Operation("ListAssistantProviders", Kind.UI, skip="assistant"),
    Operation("ListAssistantProviderModels", Kind.UI, skip="assistant"),
    Operation("CheckAssistantProviderHealth", Kind.UI, skip="assistant"),
    Operation("SendAssistantMessage", Kind.UI, skip="assistant", streamed=True),
    Operation("StreamAssistantResponse", Kind.UI, skip="assistant", streamed=True),
    Operation("PatchAssistantSession", Kind.UI, skip="assistant"),
    Operation("ResolveAssistantPermission", Kind.UI, skip="assistant"),
    Operation("ResolveAssistantToolResult", Kind.UI, skip="assistant"),
    Operation("InstallAssistantSkills", Kind.UI, skip="assistant"),
)
