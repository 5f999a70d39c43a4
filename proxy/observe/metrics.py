"""The metrics of one running proxy, around a registry of its own (nothing global, so tests may build many).

The hot path pays one dictionary look-up per metric: the labelled children of ``prometheus_client`` are kept by their
label values. Each family holds at most ``MAX_CHILDREN`` of them; whatever would come on top is counted under labels
that all say ``other``, so that no input from outside can grow the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from proxy.core.cutover import Phase
from proxy.core.messages import Side
from proxy.core.writes import State
from proxy.observe.catalogue import METRICS, SECONDS_BUCKETS, MetricSpec
from proxy.observe.client_names import OTHER, ClientNames

CONTENT_TYPE = CONTENT_TYPE_LATEST
MAX_CHILDREN = 5000
HTTP_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
REFRESH_TIMEOUT_S = 2.0

RefreshHook = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Counters:
    """A counter with labels."""

    def __init__(self, spec: MetricSpec, registry: CollectorRegistry) -> None:
        self._family = Counter(spec.name, spec.help, spec.labels, registry=registry)
        self._children: dict[tuple[str, ...], Counter] = {}
        self._labels = len(spec.labels)

    def inc(self, *values: str, by: float = 1.0) -> None:
        """Count ``by`` more under these label values."""
        child = self._children.get(values)
        if child is None:
            values = _bounded(values, self._labels, self._children)
            child = self._children[values] = self._family.labels(*values) if values else self._family
        child.inc(by)


class Histograms:
    """A histogram of seconds with labels."""

    def __init__(self, spec: MetricSpec, registry: CollectorRegistry) -> None:
        self._family = Histogram(spec.name, spec.help, spec.labels, registry=registry, buckets=SECONDS_BUCKETS)
        self._children: dict[tuple[str, ...], Histogram] = {}
        self._labels = len(spec.labels)

    def observe(self, seconds: float, *values: str) -> None:
        """Take in one duration under these label values."""
        child = self._children.get(values)
        if child is None:
            values = _bounded(values, self._labels, self._children)
            child = self._children[values] = self._family.labels(*values) if values else self._family
        child.observe(seconds)


class Gauges:
    """A gauge with labels."""

    def __init__(self, spec: MetricSpec, registry: CollectorRegistry) -> None:
        self._family = Gauge(spec.name, spec.help, spec.labels, registry=registry)
        self._children: dict[tuple[str, ...], Gauge] = {}
        self._labels = len(spec.labels)

    def set(self, value: float, *values: str) -> None:
        """Set the value under these label values."""
        child = self._children.get(values)
        if child is None:
            values = _bounded(values, self._labels, self._children)
            child = self._children[values] = self._family.labels(*values) if values else self._family
        child.set(value)

    def replace(self, values: Mapping[str, float]) -> None:
        """Set a gauge of one label to exactly these values; what is missing becomes 0."""
        for known in list(self._children):
            if known[0] not in values:
                self._children[known].set(0)
        for label, value in values.items():
            self.set(value, label)


def _bounded(values: tuple[str, ...], labels: int, children: Mapping[tuple[str, ...], object]) -> tuple[str, ...]:
    if len(values) != labels:
        raise ValueError(f"{labels} label values are needed, not {len(values)}")
    return values if len(children) < MAX_CHILDREN else (OTHER,) * labels


class Metrics:
    """All metrics of ``METRICS``; an attribute is named like its metric without ``tightrope_`` and unit."""

    def __init__(self, version: str) -> None:
        # Without this each counter and histogram is exported a second time, as the time of its creation.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it unannotated
        self.registry = CollectorRegistry(auto_describe=True)
        self._hooks: list[RefreshHook] = []
        self._clients = ClientNames()
        specs = {spec.name: spec for spec in METRICS}

        def counters(name: str) -> Counters:
            return Counters(specs[name], self.registry)

        def gauges(name: str) -> Gauges:
            return Gauges(specs[name], self.registry)

        def histograms(name: str) -> Histograms:
            return Histograms(specs[name], self.registry)

        self.build_info = gauges("tightrope_build_info")
        self.phase = gauges("tightrope_phase")
        self.serving = gauges("tightrope_serving")
        self.requests = counters("tightrope_requests_total")
        self.request_duration = histograms("tightrope_request_duration_seconds")
        self.upstream_duration = histograms("tightrope_upstream_duration_seconds")
        self.client_requests = counters("tightrope_client_requests_total")
        self.client_translated_requests = counters("tightrope_client_translated_requests_total")
        self.translations = counters("tightrope_translations_total")
        self.refusals = counters("tightrope_refusals_total")
        self.journal_records = gauges("tightrope_journal_records")
        self.journal_bytes = gauges("tightrope_journal_bytes")
        self.mirror_writes = counters("tightrope_mirror_writes_total")
        self.mirror_retries = counters("tightrope_mirror_retries_total")
        self.mirror_lag = gauges("tightrope_mirror_lag_seconds")
        self.mirror_skipped = counters("tightrope_mirror_skipped_total")
        self.divergences = counters("tightrope_divergences_total")
        self.open_divergences = gauges("tightrope_open_divergences")
        self.shadow_reads = counters("tightrope_shadow_reads_total")
        self.verify_objects = counters("tightrope_verify_objects_total")
        self.hold = histograms("tightrope_hold_seconds")
        self.cutovers = counters("tightrope_cutovers_total")
        ProcessCollector(registry=self.registry)
        self.build_info.set(1, version)

    def request_answered(
        self, operation: str, method: str, status: int, seconds: float, user_agent: str, *, translated: bool = False
    ) -> None:
        """Take in one client request: its status, its duration, who sent it, and whether it had to be translated."""
        self.requests.inc(operation, method if method in HTTP_METHODS else OTHER, str(status))
        self.request_duration.observe(seconds, operation)
        client = self._clients.identify(user_agent)
        self.client_requests.inc(*client)
        if translated:
            self.client_translated_requests.inc(*client)

    def set_phase(self, phase: Phase) -> None:
        """Show the current phase and the side that serves in it."""
        for each in Phase:
            self.phase.set(1 if each is phase else 0, each.value)
        for side in Side:
            self.serving.set(1 if side is phase.serving else 0, side.value)

    def set_journal(self, counts: Mapping[State, int], size_bytes: int, lag_s: float) -> None:
        """Show what the journal holds; states that ``counts`` leaves out are 0."""
        for state in State:
            self.journal_records.set(counts.get(state, 0), state.value)
        self.journal_bytes.set(size_bytes)
        self.mirror_lag.set(lag_s)

    def on_refresh(self, hook: RefreshHook) -> None:
        """Have ``hook`` set gauges before each scrape."""
        self._hooks.append(hook)

    async def refresh(self) -> None:
        """Run the hooks. One that fails or takes long leaves its gauges as they were: a scrape always answers."""
        for hook in self._hooks:
            await _run(hook)

    def render(self) -> bytes:
        """Everything in Prometheus' text format (``CONTENT_TYPE``)."""
        return generate_latest(self.registry)


async def _run(hook: RefreshHook) -> None:
    try:
        await asyncio.wait_for(hook(), REFRESH_TIMEOUT_S)
    except Exception as exc:  # noqa: BLE001 - whatever it is, the other metrics matter more
        _log.warning("metrics not refreshed", error=f"{type(exc).__name__}: {exc}")
