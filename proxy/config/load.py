"""Read the settings: a YAML file first, environment variables over it.

Every key can be an environment variable: ``blue.url`` is ``TIGHTROPE_BLUE__URL``. An empty variable counts as unset,
so that a compose file may pass through what its user left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from proxy.config.models import Settings
from proxy.config.problems import SECRET_KEYS, describe
from proxy.errors import ConfigError

ENV_PREFIX = "TIGHTROPE_"
_HINT = "`tightrope config schema` prints every key; docs/configuration.md explains them"


def load_settings(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Load and check the settings.

    Args:
        file: the YAML file, or None for the environment alone.
        environ: the environment, usually ``os.environ``.

    Raises:
        ConfigError: the file is missing or no YAML, or the settings are wrong; the message lists every problem.
    """
    data = {} if file is None else _read(file)
    origins = _overlay(data, environ)
    source = f"{file} and the environment" if file is not None and origins else str(file or "the environment")
    try:
        return Settings.model_validate(data)
    except ValidationError as exc:
        problems = describe(exc, origins)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise ConfigError(f"{count} in {source}:{lines}", hint=_HINT) from exc


def _read(file: Path) -> dict[str, Any]:
    """The file's sections; one that is there but empty (``mirror:``) counts as left out."""
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - _Loader is a SafeLoader
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration file {str(file)!r}", hint="give its path with -c FILE") from None
    except OSError as exc:
        raise ConfigError(f"the configuration file {str(file)!r} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"the configuration file {str(file)!r} is not UTF-8 text") from exc
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise ConfigError(f"{file}{where}: not valid YAML: {exc.problem}") from exc
    except yaml.YAMLError as exc:
        raise ConfigError(f"{file}: not valid YAML: {exc}") from exc
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: must hold sections such as `blue:`, not a {type(data).__name__}", hint=_HINT)
    return {str(key): value for key, value in data.items() if value is not None}


def _overlay(data: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Put environment variables over ``data`` and return where they went, ``{"blue.url": "TIGHTROPE_BLUE__URL"}``.

    Variables without ``__`` that are no setting (``TIGHTROPE_ADMIN_URL``, or the ``TIGHTROPE_PORT`` that Kubernetes
    invents for a service called tightrope) belong to somebody else and are passed over. With ``__`` they can only be
    meant for us, so an unknown one is kept and reported as an unknown key.
    """
    origins: dict[str, str] = {}
    for name, value in sorted(environ.items()):
        path = name.removeprefix(ENV_PREFIX).lower().split("__")
        if not name.startswith(ENV_PREFIX) or value == "" or (len(path) == 1 and path[0] not in Settings.model_fields):
            continue
        section: Any = data
        for key in path[:-1]:
            inner = section.get(key) or {}
            if not isinstance(inner, dict):
                break  # the file has a scalar there, which is a problem of its own
            section[key] = dict(inner)  # a copy: with YAML's &anchors two sections may be one object
            section = section[key]
        else:
            section[path[-1]] = value
            origins[".".join(path)] = name
            _drop_other_form(section, path, origins)
    return origins


def _drop_other_form(section: dict[str, Any], path: list[str], origins: Mapping[str, str]) -> None:
    """A variable for ``token`` replaces the file's ``token_file``, and the other way; two variables are a problem."""
    name = path[-1].removesuffix("_file")
    other = name if path[-1] != name else f"{name}_file"
    if name in SECRET_KEYS and ".".join([*path[:-1], other]) not in origins:
        section.pop(other, None)


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where plain YAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.value != "<<":
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} is given twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
