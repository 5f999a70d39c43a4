"""Traces of both generations, and the OTLP import.

Source: version 2 (2.14 and later): the server mints the id (``request_id``). Version 3 (3.3 and later): the client
brings the id and servers keep it, so there is nothing to map. Deleting traces by experiment or by id never fails for
traces that are gone. POST of a version-3 trace that exists is refused by 3.3 and merged since 3.6.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites, VersionSite

_V2 = ("{request_id}",)
_V3 = ("{trace_id}",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})

_LOCATION = "trace_location.mlflow_experiment.experiment_id"
_ONE_V2 = Sites(experiments=("trace_info.experiment_id",))
_ONE_V3 = Sites(experiments=(f"trace.trace_info.{_LOCATION}",))
_BY_EXPERIMENTS = Sites(experiments=("experiment_ids[]",))

V2: tuple[Operation, ...] = (
    Operation(
        "StartTrace",
        Kind.CREATE,
        Lane.TRACE,
        creates="trace_info.request_id",
        after=((Lane.EXPERIMENT, "experiment_id"),),
        request=Sites(experiments=("experiment_id",)),
        response=_ONE_V2,
    ),
    Operation("EndTrace", Kind.WRITE, Lane.TRACE, _V2, repeatable=True, response=_ONE_V2),
    Operation("GetTraceInfo", Kind.READ, response=_ONE_V2),
    Operation(
        "SearchTraces", Kind.READ, request=_BY_EXPERIMENTS, response=Sites(experiments=("traces[].experiment_id",))
    ),
    Operation("SetTraceTag", Kind.WRITE, Lane.TRACE, _V2, repeatable=True),
    Operation("DeleteTraceTag", Kind.WRITE, Lane.TRACE, _V2, already=_GONE),
    # Names many traces, or all of an experiment up to a time: stands in the experiment's lane and waits for all else.
    Operation(
        "DeleteTraces",
        Kind.WRITE,
        Lane.EXPERIMENT,
        ("experiment_id",),
        fence=True,
        repeatable=True,
        request=Sites(experiments=("experiment_id",)),
    ),
    Operation(
        "LinkTracesToRun",
        Kind.WRITE,
        Lane.RUN,
        ("run_id",),
        after=((Lane.TRACE, "trace_ids[]"),),
        repeatable=True,
    ),
    Operation(
        "LinkPromptsToTrace",
        Kind.WRITE,
        Lane.TRACE,
        ("trace_id",),
        after=((Lane.REGISTERED_MODEL, "prompt_versions[].name"),),
        repeatable=True,
        request=Sites(versions=(VersionSite("prompt_versions[].name", "prompt_versions[].version"),)),
    ),
)

V3: tuple[Operation, ...] = (
    Operation(
        "StartTraceV3",
        Kind.CREATE,
        Lane.TRACE,
        ("trace.trace_info.trace_id",),
        after=((Lane.EXPERIMENT, f"trace.trace_info.{_LOCATION}"),),
        already=frozenset({"BAD_REQUEST", "RESOURCE_ALREADY_EXISTS"}),
        request=_ONE_V3,
        response=_ONE_V3,
    ),
    # The ids stand inside the protobuf body and are the client's own; the experiment stands in a header.
    Operation(
        "ExportOtlpTraces",
        Kind.CREATE,
        Lane.TRACE,
        repeatable=True,
        request=Sites(headers=("x-mlflow-experiment-id",)),
        protobuf=True,
    ),
    Operation("GetTrace", Kind.READ, response=_ONE_V3),
    Operation("GetTraceInfoV3", Kind.READ, response=_ONE_V3),
    Operation(
        "BatchGetTraces",
        Kind.READ,
        request=_BY_EXPERIMENTS,
        response=Sites(experiments=(f"traces[].trace_info.{_LOCATION}",)),
    ),
    Operation(
        "BatchGetTraceInfos",
        Kind.READ,
        request=_BY_EXPERIMENTS,
        response=Sites(experiments=(f"trace_infos[].{_LOCATION}",)),
    ),
    Operation(
        "SearchTracesV3",
        Kind.READ,
        request=Sites(experiments=("locations[].mlflow_experiment.experiment_id",)),
        response=Sites(experiments=(f"traces[].{_LOCATION}",)),
    ),
    Operation("QueryTraceMetrics", Kind.READ, request=_BY_EXPERIMENTS),
    Operation("CalculateTraceFilterCorrelation", Kind.READ, request=_BY_EXPERIMENTS),
    Operation("SetTraceTagV3", Kind.WRITE, Lane.TRACE, _V3, repeatable=True),
    Operation("DeleteTraceTagV3", Kind.WRITE, Lane.TRACE, _V3, already=_GONE),
    Operation(
        "DeleteTracesV3",
        Kind.WRITE,
        Lane.EXPERIMENT,
        ("experiment_id",),
        fence=True,
        repeatable=True,
        request=Sites(experiments=("experiment_id",)),
    ),
    # Servers keep an assessment id that the request brings, so the mirror brings it and nothing has to be mapped.
    Operation("CreateAssessment", Kind.CREATE, Lane.TRACE, _V3),
    Operation("GetAssessment", Kind.READ),
    Operation("UpdateAssessment", Kind.WRITE, Lane.TRACE, _V3, repeatable=True),
    Operation("DeleteAssessment", Kind.WRITE, Lane.TRACE, _V3, repeatable=True),
)

OPERATIONS: tuple[Operation, ...] = V2 + V3
