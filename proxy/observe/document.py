"""Write ``docs/metrics.md`` from the metrics table: ``python -m proxy.observe.document > docs/metrics.md``."""

from __future__ import annotations

import sys

from proxy.observe.catalogue import METRICS, SECONDS_BUCKETS

INTRODUCTION = """\
# Metrics

This page is made from the code (`python -m proxy.observe.document`); a test fails when it is stale.

`GET /metrics` on the admin listener (default `127.0.0.1:9500`) answers in Prometheus' text format. Units are seconds
and bytes. Labels come from bounded sets and never hold an id or a credential: `operation` is a name of MLflow's API
(`CreateRun`, or `unknown`), `side` is `blue` or `green`, `client` is `python`, `java`, `r`, `browser` or
`other`. Should a family grow beyond any reason all the same, further values are counted as `other`. The usual
`process_*` metrics (CPU, memory, file descriptors) are there as well.
"""

ALERTS = (
    ('tightrope_journal_records{state="parked"} > 0', "writes that the following side lacks: `tightrope journal ls`"),
    ('tightrope_journal_records{state="in_doubt"} > 0', "for minutes: nobody knows what became of a write"),
    ("tightrope_mirror_lag_seconds > 300", "the following side is down or too slow"),
    ("sum(tightrope_open_divergences) > 0", "the sides differ"),
)
"""Expressions worth an alert, and what they mean."""


def markdown() -> str:
    """The whole page."""
    rows = "".join(
        f"| `{spec.name}` | {spec.type} | {', '.join(f'`{label}`' for label in spec.labels) or '-'} | {spec.help} |\n"
        for spec in METRICS
    )
    buckets = ", ".join(f"{bound:g}" for bound in SECONDS_BUCKETS)
    table = f"\n| metric | type | labels | meaning |\n|---|---|---|---|\n{rows}"
    alerts = "".join(f"| `{expression}` | {meaning} |\n" for expression, meaning in ALERTS)
    worth = f"\n## Worth an alert\n\n| expression | means |\n|---|---|\n{alerts}"
    return f"{INTRODUCTION}{table}\nBuckets of the histograms, in seconds: {buckets}.\n{worth}"


if __name__ == "__main__":
    sys.stdout.write(markdown())
