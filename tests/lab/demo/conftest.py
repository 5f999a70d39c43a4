"""Two copies of one run, as two healthy servers give them: the same but for the servers' own ids."""

import pytest

from proxy.lab.demo.reading import PUBLIC_ID_TAG, RunCopy
from proxy.lab.demo.scripts import ACCURACY, ARTIFACT, ARTIFACT_BYTES, PARAMS

BLUE_ID = "0f3c" * 8
GREEN_ID = "9a1b" * 8


def _copy(run_id: str, experiment_id: str, hidden: dict[str, str]) -> RunCopy:
    points = tuple((step, 1_700_000_000_000 + step, value) for step, value in enumerate(ACCURACY))
    return RunCopy(
        run_id=run_id,
        experiment_id=experiment_id,
        experiment="tightrope_demo",
        info={
            "run_name": "calm-owl-1",
            "user_id": "ada",
            "status": "FINISHED",
            "start_time": 1_700_000_000_000,
            "end_time": 1_700_000_001_000,
            "lifecycle_stage": "active",
            "artifact_uri": f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts",
        },
        params=PARAMS,
        latest={"accuracy": points[-1]},
        points={"accuracy": points},
        tags={"mlflow.user": "ada", "mlflow.parentRunId": run_id, **hidden},
        artifacts={ARTIFACT: ARTIFACT_BYTES},
    )


@pytest.fixture
def blue() -> RunCopy:
    """Blue's copy, made by a client."""
    return _copy(BLUE_ID, "7", {})


@pytest.fixture
def green() -> RunCopy:
    """Green's copy, made by the mirror."""
    return _copy(GREEN_ID, "1", {PUBLIC_ID_TAG: f"id{BLUE_ID}"})
