"""The acts of the demo, in order. Whatever is claimed is checked first; the first check that fails ends it."""

from __future__ import annotations

import shutil
import threading

from proxy.lab.demo.acts import ACTS, Actors
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
    good = False
    try:
        try:
            actors = Actors(stage, show)
            for act in ACTS:
                act(actors)
            good = True
            show.say("")
            show.title(f"All {show.checks} checks passed in {show.seconds:.0f} s.")
        except CheckFailedError as error:
            show.failed(error, stage.logs)
        except (LabError, OSError) as error:
            show.failed(_as_failure(error), stage.logs)
        if keep:
            _wait(stage, show)
    except KeyboardInterrupt:
        show.say("interrupted")
        shutil.rmtree(stage.directory, ignore_errors=True)
        return _INTERRUPTED
    finally:
        stage.stop()
        if good:
            shutil.rmtree(stage.directory, ignore_errors=True)
        elif stage.directory.exists():
            show.say(f"kept: {stage.directory}")
    return 0 if good else 1


def _wait(stage: Stage, show: Show) -> None:
    """Leave everything running until Ctrl-C."""
    show.say("")
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
    if isinstance(error, LabError):
        got = "\n".join(filter(None, (*(f"tried {each}" for each in error.tried), error.output))) or error.message
        return CheckFailedError(error.message, expected="that this works", got=got, look=error.hint)
    return CheckFailedError("the demo can do its work", expected="no error", got=f"{type(error).__name__}: {error}")
