"""Experiments: what each operation touches and where ids sit.

Source: experiment ids are small integers (strings in JSON, accepted as numbers by servers up to 3.10) and stand in
typed fields only. Deleting or restoring an experiment cascades over its runs on servers since 1.28 and 1.30.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites

_NAMED = Sites(experiments=("experiment_id",))
_SUBJECT = ("experiment_id",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})
_LISTED = Sites(experiments=("experiments[].experiment_id",))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "CreateExperiment",
        Kind.CREATE,
        Lane.EXPERIMENT,
        creates="experiment_id",
        already=frozenset({"RESOURCE_ALREADY_EXISTS"}),
        response=_NAMED,
    ),
    Operation(
        "GetExperiment",
        Kind.READ,
        request=_NAMED,
        # 1.0 answers with the runs of the experiment as well.
        response=Sites(experiments=("experiment.experiment_id", "runs[].experiment_id")),
    ),
    Operation("GetExperimentByName", Kind.READ, response=Sites(experiments=("experiment.experiment_id",))),
    Operation("ListExperiments", Kind.READ, response=_LISTED),
    Operation("SearchExperiments", Kind.READ, response=_LISTED),
    Operation(
        "SearchDatasets",
        Kind.READ,
        request=Sites(experiments=("experiment_ids[]",)),
        response=Sites(experiments=("dataset_summaries[].experiment_id",)),
    ),
    Operation("UpdateExperiment", Kind.WRITE, Lane.EXPERIMENT, _SUBJECT, repeatable=True, request=_NAMED),
    Operation("DeleteExperiment", Kind.WRITE, Lane.EXPERIMENT, _SUBJECT, fence=True, already=_GONE, request=_NAMED),
    # Restoring an active experiment answers 404 with the code of a missing one.
    Operation("RestoreExperiment", Kind.WRITE, Lane.EXPERIMENT, _SUBJECT, fence=True, already=_GONE, request=_NAMED),
    Operation("SetExperimentTag", Kind.WRITE, Lane.EXPERIMENT, _SUBJECT, repeatable=True, request=_NAMED),
    Operation("DeleteExperimentTag", Kind.WRITE, Lane.EXPERIMENT, _SUBJECT, already=_GONE, request=_NAMED),
)
