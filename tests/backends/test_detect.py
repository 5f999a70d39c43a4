"""Which MLflow version a server runs, from what it has."""

from __future__ import annotations

import pytest

from proxy.backends.detect import detect_version, offers_workspaces
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.errors import NotReachedError

NONE = Response(404, (), b"<h1>Not Found</h1>")
OK = Response(200, (), b"{}")
REFUSED = Response(400, (), b'{"error_code": "INVALID_PARAMETER_VALUE"}')


def server(**answers: Response):
    """Answers by a word in the path; 404 for the rest."""

    async def ask(request: Request) -> Response:
        words = {
            "version": request.path == "/version",
            "search": request.path.endswith("experiments/search"),
            "names": request.path.endswith("runs/search") and b"attributes.run_name" in request.body,
            "list": request.path.endswith("experiments/list"),
            "latest": request.path.endswith("get-latest-versions"),
            "name": request.path.endswith("get-by-name"),
            "registry": request.path.endswith("registered-models/list"),
        }
        return next((answers[word] for word, there in words.items() if there and word in answers), NONE)

    return ask


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"version": Response(200, (), b"2.22.4")}, "2.22.4"),
        ({"version": Response(200, (), b"3.17.2\n")}, "3.17.2"),
        ({"version": Response(200, (), b"<html>a page</html>")}, None),
        ({"search": OK}, "2.0.1"),
        ({"search": OK, "list": OK, "names": OK}, "1.30.1"),
        ({"search": OK, "list": OK, "names": Response(500, (), b"{}")}, "1.30.1"),
        ({"search": OK, "list": OK, "names": REFUSED}, "1.28.0"),
        ({"list": OK, "latest": REFUSED, "registry": OK}, "1.23.1"),
        ({"list": OK, "registry": OK}, "1.20.2"),
        ({"list": OK, "name": REFUSED}, "1.10.0"),
        ({"list": OK}, "1.0.0"),
        ({}, None),
        ({"version": Response(503, (), b""), "list": OK}, None),
        ({"version": Response(401, (), b""), "search": OK}, None),
    ],
)
async def test_versions(answers, expected):
    """By /version where it is, by the endpoints that came and went otherwise; never a guess about something else."""
    found = await detect_version(server(**answers))
    assert (None if found is None else str(found)) == expected


async def test_a_server_that_is_down():
    """What asking raises comes out."""

    async def ask(_: Request) -> Response:
        raise NotReachedError("down")

    with pytest.raises(NotReachedError):
        await detect_version(ask)


@pytest.mark.parametrize(
    ("version", "answer", "offered"),
    [
        ("2.22.4", OK, False),
        ("3.17.2", Response(200, (), b'{"workspaces_enabled": false}'), False),
        ("3.17.2", Response(200, (), b'{"workspaces_enabled": true}'), True),
        ("3.17.2", Response(401, (), b""), True),
        ("3.8.0", NONE, True),
    ],
)
async def test_workspaces(version: str, answer: Response, offered: bool) -> None:
    """Only what the server says itself, or is too old for, counts as a no."""

    async def ask(request: Request) -> Response:
        assert request.path == "/api/3.0/mlflow/server-info"
        return answer

    assert await offers_workspaces(ask, Version.parse(version)) is offered
