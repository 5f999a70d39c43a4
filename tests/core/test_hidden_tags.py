"""Our own tags: written, recognised, taken out."""

from __future__ import annotations

import json

import pytest

from proxy.core import hidden_tags
from proxy.core.endpoints.spec import Sites
from proxy.core.id_sites import TOKEN
from proxy.core.idmap import rewrite_answer
from proxy.core.messages import Response

RUN = "0123456789abcdef0123456789abcdef"
HIDDEN = {"key": hidden_tags.PUBLIC_ID_TAG, "value": f"id{RUN}"}
SHOWN = {"key": "mine", "value": "1"}


@pytest.mark.parametrize("public", [RUN, f"m-{RUN}", f"tr-{RUN}", f"d-{RUN}", f"iss-{RUN}"])
def test_the_tag_is_not_rewritten_with_the_ids_around_it(public):
    """The create is sent with local ids, and its tag still says the public one."""
    value = hidden_tags.public_id_value(public)
    assert hidden_tags.public_id_in(value) == public
    body = json.dumps({"tags": [{"key": hidden_tags.PUBLIC_ID_TAG, "value": value}]}).encode()
    assert rewrite_answer(body, Sites(), {(TOKEN, public): "rewritten"}) == body


def test_the_tag_of_a_version_holds_name_and_number():
    """Slashes would look like a path to filters, so the value has none."""
    assert hidden_tags.public_id_value("m/3") == "idm 3"


def test_the_tag_is_taken_out_at_any_depth():
    """Answers hold tags as lists of pairs and as maps, in objects in lists; ours vanish and everything else stays."""
    answer = {
        "runs": [{"data": {"tags": [HIDDEN, SHOWN], "params": [SHOWN]}}, {"data": {"tags": [HIDDEN]}}],
        "trace": {"info": {"tags": {hidden_tags.PUBLIC_ID_TAG: "x", "mine": "1"}}},
        "deep": [[HIDDEN, [HIDDEN, 3]]],
        "key": hidden_tags.PUBLIC_ID_TAG,
    }
    assert hidden_tags.strip_hidden(answer) == {
        "runs": [{"data": {"tags": [SHOWN], "params": [SHOWN]}}, {"data": {"tags": []}}],
        "trace": {"info": {"tags": {"mine": "1"}}},
        "deep": [[[3]]],
        "key": hidden_tags.PUBLIC_ID_TAG,
    }


def test_an_answer_with_the_tag_is_recognised():
    """Only answers that hold the tag's name need be parsed."""
    assert hidden_tags.mentioned(Response(200, (), json.dumps({"tags": [HIDDEN]}).encode()))
    assert not hidden_tags.mentioned(Response(200, (), json.dumps({"tags": [SHOWN]}).encode()))


def test_visible_tags_are_those_that_are_not_ours():
    """Everything under our prefix is hidden, and a tag without a key is the client's."""
    tags = [HIDDEN, SHOWN, {"key": "mlflow.tightrope.other", "value": "x"}, {"value": "no key"}]
    assert hidden_tags.visible_tags(tags) == [SHOWN, {"value": "no key"}]
