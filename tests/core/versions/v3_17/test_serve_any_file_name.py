"""Files whose names have letters beyond ASCII."""

from __future__ import annotations

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.translate import detour, has_detours

RUN, MODEL = "0" * 32, f"m-{'1' * 32}"
CLIENT = Version(2, 9, 2)


def _elsewhere(path: str, server: str, client: Version = CLIENT) -> tuple[object, list[str]]:
    found = match("GET", f"/api/2.0/mlflow-artifacts/artifacts/{path}")
    assert found is not None
    names: list[str] = []
    steps = detour(found, Dialects(client, Version.parse(server)), names, missing=False)
    with pytest.raises(StopIteration) as done:
        next(steps)
    return done.value.value, names


@pytest.mark.parametrize("server", ["3.3.2", "3.10.1", "3.16.0"])
def test_letters_beyond_ascii_are_fetched_as_pages_do(server):
    """From a run and from a model, with the change told."""
    found, names = _elsewhere(f"3/{RUN}/artifacts/a/r%C3%A4der%20100%25.txt", server)
    assert found == Call("GetArtifactUi", {"run_uuid": RUN, "path": "a/räder 100%.txt"})
    assert names == ["serve_any_file_name"]
    found, _ = _elsewhere(f"3/models/{MODEL}/artifacts/r%C3%A4der.txt", server)
    assert found == Call("GetLoggedModelArtifactUi", {"model_id": MODEL, "artifact_file_path": "räder.txt"})
    found, _ = _elsewhere(f"workspaces/w/3/{RUN}/artifacts/%C3%A4", server)
    assert found == Call("GetArtifactUi", {"run_uuid": RUN, "path": "ä"})


@pytest.mark.parametrize("server", ["1.30.1", "2.0.1", "2.22.4"])
def test_older_servers_can_send_latin_1(server):
    """Only what they cannot goes another way."""
    assert _elsewhere(f"3/{RUN}/artifacts/r%C3%A4der.txt", server)[0] is None
    found, _ = _elsewhere(f"3/{RUN}/artifacts/%E6%97%A5.txt", server)
    assert found == Call("GetArtifactUi", {"run_uuid": RUN, "path": "日.txt"})


@pytest.mark.parametrize(
    ("path", "server"),
    [
        (f"3/{RUN}/artifacts/plain.txt", "3.10.1"),
        (f"3/{RUN}/artifacts/%E6%97%A5/plain.txt", "3.10.1"),
        ("3/traces/tr-1/artifacts/%C3%A4", "3.10.1"),
        ("elsewhere/%C3%A4", "3.10.1"),
        (f"3/{RUN}/artifacts/%C3%A4", "3.17.2"),
    ],
)
def test_everything_else_stays_on_its_way(path, server):
    """Plain names, folders, what belongs to no run or model, and servers that can."""
    assert _elsewhere(path, server)[0] is None


def test_a_client_of_the_servers_version_gets_what_it_would_get():
    """Bugs included."""
    assert not has_detours("DownloadArtifact", Dialects(Version(3, 10, 1), Version(3, 10, 1)))
