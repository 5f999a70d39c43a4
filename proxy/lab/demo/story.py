"""The acts of the demo, in order. Whatever is claimed is checked first; the first check that fails ends it."""

from __future__ import annotations

import shutil
import threading

from proxy.lab.demo.actors import Actors
from proxy.lab.demo.acts import ACTS
from proxy.lab.demo.show import CheckFailedError, Show
from proxy.lab.demo.stage import Stage
from proxy.lab.failures import LabError

_INTERRUPTED = 130  # what shells give for Ctrl-C


def run(*, blue: str, green: str, keep: bool, show: Show | None = None) -> int:
    """Play the demo; returns the exit code.

    Args:
        blue: MLflow version to upgrade from.
        green: MLflow version to upgrade to.
        keep: leave everything running afterwards, until Ctrl-C.
        show: where to speak, standard output when None.
    """
    show = show or Show()
    show.title(f"Tightrope: from MLflow {blue} to {green} and back, with clients at work")
    try:
        stage = Stage(blue, green)
    except LabError as error:
        show.failed(_as_failure(error), ())
        return 1
    return _play(stage, show, keep=keep)


def _play(stage: Stage, show: Show, *, keep: bool) -> int:
    code, useful = _INTERRUPTED, keep
    try:
        good = _perform(stage, show)
        code, useful = (0, keep) if good else (1, bool(stage.logs))
        if keep and stage.complete:
            _wait(stage, show)
    except KeyboardInterrupt:
        show.say("interrupted")
    except BaseException:  # a fault of the demo itself: its traceback follows, and the logs may tell more
        useful = True
        raise
    finally:
        stage.stop()
        if useful:
            show.say(f"kept: {stage.directory}")
        else:
            shutil.rmtree(stage.directory, ignore_errors=True)
    return code


def _perform(stage: Stage, show: Show) -> bool:
    """All acts; whether every check passed."""
    actors = Actors(stage, show)
    try:
        for act in ACTS:
            act(actors)
    except CheckFailedError as error:
        show.failed(error, stage.logs)
        return False
    except (LabError, OSError) as error:
        show.failed(_as_failure(error), stage.logs)
        return False
    show.title("")
    show.title(f"All {show.checks} checks passed in {show.seconds:.0f} s.")
    return True


def _wait(stage: Stage, show: Show) -> None:
    """Leave everything running until Ctrl-C."""
    show.title("")
    show.say(f"everything keeps running until Ctrl-C; data in {stage.directory}")
    show.say(f"  Tightrope for clients:   MLFLOW_TRACKING_URI={stage.tightrope.url}")
    show.say(f"  Tightrope for operators: {stage.tightrope.admin_url}")
    show.say(f"  blue, MLflow {stage.blue.version}: {stage.blue.url}")
    show.say(f"  green, MLflow {stage.green.version}: {stage.green.url}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        show.say("stopping")


def _as_failure(error: LabError | OSError) -> CheckFailedError:
    """Something could not be done at all; the message says what, and there is nothing to compare."""
    if isinstance(error, LabError):
        got = "\n".join([*(f"tried {each}" for each in error.tried), *filter(None, [error.output])])
        return CheckFailedError(error.message, expected="no error" if got else "", got=got, look=error.hint)
    return CheckFailedError("the demo can do its work", expected="no error", got=f"{type(error).__name__}: {error}")
