"""Which ids a message mentions, and the message with other ids in their place.

The work is split so that this part stays pure: :func:`refs_in_request` says what a message mentions, somebody else
looks those up, and :func:`rewrite_request` applies the answers. With nothing to replace the very same object comes
back, so bytes that need no change are not even parsed.

Two kinds of ids are treated differently:

* **Tokens** (runs, logged models, datasets, version-2 traces) are 32 hex digits, perhaps after a short prefix. They
  cannot be mistaken for anything else, so they are replaced wherever they stand: path, query, body, filter strings,
  tag values, artifact URIs.
* **Numbers** (experiment ids, model version numbers) are replaced only at the sites that the catalogue lists, in the
  experiment segment of artifact paths and ``mlflow-artifacts:`` URIs, and in the prompt tag that lists experiments and
  filters on it.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import orjson

from proxy.core.endpoints.spec import Match, Sites
from proxy.core.id_sites import (
    EXPERIMENT,
    PROMPT_TAG,
    TOKEN,
    Ref,
    Visit,
    rewrite_tokens,
    tokens_in,
    visit_document,
    visit_params,
)
from proxy.core.messages import Headers, Request
from proxy.core.query import fields_of, with_fields

ABSENT_EXPERIMENT = "2147483646"
"""Stands for an experiment that the side does not have; within INTEGER on every database, and never reached."""

NO_SITES = Sites()

_LONG_INTEGER = re.compile(rb"\d{20}|-\d{19}")

_ARTIFACT_URI = re.compile(rb"(mlflow-artifacts:/(?:/[^/\"\s]*/)?(?:workspaces/[^/\"\s]+/)?)(\d+)(?=[/\"\s\\]|$)")

_PROMPT_FILTER = re.compile(
    rb"(_mlflow_experiment_ids[`\"\\]*[\s+]*(?:I?LIKE|=)[\s+]*\\?['\"]%?,)(\d+)(?=,%?\\?['\"])", re.IGNORECASE
)
"""How the UI asks for the prompts of one experiment: ``tags.`_mlflow_experiment_ids` ILIKE '%,3,%'``."""


# ----------------------------------------------------------------------------------------------------------- mentions


def refs_in_request(request: Request, match: Match | None) -> set[Ref]:
    """The ids that a request mentions; for an unknown endpoint only its tokens count."""
    refs = tokens_in(_bytes(unquote(request.path)))
    sites = match.operation.request if match is not None else NO_SITES
    note = _noting(refs)
    if match is not None:
        visit_params(match.params, sites, note)
    if request.query:
        refs |= _refs_in_bytes(_bytes(unquote(request.query)))
        visit_document(_query_document(request.query, sites), sites, note)
    if request.body:
        refs |= refs_in_answer(request.body, sites)
    _visit_headers(request.headers, sites, note)
    return refs


def refs_in_answer(body: bytes, sites: Sites) -> set[Ref]:
    """The ids that a JSON body mentions (answers, and bodies of requests)."""
    refs = _refs_in_bytes(body)
    if _worth_parsing(body, sites):
        parsed = parse_json(body)
        if parsed is not None:
            visit_document(parsed[0], sites, _noting(refs), prompts=_has_prompt_tag(body))
    return refs


def _refs_in_bytes(data: bytes) -> set[Ref]:
    refs = tokens_in(data)
    refs.update((EXPERIMENT, found[1].decode()) for found in _ARTIFACT_URI.findall(data))
    if PROMPT_TAG.encode() in data:
        refs.update((EXPERIMENT, found[1].decode()) for found in _PROMPT_FILTER.findall(data))
    return refs


def _noting(refs: set[Ref]) -> Callable[[Ref], str | None]:
    def note(ref: Ref) -> None:
        refs.add(ref)

    return note


# ---------------------------------------------------------------------------------------------------------- rewriting


def rewrite_request(
    request: Request, match: Match | None, mapping: Mapping[Ref, str], render: Callable[[Mapping[str, str]], str]
) -> Request:
    """The request with every mentioned id that ``mapping`` has replaced.

    Args:
        request: what is to be sent.
        match: how the catalogue recognised it.
        mapping: only pairs that differ.
        render: the path of the same route with other path parameters.
    """
    if not mapping:
        return request
    sites = match.operation.request if match is not None else NO_SITES
    path, query, body = request.path, request.query, request.body
    if match is not None and match.params:
        # The decoded parameters, because ``%2F`` before an id would hide it.
        params = {
            name: _text(rewrite_tokens(_bytes(value), mapping))
            for name, value in visit_params(match.params, sites, mapping.get).items()
        }
        if params != match.params:
            path = render(params)
    else:
        path = _text(rewrite_tokens(_bytes(path), mapping))
    if query:
        document = _query_document(query, sites)
        changed = visit_document(document, sites, mapping.get)
        if _rewrite_values(document, mapping) or changed:
            query = with_fields(document)
    if body and not _is_binary(match):
        body = rewrite_answer(body, sites, mapping)
    return Request(request.method, path, query, _visit_headers(request.headers, sites, mapping.get), body)


def rewrite_answer(body: bytes, sites: Sites, mapping: Mapping[Ref, str]) -> bytes:
    """A JSON body with every mentioned id that ``mapping`` has replaced (answers, and bodies of requests)."""
    if not mapping:
        return body
    numbers = any(kind != TOKEN for kind, _ in mapping)
    if (numbers or sites.page_tokens) and _worth_parsing(body, sites):  # tokens are found in bytes, but not in base64
        parsed = parse_json(body)
        if parsed is not None:
            document, dump = parsed
            if visit_document(document, sites, mapping.get, prompts=_has_prompt_tag(body)):
                with contextlib.suppress(RecursionError):  # nested more deeply than any server reads
                    body = dump(document)
    return _rewrite_bytes(body, mapping)


def _rewrite_bytes(data: bytes, mapping: Mapping[Ref, str]) -> bytes:
    def swap(found: re.Match[bytes]) -> bytes:
        other = mapping.get((EXPERIMENT, found[2].decode()))
        return found[0] if other is None else found[1] + other.encode()

    data = _ARTIFACT_URI.sub(swap, data)
    if PROMPT_TAG.encode() in data:
        data = _PROMPT_FILTER.sub(swap, data)
    return rewrite_tokens(data, mapping)


def _rewrite_values(document: dict[str, Any], mapping: Mapping[Ref, str]) -> bool:
    """Replace tokens and artifact URIs inside the values of a query, in place."""
    changed = False
    for key, value in document.items():
        many = value if isinstance(value, list) else [value]
        new = [_text(_rewrite_bytes(_bytes(item), mapping)) for item in many]
        if new != many:
            document[key] = new if isinstance(value, list) else new[0]
            changed = True
    return changed


# ------------------------------------------------------------------------------------------------------------ helpers


def parse_json(body: bytes) -> tuple[Any, Callable[[Any], bytes]] | None:
    """The document and how to write it back; None when it is not JSON (the server judges it then).

    Bare ``NaN`` and ``Infinity``, which older clients send and orjson refuses, are read and written by ``json``. So are
    integers beyond 64 bits, which orjson would round.
    """
    if not _LONG_INTEGER.search(body):
        try:
            return orjson.loads(body), _dump
        except orjson.JSONDecodeError:
            pass
    try:
        return json.loads(body), _dump_slowly
    except (ValueError, RecursionError):
        return None


def _dump(document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # nested more than 254 levels deep, which orjson reads but does not write
        return _dump_slowly(document)


def _dump_slowly(document: Any) -> bytes:
    return json.dumps(document).encode()


def _has_prompt_tag(body: bytes) -> bool:
    return PROMPT_TAG.encode() in body


def _is_binary(match: Match | None) -> bool:
    """Protobuf bodies (OTLP) hold lengths, so nothing in them can be replaced; their ids travel in headers."""
    return match is not None and match.operation.protobuf


def _visit_headers(headers: Headers, sites: Sites, visit: Visit) -> Headers:
    """The headers after visiting ids in MLflow's own ones; the very same object when nothing is replaced."""
    replaced = tuple((name, _visit_header(name.lower(), value, sites, visit)) for name, value in headers)
    return replaced if replaced != headers else headers


def _visit_header(name: str, value: str, sites: Sites, visit: Visit) -> str:
    if name in sites.headers:
        return visit((EXPERIMENT, value)) or value
    if name.startswith("x-mlflow-"):
        mapping = {ref: other for ref in tokens_in(_bytes(value)) if (other := visit(ref)) is not None}
        return _text(rewrite_tokens(_bytes(value), mapping)) if mapping else value
    return value


def _worth_parsing(body: bytes, sites: Sites) -> bool:
    return body.lstrip()[:1] in {b"{", b"["} and (sites != NO_SITES or _has_prompt_tag(body))


def _query_document(query: str, sites: Sites) -> dict[str, Any]:
    """The query as a document in which fields that a site calls a list are lists."""
    document = fields_of(query)
    for site in sites.experiments:
        name = site[:-2]
        if site.endswith("[]") and name in document and not isinstance(document[name], list):
            document[name] = [document[name]]
    return document


def _bytes(text: str) -> bytes:
    """Raw bytes of a path or query that are not UTF-8 come as lone surrogates, and go as they came."""
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
