"""What the catalogue says about one operation of MLflow's API.

The facts come in two parts. Which paths an operation has in which MLflow versions is *derived* from the packages
(``routes.py``, generated). What an operation means for mirroring (what it touches, which ids sit where, whether it may
be repeated) is *stated* by people in the family modules (``runs.py``, ``registry.py`` and so on).

Terms:

* A **surface** is one of the parallel prefixes under which MLflow serves the same operation: ``api``, ``ajax`` (used
  by the UI), ``preview`` and ``ajax-preview`` (1.x only), or ``root`` for everything outside ``/api`` and
  ``/ajax-api``. The UI writes through ``ajax-api``, so all surfaces are treated alike.
* An **id site** is a place in a message where an id sits. Sites of long random tokens (run, logged-model, dataset and
  version-2 trace ids) need no listing: such tokens are found wherever they occur. Experiment ids and model version
  numbers are small integers and are mapped only at the sites listed here.

A site is written as a path of JSON keys joined by dots, ``[]`` meaning every element of a list:
``run.info.experiment_id``, ``experiment_ids[]``, ``runs[].info.experiment_id``. For requests without a JSON body the
same names address the query string. ``{experiment_id}`` addresses a parameter of the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from proxy.core.mlflow_version import Version


class Kind(str, Enum):
    """What an operation does to the tracking server."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"  # a write after which the server knows a new id
    ARTIFACT_READ = "artifact_read"  # bytes out, streamed
    ARTIFACT_WRITE = "artifact_write"  # bytes in, streamed; the mirror copies the path, not the request
    ADMIN = "admin"  # users, permissions, workspaces: belongs to one server, never mirrored
    UI = "ui"  # pages, static files, graphql and helpers of the UI

    @property
    def writes(self) -> bool:
        """Whether a success of it changes what the server holds of the things we mirror."""
        return self in {Kind.WRITE, Kind.CREATE, Kind.ARTIFACT_WRITE}


class Lane(str, Enum):
    """The kind of object whose ordered queue a write stands in."""

    EXPERIMENT = "experiment"
    RUN = "run"
    REGISTERED_MODEL = "registered_model"
    LOGGED_MODEL = "logged_model"
    TRACE = "trace"
    DATASET = "dataset"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Route:
    """One path of an operation.

    ``template`` is the full path with parameters in braces, ``{name:path}`` for those that span slashes, e.g.
    ``/api/2.0/mlflow/traces/{request_id}/tags``. ``first`` and ``last`` are the first and last MLflow versions studied
    that implement it; ``last`` is None while the newest version studied still does.
    """

    surface: str
    method: str
    template: str
    first: Version
    last: Version | None

    def serves(self, version: Version) -> bool:
        """Whether a server of ``version`` implements this route."""
        return self.first <= version and (self.last is None or version <= self.last)


@dataclass(frozen=True, slots=True)
class VersionSite:
    """A model version number together with the name that it counts under, both as sites."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Sites:
    """Where the small ids sit in a request or a response."""

    experiments: tuple[str, ...] = ()
    versions: tuple[VersionSite, ...] = ()
    artifact_path: str = ""
    """Name of the path parameter (or query field) that holds an artifact path ``EXPERIMENT/RUN/artifacts/…``."""
    page_tokens: tuple[str, ...] = ()
    """Page tokens that are base64 JSON with ids inside (logged-models/search)."""
    headers: tuple[str, ...] = ()
    """Request headers, in lower case, that hold an experiment id (OTLP import)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything Tightrope knows about one operation.

    Attributes:
        name: MLflow's rpc name, e.g. ``CreateRun``; for rules without one, our name in the same style.
        kind: what it does.
        lane: the kind of object it queues under, for writes.
        subject: sites in the *request* of the object's id or name, first present wins, e.g.
            ``("run_id", "run_uuid")``. A site may start with ``{`` for a path parameter. For creates whose id exists
            only in the answer, empty; then ``creates`` tells.
        creates: site in the *answer* of the id that a create mints, e.g. ``run.info.run_id``.
        after: further lanes that must be drained up to this write before it is delivered: pairs of lane and request
            site, e.g. ``((Lane.EXPERIMENT, "experiment_id"),)``.
        fence: nothing before it may be pending when it is delivered and nothing after it starts earlier; for writes
            that cascade over objects they do not name (delete and restore of experiments).
        repeatable: sending it twice has the same effect as once on every version.
        already: MLflow error codes which, on a *repeated* delivery, say that the first one took effect.
        skip: why it is never mirrored although it writes (``""``: it is mirrored). Bounded set, used as a label.
        request / response: where the small ids sit.
        streamed: the body is bytes to pass on, never JSON to look into.
        protobuf: the request's body is a protobuf message (JSON only by its content type): small, kept and mirrored as
            the very same bytes, and never parsed as JSON.
    """

    name: str
    kind: Kind
    lane: Lane = Lane.OTHER
    subject: tuple[str, ...] = ()
    creates: str = ""
    after: tuple[tuple[Lane, str], ...] = ()
    fence: bool = False
    repeatable: bool = False
    already: frozenset[str] = frozenset()
    skip: str = ""
    request: Sites = field(default_factory=Sites)
    response: Sites = field(default_factory=Sites)
    streamed: bool = False
    protobuf: bool = False
    routes: tuple[Route, ...] = ()

    def route_for(self, version: Version, surface: str = "api") -> Route | None:
        """The route by which a server of ``version`` does this operation, or None when it cannot.

        Prefers ``surface``, then ``api``, ``root``, ``preview``, ``ajax``. Among several of one surface (GET and POST
        variants) the last listed wins, which is the newer form.
        """
        best: Route | None = None
        for wanted in (surface, "api", "root", "preview", "ajax", "ajax-preview"):
            for route in self.routes:
                if route.surface == wanted and route.serves(version):
                    best = route
            if best is not None:
                return best
        return None


@dataclass(frozen=True, slots=True)
class Match:
    """A client's request recognised as an operation.

    ``params`` are the decoded path parameters of the template.
    """

    operation: Operation
    route: Route
    params: Mapping[str, str]
