"""What differs between two copies of a run. Pure: the copies were read elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.lab.demo.reading import RunCopy
from proxy.lab.demo.scripts import ACCURACY, ARTIFACT, ARTIFACT_BYTES, PARAMS

PARTS = ("info", "params", "metrics", "points", "tags", "artifacts")
"""What is compared, in the order in which it is shown."""

HIDDEN_TAGS = "mlflow.tightrope."
"""Tags with this prefix are the mirror's own and are the only ones that may differ."""

_ABSENT = "(absent)"
_SHOWN = 80


@dataclass(frozen=True)
class Difference:
    """One field that is not the same; the values are as the two servers gave them, shortened."""

    part: str
    """One of `PARTS`."""
    field: str
    blue: str
    green: str

    def __str__(self) -> str:
        return f"{self.part} {self.field}: blue has {self.blue}, green has {self.green}"


def differences(blue: RunCopy, green: RunCopy) -> list[Difference]:
    """Every field in which two copies differ, once each server's own ids are replaced by what they stand for."""
    ours, theirs = _fields(blue), _fields(green)
    found = []
    for part in PARTS:
        for field in sorted(ours[part].keys() | theirs[part].keys()):
            here, there = ours[part].get(field, _ABSENT), theirs[part].get(field, _ABSENT)
            if here != there:
                if part == "points":
                    here, there = _without_common(here, there)
                found.append(Difference(part, field, _shown(here), _shown(there)))
    return found


def sizes(copy: RunCopy) -> dict[str, int]:
    """How much there was to compare, by part."""
    fields = _fields(copy)
    return {part: len(fields[part]) for part in PARTS} | {"points": sum(map(len, copy.points.values()))}


def training_problems(copy: RunCopy) -> list[str]:
    """What a copy lacks of what the training script logged; two equal copies could both be empty."""
    wanted: list[tuple[str, Any, Any]] = [
        ("params", PARAMS, dict(copy.params)),
        ("accuracy by step", list(enumerate(ACCURACY)), [(step, value) for step, _, value in _accuracy(copy)]),
        ("artifacts", {ARTIFACT: ARTIFACT_BYTES}, dict(copy.artifacts)),
        ("status", "FINISHED", copy.info["status"]),
    ]
    return [f"{what}: expected {expected!r}, got {got!r}" for what, expected, got in wanted if expected != got]


def point_problems(acknowledged: int, steps: Iterable[int]) -> list[str]:
    """What is wrong with the steps that a server has of a client's points 0, 1, 2 … `acknowledged` - 1."""
    counted = Counter(steps)
    lost = [step for step in range(acknowledged) if step not in counted]
    twice = sorted(step for step, count in counted.items() if count > 1)
    strange = sorted(step for step in counted if not 0 <= step < acknowledged)
    named = (("lost", lost), ("there more than once", twice), ("never acknowledged", strange))
    return [f"{len(found)} points {what}, steps {_shown(found)}" for what, found in named if found]


def missing(wanted: Mapping[str, str], got: Mapping[str, str]) -> set[str]:
    """Public ids that one server has and the other lacks; both arguments map local ids to public ones."""
    return set(wanted.values()) - set(got.values())


def _without_common(here: Any, there: Any) -> tuple[Any, Any]:
    """Two histories without the points that both have: a long one must not hide the one point that is wrong."""
    if _ABSENT in {here, there}:
        return here, there
    ours, theirs = Counter(here), Counter(there)
    return sorted((ours - theirs).elements()), sorted((theirs - ours).elements())


def _accuracy(copy: RunCopy) -> Sequence[tuple[int, int, float]]:
    return copy.points.get("accuracy", ())


def _fields(copy: RunCopy) -> dict[str, dict[str, Any]]:
    """The run as comparable fields, by part."""
    return {
        "info": {"experiment": copy.experiment, **{name: _public(value, copy) for name, value in copy.info.items()}},
        "params": dict(copy.params),
        "metrics": dict(copy.latest),
        "points": dict(copy.points),
        "tags": {key: _public(value, copy) for key, value in copy.tags.items() if not key.startswith(HIDDEN_TAGS)},
        "artifacts": dict(copy.artifacts),
    }


def _public(value: Any, copy: RunCopy) -> Any:
    """A text with this server's ids of the run and its experiment replaced by what they stand for."""
    if not isinstance(value, str):
        return value
    # The experiment's id is a small number: it is only itself in front of the run's.
    return value.replace(f"/{copy.experiment_id}/{copy.run_id}", "/{experiment}/{run}").replace(copy.run_id, "{run}")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
