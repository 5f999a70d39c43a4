"""Print every route that the installed MLflow serves, as JSON. Runs inside an MLflow environment, Python 3.8 or later.

    {"version": "3.17.2",
     "skipped": {"auth": "No module named ..."},
     "routes": [{"method": "POST", "template": "/api/2.0/mlflow/runs/create", "rpc": "MlflowService.createRun",
                 "handler": "_create_run", "implemented": true, "app": "flask"}, ...]}

Routes are read from the running applications, not from source text: Flask's rules, FastAPI's routes (3.3 and later) and
what the auth application adds. Names come from the protobuf services, joined to the rules by method and path. A rule
whose handler is MLflow's ``_not_implemented`` is reported as not implemented. Standard library only; it must not
import anything of this project.
"""

import inspect
import json
import os
import re
import sys
import tempfile
import types
from importlib import import_module

SERVICES = (
    ("mlflow.protos.service_pb2", "MlflowService"),
    ("mlflow.protos.model_registry_pb2", "ModelRegistryService"),
    ("mlflow.protos.mlflow_artifacts_pb2", "MlflowArtifactsService"),
    ("mlflow.protos.webhooks_pb2", "WebhookService"),
)
IGNORED_METHODS = {"HEAD", "OPTIONS"}


def main():
    """Collect and print."""
    skipped = {}
    import mlflow  # noqa: PLC0415 (everything of MLflow is imported late: one script for all its versions)

    server = import_module("mlflow.server")
    rpcs = rpc_names(skipped)
    routes = {}
    add_flask_routes(routes, server.app, rpcs, "flask")
    attempt(skipped, "fastapi", lambda: add_fastapi_routes(routes))
    attempt(skipped, "auth", lambda: add_auth_routes(routes, server.app, rpcs))
    found = [routes[key] for key in sorted(routes)]
    json.dump({"version": mlflow.__version__, "skipped": skipped, "routes": found}, sys.stdout, indent=1)
    sys.stdout.write("\n")


def attempt(skipped, what, action):
    """Do ``action``; an application that this version lacks is noted, not fatal."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (whatever a version of MLflow does wrong, the rest is still worth having)
        skipped[what] = "%s: %s" % (type(error).__name__, error)


def rpc_names(skipped):
    """``{(method, path with nameless parameters): "Service.rpc"}`` of every protobuf service of this version."""
    handlers = import_module("mlflow.server.handlers")
    databricks_pb2 = import_module("mlflow.protos.databricks_pb2")
    names = {}
    for module_name, service_name in SERVICES:
        try:
            service = getattr(import_module(module_name), service_name).DESCRIPTOR
        except (ImportError, AttributeError) as error:
            skipped[service_name] = str(error)
            continue
        for method in service.methods:
            for endpoint in method.GetOptions().Extensions[databricks_pb2.rpc].endpoints:
                for path in paths_of(handlers, endpoint):
                    names[endpoint.method, nameless(template_of(path))] = "%s.%s" % (service_name, method.name)
    return names


def paths_of(handlers, endpoint):
    """The full paths of an rpc's endpoint, worked out by MLflow's own function; versioned paths came with 3.x."""
    if "version" in inspect.signature(handlers._get_paths).parameters:  # noqa: SLF001 (MLflow has no public way)
        return handlers._get_paths(endpoint.path, version=endpoint.since.major)  # noqa: SLF001
    return handlers._get_paths(endpoint.path)  # noqa: SLF001


def template_of(path):
    """``/a/<b>/<path:c>`` (Flask) -> ``/a/{b}/{c:path}``; FastAPI's form is the latter already."""
    path = re.sub(r"<path:(\w+)>", r"{\1:path}", path)
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return re.sub(r"\{\w+\.(\w+)\}", r"{\1}", path)


def nameless(template):
    """The template without its parameters' names, to compare what two sources call differently."""
    return re.sub(r"\{\w+(:path)?\}", r"{\1}", template)


def add(routes, method, template, rpc, handler, implemented, app):
    """Note a route; the first application that serves a path names it, a later one can only implement it."""
    key = (nameless(template), method)
    known = routes.get(key)
    if known is not None:
        known["implemented"] = known["implemented"] or implemented
        return
    routes[key] = {
        "method": method,
        "template": template,
        "rpc": rpc,
        "handler": handler,
        "implemented": implemented,
        "app": app,
    }


def add_flask_routes(routes, app, rpcs, label):
    """The rules of a Flask application."""
    for rule in app.url_map.iter_rules():
        template = template_of(rule.rule)
        handler = handler_name(app.view_functions[rule.endpoint])
        if rule.endpoint == "static":
            handler = "static"
        for method in sorted(rule.methods - IGNORED_METHODS):
            rpc = rpcs.get((method, nameless(template)))
            add(routes, method, template, rpc, handler, handler != "_not_implemented", label)


def handler_name(function):
    """The function's name; for ``lambda: create_user_ui(csrf)`` the name of what it calls."""
    function = inspect.unwrap(function)
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(function, "__code__", None)
    return code.co_names[0] if name == "<lambda>" and code is not None and code.co_names else name


def add_fastapi_routes(routes):
    """The native routes of the FastAPI application that wraps Flask since 3.3."""
    try:
        application = import_module("mlflow.server.fastapi_app").app
    except ModuleNotFoundError as error:
        if error.name == "mlflow.server.fastapi_app":  # an older version
            return
        raise
    routing = import_module("fastapi.routing")
    for route in application.routes:
        if isinstance(route, routing.APIRoute):
            for method in sorted(route.methods - IGNORED_METHODS):
                add(routes, method, template_of(route.path), None, handler_name(route.endpoint), True, "fastapi")


def add_auth_routes(routes, app, rpcs):
    """What the basic-auth application adds to Flask's rules.

    It needs a database and settings, which it gets in a folder thrown away afterwards, and Flask-WTF, of which only the
    class name matters here.
    """
    if not os.path.isdir(os.path.join(os.path.dirname(import_module("mlflow.server").__file__), "auth")):
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = os.path.join(folder, "auth.ini")
        with open(settings, "w") as file:
            file.write(
                "[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///%s/auth.db\n"
                "admin_username = admin\nadmin_password = not-a-secret-1234\n"
                "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n" % folder
            )
        os.environ.update(
            MLFLOW_AUTH_CONFIG_PATH=settings,
            MLFLOW_FLASK_SERVER_SECRET_KEY="not a secret",
            MLFLOW_AUTH_ADMIN_PASSWORD="not-a-secret-1234",
        )
        try:
            import_module("flask_wtf.csrf")
        except ImportError:
            stand_in = types.ModuleType("flask_wtf.csrf")
            stand_in.CSRFProtect = _NoProtection
            package = types.ModuleType("flask_wtf")
            package.csrf = stand_in
            package.CSRFProtect = _NoProtection
            sys.modules.update({"flask_wtf": package, "flask_wtf.csrf": stand_in})
        auth = import_module("mlflow.server.auth")
        if hasattr(auth, "create_app"):
            auth.create_app(app)
        add_flask_routes(routes, app, rpcs, "auth")


class _NoProtection:
    """Stands for ``flask_wtf.CSRFProtect`` where that is not installed; nothing is ever served here."""

    def init_app(self, app):
        """Accept the application."""


if __name__ == "__main__":
    main()
