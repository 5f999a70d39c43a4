"""Real servers: they start, answer their own client, crash, freeze, come back, and leave nothing behind."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.lab.clients import run_client
from proxy.lab.failures import LabError
from proxy.lab.postgres import PostgresServer
from proxy.lab.servers import MlflowServer, start_all

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ROUND_TRIP = """
import json, mlflow
mlflow.set_experiment("lab")
with mlflow.start_run() as run:
    mlflow.log_param("depth", 3)
    mlflow.log_metric("loss", 0.5)
    with open("note.txt", "w") as file:
        file.write("hello")
    mlflow.log_artifact("note.txt")
client = mlflow.tracking.MlflowClient()
data = client.get_run(run.info.run_id).data
note = open(client.download_artifacts(run.info.run_id, "note.txt")).read()
print(json.dumps({"client": mlflow.__version__, "params": data.params, "metrics": data.metrics, "note": note,
                  "root": run.info.artifact_uri.partition(":")[0]}))
"""

COUNT_RUNS = """
import mlflow
client = mlflow.tracking.MlflowClient()
print(len(client.search_runs([client.get_experiment_by_name("lab").experiment_id])))
"""


def test_life_of_a_server(version: str, tmp_path: Path, group_members: Callable[[int], list[int]]) -> None:
    """A server of each version serves its own client, keeps its data over a stop and a crash, and leaves nothing."""
    server = MlflowServer(version, tmp_path / "server")
    with server:
        group = server.pid
        said = run_client(version, ROUND_TRIP, tracking_uri=server.url).check().json
        assert said == {
            "client": version,
            "params": {"depth": "3"},
            "metrics": {"loss": 0.5},
            "note": "hello",
            "root": "mlflow-artifacts",
        }
        assert server.database_path is not None
        assert server.database_path.exists()
        assert len(list(server.artifacts_path.rglob("note.txt"))) == 1
    assert not server.running
    assert not server.is_healthy()
    assert group_members(group) == []

    url = server.url
    with server:
        assert server.url == url
        server.pause()
        assert not server.is_healthy(timeout_s=0.3)
        server.resume()
        assert server.is_healthy(timeout_s=10)
        assert run_client(version, COUNT_RUNS, tracking_uri=url).check().json == 1
        group = server.pid
        server.kill()
        assert group_members(group) == []


def test_without_artifact_proxying(tmp_path: Path) -> None:
    """With serve_artifacts off, clients are sent to the artifact folder itself."""
    with MlflowServer("2.22.4", tmp_path, serve_artifacts=False) as server:
        said = run_client("2.22.4", ROUND_TRIP, tracking_uri=server.url).check().json
        assert said["note"] == "hello"
        assert not said["root"].startswith("mlflow-artifacts")


def test_on_postgresql(tmp_path: Path) -> None:
    """A server works on a private PostgreSQL, whoever we are, and the data really lies there."""
    with PostgresServer(tmp_path / "postgres") as postgres:
        backend = postgres.url("blue")
        assert postgres.url("blue") == backend
        with MlflowServer("2.22.4", tmp_path / "server", backend=backend) as server:
            assert server.database_path is None
            run_client("2.22.4", ROUND_TRIP, tracking_uri=server.url).check()
        assert postgres.query("SELECT key, value FROM params", "blue").strip() == "depth|3"
        postgres.kill()
        postgres.start()
        assert postgres.query("SELECT count(*) FROM runs", "blue").strip() == "1"
        with pytest.raises(LabError, match="nonsense"):
            postgres.query("nonsense")
    assert not postgres.running


def test_impossible_backend(tmp_path: Path) -> None:
    """A server that cannot start fails with its command and the end of its log, and nothing runs."""
    server = MlflowServer("2.22.4", tmp_path, backend="nonsense://nowhere")
    with pytest.raises(LabError) as failure:
        server.start()
    text = str(failure.value)
    assert "MLflow 2.22.4 did not start: it ended with exit code" in text
    assert "tried: " in text
    assert "nonsense" in text
    assert not server.running


def test_taken_port(tmp_path: Path) -> None:
    """A fixed port that somebody else holds is named in the error."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LabError, match=f"port {port} is taken"):
            MlflowServer("3.17.2", tmp_path, port=port).start(timeout_s=60)


def test_start_all_is_all_or_nothing(tmp_path: Path) -> None:
    """When one of several servers cannot start, its error is raised and the others are stopped."""
    good = MlflowServer("2.22.4", tmp_path / "good")
    bad = MlflowServer("2.22.4", tmp_path / "bad", backend="nonsense://nowhere")
    with pytest.raises(LabError, match="did not start"):
        start_all(good, bad)
    assert good.start_seconds is not None
    assert not good.running
