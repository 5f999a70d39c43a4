"""Registered models."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, needs, refused, same


@operation()
def model_create_get(lab: Lab) -> None:
    """With tags and a description."""
    name = lab.name("model")
    made = lab.client.create_registered_model(name, tags={"task": "räder"}, description="Beschreibung")
    same((made.name, made.description, made.tags), (name, "Beschreibung", {"task": "räder"}))
    read = lab.client.get_registered_model(name)
    same((read.name, read.description, read.tags), (name, "Beschreibung", {"task": "räder"}))
    same(list(read.latest_versions), [])
    lab.remember("model", name=name, description="Beschreibung", tags={"task": "räder"}, versions={})


@operation()
def model_duplicate_error(lab: Lab) -> None:
    """The same name twice, a missing name, an empty name."""
    name = lab.name("model twice")
    lab.client.create_registered_model(name)
    refused(lambda: lab.client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    refused(lambda: lab.client.create_registered_model(""), "INVALID_PARAMETER_VALUE")


@operation()
def model_missing_error(lab: Lab) -> None:
    """Reads and writes of a model that does not exist."""
    name = lab.name("no model")
    refused(lambda: lab.client.get_registered_model(name), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.update_registered_model(name, "x"), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.delete_registered_model(name), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.get_model_version(name, "1"), "RESOURCE_DOES_NOT_EXIST")


@operation()
def model_update(lab: Lab) -> None:
    """Description, tags set and deleted."""
    name = lab.name("model updated")
    lab.client.create_registered_model(name)
    lab.client.update_registered_model(name, "later")
    lab.client.set_registered_model_tag(name, "kept", "1")
    lab.client.set_registered_model_tag(name, "kept", "2 漢字")
    lab.client.set_registered_model_tag(name, "gone", "1")
    lab.client.delete_registered_model_tag(name, "gone")
    read = lab.client.get_registered_model(name)
    same((read.description, read.tags), ("later", {"kept": "2 漢字"}))
    lab.remember("model", name=name, description="later", tags={"kept": "2 漢字"}, versions={})


@operation()
def model_rename(lab: Lab) -> None:
    """With its versions; the old name is free."""
    old, new = lab.name("model old"), lab.name("model new")
    lab.client.create_registered_model(old)
    lab.client.create_model_version(old, "s3://bucket/x")
    lab.client.rename_registered_model(old, new)
    refused(lambda: lab.client.get_registered_model(old), "RESOURCE_DOES_NOT_EXIST")
    same(lab.client.get_model_version(new, "1").name, new)
    same([str(v.version) for v in lab.client.get_registered_model(new).latest_versions], ["1"])
    lab.client.create_registered_model(old)
    lab.remember("model", name=new, description="", tags={}, versions={"1": "None"})


@operation()
def model_delete(lab: Lab) -> None:
    """Gone with its versions; the name is free and begins at version 1."""
    name = lab.name("model deleted")
    lab.client.create_registered_model(name)
    lab.client.create_model_version(name, "s3://bucket/x")
    lab.client.delete_registered_model(name)
    refused(lambda: lab.client.get_registered_model(name), "RESOURCE_DOES_NOT_EXIST")
    lab.client.create_registered_model(name)
    same(str(lab.client.create_model_version(name, "s3://bucket/y").version), "1")


def _all_models(lab: Lab, filter_string: str | None, size: int = 3) -> list[str]:
    found: list[str] = []
    token: Any = None
    while True:
        page = lab.client.search_registered_models(filter_string=filter_string, max_results=size, page_token=token)
        found += [each.name for each in page]
        token = page.token
        if not token:
            return found


@operation(60)
def model_search(lab: Lab) -> None:
    """By name, LIKE, ILIKE; without any filter every one appears once; in pages."""
    stem = lab.name("model search")
    names = [f"{stem} {letter}" for letter in "abcde"]
    for name in names:
        lab.client.create_registered_model(name, tags={"letter": name[-1]})
    same(_all_models(lab, f"name = '{names[1]}'"), [names[1]], "=")
    same(_all_models(lab, f"name LIKE '{stem}%'", 2), names, "LIKE in pages")
    same(_all_models(lab, f"name ILIKE '{stem.upper()}%'", 5), names, "ILIKE")
    everything = _all_models(lab, None, 100)
    same(len(everything), len(set(everything)), "each once")
    assert set(names) <= set(everything)
    found = lab.client.search_registered_models(filter_string=f"name LIKE '{stem}%'", order_by=["name DESC"])
    same([each.name for each in found], names[::-1], "order")
    refused(lambda: lab.client.search_registered_models(filter_string="nonsense = 'x'"), "INVALID_PARAMETER_VALUE")


@operation()
def model_search_tags(lab: Lab) -> None:
    """By tags, as documented since 1.28."""
    if lab.version < (1, 28):
        needs(lab.client, "search_registered_models(tags)")
    stem = lab.name("model tags")
    for letter in "abc":
        lab.client.create_registered_model(f"{stem} {letter}", tags={"of": stem, "letter": letter})
    same(_all_models(lab, f"tags.of = '{stem}' AND tags.letter = 'b'"), [f"{stem} b"])
    same(_all_models(lab, f"name LIKE '{stem}%' AND tags.letter != 'b'"), [f"{stem} a", f"{stem} c"])


@operation()
def model_list_of_1x(lab: Lab) -> None:
    """The listing of 1.x, in pages."""
    listing = needs(lab.client, "list_registered_models")
    name = lab.name("model listed")
    lab.client.create_registered_model(name)
    found: list[str] = []
    token: Any = None
    while True:
        page = listing(max_results=5, page_token=token)
        found += [each.name for each in page]
        token = page.token
        if not token:
            break
    same(found.count(name), 1)
    assert name in {each.name for each in listing(max_results=1000)}


@operation()
def model_aliases(lab: Lab) -> None:
    """Set, moved, read, deleted; missing ones are an error."""
    set_alias = needs(lab.client, "set_registered_model_alias")
    name = lab.name("model alias")
    lab.client.create_registered_model(name)
    for _ in range(2):
        lab.client.create_model_version(name, "s3://bucket/x")
    set_alias(name, "champion", "1")
    set_alias(name, "champion", "2")
    set_alias(name, "lost", "1")
    lab.client.delete_registered_model_alias(name, "lost")
    same(str(lab.client.get_model_version_by_alias(name, "champion").version), "2")
    aliases = lab.client.get_registered_model(name).aliases
    same({alias: str(number) for alias, number in aliases.items()}, {"champion": "2"})
    same(list(lab.client.get_model_version(name, "2").aliases), ["champion"])
    same(list(lab.client.get_model_version(name, "1").aliases), [])
    (found,) = lab.client.search_registered_models(f"name = '{name}'")
    same({alias: str(number) for alias, number in found.aliases.items()}, {"champion": "2"}, "search of models")
    refused(lambda: lab.client.get_model_version_by_alias(name, "lost"), "INVALID_PARAMETER_VALUE")
    same(lab.client.get_registered_model(name).tags, {}, "tags")
    lab.remember("alias", name=name, alias="champion", version="2")


@operation()
def model_alias_of_deleted_version(lab: Lab) -> None:
    """An alias goes with its version, and follows a rename."""
    set_alias = needs(lab.client, "set_registered_model_alias")
    name, renamed = lab.name("model alias gone"), lab.name("model alias renamed")
    lab.client.create_registered_model(name)
    for _ in range(2):
        lab.client.create_model_version(name, "s3://bucket/x")
    set_alias(name, "a", "1")
    set_alias(name, "b", "2")
    lab.client.delete_model_version(name, "1")
    refused(lambda: lab.client.get_model_version_by_alias(name, "a"))
    lab.client.rename_registered_model(name, renamed)
    same(str(lab.client.get_model_version_by_alias(renamed, "b").version), "2")
    refused(lambda: set_alias(renamed, "latest", "2"), "INVALID_PARAMETER_VALUE")
    refused(lambda: set_alias(renamed, "v7", "2"), "INVALID_PARAMETER_VALUE")
