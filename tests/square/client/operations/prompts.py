"""Prompts, which 2.21 introduced."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, fails, mlflow, needs, same


def _register(lab: Lab, name: str, template: Any, **more: Any) -> Any:
    register = needs(mlflow, "register_prompt") if lab.version < (3, 0) else mlflow.genai.register_prompt
    return register(name, template, **more)


def _load(lab: Lab, name: str, version: int | None = None) -> Any:
    load = needs(mlflow, "load_prompt") if lab.version < (3, 0) else mlflow.genai.load_prompt
    return load(name) if version is None else load(name, version)


def _name(lab: Lab, what: str) -> str:
    """Prompts have stricter names."""
    return "-".join(lab.name(what).split()).replace("'", "")


@operation()
def prompt_register_load(lab: Lab) -> None:
    """Two versions with messages and tags, loaded by number, address and as the latest."""
    name = _name(lab, "prompt")
    _register(lab, name, "Hallo {{ wer }}!", commit_message="eins", tags={"a": "ü"})
    second = _register(lab, name, "Tschüss {{ wer }} 漢字", commit_message="zwei")
    same(int(second.version), 2)
    first = _load(lab, name, 1)
    same((first.name, int(first.version), first.template, first.commit_message), (name, 1, "Hallo {{ wer }}!", "eins"))
    same(first.format(wer="Welt"), "Hallo Welt!")
    same(_load(lab, f"prompts:/{name}/2").template, "Tschüss {{ wer }} 漢字")
    lab.remember("prompt", name=name, version=1, template="Hallo {{ wer }}!")
    lab.remember("prompt", name=name, version=2, template="Tschüss {{ wer }} 漢字")


@operation()
def prompt_6000(lab: Lab) -> None:
    """A text of 6000 characters."""
    name, text = _name(lab, "prompt-6000"), "Wörter {{ x }} " * 400
    _register(lab, name, text)
    same(_load(lab, name, 1).template, text)
    lab.remember("prompt", name=name, version=1, template=text)


@operation()
def prompt_50000(lab: Lab) -> None:
    """A text of 50000 characters, as the registry of 3.x takes."""
    if lab.version < (3, 0):
        raise Unknown("documented since 3.0")
    name, text = _name(lab, "prompt-50000"), "Wörter {{ x }}\n" * 3334
    _register(lab, name, text)
    same(_load(lab, name, 1).template, text)
    lab.remember("prompt", name=name, version=1, template=text)


@operation()
def prompt_alias(lab: Lab) -> None:
    """Set, moved, loaded, deleted."""
    name = _name(lab, "prompt-alias")
    _register(lab, name, "eins")
    _register(lab, name, "zwei")
    set_alias = needs(mlflow, "set_prompt_alias")
    set_alias(name, "production", 1)
    set_alias(name, "production", 2)
    same(_load(lab, f"prompts:/{name}@production").template, "zwei")
    needs(mlflow, "delete_prompt_alias")(name, "production")
    fails(lambda: _load(lab, f"prompts:/{name}@production"))
    set_alias(name, "staging", 1)
    lab.remember("prompt alias", name=name, alias="staging", template="eins")


@operation()
def prompt_search(lab: Lab) -> None:
    """Found among prompts, and never among models."""
    search = needs(lab.client, "search_prompts")
    name = _name(lab, "prompt-search")
    _register(lab, name, "text", tags={"team": "räder"})
    same([each.name for each in search(filter_string=f"name = '{name}'")], [name])
    assert name in {each.name for each in search(max_results=500)}
    models = lab.client.search_registered_models(max_results=1000)
    same([each.name for each in models if each.name == name], [])


@operation()
def prompt_not_among_models(lab: Lab) -> None:
    """A search for models, as every version does it, shows models and no prompt."""
    prompt, model = _name(lab, "prompt-hidden"), lab.name("model beside prompts")
    _register(lab, prompt, "text")
    lab.client.create_registered_model(model)
    found = {each.name for each in lab.client.search_registered_models(max_results=1000)}
    assert model in found, "the model is not found"
    assert prompt not in found, "the prompt is found"


@operation()
def prompt_tags(lab: Lab) -> None:
    """Of the prompt and of a version."""
    name = _name(lab, "prompt-tags")
    set_tag = needs(lab.client, "set_prompt_tag")
    _register(lab, name, "text", tags={"v": "1"})
    set_tag(name, "team", "räder")
    lab.client.set_prompt_version_tag(name, "1", "checked", "yes")
    same(lab.client.get_prompt(name).tags.get("team"), "räder")
    tags = _load(lab, name, 1).tags
    same((tags.get("v"), tags.get("checked")), ("1", "yes"))


@operation()
def prompt_versions(lab: Lab) -> None:
    """Listed and deleted."""
    search = needs(lab.client, "search_prompt_versions")
    name = _name(lab, "prompt-versions")
    for text in ("eins", "zwei", "drei"):
        _register(lab, name, text)
    try:
        found = {int(each.version) for each in search(name)}
    except Exception as error:
        if "only supported in Unity Catalog" in str(error) or "Unity Catalog" in str(error):
            raise Unknown(str(error)) from error
        raise
    same(found, {1, 2, 3})
    lab.client.delete_prompt_version(name, "2")
    same(_load(lab, name, 3).template, "drei")


@operation()
def prompt_in_run(lab: Lab) -> None:
    """Used by a run."""
    link = needs(lab.client, "link_prompt_version_to_run")
    name, run = _name(lab, "prompt-run"), lab.run()
    made = _register(lab, name, "text")
    link(run, made)
    assert name in lab.client.get_run(run).data.tags.get("mlflow.linkedPrompts", ""), "not linked"


@operation()
def prompt_chat(lab: Lab) -> None:
    """A list of messages instead of a text."""
    if lab.version < (3, 5):
        raise Unknown("documented since 3.5")
    name = _name(lab, "prompt-chat")
    messages = [{"role": "system", "content": "Du bist {{ was }}"}, {"role": "user", "content": "Hallo"}]
    _register(lab, name, messages)
    same(_load(lab, name, 1).template, messages)
