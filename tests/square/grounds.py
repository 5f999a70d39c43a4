"""Where the battery runs: one server with Tightrope before it, or a pair of servers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from proxy.lab.servers import MlflowServer, start_all
from proxy.lab.tightrope import Tightrope
from tests.square.expected import Mode, Setting
from tests.square.runs import Result, battery, reading

if TYPE_CHECKING:
    from typing_extensions import Self


class Ground(AbstractContextManager["Ground"]):
    """One server of a version and one Tightrope, shared by all clients; names are fresh for each of them."""

    def __init__(self, version: str, directory: Path) -> None:
        self.directory = directory
        self.server = MlflowServer(version, directory / "server")
        self.tightrope = Tightrope(directory / "tightrope", blue=self.server.url)
        self.left: dict[str, Result] = {}
        """Client -> what it did here, with the facts for readers."""

    def __enter__(self) -> Self:
        self.server.start()
        self.tightrope.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.tightrope.stop()
        self.server.stop(1)

    def battery(self, client: str, mode: Mode = "proxy", **chosen: Sequence[str]) -> Result:
        """All operations of a client, straight at the server or through Tightrope."""
        url = self.tightrope.url if mode == "proxy" else self.server.url
        result = battery(Setting(client, self.server.version, mode), url, f"{mode} {client}", **chosen)
        if mode == "proxy":
            self.left[client] = result
        return result

    def reading(self, client: str, writer: str) -> Result:
        """Let a client read what another one left here."""
        setting = Setting(client, self.server.version, "proxy", writer)
        return reading(setting, self.tightrope.url, self.left[writer].facts, self.directory)


class PairGround(AbstractContextManager["PairGround"]):
    """Blue serves, green follows."""

    def __init__(self, blue: str, green: str, directory: Path) -> None:
        self.directory = directory
        self.blue = MlflowServer(blue, directory / "blue")
        self.green = MlflowServer(green, directory / "green")
        self.tightrope = Tightrope(
            directory / "tightrope",
            blue=self.blue.url,
            green=self.green.url,
            settings={"mirror": {"retry_initial_s": 0.1, "retry_max_s": 1.0}},
        )
        self.left: dict[str, Result] = {}
        self._told: set[int] = set()

    def __enter__(self) -> Self:
        start_all(self.blue, self.green)
        self.tightrope.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.tightrope.stop()
        self.green.stop(1)
        self.blue.stop(1)

    def battery(self, client: str, **chosen: Sequence[str]) -> Result:
        """All operations of a client, mirrored."""
        setting = Setting(client, self.blue.version, "pair")
        result = battery(setting, self.tightrope.url, f"pair {client}", **chosen)
        self.left[client] = result
        return result

    def reading(self, client: str, writer: str) -> Result:
        """Let a client read what another one left here."""
        setting = Setting(client, self.blue.version, "pair", writer)
        return reading(setting, self.tightrope.url, self.left[writer].facts, self.directory)

    def parked(self) -> list[str]:
        """Wait until all is delivered; what could not be since the last time, one line each."""
        self.tightrope.wait_drained(120)
        records = self.tightrope.admin("GET", "/api/v1/journal?state=parked&limit=1000")["records"]
        new = [each for each in records if each["seq"] not in self._told]
        self._told.update(each["seq"] for each in new)
        return [f"{each['operation']}: {each['reason']}: {each['detail']}" for each in new]

    def cutover(self) -> dict[str, Any]:
        """Green serves from now on; what is parked was told already."""
        report: dict[str, Any] = self.tightrope.admin("POST", "/api/v1/cutover", {"waive": ["parked"]})
        assert report["outcome"] == "done", report
        return report
