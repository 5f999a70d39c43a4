"""Judging and reviewing traces (MLflow 3.6 and later): scorers, issues, label schemas, review queues.

Source: scorers are known by experiment and name, their versions are integers per name; creates in an experiment's lane
keep these in step. Issues, schemas and queues have minted ids (``iss-``, ``ls-``, ``rq-`` and 32 hex digits).
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites

_EXPERIMENT = Sites(experiments=("experiment_id",))
_IN = ("experiment_id",)
_AFTER = ((Lane.EXPERIMENT, "experiment_id"),)
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST"})
_EXISTS = frozenset({"RESOURCE_ALREADY_EXISTS"})
_NONE = Sites()
_LISTED_SCORERS = Sites(experiments=("scorers[].experiment_id",))
_ISSUE = Sites(experiments=("issue.experiment_id",))
_SCHEMA = Sites(experiments=("label_schema.experiment_id",))
_QUEUE = Sites(experiments=("review_queue.experiment_id",))


def _create(name: str, creates: str, response: Sites, already: frozenset[str] = frozenset()) -> Operation:
    """A create in an experiment."""
    return Operation(
        name,
        Kind.CREATE,
        Lane.OTHER,
        creates=creates,
        after=_AFTER,
        already=already,
        request=_EXPERIMENT,
        response=response,
    )


def _change(name: str, subject: str, response: Sites = _NONE, already: frozenset[str] = frozenset()) -> Operation:
    """A write to the object whose id stands at ``subject``."""
    return Operation(name, Kind.WRITE, Lane.OTHER, (subject,), repeatable=True, already=already, response=response)


SCORERS: tuple[Operation, ...] = (
    # Each repeat is one more version. Its ``scorer_id`` is no token; versions and names are what clients use.
    Operation("RegisterScorer", Kind.CREATE, Lane.EXPERIMENT, _IN, request=_EXPERIMENT, response=_EXPERIMENT),
    Operation("DeleteScorer", Kind.WRITE, Lane.EXPERIMENT, _IN, already=_GONE, request=_EXPERIMENT),
    Operation("GetScorer", Kind.READ, request=_EXPERIMENT, response=Sites(experiments=("scorer.experiment_id",))),
    Operation(
        "ListScorers",
        Kind.READ,
        request=Sites(experiments=("experiment_id", "experiment_ids[]")),
        response=_LISTED_SCORERS,
    ),
    Operation("ListScorerVersions", Kind.READ, request=_EXPERIMENT, response=_LISTED_SCORERS),
    Operation("GetOnlineScoringConfigs", Kind.READ, response=Sites(experiments=("configs[].experiment_id",))),
    # It makes the server judge new traces by itself: on both servers that would cost twice and write twice.
    Operation(
        "UpsertOnlineScoringConfig",
        Kind.WRITE,
        Lane.EXPERIMENT,
        _IN,
        repeatable=True,
        skip="job",
        request=_EXPERIMENT,
        response=Sites(experiments=("config.experiment_id",)),
    ),
)

ISSUES: tuple[Operation, ...] = (
    _create("CreateIssue", "issue.issue_id", _ISSUE),
    Operation("GetIssue", Kind.READ, response=_ISSUE),
    Operation("SearchIssues", Kind.READ, request=_EXPERIMENT, response=Sites(experiments=("issues[].experiment_id",))),
    _change("UpdateIssue", "{issue_id}", _ISSUE),
)

LABEL_SCHEMAS: tuple[Operation, ...] = (
    _create("CreateLabelSchema", "label_schema.schema_id", _SCHEMA, _EXISTS),
    Operation("GetLabelSchema", Kind.READ, response=_SCHEMA),
    Operation("GetLabelSchemaByName", Kind.READ, request=_EXPERIMENT, response=_SCHEMA),
    Operation(
        "ListLabelSchemas",
        Kind.READ,
        request=_EXPERIMENT,
        response=Sites(experiments=("label_schemas[].experiment_id",)),
    ),
    _change("UpdateLabelSchema", "schema_id", _SCHEMA),
    _change("DeleteLabelSchema", "schema_id", already=_GONE),
)

REVIEW_QUEUES: tuple[Operation, ...] = (
    _create("CreateReviewQueue", "review_queue.queue_id", _QUEUE, _EXISTS),
    _create("GetOrCreateUserQueue", "review_queue.queue_id", _QUEUE),
    Operation("GetReviewQueue", Kind.READ, response=_QUEUE),
    Operation("GetReviewQueueByName", Kind.READ, request=_EXPERIMENT, response=_QUEUE),
    Operation(
        "ListReviewQueues",
        Kind.READ,
        request=_EXPERIMENT,
        response=Sites(experiments=("review_queues[].experiment_id",)),
    ),
    Operation("ListReviewQueueItems", Kind.READ),
    _change("UpdateReviewQueue", "queue_id", _QUEUE),
    _change("DeleteReviewQueue", "queue_id", already=_GONE),
    _change("AddItemsToReviewQueue", "queue_id"),
    _change("RemoveItemsFromReviewQueue", "queue_id", already=_GONE),
    _change("SetReviewQueueItemStatus", "queue_id"),
)

OPERATIONS: tuple[Operation, ...] = SCORERS + ISSUES + LABEL_SCHEMAS + REVIEW_QUEUES
