"""How the demo speaks: numbered steps, a tick per check, small tables. Plain lines where nobody looks at a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

_PIPE_WIDTH = 200


class CheckFailedError(Exception):
    """Something is not as it should be.

    Args:
        what: the check, as a sentence that should be true.
        expected: what would have been fine.
        got: what was found.
        look: where to look next; empty for the logs in general.
    """

    def __init__(self, what: str, *, expected: str, got: str, look: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.got = got
        self.look = look


class Show:
    """Speaks to the reader; counts steps, checks and seconds."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(markup=False, highlight=False, emoji=False)
        if not self.console.is_terminal:
            self.console.width = _PIPE_WIDTH
        self.checks = 0
        self._began = time.monotonic()
        self._step = 0
        self._tick = "✓" if "utf" in self.console.encoding.lower() else "ok:"

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def title(self, text: str) -> None:
        """What this is all about."""
        self.console.print(text, style="bold")

    def step(self, text: str) -> None:
        """Begin the next step; the first one has the number 0."""
        self.console.print()
        self.console.print(f"{self._step}. {text}  [{self.seconds:.0f} s]", style="bold cyan")
        self._step += 1

    def say(self, text: str, style: str = "") -> None:
        """A line of explanation."""
        self.console.print(f"   {text}", style=style, soft_wrap=True)

    def code(self, source: str) -> None:
        """A program, so that the reader sees all of it."""
        if self.console.is_terminal:
            self.console.print(Syntax(source, "python", line_numbers=False, background_color="default", padding=(0, 5)))
        else:
            for line in source.splitlines():
                self.say(f"| {line}")

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something takes time; only on a terminal."""
        if self.console.is_terminal:
            with self.console.status(f"{text} …"):
                yield
        else:
            yield

    def check(self, what: str, ok: bool, *, expected: str, got: str, look: str = "") -> None:
        """Tick a check off.

        Raises:
            CheckFailedError: it is not `ok`.
        """
        if not ok:
            raise CheckFailedError(what, expected=expected, got=got, look=look)
        self.checks += 1
        self.console.print(f"   {self._tick} {what}", style="green", soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; elsewhere than on a terminal one line per row, each value with its column's name."""
        if not self.console.is_terminal:
            for row in rows:
                self.say(", ".join(f"{name}: {value}" for name, value in zip(columns, row, strict=True)))
            return
        shown = Table(*columns, title_justify="left")
        for row in rows:
            shown.add_row(*row)
        self.console.print(shown)

    def failed(self, error: CheckFailedError, logs: Sequence[str]) -> None:
        """The end, when a check failed."""
        self.console.print()
        self.console.print(f"FAILED: {error.what}", style="bold red", soft_wrap=True)
        self._named("expected", error.expected.splitlines())
        self._named("got", error.got.splitlines())
        self._named("where to look", [*([error.look] if error.look else []), *logs])

    def _named(self, name: str, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines):
            self.say(f"{f'{name}:' if number == 0 else '':<15}{line}")
