"""Models: logged, registered, loaded."""

from __future__ import annotations

import inspect
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, fails, mlflow, module, needs, refused, same

LOADER = '''"""A model without a pickle: any version of Python and MLflow can load it."""
import json, os


class Model:
    def __init__(self, path):
        path = os.path.join(path, "factor.json") if os.path.isdir(path) else path
        with open(path) as file:
            self.factor = json.load(file)

    def predict(self, data, params=None):
        return [x * self.factor for x in data]


def _load_pyfunc(path):
    return Model(path)
'''
FACTOR = 3


def log_model(lab: Lab, **more: Any) -> Any:
    """Log a model into the active run; the names of arguments changed over time."""
    log = lab.pyfunc.log_model
    known = inspect.signature(log).parameters
    arguments: dict[str, Any] = {"pip_requirements": ["mlflow"], **more}
    name = arguments.pop("name")
    arguments["name" if "name" in known else "artifact_path"] = name
    if "code" in arguments:
        arguments["code_paths" if "code_paths" in known else "code_path"] = arguments.pop("code")
    return log(**arguments)


def portable(lab: Lab) -> dict[str, Any]:
    """What makes a model that every version can load."""
    code, data = lab.folder / "square_loader.py", lab.folder / "factor.json"
    code.write_text(LOADER, encoding="utf-8")
    data.write_text(str(FACTOR))
    return {"loader_module": "square_loader", "data_path": str(data), "code": [str(code)]}


def pickled(lab: Lab) -> dict[str, Any]:
    """The usual model: a class of the user's."""

    class Adder(lab.pyfunc.PythonModel):  # type: ignore[misc,name-defined]
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return [x + 1 for x in model_input]

    return {"python_model": Adder()}


def load(lab: Lab, uri: str) -> Any:
    """The loaded model."""
    return lab.pyfunc.load_model(uri)


@lru_cache(maxsize=1)
def _logged(lab: Lab) -> str:
    """A run with a model named ``model``."""
    mlflow.set_experiment(lab.name("models"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        log_model(lab, name="model", **portable(lab))
    return str(run.info.run_id)


@lru_cache(maxsize=1)
def _registered(lab: Lab) -> str:
    """A registered model with two versions that can be loaded, the second one in Production."""
    name = lab.name("loadable").replace("'", "")
    mlflow.set_experiment(lab.name("registered models"))
    for _ in range(2):
        with mlflow.start_run() as run:
            lab.needs_artifacts(run.info.artifact_uri)
            log_model(lab, name="model", registered_model_name=name, **portable(lab))
    lab.client.transition_model_version_stage(name, "2", "Production")
    return name


@operation(60)
def pyfunc_log(lab: Lab) -> None:
    """Logged; its files are found through the run."""
    run = _logged(lab)
    read = lab.client.get_run(run)
    assert read.info.status == "FINISHED"
    local = lab.client.download_artifacts(run, "model/MLmodel", str(lab.folder))
    assert "square_loader" in Path(local).read_text(encoding="utf-8")
    lab.remember("model file", run=run, path="model/MLmodel", text="square_loader")


@operation(60)
def pyfunc_load_by_run(lab: Lab) -> None:
    """``runs:/``."""
    uri = f"runs:/{_logged(lab)}/model"
    same(load(lab, uri).predict([1, 2]), [3, 6])
    lab.remember("loadable", uri=uri, given=[1, 2], expected=[3, 6])


@operation(60)
def pyfunc_python_model(lab: Lab) -> None:
    """A class of the user's, pickled, with a file of its own."""
    mlflow.set_experiment(lab.name("pickled models"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        weights = lab.folder / "weights.txt"
        weights.write_text("räder", encoding="utf-8")
        log_model(lab, name="pickled", artifacts={"weights": str(weights)}, **pickled(lab))
    uri = f"runs:/{run.info.run_id}/pickled"
    same(list(load(lab, uri).predict([1, 2])), [2, 3])
    lab.remember("pickled", uri=uri, given=[1, 2], expected=[2, 3])


@operation(60)
def pyfunc_register_while_logging(lab: Lab) -> None:
    """``registered_model_name``: two versions, with their runs."""
    name = _registered(lab)
    versions = {str(v.version): v for v in lab.client.search_model_versions(f"name = '{name}'")}
    same(sorted(versions), ["1", "2"])
    assert all(len(v.run_id) == 32 and v.status == "READY" for v in versions.values()), versions


@operation(60)
def pyfunc_load_by_version(lab: Lab) -> None:
    """``models:/name/1``."""
    name = _registered(lab)
    for uri in (f"models:/{name}/1", f"models:/{name}/2"):
        same(load(lab, uri).predict([1, 2]), [3, 6])
        lab.remember("loadable", uri=uri, given=[1, 2], expected=[3, 6])


@operation(60)
def pyfunc_load_by_stage(lab: Lab) -> None:
    """``models:/name/Production``."""
    uri = f"models:/{_registered(lab)}/Production"
    same(load(lab, uri).predict([4]), [12])
    lab.remember("loadable", uri=uri, given=[4], expected=[12])


@operation(60)
def pyfunc_load_latest(lab: Lab) -> None:
    """``models:/name/latest``."""
    if lab.version < (2, 0):
        raise Unknown("documented since 2.0")
    same(load(lab, f"models:/{_registered(lab)}/latest").predict([4]), [12])


@operation(60)
def pyfunc_load_by_alias(lab: Lab) -> None:
    """``models:/name@alias``."""
    set_alias = needs(lab.client, "set_registered_model_alias")
    name = _registered(lab)
    set_alias(name, "champion", "1")
    uri = f"models:/{name}@champion"
    same(load(lab, uri).predict([5]), [15])
    lab.remember("loadable", uri=uri, given=[5], expected=[15], alias=True)


@operation(60)
def model_info(lab: Lab) -> None:
    """What MLflow knows about a logged model."""
    models = module("mlflow.models")
    get = needs(models, "get_model_info")
    run = _logged(lab)
    info = get(f"runs:/{run}/model")
    same((info.run_id, set(info.flavors)), (run, {"python_function"}))


@operation(60)
def register_model_from_run(lab: Lab) -> None:
    """``mlflow.register_model`` of a logged model."""
    name = lab.name("registered later").replace("'", "")
    run = _logged(lab)
    made = mlflow.register_model(f"runs:/{run}/model", name)
    same((made.name, str(made.version), made.run_id), (name, "1", run))
    same(load(lab, f"models:/{name}/1").predict([1]), [3])
    lab.remember("loadable", uri=f"models:/{name}/1", given=[1], expected=[3])


@operation(60)
def register_model_with_tags(lab: Lab) -> None:
    """Tags of the version, given while registering."""
    if "tags" not in inspect.signature(mlflow.register_model).parameters:
        raise Unknown("register_model of this client takes no tags")
    name = lab.name("registered with tags").replace("'", "")
    made = mlflow.register_model(f"runs:/{_logged(lab)}/model", name, tags={"stage": "räder"})
    same(lab.client.get_model_version(name, str(made.version)).tags.get("stage"), "räder")


@operation(60)
def model_nested_name(lab: Lab) -> None:
    """A model in a folder of the run (before names could not have slashes)."""
    if lab.version >= (3, 0):
        raise Unknown("names of models have no slashes in 3.x")
    mlflow.set_experiment(lab.name("nested models"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        log_model(lab, name="deep/er/model", **portable(lab))
    uri = f"runs:/{run.info.run_id}/deep/er/model"
    same(load(lab, uri).predict([1]), [3])
    lab.remember("loadable", uri=uri, given=[1], expected=[3])


@operation(60)
def model_two_in_one_run(lab: Lab) -> None:
    """Two models under two names in one run."""
    mlflow.set_experiment(lab.name("two models"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        log_model(lab, name="first", **portable(lab))
        log_model(lab, name="second", **pickled(lab))
    same(load(lab, f"runs:/{run.info.run_id}/first").predict([1]), [3])
    same(list(load(lab, f"runs:/{run.info.run_id}/second").predict([1])), [2])
    if lab.version < (3, 0):  # newer ones keep them elsewhere
        shown = {entry.path for entry in lab.client.list_artifacts(run.info.run_id)}
        assert {"first", "second"} <= shown, shown


@operation(60)
def model_with_signature(lab: Lab) -> None:
    """Signature and input example come back."""
    signature = import_module("mlflow.models.signature")
    pandas = module("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0]})
    mlflow.set_experiment(lab.name("signatures"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        inferred = signature.infer_signature(frame, frame["x"])
        log_model(lab, name="signed", signature=inferred, input_example=frame, **pickled_frame(lab))
    loaded = load(lab, f"runs:/{run.info.run_id}/signed")
    same([c.name for c in loaded.metadata.get_input_schema().inputs], ["x"])
    same(list(loaded.predict(frame)), [2.0, 4.0])


def pickled_frame(lab: Lab) -> dict[str, Any]:
    """A model that doubles a column."""

    class Doubler(lab.pyfunc.PythonModel):  # type: ignore[misc,name-defined]
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input["x"] * 2

    return {"python_model": Doubler()}


@operation(60)
def model_missing_load_error(lab: Lab) -> None:
    """Models that are not there are an error at once."""
    run = _logged(lab)
    for uri in (f"runs:/{run}/nothing", f"models:/{lab.name('nothing')}/1", f"models:/{_registered(lab)}/99"):
        fails(partial(load, lab, uri))
    refused(lambda: lab.client.get_model_version(_registered(lab), "99"), "RESOURCE_DOES_NOT_EXIST")
