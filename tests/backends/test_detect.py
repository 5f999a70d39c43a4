"""Which MLflow version a server runs, from what it has."""

from __future__ import annotations

import json

import pytest

from proxy.backends.detect import detect_version
from proxy.core.messages import Request, Response
from proxy.errors import NotReachedError

NONE = Response(404, (), b"<h1>Not Found</h1>")
OK = Response(200, (), b"{}")
OLD = Response(200, (), json.dumps({"experiments": [{"experiment_id": "0"}]}).encode())
NEW = Response(200, (), json.dumps({"experiments": [{"experiment_id": "0", "creation_time": 1}]}).encode())
REFUSED = Response(400, (), b'{"error_code": "INVALID_PARAMETER_VALUE"}')


def server(**answers: Response):
    """Answers by a word in the path; 404 for the rest."""

    async def ask(request: Request) -> Response:
        words = {
            "version": request.path == "/version",
            "search": request.path.endswith("experiments/search"),
            "list": request.path.endswith("experiments/list"),
            "latest": request.path.endswith("get-latest-versions"),
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
        ({"search": NEW, "list": OK}, "1.30.1"),
        ({"search": OK, "list": OK}, "1.30.1"),
        ({"search": OLD, "list": OK}, "1.28.0"),
        ({"list": OK, "latest": REFUSED, "registry": OK}, "1.23.1"),
        ({"list": OK, "registry": OK}, "1.20.2"),
        ({"list": OK}, "1.10.0"),
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
