"""A trace on the other side."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from proxy.core.messages import Response, Side
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call
from proxy.errors import UpstreamError
from proxy.services.sync_traces import TraceSync
from tests.golden import recorded

BLUE, GREEN = Side.BLUE, Side.GREEN
TRACE = "tr-031682e8febc2988a983665233a16d29"


class Sides:
    """The syncer and the copier as the part for traces sees them: two maps of traces, and what was written."""

    def __init__(self) -> None:
        self.traces: dict[Side, dict[str, Any]] = {BLUE: {}, GREEN: {}}
        self.written: list[str] = []
        self.experiments: list[str] = []
        self.copied: list[str] = []
        self.locked: list[str] = []
        self.runs: list[str] = []
        self.files: list[tuple[str, Any]] = []
        self.target = Version(3, 17, 2)

    def alone(self, lane: str) -> Sides:
        self.locked.append(lane)
        return self

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...

    def client(self, side: Side) -> Any:
        async def version() -> Version:
            return self.target

        return type("Client", (), {"side": side, "version": staticmethod(version)})

    async def ensure_run(self, public: str, source: Side) -> None:
        assert source is BLUE
        self.runs.append(public)

    async def write_file(self, path: str, content: bytes, target: Side) -> None:
        assert target is GREEN
        self.files.append((path, json.loads(content)))

    async def ensure_experiment(self, public: str, source: Side) -> None:
        assert source is BLUE
        self.experiments.append(public)

    async def read(self, side: Side, call: Call) -> Any:
        return json.loads((await self.asked(self.client(side), call)).body)

    async def asked(self, client: Any, call: Call) -> Response:
        if call.operation == "BatchGetTraces":
            return jsontext.answer({"traces": [recorded("traces/whole_3_17.json")["trace"]]})
        found = self.traces[client.side].get(call.arguments["trace_id"])
        if found is None:
            return jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST"}, status=404)
        return jsontext.answer({"trace": {"trace_info": found}})

    async def write(self, target: Any, call: Call, *, fine: Any = ()) -> None:
        self.written.append(call.operation)
        assert bool(fine) is call.operation.startswith("Delete")
        if call.operation == "StartTraceV3":
            self.traces[target.side][TRACE] = call.arguments["trace"]["trace_info"]

    def failure(self, side: Side, call: Call, answer: Response) -> Exception:
        return UpstreamError(f"{side.value} {call.operation} {answer.status}")

    async def copy_tree(self, root: str, source: Side) -> int:
        assert source is BLUE
        self.copied.append(root)
        return 1


@pytest.fixture(name="pair")
def _pair() -> Sides:
    made = Sides()
    info = recorded("traces/whole_3_17.json")["trace"]["trace_info"]
    made.traces[BLUE][TRACE] = {**info, "assessments": recorded("traces/assessments_3_17.json")}
    return made


class Copier:
    def __init__(self, pair: Sides) -> None:
        self.copy_tree, self.write = pair.copy_tree, pair.write_file


def part(pair: Sides) -> TraceSync:
    return TraceSync(cast("Any", pair), cast("Any", Copier(pair)))


async def test_a_trace_that_is_not_there_is_made(pair):
    """In its experiment, with its assessments and its files, alone on its lane."""
    await part(pair).trace(TRACE, BLUE)
    assert pair.written == ["StartTraceV3", "CreateAssessment", "CreateAssessment"]
    assert (pair.experiments, pair.locked) == (["1"], [f"trace:{TRACE}"])
    assert pair.copied == [f"mlflow-artifacts:/1/traces/{TRACE}/artifacts"]
    assert pair.runs == ["66ea4610390649d89b655e806f195849"]
    assert pair.files == []


async def test_a_trace_that_is_there_is_brought_to_the_same(pair):
    """Nothing is made a second time."""
    pair.traces[GREEN][TRACE] = {**pair.traces[BLUE][TRACE], "tags": {"old": "x"}}
    await part(pair).trace(TRACE, BLUE)
    assert sorted(pair.written) == ["DeleteTraceTag", "SetTraceTag"]


async def test_a_server_that_fails_is_tried_again_later(pair):
    """An error says nothing about whether the trace is there."""
    seen: list[Any] = []

    async def first_here(client: Any, call: Call) -> Response:
        seen.append(client.side)
        if client.side is GREEN:
            return jsontext.answer({}, status=400)
        return jsontext.answer({"trace": {"trace_info": pair.traces[BLUE][TRACE]}})

    pair.asked = first_here
    with pytest.raises(UpstreamError, match="green GetTraceInfoV3 400"):
        await part(pair).trace(TRACE, BLUE)
    assert (seen, pair.written) == ([BLUE, GREEN], [])


async def test_spans_in_a_database_become_a_file_for_a_server_that_knows_only_files(pair):
    """As the client would have written it, had it not been told that the server holds them."""
    pair.target = Version(2, 22, 4)
    await part(pair).trace(TRACE, BLUE)
    assert pair.files == [(f"1/traces/{TRACE}/artifacts/traces.json", recorded("traces/file_3_17.json"))]


@pytest.mark.parametrize("tags", [{}, {"mlflow.trace.spansLocation": "TRACKING_STORE"}])
async def test_no_file_is_made_where_the_client_writes_one_or_nobody_can(pair, tags):
    """Spans that lie in a file are copied; a bucket is out of reach."""
    pair.target = Version(2, 22, 4)
    await part(pair).spans({"trace_id": TRACE, "tags": {**tags, "mlflow.artifactLocation": "s3://b"}}, BLUE)
    assert pair.files == []
