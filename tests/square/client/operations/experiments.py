"""Experiments."""

from __future__ import annotations

import inspect
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, entities, mlflow, needs, refused, same


def _everything(lab: Lab, view: Any) -> dict[str, Any]:
    """All experiments that the server lists, by id, whatever the client calls it."""
    listing = needs(lab.client, "search_experiments", "list_experiments")
    found: dict[str, Any] = {}
    token: str | None = None
    while True:
        page = listing(view_type=view, max_results=50, page_token=token)
        found.update({each.experiment_id: each for each in page})
        token = page.token
        if not token:
            return found


@operation()
def experiment_create_get(lab: Lab) -> None:
    """Create, read by id and by name."""
    name = lab.name("räder & 'quotes'")
    key = lab.client.create_experiment(name)
    for read in (lab.client.get_experiment(key), lab.client.get_experiment_by_name(name)):
        same((read.experiment_id, read.name, read.lifecycle_stage), (key, name, "active"))
    assert lab.client.get_experiment_by_name(lab.name("no such")) is None
    lab.remember("experiment", key=key, name=name, stage="active", tags={})


@operation()
def experiment_create_with_tags(lab: Lab) -> None:
    """Tags given at creation."""
    if "tags" not in inspect.signature(lab.client.create_experiment).parameters:
        needs(lab.client, "create_experiment(tags)")
    key = lab.client.create_experiment(lab.name("tagged"), tags={"team": "räder", "long": "x" * 4000})
    read = lab.client.get_experiment(key)
    same((read.tags["team"], read.tags["long"]), ("räder", "x" * 4000))
    lab.remember("experiment", key=key, name=read.name, stage="active", tags={"team": "räder"})


@operation()
def experiment_duplicate_error(lab: Lab) -> None:
    """The same name twice."""
    name = lab.name("twice")
    lab.client.create_experiment(name)
    refused(lambda: lab.client.create_experiment(name), "RESOURCE_ALREADY_EXISTS")


@operation()
def experiment_missing_error(lab: Lab) -> None:
    """An id that does not exist."""
    refused(lambda: lab.client.get_experiment("987654321"), "RESOURCE_DOES_NOT_EXIST")


@operation()
def experiment_invalid_name_error(lab: Lab) -> None:
    """An empty name."""
    refused(lambda: lab.client.create_experiment(""), "INVALID_PARAMETER_VALUE", "BAD_REQUEST")


@operation()
def experiment_rename(lab: Lab) -> None:
    """The new name is found, the old one is free."""
    old, new = lab.name("old name"), lab.name("new name")
    key = lab.client.create_experiment(old)
    lab.client.rename_experiment(key, new)
    same(lab.client.get_experiment(key).name, new)
    same(lab.client.get_experiment_by_name(new).experiment_id, key)
    assert lab.client.get_experiment_by_name(old) is None
    lab.remember("experiment", key=key, name=new, stage="active", tags={})


@operation()
def experiment_tags(lab: Lab) -> None:
    """Set, overwritten, read back through a search too."""
    key = lab.client.create_experiment(lab.name("tags"))
    for value in ("first", "second 漢字"):
        lab.client.set_experiment_tag(key, "kind", value)
    same(lab.client.get_experiment(key).tags["kind"], "second 漢字")
    same(_everything(lab, entities.ViewType.ALL)[key].tags["kind"], "second 漢字")
    lab.remember(
        "experiment", key=key, name=lab.client.get_experiment(key).name, stage="active", tags={"kind": "second 漢字"}
    )


@operation()
def experiment_tag_delete(lab: Lab) -> None:
    """Gone for every read, and found by no filter; can be set again."""
    delete = needs(lab.client, "delete_experiment_tag")
    key = lab.client.create_experiment(lab.name("tag delete"), tags={"kept": "1", "gone": lab.prefix})
    delete(key, "gone")
    same(lab.client.get_experiment(key).tags.get("gone"), None)
    same(lab.client.get_experiment(key).tags["kept"], "1")
    same(len(lab.client.search_experiments(filter_string=f"tags.gone = '{lab.prefix}'")), 0)
    lab.client.set_experiment_tag(key, "gone", "back")
    same(lab.client.get_experiment(key).tags["gone"], "back")
    lab.client.delete_experiment_tag(key, "gone")
    name = lab.client.get_experiment(key).name
    lab.remember("experiment", key=key, name=name, stage="active", tags={"kept": "1"}, without=["gone"])


@operation()
def experiment_delete_restore(lab: Lab) -> None:
    """In the right views, and back with its run."""
    key = lab.client.create_experiment(lab.name("deleted"))
    run = lab.run(key)
    lab.client.delete_experiment(key)
    same(lab.client.get_experiment(key).lifecycle_stage, "deleted")
    assert key not in _everything(lab, entities.ViewType.ACTIVE_ONLY)
    assert key in _everything(lab, entities.ViewType.DELETED_ONLY)
    refused(lambda: lab.client.create_run(key))
    lab.client.restore_experiment(key)
    same(lab.client.get_experiment(key).lifecycle_stage, "active")
    same([each.info.run_id for each in lab.client.search_runs([key])], [run])
    lab.remember("experiment", key=key, name=lab.client.get_experiment(key).name, stage="active", tags={})


@operation()
def experiment_list(lab: Lab) -> None:
    """Every one of several appears exactly once over the pages."""
    made = [lab.client.create_experiment(lab.name("listed")) for _ in range(5)]
    found = _everything(lab, entities.ViewType.ACTIVE_ONLY)
    assert set(made) <= set(found), set(made) - set(found)


@operation()
def experiment_search_filters(lab: Lab) -> None:
    """By name, LIKE, ILIKE, tags and combinations, in a given order."""
    search = needs(lab.client, "search_experiments")
    stem = lab.name("filtered")
    keys = [lab.client.create_experiment(f"{stem} {letter}", tags={"n": letter, "of": stem}) for letter in "abc"]
    like = f"name LIKE '{stem}%'"

    def ids(filter_string: str, *order: str) -> list[str]:
        return [e.experiment_id for e in search(filter_string=filter_string, order_by=list(order) or ["name ASC"])]

    same(ids(like), keys, "LIKE")
    same(ids(f"name ILIKE '{stem.upper()}%'"), keys, "ILIKE")
    same(ids(like, "name DESC"), keys[::-1], "order")
    same(ids(f"name = '{stem} b'"), [keys[1]], "=")
    same(ids(f"{like} AND tags.n != 'a'"), keys[1:], "AND")
    same(ids(f"tags.of = '{stem}' AND tags.n = 'c'"), [keys[2]], "tags")
    refused(lambda: search(filter_string="nonsense = 'x'"), "INVALID_PARAMETER_VALUE")


@operation()
def experiment_search_pages(lab: Lab) -> None:
    """Pages of two over five, each once, in order."""
    search = needs(lab.client, "search_experiments")
    stem = lab.name("paged")
    keys = [lab.client.create_experiment(f"{stem} {n}") for n in range(5)]
    found, token, pages = [], None, 0
    while True:
        page = search(filter_string=f"name LIKE '{stem}%'", max_results=2, order_by=["name ASC"], page_token=token)
        found += [each.experiment_id for each in page]
        token, pages = page.token, pages + 1
        if not token or pages > 5:
            break
    same((found, pages), (keys, 3))


@operation()
def experiment_artifact_location(lab: Lab) -> None:
    """The server's own default, and one that was given."""
    key = lab.client.create_experiment(lab.name("default location"))
    location = lab.client.get_experiment(key).artifact_location
    assert location.rstrip("/").endswith(f"/{key}"), location
    run = lab.client.get_run(lab.run(key)).info
    assert run.artifact_uri.startswith(location), (run.artifact_uri, location)
    own = f"s3://bucket/{lab.prefix.replace(' ', '-')}"
    given = lab.client.create_experiment(lab.name("own location"), artifact_location=own)
    same(lab.client.get_experiment(given).artifact_location, own)
    run = lab.client.get_run(lab.run(given)).info
    same(run.artifact_uri, f"{own}/{run.run_id}/artifacts")


@operation()
def experiment_fluent(lab: Lab) -> None:
    """``set_experiment`` makes one, then finds it."""
    name = lab.name("fluent")
    mlflow.set_experiment(name)
    key = lab.client.get_experiment_by_name(name).experiment_id
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        same(run.info.experiment_id, key)
