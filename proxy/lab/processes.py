"""Start a program that dies with us, and signal it by its own process group only.

Everything real in the lab (MLflow servers, PostgreSQL, client scripts) is a `GuardedProcess`; `guard.py` tells how.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal as signals
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from proxy.lab.failures import LabError

_GUARD = Path(__file__).with_name("guard.py")


class GuardedProcess:
    """One running program with its whole process group.

    Args:
        command: program and arguments; a bare name is looked up on the PATH in `env`.
        cwd: its working directory.
        env: its complete environment, nothing is inherited.
        stdout: file that receives its output, appended to.
        stderr: the same for errors; None sends them to `stdout` too.
        user: user id to run as (needs root), None for our own.
        group: group id to run as, None for our own.

    Raises:
        LabError: the program could not be executed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: Path,
        stderr: Path | None = None,
        user: int | None = None,
        group: int | None = None,
    ) -> None:
        with contextlib.ExitStack() as files:
            out = files.enter_context(stdout.open("ab")).fileno()
            err = out if stderr is None else files.enter_context(stderr.open("ab")).fileno()
            order = {"command": list(command), "cwd": str(cwd), "out": out, "err": err, "user": user, "group": group}
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=dict(env),
                pass_fds={out, err},
                start_new_session=True,  # Ctrl-C in a terminal must not reach it: stopping is ours to order
            )
        assert self._guard.stdout is not None  # noqa: S101 (always there with PIPE)
        with self._guard.stdout as answers:
            word, _, rest = answers.readline().decode().strip().partition(" ")
        if word != "pid":
            self._release()
            raise LabError(f"{command[0]} could not be started: {rest or 'the guard process died'}")
        self.pid = int(rest)
        """Process id of the program itself, which is also the id of its process group."""

    @property
    def running(self) -> bool:
        """Whether the program, or anything it started, still runs."""
        return self._guard.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Exit code, 128 + n when signal n ended it, None while it runs."""
        return self._guard.poll()

    def signal(self, number: signals.Signals) -> None:
        """Send a signal to the program's own process group; nothing happens if it has ended."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def signal_leader(self, number: signals.Signals) -> None:
        """Send a signal to the program itself only, not to the processes it started."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait until the program and everything it started have ended.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        self._guard.wait(timeout_s)
        return self._release()

    def stop(self, grace_s: float = 5.0) -> int:
        """Ask it to end (SIGTERM), insist after `grace_s` (SIGKILL), and return the exit code."""
        self.signal(signals.SIGTERM)
        self.signal(signals.SIGCONT)  # a paused process would never see the SIGTERM
        try:
            return self.wait(grace_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it at once with SIGKILL, as a crash would, and return the exit code."""
        self.signal(signals.SIGKILL)
        try:
            return self.wait(5)
        except subprocess.TimeoutExpired:
            # A descendant that left the group still runs; closing the guard's stdin changes nothing for it.
            self._guard.kill()
            return self.wait(5)

    def _release(self) -> int:
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        return self._guard.wait()


_handed_out: set[int] = set()
_handed_out_lock = threading.Lock()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on and this process has not handed out before.

    Below Linux's range for outgoing connections (32768 and up): a server that is stopped and started again on the
    same port must not find it taken by some client's outgoing connection.
    """
    with _handed_out_lock:
        for _ in range(500):
            port = random.randint(20_000, 32_000)  # noqa: S311 (not a secret)
            if port in _handed_out:
                continue
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            _handed_out.add(port)
            return port
    raise LabError("no free TCP port on 127.0.0.1 between 20000 and 32000")
