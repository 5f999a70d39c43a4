"""Print every route that the installed MLflow serves, as JSON. Runs inside an MLflow environment, Python 3.8 or later.

    {"version": "3.17.2",
     "skipped": {"auth": "ImportError: …"},
     "routes": [{"method": "POST", "template": "/api/2.0/mlflow/runs/create", "rpc": "MlflowService.createRun",
                 "handler": "_create_run", "implemented": true, "app": "flask"}, …]}

Routes are read from the applications themselves, not from source text: Flask's rules, FastAPI's routes (3.3 and later)
and what the auth application adds. Names come from the protobuf services, joined to the rules by method and path. A
rule whose handler is MLflow's ``_not_implemented`` is reported as not implemented. Standard library only: it must not
import anything of this project, nor be imported by it.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
import tempfile
import types
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # names that Python 3.8 cannot build; annotations are never evaluated here
    from collections.abc import Callable, Iterator

    _Names = dict[tuple[str, str], str]
    _Routes = dict[tuple[str, str], dict[str, Any]]

_SERVICES = (
    ("mlflow.protos.service_pb2", "MlflowService"),
    ("mlflow.protos.model_registry_pb2", "ModelRegistryService"),
    ("mlflow.protos.mlflow_artifacts_pb2", "MlflowArtifactsService"),
    ("mlflow.protos.webhooks_pb2", "WebhookService"),
)
_IGNORED_METHODS = {"HEAD", "OPTIONS"}

_THROWAWAY = "not-a-secret-1234"  # for an auth database that lives as long as this process and is served to nobody

_AUTH_SETTINGS = """[mlflow]
default_permission = READ
database_uri = sqlite:///{folder}/auth.db
admin_username = admin
admin_password = {throwaway}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
"""


def main() -> None:
    """Collect and print."""
    skipped: dict[str, str] = {}
    routes: dict[tuple[str, str], dict[str, Any]] = {}
    with redirect_stdout(sys.stderr):  # whatever MLflow says while it is imported must not end up in the JSON
        app = import_module("mlflow.server").app
        rpcs = _rpc_names()
        _add_flask_routes(routes, app, rpcs, "flask")
        _attempt(skipped, "fastapi", lambda: _add_fastapi_routes(routes))
        _attempt(skipped, "auth", lambda: _add_auth_routes(routes, app, rpcs))
    found = {
        "version": import_module("mlflow").__version__,
        "skipped": skipped,
        "routes": [routes[key] for key in sorted(routes)],
    }
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _attempt(skipped: dict[str, str], what: str, action: Callable[[], None]) -> None:
    """Do ``action``; whatever goes wrong in that part of a release, the rest is still worth having."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (see above; the reason is printed)
        skipped[what] = f"{type(error).__name__}: {error}"


# ---------------------------------------------------------------------------------------------------------------- names


def _rpc_names() -> _Names:
    """``{(method, path with nameless parameters): "Service.rpc"}`` of every protobuf service of this version."""
    handlers = import_module("mlflow.server.handlers")
    rpc_option = import_module("mlflow.protos.databricks_pb2").rpc
    names: dict[tuple[str, str], str] = {}
    for module_name, service_name in _SERVICES:
        module = _module(module_name)
        for method in [] if module is None else getattr(module, service_name).DESCRIPTOR.methods:
            for endpoint in method.GetOptions().Extensions[rpc_option].endpoints:
                for path in _paths_of(handlers, endpoint):
                    names[endpoint.method, _nameless(_template_of(path))] = f"{service_name}.{method.name}"
    return names


def _module(name: str) -> Any:
    """The module, None when this version of MLflow has none of that name."""
    try:
        return import_module(name)
    except ImportError as error:
        if error.name == name:
            return None
        raise


def _paths_of(handlers: Any, endpoint: Any) -> list[str]:
    """The full paths of an rpc's endpoint, by MLflow's own function; it takes the API's major version since 3.x."""
    full_paths = handlers._get_paths  # noqa: SLF001 (MLflow has no public way)
    if "version" in inspect.signature(full_paths).parameters:
        return list(full_paths(endpoint.path, version=endpoint.since.major))
    return list(full_paths(endpoint.path))


def _template_of(path: str) -> str:
    """``/a/<b>/<path:c>`` (Flask) -> ``/a/{b}/{c:path}``; FastAPI's form is the latter already."""
    path = re.sub(r"<path:(\w+)>", r"{\1:path}", path)
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return re.sub(r"\{\w+\.(\w+)\}", r"{\1}", path)


def _nameless(template: str) -> str:
    """The template without its parameters' names, to compare what two sources call differently."""
    return re.sub(r"\{\w+(:path)?\}", r"{\1}", template)


def _handler_name(function: Any) -> str:
    """The function's name; for ``lambda: create_user_ui(csrf)`` the name of what it calls."""
    function = inspect.unwrap(function)
    name = str(getattr(function, "__name__", type(function).__name__))
    code = getattr(function, "__code__", None)
    return str(code.co_names[0]) if name == "<lambda>" and code is not None and code.co_names else name


# --------------------------------------------------------------------------------------------------------- applications


def _add(routes: _Routes, method: str, template: str, **facts: Any) -> None:
    """Note a route; the first application that serves a path names it, a later one can only implement it."""
    key = (_nameless(template), method)
    if key in routes:
        routes[key]["implemented"] |= facts["implemented"]
    else:
        routes[key] = {"method": method, "template": template, **facts}


def _add_flask_routes(routes: _Routes, app: Any, rpcs: _Names, label: str) -> None:
    """The rules of a Flask application."""
    for rule in app.url_map.iter_rules():
        template = _template_of(rule.rule)
        handler = "static" if rule.endpoint == "static" else _handler_name(app.view_functions[rule.endpoint])
        for method in sorted(rule.methods - _IGNORED_METHODS):
            rpc = rpcs.get((method, _nameless(template)))
            implemented = handler != "_not_implemented"
            _add(routes, method, template, rpc=rpc, handler=handler, implemented=implemented, app=label)


def _add_fastapi_routes(routes: _Routes) -> None:
    """The native routes of the FastAPI application that wraps Flask since 3.3; nothing in older versions."""
    module = _module("mlflow.server.fastapi_app")
    if module is None:
        return
    for path, route in _native_routes(module.app.routes, ""):
        template, handler = _template_of(path), _handler_name(route.endpoint)
        for method in sorted(route.methods - _IGNORED_METHODS):
            _add(routes, method, template, rpc=None, handler=handler, implemented=True, app="fastapi")


def _native_routes(routes: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Each route that FastAPI itself answers, with its full path.

    FastAPI copied the routes of an included router into the application up to about 0.13x; newer ones keep the router
    as one entry with the prefix beside it. The Flask application is a mount and is left out.
    """
    native = import_module("fastapi.routing").APIRoute
    for route in routes:
        if isinstance(route, native):
            yield prefix + route.path, route
        elif hasattr(route, "original_router"):
            yield from _native_routes(route.original_router.routes, prefix + route.include_context.prefix)


def _add_auth_routes(routes: _Routes, app: Any, rpcs: _Names) -> None:
    """What the basic-auth application (2.3 and later) adds to Flask's rules.

    It needs settings and a database, which it gets in a folder thrown away afterwards, and Flask-WTF, an extra that
    may not be installed and of which only a class has to exist.
    """
    if not (Path(str(import_module("mlflow.server").__file__)).parent / "auth").is_dir():
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "auth.ini")
        settings.write_text(_AUTH_SETTINGS.format(folder=folder, throwaway=_THROWAWAY), encoding="utf-8")
        os.environ["MLFLOW_AUTH_CONFIG_PATH"] = str(settings)
        os.environ["MLFLOW_FLASK_SERVER_SECRET_KEY"] = _THROWAWAY
        os.environ["MLFLOW_AUTH_ADMIN_PASSWORD"] = _THROWAWAY
        if _module("flask_wtf") is None:
            stand_in: Any = types.ModuleType("flask_wtf.csrf")
            stand_in.CSRFProtect = _NoProtection
            sys.modules.update({"flask_wtf": stand_in, "flask_wtf.csrf": stand_in})
        auth = import_module("mlflow.server.auth")
        if hasattr(auth, "create_app"):  # 2.3 and 2.4 add their rules to the application when they are imported
            auth.create_app(app)
        _add_flask_routes(routes, app, rpcs, "auth")


class _NoProtection:
    """Stands for ``flask_wtf.CSRFProtect`` where that is not installed; nothing is ever served here."""

    def init_app(self, app: Any) -> None:
        """Accept the application."""


if __name__ == "__main__":
    main()
