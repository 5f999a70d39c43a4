"""Metrics."""

from __future__ import annotations

import math

from tests.square.client.book import operation
from tests.square.client.lab import NOW, Lab, MlflowException, entities, mlflow, refused, same, takes

BIGGEST = 1.7976931348623157e308


def _infinite(value: float, sign: int) -> bool:
    """Infinite, or what a database makes of it."""
    return value * sign >= BIGGEST


@operation()
def metric_log_read(lab: Lab) -> None:
    """Values, steps, timestamps; the latest is the highest step."""
    run = lab.run()
    lab.client.log_metric(run, "loss", 0.1, timestamp=NOW, step=1)
    lab.client.log_metric(run, "loss", 1e-308, timestamp=NOW + 1, step=3)
    lab.client.log_metric(run, "loss", -123456789.123456789, timestamp=NOW + 2, step=2)
    same(lab.client.get_run(run).data.metrics, {"loss": 1e-308})
    history = sorted((m.step, m.timestamp, m.value) for m in lab.client.get_metric_history(run, "loss"))
    expected = [(1, NOW, 0.1), (2, NOW + 2, -123456789.123456789), (3, NOW + 1, 1e-308)]
    same(history, expected)
    lab.remember("history", run=run, key="loss", points=[[v, t, s] for s, t, v in expected])


@operation()
def metric_nan(lab: Lab) -> None:
    """Not a number."""
    run = lab.run()
    lab.client.log_metric(run, "odd", math.nan, timestamp=NOW, step=0)
    assert math.isnan(lab.client.get_run(run).data.metrics["odd"])
    assert [math.isnan(m.value) for m in lab.client.get_metric_history(run, "odd")] == [True]
    found = lab.client.search_runs([lab.experiment], f"attributes.status = 'RUNNING' AND tags.nan = '{run}'")
    same(len(found), 0)
    lab.remember("nan", run=run, key="odd")


@operation()
def metric_infinities(lab: Lab) -> None:
    """Plus and minus infinity, alone and in a batch."""
    run = lab.run()
    lab.client.log_metric(run, "up", math.inf, timestamp=NOW, step=0)
    lab.client.log_batch(
        run, metrics=[entities.Metric("down", -math.inf, NOW, 0), entities.Metric("nan", math.nan, NOW, 0)]
    )
    metrics = lab.client.get_run(run).data.metrics
    assert _infinite(metrics["up"], 1), metrics
    assert _infinite(metrics["down"], -1), metrics
    assert math.isnan(metrics["nan"]), metrics
    lab.remember("infinite", run=run, up="up", down="down")


@operation()
def metric_negative_zero(lab: Lab) -> None:
    """Zeros of both signs are zero."""
    run = lab.run()
    lab.client.log_metric(run, "zero", -0.0, timestamp=NOW, step=0)
    lab.client.log_metric(run, "zero", 0.0, timestamp=NOW, step=1)
    same([m.value for m in lab.client.get_metric_history(run, "zero")], [0.0, 0.0])


@operation()
def metric_repeated_steps(lab: Lab) -> None:
    """Several values of one step and one timestamp are all kept; an exact repetition is kept once."""
    run = lab.run()
    for value in (1.0, 2.0, 3.0, 3.0):
        lab.client.log_metric(run, "again", value, timestamp=NOW, step=7)
    lab.client.log_metric(run, "again", 0.5, timestamp=NOW + 5, step=-3)
    same(sorted(m.value for m in lab.client.get_metric_history(run, "again")), [0.5, 1.0, 2.0, 3.0])
    same(lab.client.get_run(run).data.metrics["again"], 3.0)


@operation(120)
def metric_history_long(lab: Lab) -> None:
    """2500 points, read back whole and in order."""
    run = lab.run()
    for start in range(0, 2500, 500):  # 1.20 needs 20 s for a batch of 1000, and gives up after 30 s
        points = [entities.Metric("long", math.sin(i), NOW + i, i) for i in range(start, start + 500)]
        lab.client.log_batch(run, metrics=points)
    history = sorted(lab.client.get_metric_history(run, "long"), key=lambda m: m.step)
    same(len(history), 2500)
    assert all(m.value == math.sin(i) and m.timestamp == NOW + i and m.step == i for i, m in enumerate(history))
    same(lab.client.get_run(run).data.metrics["long"], math.sin(2499))
    lab.remember("history length", run=run, key="long", length=2500, last=math.sin(2499))


@operation()
def metric_history_missing(lab: Lab) -> None:
    """A key that was never logged has an empty history."""
    same(list(lab.client.get_metric_history(lab.run(), "nothing")), [])


@operation()
def batch_everything(lab: Lab) -> None:
    """Metrics, params and tags in one batch."""
    run = lab.run()
    lab.client.log_batch(
        run,
        metrics=[entities.Metric(f"m{i}", i / 3, NOW, i) for i in range(20)],
        params=[entities.Param(f"p{i}", str(i)) for i in range(100)],
        tags=[entities.RunTag(f"t{i}", f"ü{i}") for i in range(50)],
    )
    data = lab.client.get_run(run).data
    same(data.metrics, {f"m{i}": i / 3 for i in range(20)})
    same(data.params, {f"p{i}": str(i) for i in range(100)})
    same({k: v for k, v in data.tags.items() if k.startswith("t")}, {f"t{i}": f"ü{i}" for i in range(50)})
    lab.remember("run", key=run, params=data.params, metrics=data.metrics, tags={"t7": "ü7"})


@operation(60)
def batch_limits(lab: Lab) -> None:
    """More than a server takes at once is split by the client, or refused without a trace."""
    run = lab.run()
    points = [entities.Metric("m", float(i), NOW, i) for i in range(1001)]
    try:
        lab.client.log_batch(run, metrics=points)
    except MlflowException as error:
        same((error.error_code, lab.client.get_run(run).data.metrics), ("INVALID_PARAMETER_VALUE", {}))
    else:  # the client makes several batches of it
        same(len(lab.client.get_metric_history(run, "m")), 1001)


@operation()
def metrics_fluent_steps(lab: Lab) -> None:
    """A training loop."""
    mlflow.set_experiment(lab.name("loop"))
    with mlflow.start_run() as run:
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metrics({"a": step, "b": -step}, step=step)
    history = lab.client.get_metric_history(run.info.run_id, "loss")
    same([m.value for m in sorted(history, key=lambda m: m.step)], [1 / (step + 1) for step in range(20)])
    same(lab.client.get_run(run.info.run_id).data.metrics, {"loss": 1 / 20, "a": 19.0, "b": -19.0})


@operation()
def metrics_async(lab: Lab) -> None:
    """Logged in the background, there once waited for."""
    takes(mlflow.log_metric, "synchronous")
    mlflow.set_experiment(lab.name("async"))
    with mlflow.start_run() as run:
        futures = [mlflow.log_metric("loss", float(step), step=step, synchronous=False) for step in range(50)]
        futures.append(mlflow.log_param("p", "ü", synchronous=False))
        futures.append(mlflow.set_tag("t", "v", synchronous=False))
        for future in futures:
            future.wait()
    read = lab.client.get_run(run.info.run_id)
    same((read.data.metrics, read.data.params, read.data.tags["t"]), ({"loss": 49.0}, {"p": "ü"}, "v"))
    history = lab.client.get_metric_history(run.info.run_id, "loss")
    same(sorted(m.value for m in history), [float(step) for step in range(50)])


@operation()
def metric_invalid_error(lab: Lab) -> None:
    """A key with characters that no key has."""
    run = lab.run()
    refused(lambda: lab.client.log_metric(run, "bad\x00key?!", 1.0), "INVALID_PARAMETER_VALUE")
