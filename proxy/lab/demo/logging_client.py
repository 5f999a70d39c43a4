"""A client at work in the background while the servers behind it change places."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from proxy.lab.clients import start_client
from proxy.lab.demo import scripts
from proxy.lab.demo.stage import Stage, answer_of
from proxy.lab.failures import LabError

if TYPE_CHECKING:
    from typing_extensions import Self

_LOG_FOR_AT_MOST_S = 90.0
_POLL_S = 0.05


class LoggingClient:
    """A client that logs one point after the other in the background; a context manager that ends it.

    Args:
        stage: where; it knows nothing but Tightrope's URL.
        version: its MLflow version.
        name: of the file that ends it.
    """

    def __init__(self, stage: Stage, version: str, name: str) -> None:
        self._version = version
        self._stop = stage.directory / name
        self._client = start_client(
            version,
            scripts.KEEP_LOGGING,
            tracking_uri=stage.tightrope.url,
            args=(str(self._stop), str(_LOG_FOR_AT_MOST_S)),
            retries=0,
        )

    @property
    def acknowledged(self) -> int:
        """Points that it has had an answer for."""
        return self._client.stdout().count("acknowledged ")

    def wait_for(self, more: int, timeout_s: float = 60.0) -> int:
        """Wait until so many further points were acknowledged; returns how many there are then.

        Raises:
            LabError: it ended, or took too long.
        """
        wanted = self.acknowledged + more
        deadline = time.monotonic() + timeout_s
        while (now := self.acknowledged) < wanted:
            if not self._client.running:
                answer_of(self._client, self._version)
                raise LabError(f"the {self._version} client stopped logging after {now} points")
            if time.monotonic() > deadline:
                raise LabError(f"the {self._version} client logged {now} points and not {wanted} in {timeout_s:g} s")
            time.sleep(_POLL_S)
        return now

    def finish(self) -> Any:
        """Tell it to end; returns the JSON it printed last.

        Raises:
            LabError: it met an error; shows it.
        """
        self._stop.touch()
        return answer_of(self._client, self._version)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop()
