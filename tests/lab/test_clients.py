"""Real clients: results, failures, time limits, and retries that can be switched off."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proxy.lab.clients import ClientResult, run_client, start_client
from proxy.lab.failures import LabError

pytestmark = [pytest.mark.timeout(600)]

RefusingServer = tuple[str, list[str]]

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def refusing_server() -> Iterator[RefusingServer]:
    """A server that answers 503 to everything; yields its URL and the list of requested paths."""
    paths: list[str] = []

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 (the name http.server looks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.real
def test_retries_off(version: str, refusing_server: RefusingServer) -> None:
    """With retries off, the default, a refused request is sent once and the script fails at once."""
    url, paths = refusing_server
    result = run_client(version, "import mlflow; mlflow.create_experiment('x')", tracking_uri=url)
    assert result.exit_code == 1
    assert "MlflowException" in result.stderr
    assert [path for path in paths if "experiments/create" in path] == ["/api/2.0/mlflow/experiments/create"]
    with pytest.raises(LabError, match="exit code 1"):
        result.check()


@pytest.mark.real
def test_retries_as_asked(version: str, refusing_server: RefusingServer) -> None:
    """With two retries, a refused request is sent three times."""
    url, paths = refusing_server
    fast = {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1", "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0"}
    script = "import mlflow; mlflow.create_experiment('x')"
    assert run_client(version, script, tracking_uri=url, retries=2, env=fast).exit_code == 1
    assert len([path for path in paths if "experiments/create" in path]) == 3


@pytest.mark.real
def test_script_file_with_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script file gets its arguments and its tracking URI, and nothing of our own settings."""
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "leaked")
    script = tmp_path / "script.py"
    script.write_text(
        "import json, os, sys\n"
        "print(json.dumps([sys.argv[1:], os.environ['MLFLOW_TRACKING_URI'], os.environ.get('MLFLOW_EXPERIMENT_NAME')]))"
    )
    result = run_client("2.22.4", script, tracking_uri=NOWHERE, args=["a", "b"]).check()
    assert result.json == [["a", "b"], NOWHERE, None]


@pytest.mark.real
def test_too_slow() -> None:
    """A script that runs too long is killed, and the error shows what it had said."""
    with pytest.raises(LabError, match=r"(?s)still ran after 1 s.*thinking"):
        run_client("2.22.4", "print('thinking'); import time; time.sleep(60)", tracking_uri=NOWHERE, timeout_s=1)


@pytest.mark.real
def test_background_client() -> None:
    """A background client can be watched while it runs, and stopped; its folder is gone afterwards."""
    script = "import time\nprint('begun')\ntime.sleep(60)"
    with start_client("2.22.4", script, tracking_uri=NOWHERE) as client:
        deadline = time.monotonic() + 20
        while "begun" not in client.stdout():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert client.running
    assert client.stdout() == "begun\n"
    assert not client.directory.exists()


@pytest.mark.parametrize(
    ("stdout", "value"),
    [("", None), ("text\n", None), ('noise\n{"a": 1}\n', {"a": 1}), ("[1]\n\n", [1])],
)
def test_json_of_last_line(stdout: str, value: object) -> None:
    """The last line counts as the result if it is JSON."""
    assert ClientResult(0, stdout, "", 0.0).json == value
