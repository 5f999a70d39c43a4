"""Runs, their metrics and what is logged to them.

Source: clients send ``run_id`` and ``run_uuid`` together wherever old servers knew only the latter. Repeats: a metric
point written twice is one point on SQL stores and two on file stores, and a repeated NaN is refused from 1.28 to 3.14,
so metrics are not called repeatable; a second delete or restore is refused (400) up to 1.28.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites

RUN = ("run_id", "run_uuid")

DUPLICATE_ROW = frozenset({"BAD_REQUEST"})
"""What SQL stores say when the database refuses a row that it has."""

_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})
_NOT_ACTIVE = frozenset({"INVALID_PARAMETER_VALUE"})
_ONE_RUN = Sites(experiments=("run.info.experiment_id",))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "CreateRun",
        Kind.CREATE,
        Lane.RUN,
        creates="run.info.run_id",
        after=((Lane.EXPERIMENT, "experiment_id"),),
        request=Sites(experiments=("experiment_id",)),
        response=_ONE_RUN,
    ),
    # Made by the UI in one call: a run with parameters, tags and artifacts that the server writes itself.
    Operation(
        "CreatePromptlabRun",
        Kind.CREATE,
        Lane.RUN,
        creates="run.info.run_id",
        after=((Lane.EXPERIMENT, "experiment_id"),),
        request=Sites(experiments=("experiment_id",)),
        response=_ONE_RUN,
    ),
    Operation("GetRun", Kind.READ, response=_ONE_RUN),
    Operation(
        "SearchRuns",
        Kind.READ,
        request=Sites(experiments=("experiment_ids[]",)),
        response=Sites(experiments=("runs[].info.experiment_id",)),
    ),
    Operation(
        "UpdateRun",
        Kind.WRITE,
        Lane.RUN,
        RUN,
        repeatable=True,
        response=Sites(experiments=("run_info.experiment_id",)),
    ),
    Operation("DeleteRun", Kind.WRITE, Lane.RUN, RUN, already=_NOT_ACTIVE),
    Operation("RestoreRun", Kind.WRITE, Lane.RUN, RUN, already=_NOT_ACTIVE),
    # Metrics of a logged model (3.x) name it, and servers refuse an id that they do not have.
    Operation("LogMetric", Kind.WRITE, Lane.RUN, RUN, after=((Lane.LOGGED_MODEL, "model_id"),)),
    Operation("LogParam", Kind.WRITE, Lane.RUN, RUN, repeatable=True),
    Operation("LogBatch", Kind.WRITE, Lane.RUN, RUN, after=((Lane.LOGGED_MODEL, "metrics[].model_id"),)),
    Operation("SetTag", Kind.WRITE, Lane.RUN, RUN, repeatable=True),
    Operation("DeleteTag", Kind.WRITE, Lane.RUN, RUN, already=_GONE),
    Operation("LogModel", Kind.WRITE, Lane.RUN, RUN),  # appends to the history in a tag each time
    Operation(
        "LogInputs",
        Kind.WRITE,
        Lane.RUN,
        RUN,
        after=((Lane.LOGGED_MODEL, "models[].model_id"),),
        repeatable=True,
    ),
    # SQL stores refuse a second one as a duplicate row, file stores take it.
    Operation(
        "LogOutputs",
        Kind.WRITE,
        Lane.RUN,
        RUN,
        after=((Lane.LOGGED_MODEL, "models[].model_id"),),
        already=DUPLICATE_ROW,
    ),
    Operation("GetMetricHistory", Kind.READ),
    Operation("GetMetricHistoryBulk", Kind.READ),
    Operation("GetMetricHistoryBulkInterval", Kind.READ),
)
