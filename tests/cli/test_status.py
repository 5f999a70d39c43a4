"""`tightrope status`."""

import json

from tests.cli.conftest import Api, Run
from tests.fakes.operator import STATUS


def test_status_shows_what_matters(run: Run, api: Api):
    """Phase, lag, what is parked, both servers, clients, and what is wrong."""
    found = run("status")
    assert found.exit_code == 0, found.output
    for part in ("mirroring", "1 min 15 s", "1 parked", "http://green", "NO", "python", "2.9.2", "problem: green"):
        assert part in found.stdout, part
    for part in ("2023-11-14", "answer_version (3)", "1 client still needs Tightrope: python 2.9.2 (CreateRun"):
        assert part in found.stdout, part


def test_status_as_json_is_the_view(run: Run, api: Api):
    """Scripts get what the API says, unchanged."""
    found = run("status", "--output", "json")
    assert json.loads(found.stdout) == json.loads(json.dumps(STATUS.to_json()))


def test_status_of_nothing_is_an_error_with_a_hint(run: Run):
    """Exit code 1, and how to start it."""
    found = run("status", "--admin-url", "http://127.0.0.1:1")
    assert found.exit_code == 1
    assert "tightrope serve" in found.stderr
    assert found.stdout == ""
