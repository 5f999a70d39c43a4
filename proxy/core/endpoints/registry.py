"""The model registry: registered models, their versions, stages, aliases and tags (prompts live here too).

Source: names are the identity of registered models, so nothing of theirs is mapped. Version numbers count per name
from 1 and are never reused; they are mapped together with their name. Registry tags and aliases may be set and deleted
again without harm on every version; a second delete of a model or version answers 404.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites, VersionSite

_MODEL = ("name",)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})

_NUMBER = Sites(versions=(VersionSite("name", "version"),))
_ONE_VERSION = Sites(versions=(VersionSite("model_version.name", "model_version.version"),))
_VERSIONS = Sites(versions=(VersionSite("model_versions[].name", "model_versions[].version"),))
_ONE_MODEL = Sites(
    versions=(
        VersionSite("registered_model.latest_versions[].name", "registered_model.latest_versions[].version"),
        VersionSite("registered_model.name", "registered_model.aliases[].version"),
    )
)
_MODELS = Sites(
    versions=(
        VersionSite("registered_models[].latest_versions[].name", "registered_models[].latest_versions[].version"),
        VersionSite("registered_models[].name", "registered_models[].aliases[].version"),
    )
)


def _write(
    name: str, request: Sites, response: Sites, *, again: bool = True, gone: bool = False, fence: bool = False
) -> Operation:
    """A write to one registered model or one of its versions.

    Args:
        name: the operation.
        request: where version numbers sit in the request.
        response: and in the answer.
        again: it may be repeated.
        gone: a repeat finds nothing more.
        fence: see ``Operation.fence``.
    """
    return Operation(
        name,
        Kind.WRITE,
        Lane.REGISTERED_MODEL,
        _MODEL,
        fence=fence,
        repeatable=again,
        already=_GONE if gone else frozenset(),
        request=request,
        response=response,
    )


_NONE = Sites()

OPERATIONS: tuple[Operation, ...] = (
    # The name is the id, so ``creates`` stays empty here and for versions: both stand in the model's lane from the
    # start, which also keeps versions in the order in which they were numbered.
    Operation(
        "CreateRegisteredModel",
        Kind.CREATE,
        Lane.REGISTERED_MODEL,
        _MODEL,
        already=frozenset({"RESOURCE_ALREADY_EXISTS"}),
        response=_ONE_MODEL,
    ),
    Operation(
        "CreateModelVersion",
        Kind.CREATE,
        Lane.REGISTERED_MODEL,
        _MODEL,
        after=((Lane.RUN, "run_id"), (Lane.LOGGED_MODEL, "model_id")),
        response=_ONE_VERSION,
    ),
    Operation("GetRegisteredModel", Kind.READ, response=_ONE_MODEL),
    Operation("ListRegisteredModels", Kind.READ, response=_MODELS),
    Operation("SearchRegisteredModels", Kind.READ, response=_MODELS),
    Operation("GetLatestVersions", Kind.READ, response=_VERSIONS),
    Operation("GetModelVersion", Kind.READ, request=_NUMBER, response=_ONE_VERSION),
    Operation("GetModelVersionByAlias", Kind.READ, response=_ONE_VERSION),
    Operation("GetModelVersionDownloadUri", Kind.READ, request=_NUMBER),
    Operation("SearchModelVersions", Kind.READ, response=_VERSIONS),
    _write("UpdateRegisteredModel", _NONE, _ONE_MODEL),
    # It ends one lane and begins another, and what follows it may stand in either.
    _write("RenameRegisteredModel", _NONE, _ONE_MODEL, again=False, gone=True, fence=True),
    _write("DeleteRegisteredModel", _NONE, _NONE, again=False, gone=True),
    _write("SetRegisteredModelTag", _NONE, _NONE),
    _write("DeleteRegisteredModelTag", _NONE, _NONE),
    _write("SetRegisteredModelAlias", _NUMBER, _NONE),
    _write("DeleteRegisteredModelAlias", _NONE, _NONE),
    _write("UpdateModelVersion", _NUMBER, _ONE_VERSION),
    _write("TransitionModelVersionStage", _NUMBER, _ONE_VERSION),
    _write("DeleteModelVersion", _NUMBER, _NONE, again=False, gone=True),
    _write("SetModelVersionTag", _NUMBER, _NONE),
    _write("DeleteModelVersionTag", _NUMBER, _NONE),
)
