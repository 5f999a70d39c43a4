"""`tightrope journal`."""

import json

import pytest

from proxy.core.writes import State
from tests.cli.conftest import Api, Run


def test_ls_lists(run: Run, api: Api):
    """One line per record, filtered as asked."""
    found = run("journal", "ls", "--state", "parked", "--after", "7", "--limit", "5")
    assert found.exit_code == 0, found.output
    assert "LogMetric" in found.stdout
    assert api.operator.calls == [("journal_list", (State.PARKED,), 7, 5)]


def test_ls_says_that_there_is_more(run: Run, api: Api):
    """And how to see it."""
    assert "journal ls --after 7" in run("journal", "ls", "--limit", "1").stdout


def test_ls_of_nothing_says_so(run: Run, api: Api):
    """Silence would look like an error."""
    api.operator.records = []
    assert "no such records" in run("journal", "ls").stdout


def test_show_has_both_answers(run: Run, api: Api):
    """The request and why it was parked."""
    found = run("journal", "show", "7")
    assert found.exit_code == 0, found.output
    for part in (
        "LogMetric",
        "green said 400",
        "refused what the serving side accepted",
        "run_id",
        "/api/2.0/mlflow/runs/log-metric",
        "2023-11-14",
    ):
        assert part in found.stdout, part


def test_show_of_nothing_is_an_error(run: Run, api: Api):
    """Exit code 1 and where old records go."""
    found = run("journal", "show", "99")
    assert found.exit_code == 1
    assert "no record 99" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "seqs", "count"), [(["7", "9"], (7, 9), 2), (["7"], (7,), 1), (["--all"], None, 2)]
)
def test_retry(run: Run, api: Api, arguments: list[str], seqs: tuple[int, ...] | None, count: int):
    """Some, or all when asked for by name."""
    found = run("journal", "retry", *arguments)
    assert f"{count} records will be tried again" in found.stdout
    assert api.operator.calls[0][:2] == ("journal_retry", seqs)


@pytest.mark.parametrize("arguments", [[], ["7", "--all"]])
def test_retry_of_everything_must_be_meant(run: Run, api: Api, arguments: list[str]):
    """A forgotten number does not retry all."""
    assert run("journal", "retry", *arguments).exit_code == 2
    assert api.operator.calls == []


def test_skip_needs_a_reason(run: Run, api: Api):
    """Giving up is recorded with its reason."""
    assert run("journal", "skip", "7").exit_code == 2
    assert api.operator.calls == []
    assert "1 records skipped" in run("journal", "skip", "7", "--reason", "gone").stdout
    assert api.operator.calls[0][:3] == ("journal_skip", (7,), "gone")


def test_all_have_json(run: Run, api: Api):
    """Stable shapes."""
    assert json.loads(run("journal", "ls", "-o", "json").stdout)["records"][0]["seq"] == 7
    assert json.loads(run("journal", "show", "7", "-o", "json").stdout)["request"]["body"] == {"run_id": "r1"}
    assert json.loads(run("journal", "retry", "--all", "-o", "json").stdout) == {"reopened": 2}
    assert json.loads(run("journal", "skip", "7", "--reason", "x", "-o", "json").stdout) == {"skipped": 1}
