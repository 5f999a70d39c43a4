"""Reading a run in plain REST, from a server made of canned answers."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from proxy.lab.demo.reading import PUBLIC_ID_TAG, Reader, ReadingError

INFO = {"run_id": "r1", "experiment_id": "3", "status": "FINISHED", "start_time": "5", "end_time": 6}
TAGS = [{"key": "mlflow.runName", "value": "calm-owl-1"}, {"key": PUBLIC_ID_TAG, "value": "idp1"}]


class Answers:
    """What the server says: runs found by a search, and whether it is broken."""

    def __init__(self) -> None:
        self.found = [{"info": INFO, "data": {"tags": TAGS}}]
        self.filters: list[str] = []
        self.garbage = False

    def get(self, path: str, query: dict[str, str]) -> Any:
        """The answer to a GET, None for 404."""
        point = {"key": "loss", "value": 0.5, "timestamp": "10"}
        if path.endswith("/metrics/get-history"):
            later = query.get("page_token") == "more"
            page = {"metrics": [{**point, "step": "2" if later else "1"}]}
            return page if later else {**page, "next_page_token": "more"}
        if path.endswith("/artifacts/list"):
            inner = query.get("path") == "sub"
            return {"files": [{"path": "sub/a.txt"}] if inner else [{"path": "sub", "is_dir": True}]}
        answers: dict[str, Any] = {
            "/api/2.0/mlflow/runs/get": {"run": {"info": INFO, "data": {"tags": TAGS, "metrics": [point]}}},
            "/api/2.0/mlflow/experiments/get": {"experiment": {"experiment_id": "3", "name": "demo"}},
            "/get-artifact": "bytes",
        }
        if path.endswith("/get-by-name") and query["experiment_name"] == "demo":
            return {"experiment": {"experiment_id": "3"}}
        return answers.get(path) if query.get("run_id", "r1") == "r1" else None


@pytest.fixture
def answers() -> Answers:
    """To be changed by a test."""
    return Answers()


@pytest.fixture
def reader(answers: Answers) -> Iterator[Reader]:
    """Reads from a server that gives these answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self.answer(answers.get(url.path, {name: values[0] for name, values in parse_qs(url.query).items()}))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answers.filters.append(asked["filter"])
            self.answer({"runs": answers.found})

        def answer(self, document: Any) -> None:
            body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
            body = b"<html>" if answers.garbage else body
            self.send_response(404 if document is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls it by
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Reader(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


def test_run_is_read_in_full(reader: Reader):
    """All pages of a history, artifacts in folders, and the name of a run whose server knows it as a tag only."""
    copy = reader.run("r1")
    assert (copy.run_id, copy.experiment_id, copy.experiment) == ("r1", "3", "demo")
    assert copy.info["run_name"] == "calm-owl-1"
    assert (copy.info["start_time"], copy.info["end_time"]) == (5, 6)
    assert copy.points == {"loss": ((1, 10, 0.5), (2, 10, 0.5))}
    assert copy.artifacts == {"sub/a.txt": b"bytes"}


def test_copy_is_found_by_the_hidden_tag(reader: Reader, answers: Answers):
    """A copy is searched by the public id in its tag; there may be none, and there must not be two."""
    found = reader.copy_of("p1", "demo")
    assert found is not None
    assert found.run_id == "r1"
    assert answers.filters == ["tags.`mlflow.tightrope.publicId` = 'idp1'"]
    answers.found = []
    assert reader.copy_of("p1", "demo") is None
    answers.found = [{"info": {**INFO, "run_id": run_id}} for run_id in ("r1", "r2")]
    with pytest.raises(ReadingError, match="2 copies"):
        reader.copy_of("p1", "demo")


def test_public_ids(reader: Reader, answers: Answers):
    """A run with the hidden tag goes by the id in it, any other by its own; no experiment, no runs."""
    answers.found.append({"info": {**INFO, "run_id": "r2"}})
    assert reader.public_ids("demo") == {"r1": "p1", "r2": "r2"}
    assert reader.public_ids("other") == {}


def test_what_cannot_be_read(reader: Reader, answers: Answers):
    """A refusal is told with its status; an answer that is no JSON, and a server that is not there, are errors."""
    assert (reader.status_of("r1"), reader.status_of("r9")) == (200, 404)
    with pytest.raises(ReadingError, match="answered 404"):
        reader.run("r9")
    answers.garbage = True
    with pytest.raises(ReadingError, match="no JSON"):
        reader.run("r1")
    with pytest.raises(ReadingError, match="no answer"):
        Reader("http://127.0.0.1:9").run("r1")
