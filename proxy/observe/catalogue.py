"""Every metric in one table: name, type, help, labels. ``docs/metrics.md`` is made from it.

Units are seconds and bytes. Labels come from bounded sets and never hold an id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SECONDS_BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0),
)
"""From a health check on the same machine (1 ms) to the time at which MLflow's clients give up (120 s)."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric. ``labels`` in the order in which values are given."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


METRICS: tuple[MetricSpec, ...] = (
    MetricSpec("tightrope_build_info", "gauge", "Always 1; the label is the version that runs.", ("version",)),
    MetricSpec("tightrope_phase", "gauge", "1 for the current phase, 0 for the others.", ("phase",)),
    MetricSpec("tightrope_serving", "gauge", "1 for the side whose answers clients get, 0 for the other.", ("side",)),
    MetricSpec(
        "tightrope_requests_total",
        "counter",
        "Clients' requests answered, by HTTP status.",
        ("operation", "method", "code"),
    ),
    MetricSpec(
        "tightrope_request_duration_seconds",
        "histogram",
        "From a client's request to the end of its answer, waiting in a hold included.",
        ("operation",),
    ),
    MetricSpec(
        "tightrope_upstream_duration_seconds",
        "histogram",
        "From sending a client's request to a server until the head of its answer.",
        ("side", "operation"),
    ),
    MetricSpec(
        "tightrope_client_requests_total",
        "counter",
        "Clients' requests by kind and version of client (at most 50 versions, then `other`).",
        ("client", "client_version"),
    ),
    MetricSpec(
        "tightrope_client_translated_requests_total",
        "counter",
        "Those of them that a version change had to do with: while it grows, this client needs Tightrope.",
        ("client", "client_version"),
    ),
    MetricSpec(
        "tightrope_translations_total",
        "counter",
        "Clients' requests that a version change acted on; direction `response` for changes of answers alone. "
        "`other_path` counts those that only went to another path or by another method, `home` those that the "
        "following side did, because the serving one cannot.",
        ("change", "direction"),
    ),
    MetricSpec(
        "tightrope_refusals_total",
        "counter",
        "Clients' requests that Tightrope itself refused.",
        ("operation", "reason"),
    ),
    MetricSpec("tightrope_journal_records", "gauge", "Write records in the journal by state.", ("state",)),
    MetricSpec("tightrope_journal_bytes", "gauge", "Bytes that the state takes on disk."),
    MetricSpec(
        "tightrope_mirror_writes_total",
        "counter",
        "Journaled writes that reached an end on the following side: `mirrored`, `parked`, `rejected` or `skipped`.",
        ("operation", "outcome"),
    ),
    MetricSpec("tightrope_mirror_retries_total", "counter", "Deliveries put off to be tried again.", ("reason",)),
    MetricSpec("tightrope_mirror_lag_seconds", "gauge", "Age of the oldest undelivered write; 0 when there is none."),
    MetricSpec(
        "tightrope_mirror_skipped_total",
        "counter",
        "Writes not mirrored, by reason; `home`: only the following side can hold them, and it did them.",
        ("reason",),
    ),
    MetricSpec(
        "tightrope_divergences_total",
        "counter",
        "Differences found that no tolerance explains; detector `write`, `shadow` or `verify`.",
        ("detector", "operation", "kind"),
    ),
    MetricSpec("tightrope_open_divergences", "gauge", "Differences found and not repaired yet.", ("kind",)),
    MetricSpec(
        "tightrope_shadow_reads_total",
        "counter",
        "Clients' reads repeated on the following side and compared.",
        ("operation", "outcome"),
    ),
    MetricSpec(
        "tightrope_verify_objects_total",
        "counter",
        "Objects compared by a sweep.",
        ("kind", "outcome"),
    ),
    MetricSpec("tightrope_hold_seconds", "histogram", "How long each hold made clients' writes wait."),
    MetricSpec(
        "tightrope_cutovers_total",
        "counter",
        "Cutovers and rollbacks begun, by outcome (`done`, `aborted`, `refused`).",
        ("direction", "outcome"),
    ),
)
