"""`tightrope hold` and `tightrope release`."""

import json

from tests.cli.conftest import Api, Run


def test_hold_and_release(run: Run, api: Api):
    """Each does its one thing, and the hold says how it ends."""
    held = run("hold", "--max-s", "60")
    assert "tightrope release" in held.stdout
    assert run("release").exit_code == 0
    assert [call[0] for call in api.operator.calls] == ["hold", "release"]
    assert api.operator.calls[0][1] == 60.0


def test_both_have_json(run: Run, api: Api):
    """The state of the gate."""
    assert json.loads(run("hold", "-o", "json").stdout)["held"] is True
    assert json.loads(run("release", "-o", "json").stdout)["held"] is False


def test_hold_needs_a_sensible_time(run: Run, api: Api):
    """The server's refusal is a usage error here."""
    found = run("hold", "--max-s", "-1")
    assert found.exit_code == 2
    assert "max_s" in found.stderr
