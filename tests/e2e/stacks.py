"""Two real servers with Tightrope between them.

Blue holds objects from before Tightrope came. They are touched through it in another order than that in which blue
made them, so that from the start the two servers use the same numbers for different experiments.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from proxy.lab.servers import MlflowServer, start_all
from proxy.lab.tightrope import Tightrope
from tests.e2e.compare import differences
from tests.e2e.old_objects import make_old_objects, touch_old_objects

if TYPE_CHECKING:
    from typing_extensions import Self


class Stack(AbstractContextManager["Stack"]):
    """One pair; what a test breaks, ``heal`` mends for the next one."""

    def __init__(self, blue_version: str, green_version: str, directory: Path) -> None:
        self.blue = MlflowServer(blue_version, directory / "blue")
        self.green = MlflowServer(green_version, directory / "green")
        self.tightrope = Tightrope(
            directory / "tightrope",
            blue=self.blue.url,
            green=self.green.url,
            settings={"mirror": {"retry_initial_s": 0.1, "retry_max_s": 1.0}},
        )

    def __enter__(self) -> Self:
        start_all(self.blue, self.green)
        old = make_old_objects(self.blue.url)
        self.tightrope.start()
        touch_old_objects(self.tightrope.url, old)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.tightrope.stop()
        self.green.stop(1)
        self.blue.stop(1)

    def heal(self) -> Stack:
        """Everything runs, blue serves, green follows, nothing waits."""
        for server in (self.blue, self.green):
            if server.running:
                server.resume()
        start_all(self.blue, self.green)
        if not self.proxy_runs:
            self.tightrope.start()
        self.settled()
        if self.tightrope.status()["phase"] == "mirroring_back":
            self.move("rollback")
        return self

    @property
    def proxy_runs(self) -> bool:
        """Whether Tightrope answers its operators."""
        try:
            self.tightrope.admin("GET", "/healthz")
        except OSError:
            return False
        return True

    def move(self, name: str) -> dict[str, Any]:
        """A cutover or rollback that must succeed (409, with the report, is raised otherwise)."""
        report: dict[str, Any] = self.tightrope.admin("POST", f"/api/v1/{name}", {})
        assert report["outcome"] == "done", report
        return report

    def settled(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """Wait until everything is delivered, and demand that nothing is parked or in doubt."""
        status = self.tightrope.wait_drained(timeout_s)
        parked = self.tightrope.admin("GET", "/api/v1/journal?state=parked&limit=5")["records"]
        assert not parked, "\n".join(f"{each['operation']}: {each['reason']}: {each['detail']}" for each in parked)
        assert (status["in_doubt"], status["lag_s"]) == (0, 0), status
        return status

    def same(self) -> None:
        """Demand that both sides hold the same once everything is delivered."""
        self.settled()
        found = differences(self.blue, self.green)
        assert not found, "\n".join(found)
