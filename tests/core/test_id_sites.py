"""Tokens in bytes, and numbers at their places."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from proxy.core.endpoints.spec import Sites, VersionSite
from proxy.core.id_sites import (
    EXPERIMENT,
    MODEL_VERSION,
    TOKEN,
    experiment_of,
    rewrite_tokens,
    tokens_in,
    visit_artifact_path,
    visit_document,
    visit_params,
)

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"
OTHER = "ffffffffffffffffffffffffffffffff"
SWAP = {(TOKEN, RUN): OTHER}


@pytest.mark.parametrize(
    "text",
    ["{}", '"{}"', "/{}/", "runs:/{}/model", "a={}&b", "('{}','x')", "tr.{}.x", "_{}_", '"\\"{}\\""', "ä{}", "-{}-"],
)
def test_a_token_is_found_and_replaced_wherever_it_stands(text):
    """What surrounds a token matters only as far as it is alphanumeric."""
    data = text.format(RUN).encode()
    assert (TOKEN, RUN) in tokens_in(data)
    assert rewrite_tokens(data, SWAP) == text.format(OTHER).encode()


@pytest.mark.parametrize("escape", ["\b", "\f", "\n", "\r", "\t"])
@pytest.mark.parametrize("token", [RUN, f"m-{RUN}", f"tr-{RUN}"])
def test_a_token_after_a_json_escape_is_found(escape, token):
    """In JSON a line break before an id is a backslash and a letter, which does not belong to the id."""
    data = json.dumps(f"first{escape}{token}{escape}last").encode()
    assert (TOKEN, token) in tokens_in(data)
    replaced = rewrite_tokens(data, {(TOKEN, token): "new"})
    assert json.loads(replaced) == f"first{escape}new{escape}last"


@pytest.mark.parametrize("text", [f"a{RUN}", f"{RUN}0", f"{RUN}{RUN}", RUN[:-1], RUN.upper(), f"n{RUN}", f"Z{RUN}z"])
def test_longer_and_shorter_words_are_no_tokens(text):
    """Checksums of other lengths, words and capitals are left alone."""
    data = text.encode()
    assert tokens_in(data) == set()
    assert rewrite_tokens(data, SWAP) is data


@pytest.mark.parametrize("prefix", ["m-", "d-", "a-", "dr-", "tr-", "ls-", "rq-", "iss-"])
def test_a_prefixed_token_is_known_by_its_whole_and_by_its_digits(prefix):
    """Ids such as ``m-…`` are looked up as they are, and a run id with something before it as the run's."""
    data = f'"{prefix}{RUN}"'.encode()
    assert tokens_in(data) == {(TOKEN, RUN), (TOKEN, f"{prefix}{RUN}")}
    whole = {(TOKEN, f"{prefix}{RUN}"): f"{prefix}{OTHER}", (TOKEN, RUN): "never"}
    assert rewrite_tokens(data, whole) == f'"{prefix}{OTHER}"'.encode()
    assert rewrite_tokens(data, SWAP) == f'"{prefix}{OTHER}"'.encode()


@pytest.mark.parametrize("word", ["item-", "idm-", "1m-", "M-", "-"])
def test_only_a_short_word_of_its_own_is_a_prefix(word):
    """An id whose prefix is the end of something longer is not that id; its digits still count."""
    data = f"x {word}{RUN}".encode()
    assert (TOKEN, f"m-{RUN}") not in tokens_in(data)
    assert rewrite_tokens(data, {(TOKEN, f"m-{RUN}"): "wrong"}) is data
    assert rewrite_tokens(data, SWAP) == f"x {word}{OTHER}".encode()


def test_several_tokens_are_replaced_at_once():
    """Two ids that change places do so, because every place is looked at once."""
    data = f"{RUN} {OTHER} {RUN}".encode()
    assert rewrite_tokens(data, {**SWAP, (TOKEN, OTHER): RUN}) == f"{OTHER} {RUN} {OTHER}".encode()


@pytest.mark.parametrize(
    ("path", "experiment"),
    [
        (f"3/{RUN}/artifacts/x", "3"),
        ("12", "12"),
        (f"workspaces/team-a/3/{RUN}", "3"),
        (f"folder/3/{RUN}", None),
        ("3x/y", None),
        ("", None),
        ("workspaces/3", None),
    ],
)
def test_the_experiment_of_an_artifact_path(path, experiment):
    """It is the first segment, or the third one below ``workspaces/WS``, and nothing else."""
    assert experiment_of(path) == experiment
    replaced = visit_artifact_path(path, {(EXPERIMENT, "3"): "77", (EXPERIMENT, "12"): "77"}.get)
    assert experiment_of(replaced) == ("77" if experiment else None)
    assert replaced.count("/") == path.count("/")


def test_numbers_among_path_parameters():
    """Only the parameters that the catalogue names are numbers; others that look alike stay."""
    sites = Sites(experiments=("{experiment_id}", "body_field"), artifact_path="{artifact_path}")
    params = {"experiment_id": "3", "version": "3", "artifact_path": "3/x/3"}
    visited = visit_params(params, sites, {(EXPERIMENT, "3"): "9"}.get)
    assert visited == {"experiment_id": "9", "version": "3", "artifact_path": "9/x/3"}
    assert params["experiment_id"] == "3"


def test_a_value_that_is_no_number_is_left_alone():
    """Booleans, lists and objects at an experiment's place are the server's to refuse."""
    document = {"ids": [True, None, {"a": 1}, [1], "1", 1, 1.0]}
    changed = visit_document(document, Sites(experiments=("ids[]",)), {(EXPERIMENT, "1"): "2"}.get)
    assert changed
    assert document == {"ids": [True, None, {"a": 1}, [1], "2", 2, 1.0]}


def test_a_model_version_counts_under_the_name_beside_it():
    """The same number is one version under one model's name and another under another's."""
    site = VersionSite("model_versions[].name", "model_versions[].version")
    document = {
        "model_versions": [{"name": "a", "version": "1"}, {"name": "b", "version": "1"}, {"name": "a", "version": 1}]
    }
    assert visit_document(document, Sites(versions=(site,)), {(MODEL_VERSION, "a/1"): "a/7"}.get)
    assert document["model_versions"] == [
        {"name": "a", "version": "7"},
        {"name": "b", "version": "1"},
        {"name": "a", "version": 7},
    ]


def test_a_model_version_counts_under_the_name_around_it():
    """Aliases say a version only; the name is that of the model which holds them."""
    site = VersionSite("models[].name", "models[].aliases[].version")
    document: Any = {"models": [{"name": "a/b", "aliases": [{"version": "1"}, {"version": "2"}]}, {"aliases": [{}]}]}
    assert visit_document(document, Sites(versions=(site,)), {(MODEL_VERSION, "a/b/2"): "a/b/5"}.get)
    assert document["models"][0]["aliases"] == [{"version": "1"}, {"version": "5"}]


def test_a_page_token_is_looked_into():
    """A page token of logged models holds experiments and a filter; both are replaced, the rest stays."""
    inner = {"experiment_ids": ["3", "4"], "filter_string": f"source_run_id = '{RUN}'", "offset": 3}
    document = {"page_token": base64.b64encode(json.dumps(inner).encode()).decode()}
    mapping = {(EXPERIMENT, "3"): "9", **SWAP}
    assert visit_document(document, Sites(page_tokens=("page_token",)), mapping.get)
    assert json.loads(base64.b64decode(document["page_token"])) == {
        "experiment_ids": ["9", "4"],
        "filter_string": f"source_run_id = '{OTHER}'",
        "offset": 3,
    }


@pytest.mark.parametrize(
    "token", ["", "!!", "bm90IGpzb24=", "WzFd", base64.b64encode(b"[" * 100_000).decode(), 7, ["x"]]
)
def test_a_page_token_of_another_kind_is_left_alone(token):
    """Servers have other page tokens; what is not base64 JSON of that shape passes as it is."""
    document = {"page_token": token}
    assert not visit_document(document, Sites(page_tokens=("page_token",)), lambda _: "9")
    assert document == {"page_token": token}


@pytest.mark.parametrize(("before", "after"), [(",2,7,", ",8,7,"), ("2", "8"), (",,", ",,"), ("", "")])
def test_the_prompt_tag_lists_experiments(before, after):
    """The tag that says where a prompt belongs is a list of experiment ids between commas."""
    document = {"tags": [{"key": "_mlflow_experiment_ids", "value": before}, {"key": "other", "value": ",2,"}]}
    assert visit_document(document, Sites(), {(EXPERIMENT, "2"): "8"}.get, prompts=True) == (before != after)
    assert [tag["value"] for tag in document["tags"]] == [after, ",2,"]
