"""Files of runs."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, entities, fails, mlflow, needs, refused, same

BIG = bytes(range(256)) * 81_920
"""20 MiB."""


def _download(lab: Lab, run: str, path: str) -> bytes:
    target = lab.folder / hashlib.sha256(f"{run}{path}".encode()).hexdigest()[:12]
    target.mkdir(exist_ok=True)
    return Path(lab.client.download_artifacts(run, path, str(target))).read_bytes()


def _tree(lab: Lab, run: str, folder: str = "") -> dict[str, int]:
    """Path to size of all files."""
    found: dict[str, int] = {}
    for entry in lab.client.list_artifacts(run, folder or None):
        if entry.is_dir:
            found.update(_tree(lab, run, entry.path))
        else:
            found[entry.path] = entry.file_size or 0  # clients read 0 as None
    return found


@operation()
def artifact_text_dict(lab: Lab) -> None:
    """Small files straight from memory, listed with their sizes, one overwritten."""
    run = lab.files_run
    lab.client.log_text(run, "first", "notes/a.txt")
    lab.client.log_text(run, "second ü", "notes/a.txt")
    lab.client.log_dict(run, {"nested": [1, {"ü": None}]}, "notes/config.json")
    same(_download(lab, run, "notes/a.txt"), "second ü".encode())
    assert b"nested" in _download(lab, run, "notes/config.json")
    same(_tree(lab, run, "notes")["notes/a.txt"], len("second ü".encode()))
    digest = hashlib.sha256("second ü".encode()).hexdigest()
    lab.remember("file", run=run, path="notes/a.txt", sha256=digest, size=9)


@operation()
def artifact_folders(lab: Lab) -> None:
    """A whole folder, with folders in it and odd names; list and download it whole."""
    run = lab.files_run
    source = lab.folder / "tree"
    contents = {
        "a/b/c/deep.txt": b"deep",
        "empty.bin": b"",
        "with space+plus&amp.txt": b"reserved",
        "100%.txt": b"percent",
    }
    for name, content in contents.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    lab.client.log_artifacts(run, str(source), "tree")
    same(_tree(lab, run, "tree"), {f"tree/{name}": len(content) for name, content in contents.items()})
    (lab.folder / "whole").mkdir()
    whole = Path(lab.client.download_artifacts(run, "tree", str(lab.folder / "whole")))
    same({n: (whole / n).read_bytes() for n in contents}, contents)
    lab.remember("file", run=run, path="tree/a/b/c/deep.txt", sha256=hashlib.sha256(b"deep").hexdigest(), size=4)


@operation()
def artifact_unicode_names(lab: Lab) -> None:
    """Names outside ASCII."""
    run = lab.files_run
    path = lab.folder / "räder.txt"
    path.write_text("Räder", encoding="utf-8")
    lab.client.log_artifact(run, str(path), "ünïcode")
    assert "ünïcode/räder.txt" in _tree(lab, run, "ünïcode")
    same(_download(lab, run, "ünïcode/räder.txt"), "Räder".encode())


@operation()
def artifact_empty(lab: Lab) -> None:
    """A file of no bytes."""
    run = lab.files_run
    lab.client.log_text(run, "", "nothing.txt")
    same(_tree(lab, run)["nothing.txt"], 0)
    same(_download(lab, run, "nothing.txt"), b"")


@operation(60)
def artifact_20_mb(lab: Lab) -> None:
    """A large file arrives whole, both ways."""
    run = lab.files_run
    path = lab.folder / "big.bin"
    path.write_bytes(BIG)
    lab.client.log_artifact(run, str(path))
    same(_tree(lab, run)["big.bin"], len(BIG))
    digest = hashlib.sha256(BIG).hexdigest()
    same(hashlib.sha256(_download(lab, run, "big.bin")).hexdigest(), digest)
    lab.remember("file", run=run, path="big.bin", sha256=digest, size=len(BIG))


@operation(20)
def artifact_missing_error(lab: Lab) -> None:
    """A file that is not there is an error at once, not after minutes of repetitions."""
    fails(lambda: _download(lab, lab.files_run, "no/such/file.txt"))


@operation()
def artifact_list_missing(lab: Lab) -> None:
    """A folder that is not there is empty; a run without files too."""
    same(list(lab.client.list_artifacts(lab.files_run, "no/such/folder")), [])
    run = lab.run()
    same(list(lab.client.list_artifacts(run)), [])


@operation()
def artifact_of_missing_run(lab: Lab) -> None:
    """Files of a run that does not exist."""
    lab.files_run  # noqa: B018 - unknown to clients without an artifact store for this server
    missing = "0123456789abcdef0123456789abcdef"
    refused(lambda: lab.client.list_artifacts(missing), "RESOURCE_DOES_NOT_EXIST")


@operation()
def artifact_fluent(lab: Lab) -> None:
    """Through the active run, read back through mlflow.artifacts where the client has it."""
    mlflow.set_experiment(lab.name("fluent files"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        mlflow.log_text("hello", "greeting.txt")
        mlflow.log_dict({"a": 1}, "data/a.json")
        same(mlflow.get_artifact_uri("greeting.txt"), f"{run.info.artifact_uri}/greeting.txt")
    same(sorted(_tree(lab, run.info.run_id)), ["data/a.json", "greeting.txt"])
    try:
        artifacts = import_module("mlflow.artifacts")
    except ImportError:
        return
    if hasattr(artifacts, "load_text"):
        same(artifacts.load_text(f"{run.info.artifact_uri}/greeting.txt"), "hello")
        same(artifacts.load_dict(f"runs:/{run.info.run_id}/data/a.json"), {"a": 1})
    local = artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="data")
    same([path.name for path in Path(local).iterdir()], ["a.json"])


@operation()
def artifact_delete(lab: Lab) -> None:
    """A folder, deleted as ``mlflow gc`` does, where the client's store can."""
    run = lab.files_run
    registry = import_module("mlflow.store.artifact.artifact_repository_registry")
    repository = registry.get_artifact_repository(lab.client.get_run(run).info.artifact_uri)
    base = import_module("mlflow.store.artifact.artifact_repo").ArtifactRepository
    if not hasattr(base, "delete_artifacts") or type(repository).delete_artifacts is base.delete_artifacts:
        raise Unknown("the artifact store of this client cannot delete")
    lab.client.log_text(run, "x", "doomed/a.txt")
    lab.client.log_text(run, "x", "doomed/b.txt")
    repository.delete_artifacts("doomed")
    same(_tree(lab, run, "doomed"), {})


@operation()
def artifact_table(lab: Lab) -> None:
    """A table, logged in two parts and loaded."""
    needs(mlflow, "log_table")
    mlflow.set_experiment(lab.name("tables"))
    with mlflow.start_run() as run:
        mlflow.log_table({"in": ["a", "b"], "out": [1, 2]}, "table.json")
        mlflow.log_table({"in": ["c"], "out": [3]}, "table.json")
    frame = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    same((list(frame["in"]), list(frame["out"])), (["a", "b", "c"], [1, 2, 3]))
    tables = lab.client.get_run(run.info.run_id).data.tags["mlflow.loggedArtifacts"]
    assert "table.json" in tables, tables


@operation()
def artifact_image(lab: Lab) -> None:
    """An image and a figure, where the libraries are installed."""
    try:
        numpy, image = import_module("numpy"), import_module("PIL.Image")
        pyplot = import_module("matplotlib")
        pyplot.use("agg")
        figure, _ = import_module("matplotlib.pyplot").subplots()
    except ImportError as error:
        raise Unknown(str(error)) from error
    mlflow.set_experiment(lab.name("images"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), "image.png")
        mlflow.log_figure(figure, "figure.png")
    assert {"image.png", "figure.png"} <= set(_tree(lab, run.info.run_id))
    path = lab.folder / "image.png"
    path.write_bytes(_download(lab, run.info.run_id, "image.png"))
    same(image.open(path).size, (4, 4))


@operation()
def artifact_time_stepped_image(lab: Lab) -> None:
    """An image with a key and a step (2.14)."""
    if lab.version < (2, 14):
        raise Unknown("documented since 2.14")
    numpy = import_module("numpy")
    mlflow.set_experiment(lab.name("stepped images"))
    with mlflow.start_run() as run:
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), key="dogs", step=3, synchronous=True)
    assert len(_tree(lab, run.info.run_id, "images")) >= 1
    same(lab.client.get_run(run.info.run_id).info.lifecycle_stage, entities.LifecycleStage.ACTIVE)
