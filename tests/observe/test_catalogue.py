"""The table of metrics."""

import re

from proxy.observe.catalogue import METRICS, SECONDS_BUCKETS

FORBIDDEN_LABELS = {"run_id", "experiment_id", "id", "path", "user", "token", "request_id"}


def test_names_follow_prometheus():
    """Counters end with _total, durations with _seconds, sizes with _bytes, and every name is ours and used once."""
    names = [spec.name for spec in METRICS]
    assert len(names) == len(set(names))
    for spec in METRICS:
        assert re.fullmatch(r"tightrope_[a-z_]+", spec.name)
        assert spec.name.endswith("_total") == (spec.type == "counter"), spec.name
        if spec.type == "histogram":
            assert spec.name.endswith("_seconds")


def test_labels_never_hold_ids():
    """A label that can take any value would grow without bound and leak."""
    for spec in METRICS:
        assert not FORBIDDEN_LABELS & set(spec.labels)


def test_the_promised_metrics_are_there():
    """The metrics that dashboards rely on keep their names and labels."""
    table = {spec.name: spec.labels for spec in METRICS}
    assert table["tightrope_requests_total"] == ("operation", "method", "code")
    assert table["tightrope_upstream_duration_seconds"] == ("side", "operation")
    assert table["tightrope_journal_records"] == ("state",)
    assert table["tightrope_divergences_total"] == ("detector", "operation", "kind")
    assert table["tightrope_cutovers_total"] == ("direction", "outcome")
    assert len(table) == 22


def test_buckets_reach_from_a_millisecond_to_the_clients_timeout():
    """A health check and a request at its time-out both fall into a bucket of their own."""
    assert SECONDS_BUCKETS[0] == 0.001
    assert SECONDS_BUCKETS[-1] == 120.0
    assert list(SECONDS_BUCKETS) == sorted(SECONDS_BUCKETS)
