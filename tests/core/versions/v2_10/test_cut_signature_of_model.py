"""Signatures in descriptions of models, for servers that cannot read them."""

from __future__ import annotations

import json

import pytest

LOG = "POST /api/2.0/mlflow/runs/log-model"
MODEL = {"artifact_path": "m", "signature": {"inputs": '[{"type": "long", "name": "a", "required": true}]'}}


def test_the_signature_is_left_out(talk):
    """Everything else stays."""
    played = talk(LOG, {"run_id": "r", "model_json": json.dumps(MODEL)}, client="2.14.3", server="1.30.1")
    assert json.loads(played.sent[0][1]["model_json"]) == {"artifact_path": "m"}
    assert played.changes == ["cut_signature_of_model"]


@pytest.mark.parametrize("text", ['{"artifact_path": "signature"}', '{"a": {"signature": 1}}', '"signature"', 7])
def test_other_descriptions_go_as_they_are(talk, text):
    """Also what is none: the server says so."""
    assert talk(LOG, {"run_id": "r", "model_json": text}, client="2.14.3", server="1.30.1").untouched


@pytest.mark.parametrize(("client", "server"), [("2.9.2", "1.30.1"), ("2.22.4", "2.14.3")])
def test_who_agrees_about_signatures(talk, client, server):
    """Older clients have simpler ones, newer servers read all."""
    assert talk(LOG, {"run_id": "r", "model_json": json.dumps(MODEL)}, client=client, server=server).untouched
