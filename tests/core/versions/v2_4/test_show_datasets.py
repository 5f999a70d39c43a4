"""Datasets in answers of servers that know none."""

from __future__ import annotations

from proxy.core.versions import run_inputs

GET = "GET /api/2.0/mlflow/runs/get?run_id=a"
ENTRY = {"dataset": {"name": "n", "digest": "d"}, "tags": []}
TAGS = run_inputs.note_of(ENTRY, at=1, place=0)
RUN = {"run": {"info": {"run_id": "a"}, "data": {"tags": TAGS}}}


def test_runs_have_their_datasets(talk):
    """For clients that know what they are."""
    for server, client in (("1.30.1", "2.4.0"), ("2.3.2", "3.17.2")):
        played = talk(GET, client=client, server=server, answers=(RUN,), emulated=True)
        assert played.body["run"]["inputs"] == {"dataset_inputs": [ENTRY]}
        assert "show_datasets" in played.changes


def test_others_are_left_alone(talk):
    """Older clients, and servers on which nothing was emulated."""
    assert talk(GET, client="2.3.2", server="1.30.1", emulated=True).untouched
    assert talk(GET, client="2.9.2", server="1.30.1").untouched


def test_an_upgraded_server_still_has_the_notes(talk):
    """Both are shown to its own clients as well; what it has itself is not shown twice."""
    own = {"dataset": {"name": "n", "digest": "other"}}
    for had, shown in (([own], [own, ENTRY]), ([ENTRY], [ENTRY])):
        run = {"run": {**RUN["run"], "inputs": {"dataset_inputs": had}}}
        played = talk(GET, client="3.17.2", server="3.17.2", answers=(run,), emulated=True)
        assert played.body["run"]["inputs"]["dataset_inputs"] == shown
