"""Searches for runs."""

from __future__ import annotations

import inspect
from functools import lru_cache

from tests.square.client.book import operation
from tests.square.client.lab import NOW, Lab, Unknown, entities, mlflow, needs, refused, same, takes


@lru_cache(maxsize=1)
def _field(lab: Lab) -> tuple[str, dict[str, str]]:
    """An experiment with runs a to e: metric 0.0 to 4.0, params and tags by letter, e terminated as FAILED."""
    experiment = lab.client.create_experiment(lab.name("searched"))
    runs = {}
    for number, letter in enumerate("abcde"):
        run = lab.client.create_run(
            experiment, start_time=NOW + number, tags={"letter": letter, "note": f"Note {letter}"}
        ).info.run_id
        lab.client.set_tag(run, "mlflow.runName", f"run-{letter}")
        lab.client.log_metric(run, "loss", float(number))
        lab.client.log_param(run, "letter", letter)
        lab.client.log_param(run, "lr", str(number / 10))
        lab.client.set_terminated(run, "FAILED" if letter == "e" else "FINISHED", NOW + 100 + number)
        runs[letter] = run
    return experiment, runs


def _found(lab: Lab, filter_string: str, *order: str) -> str:
    """The letters of the runs that a search finds, in its order."""
    experiment, runs = _field(lab)
    letters = {run: letter for letter, run in runs.items()}
    found = lab.client.search_runs([experiment], filter_string, order_by=list(order) or ["attributes.start_time ASC"])
    return "".join(letters[run.info.run_id] for run in found)


@operation()
def search_runs_metrics(lab: Lab) -> None:
    """Every comparison of a metric."""
    same(_found(lab, ""), "abcde")
    for text, letters in (
        ("> 2", "de"),
        (">= 2", "cde"),
        ("< 1", "a"),
        ("<= 1.0", "ab"),
        ("= 3", "d"),
        ("!= 3", "abce"),
    ):
        same(_found(lab, f"metrics.loss {text}"), letters, text)
    same(_found(lab, "metrics.loss > 0 AND metrics.loss < 3"), "bc")


@operation()
def search_runs_params_tags(lab: Lab) -> None:
    """Equal, unequal, LIKE, ILIKE, quoted keys."""
    same(_found(lab, "params.letter = 'b'"), "b")
    same(_found(lab, "params.letter != 'b'"), "acde")
    same(_found(lab, "tags.letter = \"c\" AND params.lr = '0.2'"), "c")
    same(_found(lab, "tags.note LIKE 'Note%'"), "abcde")
    same(_found(lab, "tags.note ILIKE 'nOTE D'"), "d")
    same(_found(lab, "tags.`letter` = 'e'"), "e")
    same(_found(lab, "tags.mlflow.runName = 'run-a'"), "a")


@operation()
def search_runs_attributes(lab: Lab) -> None:
    """Status, with and without the prefix as far as the client documents it."""
    same(_found(lab, "attributes.status = 'FAILED'"), "e")
    same(_found(lab, "attribute.status != 'FAILED'"), "abcd")


@operation()
def search_runs_bare_attributes(lab: Lab) -> None:
    """Attributes without a prefix, as documented since 2.0."""
    if lab.version < (2, 0):
        raise Unknown("documented since 2.0")
    _, runs = _field(lab)
    same(_found(lab, "status = 'FAILED'"), "e")
    same(_found(lab, f"run_id = '{runs['c']}'"), "c")
    same(_found(lab, f"start_time > {NOW + 2}"), "de")


@operation()
def search_runs_start_time(lab: Lab) -> None:
    """By start time, as documented since 1.28."""
    if lab.version < (1, 28):
        raise Unknown("documented since 1.28")
    same(_found(lab, f"attributes.start_time >= {NOW + 3}"), "de")
    same(_found(lab, f"attributes.start_time < {NOW + 1}"), "a")


@operation()
def search_runs_name(lab: Lab) -> None:
    """By the run's name and id, as documented since 1.30."""
    if lab.version < (1, 30):
        raise Unknown("documented since 1.30")
    _, runs = _field(lab)
    same(_found(lab, "attributes.run_name = 'run-d'"), "d")
    same(_found(lab, "attributes.run_name LIKE 'run-%'"), "abcde")
    same(_found(lab, f"attributes.run_id = '{runs['b']}'"), "b")
    same(_found(lab, f"attributes.end_time > {NOW + 102}"), "de")


@operation()
def search_runs_id_in(lab: Lab) -> None:
    """A list of ids, as documented since 2.3."""
    if lab.version < (2, 3):
        raise Unknown("documented since 2.3")
    _, runs = _field(lab)
    same(_found(lab, f"attributes.run_id IN ('{runs['b']}', '{runs['d']}')"), "bd")
    same(_found(lab, f"run_id NOT IN ('{runs['b']}', '{runs['d']}')"), "ace")


@operation()
def search_runs_order(lab: Lab) -> None:
    """By metrics, params, tags, attributes, with a second key."""
    same(_found(lab, "", "metrics.loss DESC"), "edcba")
    same(_found(lab, "", "params.letter DESC"), "edcba")
    same(_found(lab, "", "tags.letter ASC"), "abcde")
    same(_found(lab, "", "attributes.start_time DESC"), "edcba")
    same(_found(lab, "", "attributes.status ASC", "metrics.loss DESC"), "edcba")
    same(_found(lab, "metrics.loss >= 1", "metrics.loss"), "bcde")


@operation()
def search_runs_pages(lab: Lab) -> None:
    """Pages of two over five."""
    experiment, runs = _field(lab)
    found, token, pages = [], None, 0
    while True:
        page = lab.client.search_runs([experiment], "", max_results=2, order_by=["metrics.loss ASC"], page_token=token)
        found += [run.info.run_id for run in page]
        token, pages = page.token, pages + 1
        if not token or pages > 5:
            break
    same(found, list(runs.values()))


@operation()
def search_runs_experiments(lab: Lab) -> None:
    """Several experiments at once, none, and one that is empty."""
    experiment, runs = _field(lab)
    other = lab.client.create_experiment(lab.name("searched too"))
    run = lab.run(other)
    same({r.info.run_id for r in lab.client.search_runs([experiment, other])}, {*runs.values(), run})
    empty = lab.client.create_experiment(lab.name("empty"))
    same(list(lab.client.search_runs([empty])), [])
    same(list(lab.client.search_runs([experiment], "metrics.nothing > 1")), [])


@operation()
def search_runs_errors(lab: Lab) -> None:
    """Filters that nobody understands."""
    experiment, _ = _field(lab)
    refused(lambda: lab.client.search_runs([experiment], "metrics.loss ~ 3"), "INVALID_PARAMETER_VALUE")
    refused(lambda: lab.client.search_runs([experiment], "nonsense.loss = 3"), "INVALID_PARAMETER_VALUE")
    refused(lambda: lab.client.search_runs([experiment], "params.letter = 3"), "INVALID_PARAMETER_VALUE")


@operation()
def search_runs_frame(lab: Lab) -> None:
    """The fluent search as a data frame."""
    experiment, _ = _field(lab)
    frame = mlflow.search_runs([experiment], "metrics.loss > 1", order_by=["metrics.loss DESC"])
    same(list(frame["params.letter"]), ["e", "d", "c"])
    same(list(frame["metrics.loss"]), [4.0, 3.0, 2.0])
    same(list(frame["status"]), ["FAILED", "FINISHED", "FINISHED"])


@operation()
def search_runs_list(lab: Lab) -> None:
    """The fluent search as a list, by the experiment's name."""
    takes(mlflow.search_runs, "output_format")
    takes(mlflow.search_runs, "experiment_names")
    experiment, runs = _field(lab)
    name = lab.client.get_experiment(experiment).name
    found = mlflow.search_runs(
        experiment_names=[name], filter_string="params.letter = 'a'", output_format="list", max_results=10
    )
    same([run.info.run_id for run in found], [runs["a"]])


@operation()
def search_runs_all_experiments(lab: Lab) -> None:
    """In all experiments."""
    if "search_all_experiments" not in inspect.signature(mlflow.search_runs).parameters:
        raise Unknown("search_runs of this client takes no search_all_experiments")
    mark = lab.name("mark").replace("'", "")
    run = lab.run(mark=mark)
    found = mlflow.search_runs(filter_string=f"tags.mark = '{mark}'", search_all_experiments=True, output_format="list")
    same([each.info.run_id for each in found], [run])


@operation()
def list_run_infos(lab: Lab) -> None:
    """The listing of 1.x."""
    listing = needs(lab.client, "list_run_infos")
    experiment, runs = _field(lab)
    infos = listing(experiment, run_view_type=entities.ViewType.ALL)
    same({info.run_id for info in infos}, set(runs.values()))
    same({info.status for info in infos}, {"FINISHED", "FAILED"})


@operation()
def list_experiments_of_1x(lab: Lab) -> None:
    """The listing of 1.x without any argument."""
    listing = needs(lab.client, "list_experiments")
    experiment, _ = _field(lab)
    assert experiment in {each.experiment_id for each in listing()}
