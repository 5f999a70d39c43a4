"""The skew table, and that it tells what requests meet."""

from __future__ import annotations

import re

import pytest

from proxy.core.endpoints.catalogue import CATALOGUE, STUDIED_VERSIONS, match
from proxy.core.endpoints.features import EXPERIMENTS, PROMPTS
from proxy.core.messages import Request
from proxy.core.mlflow_version import Version
from proxy.core.versions import skew, translate
from proxy.core.versions.change import Dialects, VersionChange
from proxy.core.versions.skew import Verdict, operations_of, route_of_client, standing, standings, words
from proxy.errors import CannotTranslateError, RequestError

OLD, MIDDLE, NEW = Version(1, 30, 1), Version(2, 22, 4), Version(3, 17, 2)


@pytest.mark.parametrize("version", STUDIED_VERSIONS, ids=str)
def test_a_client_of_the_servers_version_gets_everything_natively(version):
    """Nothing comes between them."""
    found = standings(version, version)
    assert found
    assert {each.verdict for each in found} == {Verdict.NATIVE}
    assert not any(each.parts or each.conditional for each in found)


@pytest.mark.parametrize("server", [Version(1, 20, 2), OLD, MIDDLE, Version(3, 3, 2), NEW], ids=str)
@pytest.mark.parametrize("client", [Version(1, 10), OLD, Version(2, 9, 2), MIDDLE, NEW], ids=str)
def test_the_table_says_what_a_request_meets(client, server):
    """What is refused is refused with these very words, what is native passes as bytes, the rest is not refused."""
    for found in standings(client, server):
        operation = CATALOGUE[found.operation]
        if operation.streamed or operation.protobuf:
            continue
        outcome = _planned(found.operation, client, server)
        if found.verdict is Verdict.REFUSED:
            assert outcome == found.refusal, found
        elif found.verdict is Verdict.NATIVE:
            assert outcome == "passed", found
        elif not found.refusal:
            assert not outcome.startswith(f"{found.operation} needs an MLflow server"), found


def _planned(name: str, client: Version, server: Version) -> str:
    """``passed``, ``translated``, or the words of the refusal."""
    route = route_of_client(CATALOGUE[name], client)
    assert route is not None
    path = re.sub(r"\{[^}]+\}", "x", route.template)
    found = match(route.method, path)
    assert found is not None
    try:
        translation = translate.plan(found, Request(route.method, path, "", (), b"{}"), Dialects(client, server))
    except CannotTranslateError as error:
        return f"{error.message}. {error.hint}"
    except RequestError:
        return "translated"  # and something that the empty call lacks is missed
    return "passed" if translation is None else "translated"


def test_old_clients_use_the_paths_of_their_time():
    """The registry under preview up to 1.30, everything in 1.0, nothing since 2.0."""
    assert "preview" in _template("CreateRegisteredModel", OLD)
    assert "preview" not in _template("CreateRun", OLD)
    assert "preview" in _template("CreateRun", Version(1, 0))
    assert "preview" not in _template("CreateRegisteredModel", Version(2, 0, 1))
    assert "preview" not in _template("GetLatestVersions", OLD)
    assert "preview" in _template("GetLatestVersions", Version(1, 20, 2))


def _template(name: str, client: Version) -> str:
    route = route_of_client(CATALOGUE[name], client)
    assert route is not None
    return route.template


def test_another_path_alone_is_a_translation():
    """A 1.30 client creates registered models under preview, which newer servers do not have."""
    found = standing("RenameRegisteredModel", OLD, NEW)
    assert found.moved
    assert found.verdict is not Verdict.NATIVE
    assert words(found).startswith("translated: by another path")


def test_a_condition_is_said_in_words():
    """Most calls are native; which are not stands there."""
    found = standing("CreateRun", MIDDLE, OLD)
    assert found.conditional
    assert words(found).startswith("native; ")
    assert "when the name stands in the tag mlflow.runName alone" in words(found)


def test_a_dropped_operation_is_translated_by_its_recipe():
    """experiments/list has no route on 2.x, and works."""
    found = standing("ListExperiments", OLD, NEW)
    assert (found.verdict, found.conditional, found.refusal) == (Verdict.TRANSLATED, False, "")
    assert "list_experiments_by_search" in [part.change for part in found.parts]


def test_what_has_no_change_is_refused_with_the_clients_words():
    """Name, needed version, version there, feature, and what to do."""
    found = standing("CreateWebhook", NEW, OLD)
    assert found.verdict is Verdict.REFUSED
    assert words(found) == (
        "refused: CreateWebhook needs an MLflow server >= 3.3.2; this one is 1.30.1. Needed for webhooks. "
        "Upgrade the server behind Tightrope, or do without until then; docs/compat.md of Tightrope lists what works."
    )


def test_a_release_between_two_studied_ones_is_said_to_be_asked():
    """2.4 may or may not have log-inputs."""
    found = standing("LogInputs", Version(2, 5), Version(2, 4, 1))
    assert found.possible
    assert "the server is asked" in words(found)


def test_a_client_without_a_version_speaks_the_servers_path():
    """Plain HTTP users need nothing but what is missing."""
    assert standing("CreateRegisteredModel", None, NEW).verdict is Verdict.NATIVE
    assert standing("CreateWebhook", None, OLD).verdict is Verdict.REFUSED


def test_pages_helpers_of_the_ui_and_administration_are_left_out():
    """No client library calls them."""
    names = {operation.name for operation in operations_of(NEW)}
    assert "CreateRun" in names
    assert not names & {"GetIndexPage", "CreateUser", "UploadArtifactUi", "CreatePromptlabRun", "SearchDatasets"}


def test_features_that_a_client_does_not_know_are_empty():
    """A 2.9 client has no prompts, though it has all the calls they are made of."""
    assert skew.of_feature(PROMPTS, Version(2, 9, 2), NEW) == ()
    assert skew.of_feature(PROMPTS, MIDDLE, NEW)
    assert {each.feature for each in skew.of_feature(EXPERIMENTS, OLD, NEW)} == {"experiments"}


def test_counts_add_up():
    """Every operation has one verdict."""
    found = standings(NEW, OLD)
    assert sum(skew.counts(found).values()) == len(found) == len(operations_of(NEW))


def _bundle(monkeypatch: pytest.MonkeyPatch, *changes: VersionChange) -> None:
    monkeypatch.setattr(skew, "concerned", lambda name, dialects: [c for c in changes if c.concerns(name, dialects)])
    skew.standing.cache_clear()


@pytest.fixture(autouse=True)
def _forget():
    yield
    skew.standing.cache_clear()


def _change(name: str, operation: str, **parts: object) -> VersionChange:
    return VersionChange(name, frozenset({operation}), (None, None), **parts)  # type: ignore[arg-type]


def test_an_emulation_stands_for_what_the_server_lacks(monkeypatch):
    """With what is lost, each loss once."""
    change = _change("keep", "CreateWebhook", recipe=lambda *_: iter(()), emulates=True, lost="speed")
    _bundle(monkeypatch, change, _change("more", "CreateWebhook", response=lambda a, *_: a, lost="speed"))
    found = standing("CreateWebhook", NEW, OLD)
    assert (found.verdict, found.conditional, found.lost) == (Verdict.EMULATED, False, ("speed",))
    assert [part.change for part in found.parts] == ["keep"], "what lies below a recipe meets other calls"


def test_an_emulation_for_some_calls_says_what_becomes_of_the_others(monkeypatch):
    """They are refused, in the same words as ever."""
    change = _change(
        "keep", "CreateWebhook", recipe=lambda *_: iter(()), emulates=True, applies=lambda *_: True, when="it is small"
    )
    _bundle(monkeypatch, change)
    text = words(standing("CreateWebhook", NEW, OLD))
    assert text.startswith("emulated when it is small; else refused: CreateWebhook needs an MLflow server >= 3.3.2")


def test_a_change_of_the_answer_alone_brings_nothing_back(monkeypatch):
    """There is no answer of an operation that the server does not have."""
    _bundle(monkeypatch, _change("tell", "CreateWebhook", response=lambda a, *_: a))
    assert standing("CreateWebhook", NEW, OLD).verdict is Verdict.REFUSED


def test_what_only_reveals_is_left_out(monkeypatch):
    """Reading is native where nothing was emulated, and what was emulated stands in the table itself."""
    _bundle(monkeypatch, _change("show", "GetRun", response=lambda a, *_: a, reveals=True, emulates=True))
    assert standing("GetRun", NEW, OLD).verdict is Verdict.NATIVE


def test_json_holds_everything(monkeypatch):
    """For scripts: verdict, changes with their conditions, losses, refusal."""
    _bundle(monkeypatch, _change("cut", "GetRun", request=lambda c, _: c, when="it is long", lost="the end"))
    assert standing("GetRun", NEW, OLD).to_json() == {
        "operation": "GetRun",
        "feature": "runs",
        "verdict": "translated",
        "conditional": True,
        "possible": False,
        "moved": False,
        "changes": [{"change": "cut", "emulates": False, "when": "it is long", "lost": "the end"}],
        "lost": ["the end"],
        "refusal": "",
    }
