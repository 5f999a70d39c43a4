"""The comparison of the demo: equal copies pass, and every doctored field is reported."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.lab.demo.compare import PARTS, differences, missing, point_problems, sizes, training_problems
from proxy.lab.demo.reading import RunCopy


def test_copies_that_differ_in_ids_only_are_equal(blue: RunCopy, green: RunCopy):
    """Each server's own ids and the mirror's hidden tag are no differences."""
    assert blue.run_id != green.run_id
    assert blue.experiment_id != green.experiment_id
    assert differences(blue, green) == []


@pytest.mark.parametrize(
    ("part", "field", "change"),
    [
        ("info", "experiment", {"experiment": "other"}),
        ("info", "run_name", {"info": {"run_name": "x"}}),
        ("info", "user_id", {"info": {"user_id": "bob"}}),
        ("info", "status", {"info": {"status": "FAILED"}}),
        ("info", "start_time", {"info": {"start_time": 1}}),
        ("info", "end_time", {"info": {"end_time": 0}}),
        ("info", "lifecycle_stage", {"info": {"lifecycle_stage": "deleted"}}),
        ("info", "artifact_uri", {"info": {"artifact_uri": "mlflow-artifacts:/1/somebody-else/artifacts"}}),
        ("params", "optimizer", {"params": {"optimizer": "sgd"}}),
        ("params", "extra", {"params": {"extra": "1"}}),
        ("metrics", "accuracy", {"latest": {"accuracy": (4, 1_700_000_000_004, 0.91)}}),
        ("tags", "mlflow.user", {"tags": {"mlflow.user": "bob"}}),
        ("tags", "mlflow.parentRunId", {"tags": {"mlflow.parentRunId": "0f3c" * 8}}),
        ("artifacts", "model_config.txt", {"artifacts": {"model_config.txt": b"model_type: RandomForest\n"}}),
        ("artifacts", "sub/more.txt", {"artifacts": {"sub/more.txt": b""}}),
    ],
)
def test_doctored_field_is_reported(blue: RunCopy, green: RunCopy, part: str, field: str, change: dict[str, Any]):
    """One field that green has differently, or more than blue, is named with its part, and nothing else is."""
    doctored = replace(green, **{name: _merged(getattr(green, name), value) for name, value in change.items()})
    assert [(found.part, found.field) for found in differences(blue, doctored)] == [(part, field)]


@pytest.mark.parametrize("name", ["params", "tags", "artifacts", "points", "latest"])
def test_lost_field_is_reported(blue: RunCopy, green: RunCopy, name: str):
    """What green lacks is reported as absent there."""
    nothing: dict[str, Any] = {name: {}}
    found = differences(blue, replace(green, **nothing))
    assert {difference.green for difference in found} == {"(absent)"}
    assert {difference.field for difference in found} == set(getattr(blue, name))


def test_one_wrong_point_is_shown(blue: RunCopy, green: RunCopy):
    """Of a history only the points that differ are shown, also when one is merely there twice."""
    points = green.points["accuracy"]
    wrong = (2, 1_700_000_000_002, 0.5)
    changed = replace(green, points={"accuracy": (*points[:2], wrong, *points[3:])})
    (found,) = differences(blue, changed)
    assert (found.part, found.blue, found.green) == ("points", f"[{points[2]}]", f"[{wrong}]")
    (twice,) = differences(blue, replace(green, points={"accuracy": (points[0], *points)}))
    assert (twice.blue, twice.green) == ("[]", f"[{points[0]}]")
    assert str(twice) == f"points accuracy: blue has [], green has [{points[0]}]"


def test_sizes_tell_how_much_was_compared(blue: RunCopy, green: RunCopy):
    """Every part is counted, points one by one, without the hidden tag."""
    assert sizes(green) == sizes(blue) == dict(zip(PARTS, (8, 2, 1, 5, 2, 1), strict=True))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"params": {"learning_rate": "0.01"}}, "params"),
        ({"points": {}}, "accuracy by step"),
        ({"artifacts": {}}, "artifacts"),
        ({"info": {"status": "RUNNING"}}, "status"),
    ],
)
def test_training_that_is_not_all_there(blue: RunCopy, change: dict[str, Any], named: str):
    """A copy without something that the script logged is not taken for complete; a complete one is."""
    assert training_problems(blue) == []
    (problem,) = training_problems(replace(blue, **change))
    assert problem.startswith(f"{named}: expected ")


@pytest.mark.parametrize(
    ("steps", "problems"),
    [
        ([2, 0, 1], []),
        ([0, 2], ["1 points lost, steps [1]"]),
        ([], ["3 points lost, steps [0, 1, 2]"]),
        ([0, 1, 1, 2], ["1 points there more than once, steps [1]"]),
        ([0, 1, 2, 3], ["1 points never acknowledged, steps [3]"]),
        ([0, 0, 2], ["1 points lost, steps [1]", "1 points there more than once, steps [0]"]),
    ],
)
def test_points_of_a_client(steps: list[int], problems: list[str]):
    """Lost, doubled and unacknowledged points are each reported; the order of the steps does not matter."""
    assert point_problems(3, steps) == problems


def test_missing_ids():
    """What one server has and the other lacks is told by public id, whatever the local ids are."""
    assert missing({"a": "p1", "b": "p2"}, {"x": "p1"}) == {"p2"}
    assert missing({"x": "p1"}, {"a": "p1", "b": "p2"}) == set()


def _merged(old: Any, new: Any) -> Any:
    return {**old, **new} if isinstance(new, dict) else new
