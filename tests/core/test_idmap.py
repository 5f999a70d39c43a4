"""Which ids a message mentions, and the message with others in their place."""

from __future__ import annotations

import base64
import json
import math
import urllib.parse
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.endpoints.catalogue import CATALOGUE, match, render
from proxy.core.endpoints.spec import Sites, VersionSite
from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, TOKEN, Ref
from proxy.core.idmap import NO_SITES, refs_in_answer, refs_in_request, rewrite_answer, rewrite_request
from proxy.core.messages import Request

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"
OTHER = "ffffffffffffffffffffffffffffffff"
MODEL = f"m-{RUN}"
THREE = (EXPERIMENT, "3")
TOKENS = {(TOKEN, RUN): OTHER}
NUMBERS = {THREE: "77"}
BOTH = {**TOKENS, **NUMBERS}

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


def rewritten(request: Request, mapping: Mapping[Ref, str]) -> Request:
    found = match(request.method, request.path)
    if found is None:
        return rewrite_request(request, None, mapping, lambda _: request.path)
    return rewrite_request(request, found, mapping, lambda params: render(found.route, params))


def posted(path: str, document: Any) -> Request:
    return Request(
        "POST", f"{API}/{path}", body=document if isinstance(document, bytes) else json.dumps(document).encode()
    )


def body_after(path: str, document: Any, mapping: Mapping[Ref, str]) -> Any:
    return json.loads(rewritten(posted(path, document), mapping).body)


def mentioned(request: Request) -> set[Ref]:
    return refs_in_request(request, match(request.method, request.path))


# ------------------------------------------------------------------------------------------------------------- tokens


def test_tokens_are_replaced_everywhere():
    """Path, query, filter strings, tag values, URIs: a token cannot be anything else, so it goes wherever it stands."""
    request = Request(
        "POST", f"/unknown/{RUN}/x", f"a={RUN}&b=runs:%2F{RUN}", (), f'{{"v": "models:/{RUN}/x"}}'.encode()
    )
    assert mentioned(request) == {(TOKEN, RUN)}
    after = rewritten(request, TOKENS)
    assert RUN not in after.path + after.query + after.body.decode()
    assert after == Request(
        "POST", f"/unknown/{OTHER}/x", f"a={OTHER}&b=runs%3A%2F{OTHER}", (), f'{{"v": "models:/{OTHER}/x"}}'.encode()
    )


@pytest.mark.parametrize(
    "document",
    [
        {"experiment_ids": ["1"], "filter": f"tags.parent = '{RUN}' and attributes.run_id IN ('{RUN}')"},
        {"run_id": RUN, "run_uuid": RUN, "key": "mlflow.parentRunId", "value": RUN},
        {"run_id": RUN, "tags": [{"key": "note", "value": f"from\n{RUN}\nand {MODEL}"}]},
        {"name": "m", "source": f"mlflow-artifacts:/1/{RUN}/artifacts/model", "run_link": f"http://h/#/runs/{RUN}"},
    ],
)
def test_tokens_inside_bodies_are_replaced(document):
    """Filters, tag values, notes and URIs all follow the run to its other name."""
    text = json.dumps(body_after("runs/search", document, TOKENS))
    assert RUN not in text
    assert text == json.dumps(document).replace(RUN, OTHER)


def test_a_run_id_hidden_by_an_encoded_slash_is_replaced():
    """Servers decode a path before they route it, so an id behind ``%2F`` is that id."""
    path = f"{ARTIFACTS}/3%2F{RUN}%2Fartifacts%2Fa%20b"
    assert mentioned(Request("GET", path)) == {THREE, (TOKEN, RUN)}
    assert rewritten(Request("GET", path), TOKENS).path == f"{ARTIFACTS}/3/{OTHER}/artifacts/a%20b"


def test_bodies_that_are_no_json_change_in_their_tokens_only():
    """Bytes of another kind keep everything but the ids, however much they look like numbers or JSON."""
    body = b"\xff\x00{ 3 " + RUN.encode() + b"\x00 NaN 3"
    assert refs_in_answer(body, Sites(experiments=("experiment_id",))) == {(TOKEN, RUN)}
    assert rewrite_answer(body, Sites(experiments=("experiment_id",)), BOTH) == body.replace(
        RUN.encode(), OTHER.encode()
    )


# ------------------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    "document",
    [
        {"run_id": "x", "tags": [{"key": "3", "value": "3"}], "params": [{"key": "n", "value": "3"}]},
        {"run_id": "x", "metrics": [{"key": "3", "value": 3, "timestamp": 3, "step": 3}]},
    ],
)
def test_a_number_elsewhere_is_only_a_number(document):
    """Tag values, parameters, metric values, steps and timestamps that equal an experiment id stay what they are."""
    request = posted("runs/log-batch", document)
    assert mentioned(request) == set()
    assert rewritten(request, NUMBERS).body == request.body


def test_an_experiment_in_a_body_keeps_its_type():
    """A string stays a string; a bare number, which old clients send, stays a number."""
    assert body_after("experiments/update", {"experiment_id": "3", "new_name": "3"}, NUMBERS) == {
        "experiment_id": "77",
        "new_name": "3",
    }
    assert body_after("experiments/update", {"experiment_id": 3}, NUMBERS) == {"experiment_id": 77}


def test_lists_of_experiments_in_a_body():
    """Every element is looked up on its own."""
    assert mentioned(posted("runs/search", {"experiment_ids": ["3", "4"]})) == {THREE, (EXPERIMENT, "4")}
    assert body_after("runs/search", {"experiment_ids": ["3", "4", "3"]}, NUMBERS) == {
        "experiment_ids": ["77", "4", "77"]
    }


def test_an_experiment_in_a_query():
    """A query field at a site is replaced; the same digits in another field are not."""
    request = Request("GET", f"{API}/experiments/get", "experiment_id=3&max_results=3")
    assert mentioned(request) == {THREE}
    assert rewritten(request, NUMBERS).query == "experiment_id=77&max_results=3"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("experiment_ids=3", "experiment_ids=77"),
        ("experiment_ids=3&experiment_ids=4&experiment_ids=3", "experiment_ids=77&experiment_ids=4&experiment_ids=77"),
    ],
)
def test_experiments_in_a_query(before, after):
    """A list field of a query may stand once or several times."""
    request = Request("GET", "/ajax-api/2.0/mlflow/experiments/search-datasets", before)
    sites = CATALOGUE["SearchDatasets"].request
    found = match("POST", request.path)
    assert found is not None
    assert found.operation.request == sites
    assert THREE in refs_in_request(request, found)
    assert rewrite_request(request, found, NUMBERS, lambda _: request.path).query == after


def test_a_query_without_ids_stays_as_it_was_written():
    """Order, encoding and blanks of a query are kept where nothing in it is replaced."""
    query = "b=%7e&a=+x&&b=1&empty"
    request = Request("GET", f"{API}/runs/get", query, (), b"")
    assert rewritten(request, BOTH).query == query


def test_path_parameters_are_replaced():
    """A token in a templated path is replaced in place."""
    request = Request("PATCH", f"{API}/logged-models/{MODEL}", body=b"{}")
    assert mentioned(request) == {(TOKEN, RUN), (TOKEN, MODEL)}
    assert rewritten(request, {(TOKEN, MODEL): "m-new"}).path == f"{API}/logged-models/m-new"


@pytest.mark.parametrize(
    ("path", "after"),
    [
        (f"3/{RUN}/artifacts/3/{RUN}.txt", f"77/{OTHER}/artifacts/3/{OTHER}.txt"),
        (f"workspaces/W%20S/3/{RUN}/artifacts/x", f"workspaces/W%20S/77/{OTHER}/artifacts/x"),
        (f"33/{RUN}/artifacts/%C3%A4", f"33/{OTHER}/artifacts/%C3%A4"),
    ],
)
def test_artifact_paths(path, after):
    """The experiment's segment is a number, the run is a token, and names below them are the client's own."""
    request = Request("PUT", f"{ARTIFACTS}/{path}")
    assert rewritten(request, BOTH).path == f"{ARTIFACTS}/{after}"


def test_the_folder_of_an_artifact_listing():
    """Listings name the path in the query."""
    request = Request("GET", ARTIFACTS, f"path=3%2F{RUN}%2Fartifacts")
    assert mentioned(request) == {THREE, (TOKEN, RUN)}
    assert rewritten(request, BOTH).query == f"path=77%2F{OTHER}%2Fartifacts"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"mlflow-artifacts:/3"', '"mlflow-artifacts:/77"'),
        ('"mlflow-artifacts:/3/x/3"', '"mlflow-artifacts:/77/x/3"'),
        ('"mlflow-artifacts:/workspaces/w/3/x"', '"mlflow-artifacts:/workspaces/w/77/x"'),
        ('"mlflow-artifacts://host:5000/3/x"', '"mlflow-artifacts://host:5000/77/x"'),
        ('"{\\"uri\\": \\"mlflow-artifacts:/3\\"}"', '"{\\"uri\\": \\"mlflow-artifacts:/77\\"}"'),
        ('"mlflow-artifacts:/33/x"', '"mlflow-artifacts:/33/x"'),
        ('"mlflow-artifacts:/3x"', '"mlflow-artifacts:/3x"'),
        ('"s3://bucket/3/x"', '"s3://bucket/3/x"'),
    ],
)
def test_artifact_uris(before, after):
    """Behind ``mlflow-artifacts:`` the first segment is an experiment, in any string; other stores have none."""
    body = f'{{"value": {before}}}'.encode()
    assert rewrite_answer(body, NO_SITES, NUMBERS) == f'{{"value": {after}}}'.encode()
    assert (THREE in refs_in_answer(body, NO_SITES)) == (before != after)


def test_the_prompt_tag():
    """The tag that lists a prompt's experiments is replaced in any call that sets it."""
    tag = {"name": "p", "key": "_mlflow_experiment_ids", "value": ",3,4,"}
    request = posted("registered-models/set-tag", tag)
    assert mentioned(request) == {THREE, (EXPERIMENT, "4")}
    assert body_after("registered-models/set-tag", tag, NUMBERS) == {**tag, "value": ",77,4,"}


@pytest.mark.parametrize("encode", [urllib.parse.quote, urllib.parse.quote_plus])
def test_the_filter_for_the_prompts_of_an_experiment(encode):
    """The UI finds an experiment's prompts by a filter on that tag, in a query or in a body."""
    before = (
        "tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`_mlflow_experiment_ids` ILIKE '%,3,%' AND tags.a = ',3,'"
    )
    after = before.replace("%,3,%", "%,77,%")
    request = Request("GET", "/ajax-api/2.0/mlflow/registered-models/search", f"filter={encode(before)}")
    assert mentioned(request) == {THREE}
    assert urllib.parse.parse_qs(rewritten(request, NUMBERS).query) == {"filter": [after]}
    assert (
        rewrite_answer(json.dumps({"filter": before}).encode(), NO_SITES, NUMBERS)
        == json.dumps({"filter": after}).encode()
    )


@pytest.mark.parametrize("mapping", [NUMBERS, TOKENS, BOTH])
def test_the_page_token_of_logged_models(mapping):
    """A page token repeats the request's experiments and filter, and must still fit the request afterwards."""
    inner = {"experiment_ids": ["3"], "filter_string": f"source_run_id = '{RUN}'", "offset": 3}
    token = base64.b64encode(json.dumps(inner).encode()).decode()
    document = {"experiment_ids": ["3"], "filter": inner["filter_string"], "page_token": token}
    request = posted("logged-models/search", document)
    assert mentioned(request) == {THREE, (TOKEN, RUN)}
    after = json.loads(rewritten(request, mapping).body)
    said = json.loads(base64.b64decode(after["page_token"]))
    assert said == {
        "experiment_ids": [mapping.get(THREE, "3")],
        "filter_string": f"source_run_id = '{mapping.get((TOKEN, RUN), RUN)}'",
        "offset": 3,
    }
    assert (said["experiment_ids"], said["filter_string"]) == (after["experiment_ids"], after["filter"])


def test_ids_in_headers():
    """Spans name their experiment and their run in headers: the body is protobuf, and stays as it is."""
    headers = (("X-MLflow-Experiment-Id", "3"), ("x-mlflow-run-id", RUN), ("x-request-id", "3"))
    request = Request("POST", "/v1/traces", "", headers, b"\x0a\x03")
    assert mentioned(request) == {THREE, (TOKEN, RUN)}
    after = rewritten(request, BOTH)
    assert dict(after.headers) == {"X-MLflow-Experiment-Id": "77", "x-mlflow-run-id": OTHER, "x-request-id": "3"}
    assert after.body == request.body


# ----------------------------------------------------------------------------------------------------- model versions


def test_versions_of_a_request_count_under_its_name():
    """Name and version stand side by side in queries and bodies; numbers of other models are others."""
    seven = {(MODEL_VERSION, "m/2"): "m/7"}
    request = Request("GET", f"{API}/model-versions/get", "name=m&version=2")
    assert mentioned(request) == {(MODEL_VERSION, "m/2")}
    assert rewritten(request, seven).query == "name=m&version=7"
    assert rewritten(Request("GET", request.path, "name=n&version=2"), seven).query == "name=n&version=2"
    assert body_after("model-versions/transition-stage", {"name": "m", "version": 2}, seven) == {
        "name": "m",
        "version": 7,
    }


def test_versions_of_an_answer_count_under_enclosing_and_own_names():
    """Aliases take the model's name, latest versions their own; strings stay strings and numbers numbers."""
    answer = {
        "registered_model": {
            "name": "m",
            "aliases": [{"alias": "a", "version": "2"}, {"alias": "b", "version": 2}],
            "latest_versions": [{"name": "m", "version": "2"}, {"name": "n", "version": "2"}],
        }
    }
    body, sites = json.dumps(answer).encode(), CATALOGUE["GetRegisteredModel"].response
    assert refs_in_answer(body, sites) == {(MODEL_VERSION, "m/2"), (MODEL_VERSION, "n/2")}
    after = json.loads(rewrite_answer(body, sites, {(MODEL_VERSION, "m/2"): "m/7"}))["registered_model"]
    assert [alias["version"] for alias in after["aliases"]] == ["7", 7]
    assert [version["version"] for version in after["latest_versions"]] == ["7", "2"]


# ------------------------------------------------------------------------------------------------ what must not change


@pytest.mark.parametrize(
    "request_",
    [
        posted("runs/log-batch", {"run_id": RUN, "experiment_id": "3"}),
        Request("GET", f"{ARTIFACTS}/3/{RUN}/artifacts/x", "a=b"),
        Request("POST", "/unknown", "x=%20", (("a", "b"),), b"\xff"),
    ],
)
def test_nothing_to_replace_is_the_very_same_object(request_):
    """An upgrade without differences pays nothing: no copy, no parsing."""
    assert rewritten(request_, {}) is request_
    assert rewrite_answer(request_.body, Sites(experiments=("experiment_id",)), {}) is request_.body


def test_what_is_not_replaced_is_the_very_same_body():
    """A mapping of other ids leaves the bytes of a body alone, spaces and all."""
    body = b'{ "experiment_id" :  "5", "v": 1.50 }'
    assert rewrite_answer(body, Sites(experiments=("experiment_id",)), BOTH) == body


def test_nan_and_infinity_survive():
    """Bare NaN and Infinity, which old clients send, come out as they went in when an id beside them is replaced."""
    body = b'{"experiment_id": "3", "metrics": [{"value": NaN}, {"value": Infinity}, {"value": -Infinity}]}'
    after = rewrite_answer(body, Sites(experiments=("experiment_id",)), NUMBERS)
    assert after == body.replace(b'"3"', b'"77"')
    assert math.isnan(json.loads(after)["metrics"][0]["value"])


NUMERALS = [
    "0", "-0.0", "1.0", "0.1", "1e-7", "1.7976931348623157e+308", "5e-324", "123456789012345678",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
    "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890",
]  # fmt: skip


@pytest.mark.parametrize("numeral", NUMERALS)
def test_numbers_survive(numeral):
    """Integers of any size and floats are the same numbers of the same type after an id beside them was replaced."""
    body = f'{{"experiment_id": "3", "value": {numeral}}}'.encode()
    value = json.loads(rewrite_answer(body, Sites(experiments=("experiment_id",)), NUMBERS))["value"]
    assert repr(value) == repr(json.loads(numeral))


@pytest.mark.parametrize("text", ["ä€😀", "\ud800", "a\u0000b", '"\\', "\u2028"])
def test_texts_survive(text):
    """Characters of every kind, lone surrogates and NUL included, are kept."""
    body = json.dumps({"experiment_id": "3", "text": text}).encode()
    after = json.loads(rewrite_answer(body, Sites(experiments=("experiment_id",)), NUMBERS))
    assert after == {"experiment_id": "77", "text": text}


@pytest.mark.parametrize("depth", [300, 900, 1020, 100_000])
def test_deep_bodies_do_no_harm(depth):
    """A body nested as deeply as its sender likes raises nothing; what servers refuse may pass as it is."""
    body = b'{"experiment_id": "3", "x": ' + b"[" * depth + b"]" * depth + b"}"
    after = rewrite_answer(body, Sites(experiments=("experiment_id", "**.other")), NUMBERS)
    assert after in {
        body,
        body.replace(b'"3"', b'"77"'),
        body.replace(b'"3"', b'"77"').replace(b": ", b":").replace(b", ", b","),
    }
    refs_in_answer(body, Sites(experiments=("experiment_id",)))


def test_raw_bytes_in_a_path_survive():
    """Bytes that are no UTF-8 reach us as lone surrogates and leave as they came."""
    request = Request("GET", f"/unknown/\udcff/{RUN}", f"a=\udcff&b={RUN}&c=%FF")
    assert mentioned(request) == {(TOKEN, RUN)}
    after = rewritten(request, TOKENS)
    assert after.path == f"/unknown/\udcff/{OTHER}"
    assert after.query == f"a=%FF&b={OTHER}&c=%FF"


# ---------------------------------------------------------------------------------------------------------- properties

SITES = Sites(
    experiments=("experiment_id", "experiment_ids[]", "runs[].info.experiment_id"),
    versions=(VersionSite("name", "version"), VersionSite("model_versions[].name", "model_versions[].version")),
)
HERE_TOKENS = [f"{number:032x}" for number in (0xA1, 0xB2, 0xC3)]
THERE_TOKENS = [f"{number:032x}" for number in (0xD4, 0xE5, 0xF6)]
HERE = [(TOKEN, t) for t in HERE_TOKENS] + [(EXPERIMENT, n) for n in "123"] + [(MODEL_VERSION, f"m/{n}") for n in "12"]
THERE = [*THERE_TOKENS, "11", "12", "13", "m/21", "m/22"]
FORWARD = dict(zip(HERE, THERE, strict=True))
BACKWARD = {(kind, there): here for (kind, here), there in FORWARD.items()}

_numbers = st.sampled_from(["1", "2", "3", "4", 1, 2])
_words = st.text(max_size=5) | st.sampled_from(
    ["1", "2", *HERE_TOKENS, f"runs:/{HERE_TOKENS[0]}/m", "mlflow-artifacts:/1/x"]
)
_leaves = _words | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.booleans() | st.none()
_documents = st.fixed_dictionaries(
    {},
    optional={
        "experiment_id": _numbers,
        "experiment_ids": st.lists(_numbers, max_size=3),
        "runs": st.lists(
            st.fixed_dictionaries({"info": st.fixed_dictionaries({"experiment_id": _numbers})}), max_size=2
        ),
        "name": st.sampled_from(["m", "n"]),
        "version": _numbers,
        "model_versions": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(["m", "n"]), "version": _numbers}), max_size=3
        ),
        "tags": st.lists(st.fixed_dictionaries({"key": _words, "value": _words}), max_size=2),
        "other": st.recursive(
            _leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_words, inner, max_size=2)
        ),
    },
)


@given(_documents)
def test_there_and_back_again(document):
    """A document put into the other side's ids and back is the document that it was."""
    body = json.dumps(document).encode()
    there = rewrite_answer(body, SITES, FORWARD)
    assert json.loads(rewrite_answer(there, SITES, BACKWARD)) == document


@given(_documents)
def test_only_mentioned_ids_matter(document):
    """Looking up just the ids that a body mentions gives the same result as knowing them all."""
    body = json.dumps(document).encode()
    known = {ref: FORWARD[ref] for ref in refs_in_answer(body, SITES) if ref in FORWARD}
    assert rewrite_answer(body, SITES, known) == rewrite_answer(body, SITES, FORWARD)
    assert not refs_in_answer(rewrite_answer(body, SITES, known), SITES) & FORWARD.keys()
