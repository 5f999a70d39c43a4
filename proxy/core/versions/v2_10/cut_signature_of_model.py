"""Signatures of models say of each column whether it is required, and know arrays and objects.

Why: servers before 2.10 read the description of a model that a run logs, and stumble with 500 over such a signature.
It is left out of the description; the model's own file ``MLmodel``, which is what loads it, keeps it.
Lost: the signature in the run's list of models (the tag ``mlflow.log-model.history``).
Source: ``runs/log-model`` of a 2.14.3 client, observed on 1.30.1; ``types/schema.py`` of 1.30.1 and 2.14.3.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(2, 10)


def _cut(call: Call, _: Dialects) -> Call:
    text = call.arguments.get("model_json")
    if not isinstance(text, str) or '"signature"' not in text:
        return call
    try:
        model = jsontext.read_object(text.encode())
    except ValueError:
        return call
    if "signature" not in model:
        return call
    kept = {name: value for name, value in model.items() if name != "signature"}
    return Call(call.operation, {**call.arguments, "model_json": jsontext.write(kept).decode()})


CHANGE = VersionChange(
    name="cut_signature_of_model",
    operations=frozenset({"LogModel"}),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    request=_cut,
    lost="the signature in the run's list of models",
    when="the model has a signature",
)
