"""The AI gateway inside the tracking server (MLflow 3.10 and later): its configuration and its invocations.

Nothing of it is mirrored. Configuration holds provider secrets, which must never reach a journal, and belongs to one
server; an invocation would be paid for twice.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Operation, Sites

_EXPERIMENT = Sites(experiments=("experiment_id",))
_ENDPOINT = Sites(experiments=("endpoint.experiment_id",))
_CONFIG = Sites(experiments=("config.guardrail.scorer.experiment_id",))
_GUARDRAIL = Sites(experiments=("guardrail.scorer.experiment_id",))
_NONE = Sites()


def _read(name: str, response: Sites = _NONE) -> Operation:
    return Operation(name, Kind.READ, response=response)


def _write(name: str, response: Sites = _NONE, request: Sites = _NONE) -> Operation:
    return Operation(name, Kind.WRITE, skip="gateway", request=request, response=response)


def _invoke(name: str) -> Operation:
    """A call to a model: the body is the provider's own format and the answer may be an event stream."""
    return Operation(name, Kind.WRITE, skip="invocation", streamed=True)


CONFIGURATION: tuple[Operation, ...] = (
    _write("CreateGatewayEndpoint", _ENDPOINT, _EXPERIMENT),
    _write("UpdateGatewayEndpoint", _ENDPOINT, _EXPERIMENT),
    _write("DeleteGatewayEndpoint"),
    _write("SetGatewayEndpointTag"),
    _write("DeleteGatewayEndpointTag"),
    _write("AttachModelToEndpoint"),
    _write("DetachModelFromEndpoint"),
    _write("CreateEndpointBinding"),
    _write("DeleteEndpointBinding"),
    _write("CreateGatewayModelDefinition"),
    _write("UpdateGatewayModelDefinition"),
    _write("DeleteGatewayModelDefinition"),
    _write("CreateGatewaySecret"),
    _write("UpdateGatewaySecret"),
    _write("DeleteGatewaySecret"),
    _write("CreateBudgetPolicy"),
    _write("UpdateBudgetPolicy"),
    _write("DeleteBudgetPolicy"),
    _write("CreateGatewayGuardrail", _GUARDRAIL),
    _write("DeleteGatewayGuardrail"),
    _write("AddGuardrailToEndpoint", _CONFIG),
    _write("RemoveGuardrailFromEndpoint"),
    _write("UpdateEndpointGuardrailConfig", _CONFIG),
    _read("GetGatewayEndpoint", _ENDPOINT),
    _read("ListGatewayEndpoints", Sites(experiments=("endpoints[].experiment_id",))),
    _read("ListEndpointBindings"),
    _read("GetGatewayModelDefinition"),
    _read("ListGatewayModelDefinitions"),
    _read("GetGatewaySecretInfo"),
    _read("ListGatewaySecretInfos"),
    _read("GetBudgetPolicy"),
    _read("ListBudgetPolicies"),
    _read("ListBudgetWindows"),
    _read("GetGatewayGuardrail", _GUARDRAIL),
    _read("ListGatewayGuardrails", Sites(experiments=("guardrails[].scorer.experiment_id",))),
    _read("ListEndpointGuardrailConfigs", Sites(experiments=("configs[].guardrail.scorer.experiment_id",))),
    _read("ListGatewayModels"),
)

INVOCATIONS: tuple[Operation, ...] = (
    _invoke("InvokeGatewayEndpoint"),
    _invoke("GatewayChatCompletions"),
    _invoke("GatewayOpenaiChat"),
    _invoke("GatewayOpenaiEmbeddings"),
    _invoke("GatewayOpenaiResponses"),
    _invoke("GatewayOpenaiResponsesCompact"),
    _invoke("GatewayAnthropicMessages"),
    _invoke("GatewayGeminiGenerateContent"),
    _invoke("GatewayGeminiStreamGenerateContent"),
    _invoke("GatewayTypesafeSystemOne"),
    _invoke("GatewayRawProxy"),
)

OPERATIONS: tuple[Operation, ...] = CONFIGURATION + INVOCATIONS
