"""Guarded processes: they end when told, as a whole, and never outlive whoever started them."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.lab.failures import LabError
from proxy.lab.processes import GuardedProcess, free_port

GroupMembers = Callable[[int], list[int]]

FAMILY = "import os, time; os.fork(); print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + FAMILY


def start(tmp_path: Path, source: str) -> GuardedProcess:
    return GuardedProcess([sys.executable, "-c", source], cwd=tmp_path, env={}, stdout=tmp_path / "out")


def wait_until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def is_up(tmp_path: Path, count: int = 2) -> bool:
    out = tmp_path / "out"
    return out.exists() and out.read_text().count("up") == count


@pytest.mark.parametrize(("source", "code"), [(FAMILY, 128 + signal.SIGTERM), (STUBBORN, 128 + signal.SIGKILL)])
def test_stop_ends_the_family(tmp_path: Path, group_members: GroupMembers, source: str, code: int) -> None:
    """Stopping ends the program and its children, politely if they listen and by force if not."""
    process = start(tmp_path, source)
    wait_until(lambda: is_up(tmp_path))
    assert len(group_members(process.pid)) == 2
    assert process.stop(grace_s=0.5) == code
    assert group_members(process.pid) == []
    assert process.stop() == code


def test_stop_while_paused(tmp_path: Path, group_members: GroupMembers) -> None:
    """A paused program can be stopped without being resumed first."""
    process = start(tmp_path, FAMILY)
    wait_until(lambda: is_up(tmp_path))
    process.signal(signal.SIGSTOP)
    assert process.stop() == 128 + signal.SIGTERM
    assert group_members(process.pid) == []


def test_exit_code_and_output(tmp_path: Path) -> None:
    """The exit code is the program's own, and its output lands in the file."""
    process = start(tmp_path, "print('done'); raise SystemExit(7)")
    assert process.wait(10) == 7
    assert process.exit_code == 7
    assert (tmp_path / "out").read_text() == "done\n"


def test_waits_for_orphans(tmp_path: Path) -> None:
    """A program whose child lives on still counts as running."""
    process = start(tmp_path, "import os, time; os.fork() or time.sleep(600)")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    assert process.running
    process.kill()
    assert not process.running


def test_cannot_execute(tmp_path: Path) -> None:
    """A program that does not exist is an error that names it."""
    with pytest.raises(LabError, match="/no/such/program could not be started"):
        GuardedProcess(["/no/such/program"], cwd=tmp_path, env={}, stdout=tmp_path / "out")


def test_dies_with_its_parent(tmp_path: Path, group_members: GroupMembers) -> None:
    """When the process that started it is killed with SIGKILL, the whole family ends, even while paused."""
    parent = textwrap.dedent(f"""
        import signal, sys, time
        from pathlib import Path
        from proxy.lab.processes import GuardedProcess
        out = Path({str(tmp_path)!r}) / "out"
        process = GuardedProcess([sys.executable, "-c", {FAMILY!r}], cwd=out.parent, env={{}}, stdout=out)
        while not out.exists() or out.read_text().count("up") < 2:
            time.sleep(0.01)
        process.signal(signal.SIGSTOP)
        print(process.pid, flush=True)
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as ours:
        assert ours.stdout is not None
        group = int(ours.stdout.readline())
        assert len(group_members(group)) == 2
        ours.kill()
    wait_until(lambda: group_members(group) == [])


def test_ports_differ() -> None:
    """Ports are never handed out twice, and stay clear of those the kernel picks for outgoing connections."""
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert max(ports) < 32_768
