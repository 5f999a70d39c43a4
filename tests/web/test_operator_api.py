"""The operator API against a fake proxy."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from proxy.core.cutover import Event, Phase
from proxy.core.writes import State
from proxy.errors import PreconditionFailedError, StorageError
from proxy.observe.metrics import Metrics
from proxy.web.operator_api import OPEN_STATES, operator_app
from tests.fakes.operator import REPORT, FakeOperator, record

Start = Callable[..., Awaitable[TestClient[Any, Any]]]
ACTOR = {"x-tightrope-actor": "ann"}
WHO = "ann from 127.0.0.1"


@pytest.fixture
def operator() -> FakeOperator:
    """The proxy behind the API."""
    return FakeOperator()


@pytest.fixture
def start(aiohttp_client: AiohttpClient, operator: FakeOperator) -> Start:
    """Start the API, with or without a token, and get a client."""

    async def begin(token: str | None = None) -> TestClient[Any, Any]:
        return await aiohttp_client(operator_app(operator, Metrics("0.1.0"), token))

    return begin


async def test_metrics_are_refreshed_and_shown(aiohttp_client: AiohttpClient, operator: FakeOperator):
    """A scrape runs the hooks first and answers in Prometheus' format."""
    metrics = Metrics("0.1.0")

    async def look() -> None:
        metrics.journal_bytes.set(42)

    metrics.on_refresh(look)
    client = await aiohttp_client(operator_app(operator, metrics, None))
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "tightrope_journal_bytes 42.0" in await answer.text()


async def test_alive_and_ready(start: Start, operator: FakeOperator):
    """Alive is always 200; ready is 503 when clients cannot be served; both say why in JSON."""
    client = await start()
    assert await (await client.get("/healthz")).json() == {"status": "alive"}
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "blue": "answers"})
    operator.is_ready = False
    answer = await client.get("/readyz")
    assert (answer.status, (await answer.json())["ready"]) == (503, False)


async def test_status_is_the_view(start: Start, operator: FakeOperator):
    """The JSON is the one view."""
    answer = await (await start()).get("/api/v1/status")
    assert await answer.json() == json.loads(json.dumps(operator.view.to_json()))


async def test_phase_shows_where_it_can_go(start: Start):
    """The legal targets come from the transition table."""
    answer = await (await start()).get("/api/v1/phase")
    assert await answer.json() == {"phase": "mirroring", "serving": "blue", "targets": ["mirroring_back", "blue_only"]}


@pytest.mark.parametrize(("path", "event"), [("cutover", Event.CUTOVER), ("rollback", Event.ROLLBACK)])
async def test_moves_pass_everything_on(start: Start, operator: FakeOperator, path: str, event: Event):
    """Dry run, cap and waivers reach the coordinator, with who asked and from where."""
    body = {"dry_run": True, "max_hold_s": 10, "waive": ["parked", "lag"]}
    answer = await (await start()).post(f"/api/v1/{path}", json=body, headers=ACTOR)
    assert answer.status == 200
    assert (await answer.json())["outcome"] == "planned"
    assert operator.calls == [("move", event, WHO, True, 10.0, ("parked", "lag"))]


async def test_a_move_without_a_body_is_the_plain_move(start: Start, operator: FakeOperator):
    """Every key has a default: a real move, the configured cap, no waiver."""
    answer = await (await start()).post("/api/v1/cutover", headers={"Content-Type": "application/json"})
    assert answer.status == 200
    assert operator.calls == [("move", Event.CUTOVER, "unknown from 127.0.0.1", False, None, ())]


async def test_phase_finds_the_event(start: Start, operator: FakeOperator):
    """Going to a phase is the event that leads there."""
    client = await start()
    await client.post("/api/v1/phase", json={"to": "blue_only"})
    operator.set_phase(Phase.MIRRORING_BACK)
    await client.post("/api/v1/phase", json={"to": "mirroring", "dry_run": True})
    assert [(call[1], call[3]) for call in operator.calls] == [(Event.ABANDON, False), (Event.ROLLBACK, True)]


async def test_phase_that_cannot_be_reached_is_a_conflict(start: Start, operator: FakeOperator):
    """The refusal names where one can go, and nothing is asked of the proxy."""
    answer = await (await start()).post("/api/v1/phase", json={"to": "green_only"})
    assert answer.status == 409
    found = await answer.json()
    assert found["error_code"] == "INVALID_STATE"
    assert "from mirroring to green_only" in found["message"]
    assert "mirroring_back, blue_only" in found["hint"]
    assert operator.calls == []


async def test_phase_that_is_there_already_is_fine(start: Start, operator: FakeOperator):
    """Saying it twice does it once."""
    answer = await (await start()).post("/api/v1/phase", json={"to": "mirroring"})
    assert answer.status == 200
    assert "already" in (await answer.json())["message"]
    assert operator.calls == []


@pytest.mark.parametrize("outcome", ["refused", "aborted"])
async def test_a_move_that_did_not_happen_is_a_conflict_with_its_report(
    start: Start, operator: FakeOperator, outcome: Any
):
    """The report comes along, so that the operator sees which gate it was."""
    operator.report = replace(REPORT, outcome=outcome, message="parked is 3")
    answer = await (await start()).post("/api/v1/cutover", json={})
    found = await answer.json()
    assert (answer.status, found["outcome"], found["message"]) == (409, outcome, "parked is 3")
    assert found["error_code"] == "INVALID_STATE"
    assert found["gates"][0]["name"] == "parked"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (PreconditionFailedError("a move is under way", hint="wait"), 409, "INVALID_STATE"),
        (StorageError("disk full"), 503, "TEMPORARILY_UNAVAILABLE"),
        (RuntimeError("secret detail"), 500, "INTERNAL_ERROR"),
    ],
)
async def test_errors_are_json(start: Start, operator: FakeOperator, error: Exception, status: int, code: str):
    """Every error has code, message and hint; an unexpected one keeps its details to the log."""
    operator.error = error
    answer = await (await start()).post("/api/v1/cutover", json={})
    found = await answer.json()
    assert (answer.status, found["error_code"]) == (status, code)
    assert set(found) == {"error_code", "message", "hint"}
    assert "secret detail" not in found["message"]


async def test_hold_and_release(start: Start, operator: FakeOperator):
    """A hold may have a cap of its own; the answer is the state of the gate."""
    client = await start()
    held = await (await client.post("/api/v1/hold", json={"max_s": 60}, headers=ACTOR)).json()
    released = await (await client.post("/api/v1/release", json={}, headers=ACTOR)).json()
    assert held == {"held": True, "waiting": 0, "since": 1_700_000_000.0}
    assert released["held"] is False
    assert operator.calls == [("hold", 60.0, WHO), ("release", WHO)]


async def test_journal_lists_what_is_open_by_default(start: Start, operator: FakeOperator):
    """Records without their bodies; final ones only when asked for."""
    found = await (await (await start()).get("/api/v1/journal")).json()
    assert [one["seq"] for one in found["records"]] == [7, 9]
    assert found["next_after"] is None
    assert "request" not in found["records"][0]
    assert operator.calls == [("journal_list", OPEN_STATES, 0, 100)]
    assert State.MIRRORED not in OPEN_STATES


async def test_journal_pages(start: Start, operator: FakeOperator):
    """A full page says where the next one begins; several states may be asked for."""
    client = await start()
    found = await (await client.get("/api/v1/journal?state=parked&state=in_doubt&after=3&limit=1")).json()
    assert found["next_after"] == 7
    assert operator.calls == [("journal_list", (State.PARKED, State.IN_DOUBT), 3, 1)]


async def test_journal_shows_one_in_full(start: Start, operator: FakeOperator):
    """JSON bodies as JSON, others as text, and both answers in the detail."""
    operator.records.append(record(11, body=b"\xff no json"))
    client = await start()
    found = await (await client.get("/api/v1/journal/7")).json()
    assert found["request"]["body"] == {"run_id": "r1"}
    assert found["detail"] == "green said 400"
    assert found["answer"] is None
    odd = await (await client.get("/api/v1/journal/11")).json()
    assert odd["request"]["body"] == "\ufffd no json"


@pytest.mark.parametrize("path", ["/api/v1/journal/8", "/api/v1/journal/abc", "/nowhere", "/api/v1/journal/-1"])
async def test_what_is_not_there_is_404(start: Start, path: str):
    """A record or a page that does not exist answers in the JSON form."""
    answer = await (await start()).get(path)
    assert answer.status == 404
    assert (await answer.json())["message"]


async def test_retry_and_skip(start: Start, operator: FakeOperator):
    """Some, all, or given up with a reason."""
    client = await start()
    assert await (await client.post("/api/v1/journal/retry", json={"seqs": [7]}, headers=ACTOR)).json() == {
        "reopened": 1
    }
    assert await (await client.post("/api/v1/journal/retry", json={}, headers=ACTOR)).json() == {"reopened": 2}
    skip = {"seqs": [9], "reason": "gone"}
    assert await (await client.post("/api/v1/journal/skip", json=skip, headers=ACTOR)).json() == {"skipped": 1}
    assert operator.calls == [
        ("journal_retry", (7,), WHO),
        ("journal_retry", None, WHO),
        ("journal_skip", (9,), "gone", WHO),
    ]


async def test_audit(start: Start, operator: FakeOperator):
    """The newest entries."""
    found = await (await (await start()).get("/api/v1/audit?limit=5")).json()
    assert found["entries"][0]["actor"] == "ann"
    assert operator.calls == [("audit_log", 5)]


@pytest.mark.parametrize(
    ("path", "body", "parts"),
    [
        ("cutover", {"dryrun": True}, ["dryrun"]),
        ("cutover", {"dry_run": "yes", "max_hold_s": -1, "waive": "x"}, ["dry_run", "max_hold_s", "waive"]),
        ("cutover", [], ["body"]),
        ("phase", {}, ["to"]),
        ("phase", {"to": "nowhere"}, ["to"]),
        ("hold", {"max_s": 0}, ["max_s"]),
        ("journal/skip", {"seqs": [], "reason": ""}, ["seqs", "reason"]),
        ("journal/skip", {"seqs": [1]}, ["reason"]),
        ("journal/retry", {"seqs": [0, 2**63]}, ["seqs.0", "seqs.1"]),
    ],
)
async def test_wrong_bodies_do_nothing_and_list_every_problem(
    start: Start, operator: FakeOperator, path: str, body: Any, parts: list[str]
):
    """A mistyped dry_run must never do the real thing."""
    answer = await (await start()).post(f"/api/v1/{path}", json=body)
    assert answer.status == 400
    message = (await answer.json())["message"]
    for part in parts:
        assert f"{part}:" in message
    assert operator.calls == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"dry_run=true"])
async def test_a_body_that_is_no_json_does_nothing(start: Start, operator: FakeOperator, body: bytes):
    """Nor must half a body."""
    answer = await (await start()).post("/api/v1/cutover", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert operator.calls == []


@pytest.mark.parametrize("query", ["state=nowhere", "limit=0", "limit=x", "after=-1", "unknown=1"])
async def test_wrong_queries_are_told(start: Start, operator: FakeOperator, query: str):
    """A filter that is not understood is not silently dropped."""
    answer = await (await start()).get(f"/api/v1/journal?{query}")
    assert answer.status == 400
    assert operator.calls == []


async def test_wrong_method_is_json_too(start: Start):
    """405 in the one form."""
    answer = await (await start()).get("/api/v1/cutover")
    assert (answer.status, (await answer.json())["error_code"]) == (405, "ENDPOINT_NOT_FOUND")
