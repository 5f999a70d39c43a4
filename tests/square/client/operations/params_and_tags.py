"""Params and tags of runs."""

from __future__ import annotations

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, entities, mlflow, refused, same


@operation()
def param_types(lab: Lab) -> None:
    """Whatever is given is read as text; unicode, empty, nested keys."""
    run = lab.run()
    given = {"int": 1, "float": 0.5, "none": None, "list": [1, "ü"], "path/to": "x y", "emoji - ok": "räder 🎉"}
    for key, value in given.items():
        lab.client.log_param(run, key, value)
    same(lab.client.get_run(run).data.params, {key: str(value) for key, value in given.items()})
    lab.remember("run", key=run, params={key: str(value) for key, value in given.items()})


@operation()
def param_conflict_error(lab: Lab) -> None:
    """The same value again is fine, another one is refused and changes nothing, also in a batch."""
    run = lab.run()
    lab.client.log_param(run, "p", "1")
    lab.client.log_param(run, "p", "1")
    refused(lambda: lab.client.log_param(run, "p", "2"), "INVALID_PARAMETER_VALUE")
    refused(lambda: lab.client.log_batch(run, params=[entities.Param("p", "3")]), "INVALID_PARAMETER_VALUE")
    same(lab.client.get_run(run).data.params, {"p": "1"})


@operation()
def param_250(lab: Lab) -> None:
    """What every version takes."""
    run = lab.run()
    lab.client.log_param(run, "long", "ü" * 250)
    same(lab.client.get_run(run).data.params["long"], "ü" * 250)


@operation()
def param_500(lab: Lab) -> None:
    """What versions from 1.28 on take."""
    if lab.version < (1, 28):
        raise Unknown("documented since 1.28")
    run = lab.run()
    lab.client.log_param(run, "long", "x" * 500)
    lab.client.log_batch(run, params=[entities.Param("longer", "y" * 500)])
    same(lab.client.get_run(run).data.params, {"long": "x" * 500, "longer": "y" * 500})


@operation()
def param_6000(lab: Lab) -> None:
    """What versions from 2.9 on take."""
    if lab.version < (2, 9):
        raise Unknown("documented since 2.9")
    run = lab.run()
    lab.client.log_param(run, "long", "x" * 6000)
    same(lab.client.get_run(run).data.params["long"], "x" * 6000)


@operation()
def tags_run(lab: Lab) -> None:
    """Set, overwritten, deleted; unicode, empty and numbers."""
    run = lab.run()
    for key in ("kept", "overwritten", "deleted"):
        lab.client.set_tag(run, key, "first")
    lab.client.set_tag(run, "overwritten", "second")
    lab.client.delete_tag(run, "deleted")
    lab.client.set_tag(run, "ünïcode", "漢字 🎉")
    lab.client.set_tag(run, "number", 5)
    lab.client.set_tag(run, "empty", "")
    tags = {k: v for k, v in lab.client.get_run(run).data.tags.items() if not k.startswith("mlflow.")}
    same(tags, {"kept": "first", "overwritten": "second", "ünïcode": "漢字 🎉", "number": "5", "empty": ""})
    lab.remember("run", key=run, tags=tags, without=["deleted"])


@operation()
def tag_long(lab: Lab) -> None:
    """5000 characters, as every version takes."""
    run = lab.run()
    lab.client.set_tag(run, "long", "x" * 5000)
    same(lab.client.get_run(run).data.tags["long"], "x" * 5000)
    lab.remember("run", key=run, tags={"long": "x" * 5000})


@operation()
def tag_8000(lab: Lab) -> None:
    """What versions from 2.17 on take."""
    if lab.version < (2, 17):
        raise Unknown("documented since 2.17")
    run = lab.run()
    lab.client.set_tag(run, "long", "x" * 8000)
    same(lab.client.get_run(run).data.tags["long"], "x" * 8000)


@operation()
def tag_delete_missing_error(lab: Lab) -> None:
    """A tag that is not there."""
    run = lab.run()
    refused(lambda: lab.client.delete_tag(run, "nothing"), "RESOURCE_DOES_NOT_EXIST")


@operation()
def hidden_tags_stay_hidden(lab: Lab) -> None:
    """Nothing that a proxy keeps for itself is ever shown."""
    run = lab.run(mine="1")
    lab.client.set_terminated(run)
    shown = [*lab.client.get_run(run).data.tags, *lab.client.get_experiment(lab.experiment).tags]
    shown += [key for found in lab.client.search_runs([lab.experiment]) for key in found.data.tags]
    same([key for key in shown if "tightrope" in key], [])
    frame = mlflow.search_runs([lab.experiment])
    same([column for column in frame.columns if "tightrope" in column], [])
