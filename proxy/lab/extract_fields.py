"""Print every field of every protobuf message of the installed MLflow, as JSON. Runs inside an MLflow environment.

    {"version": "3.17.2", "fields": {"CreateRun.run_name": "string", "RunInfo.tags[]": "RunTag", …}}

Standard library only: it must not import anything of this project, nor be imported by it.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # names that Python 3.8 cannot build; annotations are never evaluated here
    from collections.abc import Iterator


def main() -> None:
    """Collect and print."""
    fields: dict[str, str] = {}
    with redirect_stdout(sys.stderr):  # whatever MLflow says while it is imported must not end up in the JSON
        protos = import_module("mlflow.protos")
        for found in pkgutil.iter_modules(protos.__path__):
            if found.name.endswith("_pb2") and found.name not in _FOREIGN:
                module = import_module("mlflow.protos." + found.name)
                for message in module.DESCRIPTOR.message_types_by_name.values():
                    fields.update(_fields(message, message.name))
        version = import_module("mlflow.version").VERSION
    print(json.dumps({"version": version, "fields": fields}))


def _fields(message: Any, path: str) -> Iterator[tuple[str, str]]:
    for field in message.fields:
        repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
        many = "[]" if repeated else ""
        kind = field.message_type or field.enum_type
        yield path + "." + field.name + many, kind.name if kind is not None else _SCALARS.get(field.type, "number")
    for enum in message.enum_types:
        for value in enum.values:
            yield path + "." + enum.name + "=" + value.name, "value"
    for nested in message.nested_types:
        yield from _fields(nested, path + "." + nested.name)


_FOREIGN = ("facet_feature_statistics_pb2", "databricks_pb2")  # nothing that a client sends
_SCALARS = {1: "double", 2: "float", 3: "int64", 5: "int32", 8: "bool", 9: "string", 12: "bytes"}
"""protobuf's numbers of types, as far as MLflow uses them."""

if __name__ == "__main__":
    main()
