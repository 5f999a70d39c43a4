"""What the acts share: the stage, the voice, the runs made so far, and the checks that several acts make."""

from __future__ import annotations

from collections.abc import Sequence

from proxy.core.reports import MoveReport
from proxy.lab.demo.compare import differences
from proxy.lab.demo.reading import RunCopy
from proxy.lab.demo.scripts import EXPERIMENT
from proxy.lab.demo.show import Show
from proxy.lab.demo.stage import Stage
from proxy.lab.recipes import parse_version

_ALWAYS = ("2.22.4", "3.17.2")
"""Clients that the demo brings along, beside those of the two servers' versions."""


class Actors:
    """What the acts share: the stage, the voice, and the runs made so far."""

    def __init__(self, stage: Stage, show: Show) -> None:
        self.stage = stage
        self.show = show
        self.blue = stage.blue.version
        self.green = stage.green.version
        self.clients = sorted({self.blue, self.green, *_ALWAYS}, key=parse_version)
        self.history_run = ""
        """Made before Tightrope existed."""
        self.runs: dict[str, str] = {}
        """Public ids of the runs made while blue served, by version of the client."""

    def equal(self, what: str, expected: object, got: object, look: str = "") -> None:
        """Check that two values are the same."""
        self.show.check(what, expected == got, expected=str(expected), got=str(got), look=look)

    def none(self, what: str, problems: Sequence[object], look: str = "") -> None:
        """Check that there is nothing wrong."""
        got = "; ".join(map(str, problems[:5])) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
        self.show.check(what, not problems, expected="no difference", got=got, look=look)

    @property
    def journal(self) -> str:
        """Where parked writes are seen; the command needs a Tightrope that still runs."""
        return f"with --keep, {self.stage.command('journal', 'ls')}"

    def copies(self, public_id: str, *, named_by_green: bool = False) -> tuple[RunCopy, RunCopy]:
        """Both servers' copies of a run, read from them directly: where it was created by its id, elsewhere by tag."""
        on_blue, on_green = self.stage.on_blue, self.stage.on_green
        maker, other = (on_green, on_blue) if named_by_green else (on_blue, on_green)
        original, copy = maker.run(public_id), other.copy_of(public_id, EXPERIMENT)
        if copy is None:
            side = "blue" if named_by_green else "green"
            self.show.check(
                f"run {public_id} has its copy on {side}",
                False,
                expected=f"a run with the hidden tag for {public_id} on {other.url}",
                got="none",
                look=self.journal,
            )
            raise AssertionError  # check() has raised
        return (copy, original) if named_by_green else (original, copy)

    def same_run(self, what: str, public_id: str, *, named_by_green: bool = False) -> tuple[RunCopy, RunCopy]:
        """Check that both servers hold the same run; returns both copies."""
        blue, green = self.copies(public_id, named_by_green=named_by_green)
        self.none(what, differences(blue, green), look=self.journal)
        return blue, green

    def moved(self, *command: str, phase: str) -> MoveReport:
        """Change the phase by the real command, and check that it did."""
        with self.show.busy(f"tightrope {' '.join(command)}"):
            report = MoveReport.from_json(self.stage.operate(*command))
        self.show.say(f"$ {self.stage.command(*command)}")
        self.equal(
            f"{report.event}: {report.from_phase} -> {report.to_phase}, {report.outcome}", "done", report.outcome
        )
        self.equal(f"the phase is {phase}", phase, self.stage.tightrope.status()["phase"])
        return report

    def drained(self) -> None:
        """Wait until the mirror has nothing left to do."""
        with self.show.busy("waiting for the mirror"):
            self.stage.tightrope.wait_drained()
