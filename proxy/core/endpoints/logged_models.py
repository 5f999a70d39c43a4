"""Logged models (MLflow 3): the model as an object of its own, with files, parameters, tags and registrations.

Source: the server mints ``m-`` ids whatever the client sends. Page tokens of the search hold the request's experiment
ids and filter, and the server refuses a token that does not fit its request.
"""

from __future__ import annotations

from proxy.core.endpoints.runs import DUPLICATE_ROW
from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites, VersionSite

_MODEL = ("{model_id}",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})

_ONE = Sites(
    experiments=("model.info.experiment_id",),
    versions=(VersionSite("model.info.registrations[].name", "model.info.registrations[].version"),),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "CreateLoggedModel",
        Kind.CREATE,
        Lane.LOGGED_MODEL,
        creates="model.info.model_id",
        after=((Lane.EXPERIMENT, "experiment_id"), (Lane.RUN, "source_run_id")),
        request=Sites(experiments=("experiment_id",)),
        response=_ONE,
    ),
    Operation("GetLoggedModel", Kind.READ, response=_ONE),
    Operation(
        "SearchLoggedModels",
        Kind.READ,
        request=Sites(experiments=("experiment_ids[]",), page_tokens=("page_token",)),
        response=Sites(
            experiments=("models[].info.experiment_id",),
            versions=(VersionSite("models[].info.registrations[].name", "models[].info.registrations[].version"),),
            page_tokens=("next_page_token",),
        ),
    ),
    Operation("ListLoggedModelArtifacts", Kind.READ),
    Operation("FinalizeLoggedModel", Kind.WRITE, Lane.LOGGED_MODEL, _MODEL, repeatable=True, response=_ONE),
    Operation("LogLoggedModelParams", Kind.WRITE, Lane.LOGGED_MODEL, _MODEL, already=DUPLICATE_ROW),
    Operation("SetLoggedModelTags", Kind.WRITE, Lane.LOGGED_MODEL, _MODEL, repeatable=True, response=_ONE),
    Operation("DeleteLoggedModelTag", Kind.WRITE, Lane.LOGGED_MODEL, _MODEL, already=_GONE),
    Operation("DeleteLoggedModel", Kind.WRITE, Lane.LOGGED_MODEL, _MODEL, already=_GONE),
)
