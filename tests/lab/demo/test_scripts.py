"""The client programs of the demo."""

import pytest

from proxy.lab.demo import scripts


@pytest.mark.parametrize("source", [scripts.TRAIN, scripts.KEEP_LOGGING, scripts.READ_BACK])
def test_scripts_are_python(source: str):
    """Every script can be compiled, and knows no address of any server."""
    compile(source, "script.py", "exec")
    assert "http" not in source


def test_training_writes_what_is_expected(tmp_path, monkeypatch):
    """The artifact that the script writes is, byte for byte, the one that the checks expect."""
    monkeypatch.chdir(tmp_path)
    writing = scripts.TRAINING[
        scripts.TRAINING.index("    with open(") : scripts.TRAINING.index("    mlflow.log_artifact")
    ]
    exec("if True:\n" + writing)
    assert (tmp_path / scripts.ARTIFACT).read_bytes() == scripts.ARTIFACT_BYTES
