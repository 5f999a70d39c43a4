"""A tiny process that stands between us and a program of the lab, so that the program cannot outlive us.

Run as a script, never imported: `python -I -S guard.py '<json>'` with our pipe as its stdin. Its JSON argument is

    {"command": ["mlflow", "server"], "cwd": "/x", "out": 5, "err": 6, "user": null, "group": null}

It starts the command as the leader of a new session, writes `pid <n>` (or `error <text>`) to its stdout, then waits.
When its stdin reaches the end, whoever started it is gone, also by `kill -9`, and the whole group gets SIGKILL.

Why not PR_SET_PDEATHSIG: that signal is tied to the *thread* that forked, so servers started in parallel threads would
die when their starter thread ends; it also reaches only the direct child, and MLflow's command line starts its web
server as a grandchild. A pipe has neither problem and works on every Unix.

On Linux the guard becomes the "child subreaper", so it also reaps grandchildren left behind (in a container process 1
often does not). It exits only when no descendant is left: waiting for the guard is waiting for all of them.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>


def _kill_when_orphaned(group: int) -> None:
    while os.read(0, 1024):
        pass
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _reap_all(leader: int) -> int:
    """Reap until no child is left, and return the leader's exit code (negative: the signal that ended it)."""
    code = 0
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return code
        if pid == leader:
            code = os.waitstatus_to_exitcode(status)


def main() -> int:
    """Start the command, watch over it, and return its exit code (128 + n for signal n, as shells do)."""
    order = json.loads(sys.argv[1])
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        child = subprocess.Popen(
            order["command"],
            cwd=order["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=order["out"],
            stderr=order["err"],
            user=order["user"],
            group=order["group"],
            extra_groups=None if order["user"] is None else [],
            start_new_session=True,
        )
    except OSError as exc:
        print("error", exc, flush=True)
        return 127
    print("pid", child.pid, flush=True)
    os.close(1)
    for fd in {order["out"], order["err"]}:
        os.close(fd)
    threading.Thread(target=_kill_when_orphaned, args=(child.pid,), daemon=True).start()
    code = _reap_all(child.pid)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    # os._exit: the watching thread sits in a read that would delay a normal shutdown.
    os._exit(main())
