"""Traces, which 2.14 introduced and 3.0 gave other names and ids."""

from __future__ import annotations

import inspect
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, eventually, fails, mlflow, needs, refused, same, takes


def trace_id(of: Any) -> str:
    """The id of a trace's info or of a span, under its old or its new name."""
    return str(of.trace_id if hasattr(of, "trace_id") and str(of.trace_id).startswith("tr-") else of.request_id)


def where(lab: Lab, experiment: str) -> dict[str, list[str]]:
    """The argument of a search that names experiments."""
    return {takes(lab.client.search_traces, "locations", "experiment_ids"): [experiment]}


def flush() -> None:
    """Newer clients write traces in the background."""
    if hasattr(mlflow, "flush_trace_async_logging"):
        try:
            mlflow.flush_trace_async_logging()
        except (AttributeError, TypeError):  # nothing runs in the background in this version
            return


def boom() -> None:
    """Fail, as programs do."""
    raise ValueError("boom")


def traced(lab: Lab, experiment: str | None = None) -> str:
    """A trace of a function that calls another one; returns its id."""
    needs(lab.client, "search_traces")
    mlflow.set_experiment(experiment_id=experiment or lab.client.create_experiment(lab.name("traced")))

    @mlflow.trace(name="inner", span_type="RETRIEVER", attributes={"depth": 2})
    def inner(question):
        return question + "?"

    @mlflow.trace(name="outer")
    def outer(question):
        return {"answer": inner(question), "score": 0.5}

    outer("räder")
    flush()
    if hasattr(mlflow, "get_last_active_trace_id"):
        return str(mlflow.get_last_active_trace_id())
    return trace_id(mlflow.get_last_active_trace().info)


def stored(lab: Lab, key: str, spans: int = 1) -> Any:
    """The trace as the server gives it, once its spans are there."""
    return eventually(lambda: _get(lab, key), lambda found: found is not None and len(found.data.spans) >= spans)


def _get(lab: Lab, key: str) -> Any:
    return lab.client.get_trace(key, display=False)


@operation(60)
def trace_decorator(lab: Lab) -> None:
    """Two spans with their inputs, outputs, types, attributes and parents."""
    key = traced(lab)
    trace = stored(lab, key, 2)
    spans = {span.name: span for span in trace.data.spans}
    same(set(spans), {"outer", "inner"})
    outer, inner = spans["outer"], spans["inner"]
    same((outer.parent_id, inner.parent_id), (None, outer.span_id))
    same((outer.inputs, outer.outputs), ({"question": "räder"}, {"answer": "räder?", "score": 0.5}))
    same((inner.inputs, inner.outputs), ({"question": "räder"}, "räder?"))
    same(inner.get_attribute("mlflow.spanType"), "RETRIEVER")
    same(inner.get_attribute("depth"), 2)
    assert inner.start_time_ns >= outer.start_time_ns > 10**18, (inner.start_time_ns, outer.start_time_ns)
    same(trace_id(trace.info), key)
    assert trace.info.status in ("OK", getattr(trace.info, "state", None)), trace.info
    assert trace.info.timestamp_ms > 0
    assert trace.info.execution_time_ms is not None
    lab.remember(
        "trace",
        key=key,
        spans=["inner", "outer"],
        inputs={"question": "räder"},
        outputs={"answer": "räder?", "score": 0.5},
        experiment=trace.info.experiment_id,
    )


@operation(60)
def trace_spans_by_context(lab: Lab) -> None:
    """``start_span`` as a context, with an error."""
    needs(lab.client, "search_traces")
    mlflow.set_experiment(lab.name("spans"))
    try:
        with mlflow.start_span(name="root") as root:
            root.set_inputs({"a": [1, {"b": None}]})
            with mlflow.start_span(name="child", span_type="LLM") as child:
                child.set_attributes({"model": "räder", "temperature": 0.25, "list": [1, 2]})
                child.set_outputs("text")
            boom()
    except ValueError:
        pass
    flush()
    key = trace_id(root)
    trace = stored(lab, key, 2)
    spans = {span.name: span for span in trace.data.spans}
    same((spans["root"].inputs, spans["child"].outputs), ({"a": [1, {"b": None}]}, "text"))
    same(spans["child"].get_attribute("temperature"), 0.25)
    same(spans["child"].get_attribute("list"), [1, 2])
    assert "ERROR" in str(trace.info.status), trace.info.status
    assert "ERROR" in str(spans["root"].status.status_code), spans["root"].status
    assert any("exception" in event.name for event in spans["root"].events), spans["root"].events


@operation(60)
def trace_client_api(lab: Lab) -> None:
    """``start_trace``, ``start_span``, ``end_span``, ``end_trace`` by hand, with tags."""
    start = needs(lab.client, "start_trace")
    experiment = lab.client.create_experiment(lab.name("client traces"))
    root = start("by hand", inputs={"x": 1}, tags={"team": "räder"}, experiment_id=experiment)
    key = trace_id(root)
    child = lab.client.start_span("step", key, parent_id=root.span_id, inputs={"y": 2})
    lab.client.end_span(key, child.span_id, outputs={"z": 3})
    lab.client.end_trace(key, outputs={"done": True}, status="OK")
    flush()
    trace = stored(lab, key, 2)
    same({span.name: span.outputs for span in trace.data.spans}, {"by hand": {"done": True}, "step": {"z": 3}})
    same((trace.info.tags["team"], trace.info.experiment_id), ("räder", experiment))
    lab.remember(
        "trace", key=key, spans=["by hand", "step"], inputs={"x": 1}, outputs={"done": True}, experiment=experiment
    )


@operation(60)
def trace_in_run(lab: Lab) -> None:
    """A trace within a run knows its run."""
    needs(lab.client, "search_traces")
    mlflow.set_experiment(lab.name("traced runs"))
    with mlflow.start_run() as run, mlflow.start_span(name="in run") as span:
        pass
    flush()
    trace = stored(lab, trace_id(span))
    metadata = getattr(trace.info, "trace_metadata", None) or trace.info.request_metadata
    same(metadata["mlflow.sourceRun"], run.info.run_id)
    if "run_id" in inspect.signature(lab.client.search_traces).parameters:
        found = lab.client.search_traces(run_id=run.info.run_id, **where(lab, run.info.experiment_id))
        same([trace_id(each.info) for each in found], [trace_id(span)])


@operation(60)
def trace_search(lab: Lab) -> None:
    """By experiment, tags, status, name, time; in pages; with their spans."""
    experiment = lab.client.create_experiment(lab.name("traces searched"))
    keys = [traced(lab, experiment) for _ in range(3)]
    for key in keys:
        stored(lab, key, 2)
    lab.client.set_trace_tag(keys[1], "colour", "blue")

    def found(filter_string: str | None = None) -> list[str]:
        return sorted(trace_id(t.info) for t in lab.client.search_traces([experiment], filter_string=filter_string))

    same(found(), sorted(keys))
    same(found("tags.colour = 'blue'"), [keys[1]], "tag")
    same(found("status = 'OK'"), sorted(keys), "status")
    same(found("status = 'ERROR'"), [], "other status")
    same(found("timestamp_ms > 0"), sorted(keys), "time")
    same(found("name = 'outer'"), sorted(keys), "name")
    page = lab.client.search_traces([experiment], max_results=2)
    rest = lab.client.search_traces([experiment], max_results=2, page_token=page.token)
    same(sorted(trace_id(t.info) for t in [*page, *rest]), sorted(keys), "pages")
    same({len(t.data.spans) for t in [*page, *rest]}, {2}, "spans")
    ordered = lab.client.search_traces([experiment], order_by=["timestamp_ms DESC"])
    same([trace_id(t.info) for t in ordered], keys[::-1], "order")


@operation(60)
def trace_search_frame(lab: Lab) -> None:
    """The fluent search as a data frame."""
    experiment = lab.client.create_experiment(lab.name("traces as frame"))
    key = traced(lab, experiment)
    stored(lab, key, 2)
    try:
        frame = mlflow.search_traces(locations=[experiment])
    except TypeError:
        frame = mlflow.search_traces(experiment_ids=[experiment])
    column = "trace_id" if "trace_id" in frame.columns else "request_id"
    same(list(frame[column]), [key])
    if "timestamp_ms" in frame.columns or "request_time" in frame.columns:
        same(len(frame["request"]), 1)


@operation(60)
def trace_tags(lab: Lab) -> None:
    """Set, overwritten, deleted."""
    key = traced(lab)
    stored(lab, key, 2)
    lab.client.set_trace_tag(key, "a", "1")
    lab.client.set_trace_tag(key, "a", "2 漢字")
    lab.client.set_trace_tag(key, "b", "1")
    lab.client.delete_trace_tag(key, "b")
    tags = {k: v for k, v in stored(lab, key, 2).info.tags.items() if not k.startswith("mlflow.")}
    same(tags, {"a": "2 漢字"})


@operation(60)
def trace_delete(lab: Lab) -> None:
    """Some by id, gone for reads and searches."""
    experiment = lab.client.create_experiment(lab.name("traces deleted"))
    kept, gone = traced(lab, experiment), traced(lab, experiment)
    stored(lab, gone, 2)
    ids = {"trace_ids" if lab.version >= (3, 0) else "request_ids": [gone]}
    same(lab.client.delete_traces(experiment, **ids), 1)
    same([trace_id(t.info) for t in lab.client.search_traces([experiment])], [kept])
    fails(lambda: _get(lab, gone))


@operation(30)
def trace_missing_error(lab: Lab) -> None:
    """A trace that does not exist is an error at once."""
    needs(lab.client, "search_traces")
    missing = "tr-" + "0" * 31 + "1" if lab.version >= (3, 0) else "0" * 31 + "1"
    refused(lambda: _get(lab, missing))


@operation(60)
def trace_large(lab: Lab) -> None:
    """Inputs of 100 kB and 60 spans."""
    needs(lab.client, "search_traces")
    mlflow.set_experiment(lab.name("large traces"))
    with mlflow.start_span(name="root") as root:
        root.set_inputs({"text": "ü" * 50_000})
        for number in range(60):
            with mlflow.start_span(name=f"child {number}") as child:
                child.set_outputs(number)
    flush()
    trace = stored(lab, trace_id(root), 61)
    spans = {span.name: span for span in trace.data.spans}
    same((len(spans), spans["root"].inputs, spans["child 41"].outputs), (61, {"text": "ü" * 50_000}, 41))


@operation(60)
def trace_update_current(lab: Lab) -> None:
    """Tags and a client's own request id, set from within."""
    needs(lab.client, "search_traces")
    update = needs(mlflow, "update_current_trace")
    mlflow.set_experiment(lab.name("traces updated"))
    with mlflow.start_span(name="root") as root:
        update(tags={"inside": "räder"})
        if lab.version >= (3, 1):
            update(client_request_id="req-1", metadata={"mlflow.trace.session": "s-1"})
    flush()
    info = stored(lab, trace_id(root)).info
    same(info.tags["inside"], "räder")
    if lab.version >= (3, 1):
        same(info.client_request_id, "req-1")
        same(info.trace_metadata["mlflow.trace.session"], "s-1")


@operation(60)
def trace_link_to_run(lab: Lab) -> None:
    """A trace linked to a run afterwards."""
    link = needs(lab.client, "link_traces_to_run")
    experiment = lab.client.create_experiment(lab.name("traces linked"))
    key, run = traced(lab, experiment), lab.run(experiment)
    stored(lab, key, 2)
    link([key], run)
    same([trace_id(t.info) for t in lab.client.search_traces(run_id=run, **where(lab, experiment))], [key])


@operation(60)
def trace_search_v3_filters(lab: Lab) -> None:
    """What 3.x can search: by metadata, request id, span names."""
    if lab.version < (3, 6):
        raise Unknown("documented since 3.6")
    experiment = lab.client.create_experiment(lab.name("traces filtered"))
    key = traced(lab, experiment)
    traced(lab, experiment)
    stored(lab, key, 2)
    lab.client.set_trace_tag(key, "k", "räder")

    def found(filter_string: str) -> list[str]:
        return [trace_id(t.info) for t in lab.client.search_traces([experiment], filter_string=filter_string)]

    same(found("tag.k LIKE 'rä%'"), [key], "LIKE")
    same(len(found("trace.status = 'OK'")), 2, "status")
    same(len(found("span.name = 'inner'")), 2, "span")
