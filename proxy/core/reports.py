"""What a move between phases did, or would do: the one report that the audit log, the API and the CLI show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

StepState = Literal["done", "planned", "failed", "skipped"]
MoveOutcome = Literal["done", "planned", "aborted", "refused"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step of a move. ``seconds`` is None for a step that was not carried out."""

    name: str
    state: StepState
    detail: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class GateReport:
    """One condition of a move: ``value`` as it is, ``threshold`` as it has to be, both for people.

    ``ok`` is what was found; a gate that does not hold stops the move unless it was ``waived`` by name.
    """

    name: str
    value: str
    threshold: str
    ok: bool
    waived: bool = False

    @property
    def stops(self) -> bool:
        """Whether the gate stands in the way."""
        return not self.ok and not self.waived


@dataclass(frozen=True, slots=True)
class LossReport:
    """Objects of one kind that the other side cannot hold, e.g. 12 traces on a 1.x server."""

    kind: str
    count: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MoveReport:
    """A move in full.

    Attributes:
        event: what was asked for, e.g. ``cutover``.
        from_phase, to_phase: where it began and where it leads.
        dry_run: nothing was done.
        steps: in order.
        gates: empty where the move has none.
        held_s: how long clients' writes waited.
        outcome: ``done``; ``planned`` (dry run); ``aborted`` (begun, and back in the phase before); ``refused`` (not
            begun, because a gate or the transition table stands in the way).
        message: one sentence: what happened, why, what to do next.
        losses: what the other side cannot hold.
    """

    event: str
    from_phase: str
    to_phase: str
    dry_run: bool
    steps: tuple[StepReport, ...]
    gates: tuple[GateReport, ...]
    held_s: float
    outcome: MoveOutcome
    message: str
    losses: tuple[LossReport, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object with the attributes' names."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MoveReport:
        """Read what ``to_json`` wrote."""
        return cls(
            **{
                **data,
                "steps": _read(StepReport, data["steps"]),
                "gates": _read(GateReport, data["gates"]),
                "losses": _read(LossReport, data.get("losses", ())),
            }
        )


def _read(kind: Any, items: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**item) for item in items)
