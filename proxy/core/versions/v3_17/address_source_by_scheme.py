"""The source of a model version may not be an http address.

Why: servers from 3.17 on refuse one, because it names a host that the server would have to connect to; older clients
may send the address by which a run's artifact is read through the tracking server
(``https://host/api/2.0/mlflow-artifacts/artifacts/3/RUN/artifacts/model``). That place is named
``mlflow-artifacts:/3/RUN/artifacts/model`` instead; the server accepts it only if it lies among the artifacts of the
run that the version names (see ``name_source_run``), so another server's address is not taken for one of its own.
Lost: the host; the version's source reads as newer clients write it. Any other http address is the server's to refuse.
Source: observed on 3.17.2 ("'source' cannot use the 'http' scheme …").
"""

from __future__ import annotations

import re

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange

_ADDRESS = re.compile(r"https?://[^/]+/(?:.*/)?api/2\.0/mlflow-artifacts/artifacts/((?:.*/)?\d+/[0-9a-f]{32}/.+)")


def _applies(call: Call, _: Dialects) -> bool:
    source = call.arguments.get("source")
    return isinstance(source, str) and _ADDRESS.fullmatch(source) is not None


def _address(call: Call, _: Dialects) -> Call:
    path = _ADDRESS.sub(r"\1", call.arguments["source"])
    return Call(call.operation, {**call.arguments, "source": f"mlflow-artifacts:/{path}"})


CHANGE = VersionChange(
    name="address_source_by_scheme",
    operations=frozenset({"CreateModelVersion"}),
    servers=(Version(3, 17), None),
    applies=_applies,
    request=_address,
    when="the source is the http address of an artifact",
    lost="the host in the source of a model version",
)
