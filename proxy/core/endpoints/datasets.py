"""Evaluation datasets (MLflow 3.6 and later).

Source: the server mints ``d-`` ids; two creates of one name are two datasets. Records are updated by a hash of their
inputs, so sending them again changes nothing; their own ids (``dr-``) differ between servers and are never answered.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites

_DATASET = ("{dataset_id}",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})
_ONE = Sites(experiments=("dataset.experiment_ids[]",))
_BY_EXPERIMENTS = Sites(experiments=("experiment_ids[]",))
_AFTER = ((Lane.EXPERIMENT, "experiment_ids[]"),)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "CreateDataset",
        Kind.CREATE,
        Lane.DATASET,
        creates="dataset.dataset_id",
        after=_AFTER,
        request=_BY_EXPERIMENTS,
        response=_ONE,
    ),
    Operation("GetDataset", Kind.READ, response=_ONE),
    Operation(
        "SearchEvaluationDatasets",
        Kind.READ,
        request=_BY_EXPERIMENTS,
        response=Sites(experiments=("datasets[].experiment_ids[]",)),
    ),
    Operation("GetDatasetExperimentIds", Kind.READ, response=_BY_EXPERIMENTS),
    Operation("GetDatasetRecords", Kind.READ),
    Operation("UpsertDatasetRecords", Kind.WRITE, Lane.DATASET, _DATASET, repeatable=True),
    Operation("DeleteDatasetRecords", Kind.WRITE, Lane.DATASET, _DATASET, repeatable=True),
    Operation("SetDatasetTags", Kind.WRITE, Lane.DATASET, _DATASET, repeatable=True, response=_ONE),
    Operation("DeleteDatasetTag", Kind.WRITE, Lane.DATASET, _DATASET, already=_GONE),
    Operation(
        "AddDatasetToExperiments",
        Kind.WRITE,
        Lane.DATASET,
        _DATASET,
        after=_AFTER,
        repeatable=True,
        request=_BY_EXPERIMENTS,
        response=_ONE,
    ),
    Operation(
        "RemoveDatasetFromExperiments",
        Kind.WRITE,
        Lane.DATASET,
        _DATASET,
        after=_AFTER,
        repeatable=True,
        request=_BY_EXPERIMENTS,
        response=_ONE,
    ),
    Operation("DeleteDataset", Kind.WRITE, Lane.DATASET, _DATASET, already=_GONE),
)
