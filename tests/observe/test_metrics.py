"""The metrics of one proxy."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.core.cutover import Phase
from proxy.core.writes import State
from proxy.observe import metrics as module
from proxy.observe.catalogue import METRICS
from proxy.observe.metrics import Metrics


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """What a scrape shows: (name, label values in order of label name) -> value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def test_every_metric_of_the_table_exists_once():
    """A scrape knows exactly the table's families besides those of the process."""
    found = {
        line.split()[2]
        for line in Metrics("1.0").render().decode().splitlines()
        if line.startswith("# TYPE tightrope_")
    }
    assert found == {spec.name for spec in METRICS}


def test_two_proxies_in_one_process_do_not_meet():
    """Nothing is global."""
    one, two = Metrics("1"), Metrics("2")
    one.mirror_retries.inc("timeout")
    assert samples(one)["tightrope_mirror_retries_total", "timeout"] == 1
    assert ("tightrope_mirror_retries_total", "timeout") not in samples(two)


def test_an_answered_request_is_counted_three_ways():
    """By operation, by duration and by client."""
    metrics = Metrics("1")
    metrics.request_answered("CreateRun", "POST", 200, 0.02, "mlflow-python-client/2.9.2")
    found = samples(metrics)
    assert found["tightrope_requests_total", "200", "POST", "CreateRun"] == 1
    assert found["tightrope_request_duration_seconds_count", "CreateRun"] == 1
    assert found["tightrope_request_duration_seconds_bucket", "0.025", "CreateRun"] == 1
    assert found["tightrope_request_duration_seconds_bucket", "0.01", "CreateRun"] == 0
    assert found["tightrope_client_requests_total", "python", "2.9.2"] == 1


def test_invented_methods_are_other():
    """A method is any word that a client sends."""
    metrics = Metrics("1")
    metrics.request_answered("unknown", "BREW", 405, 0.1, "")
    assert samples(metrics)["tightrope_requests_total", "405", "other", "unknown"] == 1


def test_phase_and_serving_side_are_one_of_each():
    """Exactly one phase and one side are 1, before and after a change."""
    metrics = Metrics("1")
    metrics.set_phase(Phase.MIRRORING)
    metrics.set_phase(Phase.MIRRORING_BACK)
    found = samples(metrics)
    assert {name: value for name, value in found.items() if name[0] == "tightrope_phase"} == {
        ("tightrope_phase", phase.value): float(phase is Phase.MIRRORING_BACK) for phase in Phase
    }
    assert found["tightrope_serving", "green"] == 1
    assert found["tightrope_serving", "blue"] == 0


def test_states_without_records_are_zero():
    """A state that empties goes back to 0, so that an alert on it ends."""
    metrics = Metrics("1")
    metrics.set_journal({State.PARKED: 3}, 1000, 2.5)
    metrics.set_journal({State.ANSWERED: 1}, 2000, 0.0)
    found = samples(metrics)
    assert found["tightrope_journal_records", "parked"] == 0
    assert found["tightrope_journal_records", "answered"] == 1
    assert found[("tightrope_journal_bytes",)] == 2000
    assert found[("tightrope_mirror_lag_seconds",)] == 0


def test_replaced_gauges_forget_what_is_gone():
    """A kind of divergence that was repaired shows 0."""
    metrics = Metrics("1")
    metrics.open_divergences.replace({"run": 2, "trace": 1})
    metrics.open_divergences.replace({"trace": 4})
    found = samples(metrics)
    assert found["tightrope_open_divergences", "run"] == 0
    assert found["tightrope_open_divergences", "trace"] == 4


def test_a_family_cannot_grow_without_bound(monkeypatch):
    """Beyond the limit everything is counted as `other`, and nothing is lost."""
    monkeypatch.setattr(module, "MAX_CHILDREN", 3)
    metrics = Metrics("1")
    for n in range(10):
        metrics.mirror_skipped.inc(f"reason{n}")
    found = {name[1]: value for name, value in samples(metrics).items() if name[0] == "tightrope_mirror_skipped_total"}
    assert found == {"reason0": 1, "reason1": 1, "reason2": 1, "other": 7}


def test_wrong_number_of_labels_is_refused():
    """A forgotten label is a bug that shows at once."""
    with pytest.raises(ValueError, match="1 label values are needed, not 2"):
        Metrics("1").mirror_retries.inc("a", "b")
    with pytest.raises(ValueError, match="0 label values are needed"):
        Metrics("1").hold.observe(1.0, "a")


async def test_hooks_set_gauges_before_a_scrape():
    """What is costly to keep up to date is asked for when somebody looks."""
    metrics = Metrics("1")

    async def look() -> None:
        metrics.journal_bytes.set(7)

    metrics.on_refresh(look)
    await metrics.refresh()
    assert samples(metrics)[("tightrope_journal_bytes",)] == 7


async def test_a_failing_hook_does_not_stop_the_others():
    """A scrape answers although the journal is gone."""
    metrics = Metrics("1")

    async def fail() -> None:
        raise OSError("disk full")

    async def look() -> None:
        metrics.journal_bytes.set(7)

    metrics.on_refresh(fail)
    metrics.on_refresh(look)
    await metrics.refresh()
    assert samples(metrics)[("tightrope_journal_bytes",)] == 7


def test_process_and_build_are_shown():
    """Memory of the process and the version are there, and no creation times."""
    found = samples(Metrics("1.2.3"))
    assert found["tightrope_build_info", "1.2.3"] == 1
    assert found[("process_resident_memory_bytes",)] > 0
    assert not [name for name in found if name[0].endswith("_created")]
