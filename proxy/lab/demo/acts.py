"""What happens in each act, and what must be true then."""

from __future__ import annotations

import base64
from collections.abc import Callable

from proxy.lab.demo import figures, scripts
from proxy.lab.demo.actors import Actors
from proxy.lab.demo.compare import PARTS, differences, missing, point_problems, sizes, training_problems
from proxy.lab.demo.logging_client import LoggingClient
from proxy.lab.demo.reading import RunCopy
from proxy.lab.environments import ensure_environment

_POINTS_BEFORE = 15
_POINTS_AFTER = 25


def prepare(actors: Actors) -> None:
    """Environments, folders and servers."""
    show, stage = actors.show, actors.stage
    show.step(f"Two real servers: blue is MLflow {actors.blue}, green is MLflow {actors.green} and empty")
    told: list[str] = []

    def report(line: str) -> None:
        if not told:
            show.say("environments are made once and cached; this takes minutes the first time")
        told.append(line)
        show.say(line)

    for version in actors.clients:
        with show.busy(f"environment for MLflow {version}"):
            ensure_environment(version, report=report)
    with show.busy("starting both servers"):
        stage.start_servers()
    for name, server in (("blue", stage.blue), ("green", stage.green)):
        show.check(
            f"{name} answers at {server.url}", server.is_healthy(), expected="/health answers", got="it does not"
        )


def history(actors: Actors) -> None:
    """A run from the time before."""
    actors.show.step("History: a run is logged straight to blue, before Tightrope exists")
    with actors.show.busy("training"):
        actors.history_run = actors.stage.train([actors.blue], url=actors.stage.blue.url)[actors.blue]
    problems = training_problems(actors.stage.on_blue.run(actors.history_run))
    actors.none(f"blue has run {actors.history_run}, logged by a {actors.blue} client", problems)


def open_window(actors: Actors) -> None:
    """Tightrope starts as a mere passage and begins to mirror."""
    show, stage = actors.show, actors.stage
    show.step("Tightrope goes in front of both, and mirroring is switched on")
    with show.busy("starting Tightrope"):
        stage.start_tightrope()
    actors.equal(f"clients now use {stage.tightrope.url}; blue_only", "blue_only", stage.tightrope.status()["phase"])
    actors.equal("green has no such experiment yet", None, stage.on_green.experiment_id(scripts.EXPERIMENT))
    actors.moved("phase", "mirroring", phase="mirroring")


def train(actors: Actors) -> None:
    """Ordinary programs, several generations of clients, one tracking URI."""
    show = actors.show
    names = ", ".join(actors.clients)
    show.step(f"An ordinary training script, run by MLflow clients {names} at the same time")
    show.say("all it gets from us is MLFLOW_TRACKING_URI; client retries are off, so that any error would show:")
    show.code(scripts.TRAINING)
    with show.busy("training"):
        actors.runs = actors.stage.train(actors.clients)
    for version, run_id in actors.runs.items():
        actors.none(f"client {version} logged run {run_id}", training_problems(actors.stage.through.run(run_id)))


def read_both(actors: Actors) -> None:
    """Every run is on both servers, the same in every field."""
    show, stage = actors.show, actors.stage
    show.step("The same runs, read from both servers behind Tightrope's back, field by field")
    actors.drained()
    copies = {version: actors.copies(run_id) for version, run_id in actors.runs.items()}
    show.table(
        ("client", "public id", "id on green", *PARTS),
        [
            (version, _short(blue.run_id), _short(green.run_id), *_row(blue, green))
            for version, (blue, green) in copies.items()
        ],
    )
    for version, (blue, green) in copies.items():
        what = f"client {version}: run {blue.run_id} on blue is {green.run_id} on green, no difference"
        actors.none(what, differences(blue, green), look=actors.journal)
        actors.none("   and green has all that the script logged, artifact bytes included", training_problems(green))
    known = sorted(stage.on_green.public_ids(scripts.EXPERIMENT).values())
    actors.equal("green has each of them once, and nothing else", sorted(actors.runs.values()), known)


def cut_over(actors: Actors) -> None:
    """Green takes over under load."""
    show = actors.show
    show.step(f"Cutover while a {actors.blue} client keeps logging, retries off")
    _switch(actors, actors.blue, "cutover", phase="mirroring_back", serving="green")


def green_serves(actors: Actors) -> None:
    """Old ids still work, and new runs are named by green."""
    show, stage = actors.show, actors.stage
    show.step(f"Green serves: a {actors.blue} client reads its old run, a {actors.green} client trains anew")
    old = actors.runs[actors.blue]
    with show.busy("reading and training"):
        read, made = stage.run_clients(
            [(actors.blue, scripts.READ_BACK, (old,)), (actors.green, scripts.TRAIN, ())],
        )
    expected = {
        "run_id": old,
        "experiment": scripts.EXPERIMENT,
        "params": scripts.PARAMS,
        "accuracy": [[step, value] for step, value in enumerate(scripts.ACCURACY)],
        "artifact": base64.b64encode(scripts.ARTIFACT_BYTES).decode(),
    }
    actors.equal(f"run {old} by its old id: params, metric history, artifact bytes", expected, read)
    new = actors.runs["made on green"] = made["run_id"]
    actors.none(f"run {new} was made on green under green's own id", training_problems(stage.on_green.run(new)))
    answered = stage.through.status_of(actors.history_run)
    show.say(f"note: the history run {actors.history_run} is not on green; asked for it now, clients get {answered}")


def roll_back(actors: Actors) -> None:
    """Blue takes over again, and nothing written meanwhile is lost."""
    show, stage = actors.show, actors.stage
    show.step(f"Rollback while a {actors.green} client keeps logging, retries off")
    _switch(actors, actors.green, "rollback", phase="mirroring", serving="blue")
    new = actors.runs["made on green"]
    blue, _ = actors.same_run(f"run {new}, made while green served, is complete on blue", new, named_by_green=True)
    seen = stage.through.run(new)
    actors.equal("and clients still call it by the id that green gave it", new, seen.run_id)
    actors.none(f"   which is {blue.run_id} on blue", [*training_problems(seen), *differences(blue, seen)])


def settle_accounts(actors: Actors) -> None:
    """What the counters say, what is not on green and why, and where to look."""
    show, stage = actors.show, actors.stage
    show.step("The books")
    actors.drained()
    metrics = str(stage.tightrope.admin("GET", "/metrics"))
    journal = figures.by_label(metrics, "tightrope_journal_records", "state")
    answers = figures.by_label(metrics, "tightrope_requests_total", "code")
    for name in ("tightrope_divergences_total", "tightrope_open_divergences", "tightrope_mirror_lag_seconds"):
        actors.equal(f"{name} 0", 0.0, figures.total(metrics, name), look=f"{stage.tightrope.admin_url}/metrics")
    for state in ("parked", "in_doubt", "answered", "received"):
        actors.equal(f"writes {state} 0", 0.0, journal.get(state), look=actors.journal)
    mirrored = int(journal.get("mirrored", 0))
    show.check(f"writes mirrored {mirrored}", mirrored > 0, expected="more than 0", got=str(mirrored))
    show.check(
        f"{sum(answers.values()):g} answers to clients, none of them 5xx",
        "200" in answers and not any(code.startswith("5") for code in answers),
        expected="200 and no 5xx",
        got=", ".join(f"{count:g} x {code}" for code, count in answers.items()),
    )
    ours, theirs = (reader.public_ids(scripts.EXPERIMENT) for reader in (stage.on_blue, stage.on_green))
    actors.equal("every run on green is on blue", set(), missing(theirs, ours))
    actors.equal("every run on blue is on green, but for the history run", {actors.history_run}, missing(ours, theirs))
    show.say("not mirrored:")
    show.say(f"  run {actors.history_run}: from before mirroring began, and nothing has touched it since.")
    show.say("  Bringing history over (backfill) is not part of this version yet.")
    for reason, count in figures.by_label(metrics, "tightrope_mirror_skipped_total", "reason").items():
        if count:
            show.say(f"  {count:g} writes skipped, reason: {reason}")
    show.say("where to look next (with --keep, while it runs):")
    show.say(f"  {stage.command('status')}")
    show.say(f"  operator API {stage.tightrope.admin_url}/api/v1/status, metrics {stage.tightrope.admin_url}/metrics")
    show.say("  README.md, docs/configuration.md, docs/metrics.md")


ACTS: tuple[Callable[[Actors], None], ...] = (
    prepare,
    history,
    open_window,
    train,
    read_both,
    cut_over,
    green_serves,
    roll_back,
    settle_accounts,
)


def _switch(actors: Actors, client: str, command: str, *, phase: str, serving: str) -> None:
    """Flip the serving side under a client that logs, and count its points on both servers."""
    show, stage = actors.show, actors.stage
    with LoggingClient(stage, client, f"stop-{command}") as logging:
        with show.busy("waiting for its first points"):
            before = logging.wait_for(_POINTS_BEFORE)
        report = actors.moved(command, phase=phase)
        actors.equal(f"{serving} serves", serving, stage.tightrope.status()["serving"])
        with show.busy("letting it log on"):
            logging.wait_for(_POINTS_AFTER)
        done = logging.finish()
    points, run_id = done["acknowledged"], done["run_id"]
    show.check(
        f"the client finished without an error: {points} points, {before} of them before the {command}",
        points >= before + _POINTS_AFTER,
        expected=f"at least {before + _POINTS_AFTER} points",
        got=f"{points}",
    )
    show.say(f"writes were held for {report.held_s:.2f} s; the client's longest call took {done['longest_s']:.2f} s")
    actors.drained()
    blue, green = actors.same_run(
        f"its run {run_id} is the same on both servers", run_id, named_by_green=serving == "blue"
    )
    for side, copy in (("blue", blue), ("green", green)):
        problems = point_problems(points, (step for step, _, _ in copy.points.get(scripts.PROGRESS, ())))
        actors.none(f"{points} points acknowledged, {points} points on {side}", problems)


def _row(blue: RunCopy, green: RunCopy) -> list[str]:
    """What a table says of two copies, part by part."""
    parts = {difference.part for difference in differences(blue, green)}
    return [f"{count} {'DIFFERENT' if part in parts else 'equal'}" for part, count in sizes(blue).items()]


def _short(run_id: str) -> str:
    return f"{run_id[:8]}…"
