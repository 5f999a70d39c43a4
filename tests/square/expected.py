"""The one table of what fails, and why: a failure that is not here fails the square, and so does one that is no more.

``because`` is a regular expression that the client's error must fit. Through Tightrope a refusal names what was asked
for and the server that has it; the other reasons are a server's own, which Tightrope neither causes nor may hide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Mode = Literal["direct", "proxy", "pair"]
Meant = Literal["direct", "own", "proxy", "pair"]
"""``own``: through Tightrope to a (blue) server of the client's own version, which passes as it is."""


@dataclass(frozen=True)
class Setting:
    """Who talks to whom."""

    client: str
    server: str
    """The server behind; of a pair the blue one."""
    mode: Mode = "proxy"
    writer: str | None = None
    """Of a reading: the client that wrote."""

    @property
    def meant(self) -> Meant:
        """The mode, told apart where client and server are of one version."""
        return "own" if self.mode != "direct" and self.client == self.server else self.mode


@dataclass(frozen=True)
class Declared:
    """Operations that fail in some settings, with the reason."""

    operations: tuple[str, ...]
    """Names; of readings ``read run`` and the like."""
    because: str
    clients: tuple[str, str] = ("0.0.0", "99.0.0")
    """First and last version, both included; so below."""
    servers: tuple[str, str] = ("0.0.0", "99.0.0")
    modes: tuple[Meant, ...] = ("direct", "own", "proxy", "pair")
    writers: tuple[str, str] | None = None
    """Readings of what these clients wrote; None for operations, and readings of anybody's."""

    def applies(self, setting: Setting) -> bool:
        """Whether this setting is meant."""
        return (
            setting.meant in self.modes
            and _within(setting.client, self.clients)
            and _within(setting.server, self.servers)
            and (self.writers is None or (setting.writer is not None and _within(setting.writer, self.writers)))
        )

    def fits(self, message: str) -> bool:
        """Whether an error is the declared one."""
        return re.search(self.because, message, re.DOTALL) is not None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _within(version: str, bounds: tuple[str, str]) -> bool:
    return _number(bounds[0]) <= _number(version) <= _number(bounds[1])


def expected(operation: str, setting: Setting) -> Declared | None:
    """The declaration for an operation, None where it must succeed."""
    name = re.sub(r"^(read .*) \d+$", r"\1", operation)
    found = [each for each in TABLE if name in each.operations and each.applies(setting)]
    return found[0] if found else None


def _needs(version: str) -> str:
    """The words of a refusal."""
    return rf"needs? an MLflow server >= {re.escape(version)}|upgrade the server to {re.escape(version)}"


_STORM = "too many 500|which clients repeat"
_TRACED = (
    "trace_decorator",
    "trace_spans_by_context",
    "trace_client_api",
    "trace_in_run",
    "trace_search",
    "trace_search_frame",
    "trace_tags",
    "trace_delete",
    "trace_large",
    "trace_update_current",
    "trace_link_to_run",
    "trace_search_v3_filters",
)
_ASSESSED = (
    "assessment_feedback",
    "assessment_expectation",
    "assessment_update",
    "assessment_override",
    "assessment_delete",
    "assessment_of_span",
    "assessment_search",
)

_REFUSED: tuple[Declared, ...] = (
    # Tightrope's own refusals: these servers have nothing that could stand in. With a newer server as the other
    # side such objects live there, so of a pair they work.
    Declared(
        ("trace_update_current",),
        "No active trace",  # the client only warns that a trace cannot be begun
        clients=("2.14.0", "2.99.0"),
        servers=("0.0.0", "2.13.99"),
        modes=("proxy",),
    ),
    Declared(
        ("trace_decorator", "trace_search", "trace_search_frame", "trace_tags", "trace_delete"),
        "'NoneType' object has no attribute 'info'",  # the same: the first clients with traces have none to look at
        clients=("2.14.0", "2.16.99"),
        servers=("0.0.0", "2.13.99"),
        modes=("proxy",),
    ),
    Declared(
        (*_TRACED, *_ASSESSED, "dataset_from_traces"),
        _needs("2.14"),
        servers=("0.0.0", "2.13.99"),
        modes=("proxy",),
    ),
    Declared(
        ("dataset_create_get", "dataset_records", "dataset_from_traces"),
        _needs("3.6"),
        servers=("0.0.0", "3.3.99"),
        modes=("proxy",),
    ),
    Declared(("scorer_register",), _needs("3.6"), servers=("0.0.0", "3.3.99"), modes=("proxy",)),
    Declared(("webhook_life",), _needs("3.3"), servers=("0.0.0", "3.2.99"), modes=("proxy",)),
    Declared(
        ("trace_search_v3_filters",),
        "cannot search traces by .*upgrade the server to 3.6",
        servers=("2.14.0", "3.3.99"),
        modes=("proxy", "pair"),
    ),
)

_OWN: tuple[Declared, ...] = (
    # What MLflow does not do on its own either. Straight at a server, nothing stands between it and its errors.
    Declared(("run_create_name_tag",), "Both 'run_name'", servers=("1.30.0", "1.30.1"), modes=("direct", "own")),
    Declared(
        ("artifact_missing_error", "model_missing_load_error"),
        _STORM,
        servers=("1.23.0", "3.13.99"),
        modes=("direct", "own"),
    ),
    Declared(
        ("inputs_search_mixed",),
        "which FROM clause to join from",
        servers=("2.4.0", "3.9.99"),
        modes=("direct", "own"),
    ),
    Declared(("artifact_unicode_names",), _STORM, servers=("3.10.1", "3.10.1"), modes=("direct", "own")),
    Declared(
        ("prompt_6000", "prompt_50000"),
        "Prompt text exceeds max length of 5000",
        servers=("2.21.0", "2.99.0"),
        modes=("direct", "own"),
    ),
    Declared(("prompt_6000",), "length limit of 5000", clients=("2.21.0", "2.99.0"), servers=("0.0.0", "2.20.99")),
    Declared(
        ("trace_search_v3_filters", "assessment_search"),
        "Invalid comparator 'LIKE'|Invalid entity type 'feedback'",
        servers=("3.3.0", "3.5.99"),
        modes=("direct", "own"),
    ),
    Declared(
        (
            *("pyfunc_log", "model_info", "pyfunc_load_by_run", "pyfunc_python_model", "model_two_in_one_run"),
            *("model_with_signature", "logged_model_by_log_model"),
            *("read model file", "read loadable by run", "read pickled by run"),
        ),
        _STORM,  # a model is first looked for among the files of the run, where such servers answer 500
        servers=("3.0.0", "3.2.99"),
        modes=("direct", "own"),
    ),
    Declared(("prompt_tags",), "bad argument type", clients=("3.1.0", "3.1.99")),  # the client's own, before it sends
    # Pickles need libraries that know each other.
    Declared(
        ("read pickled by run",), "Can't get attribute", clients=("0.0.0", "2.0.99"), writers=("2.10.0", "99.0.0")
    ),
    Declared(("read pickled by run",), "Can't get attribute", clients=("2.1.0", "2.3.99"), writers=("2.9.0", "99.0.0")),
    # The libraries in the cached environment of 2.9.2 disagree about distutils.
    Declared(("sklearn_autolog", "sklearn_autolog_search"), "distutils", clients=("2.9.2", "2.9.2")),
)

TABLE: tuple[Declared, ...] = (*_REFUSED, *_OWN)
