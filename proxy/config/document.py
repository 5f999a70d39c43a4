"""Write ``docs/configuration.md`` from the settings models.

``python -m proxy.config.document > docs/configuration.md``
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from proxy.config.models import Settings
from proxy.config.problems import section_model

INTRODUCTION = """\
# Configuration

This page is made from the code (`python -m proxy.config.document`); a test fails when it is stale.

Settings come from one YAML file (`tightrope serve -c FILE`) and from environment variables, which win. Sections and
keys are joined by two underscores: `blue.url` is `TIGHTROPE_BLUE__URL`. An empty variable counts as unset. Unknown
keys are errors, and all problems are listed at once:

    $ tightrope config validate -c tightrope.yaml
    error: 2 problems in tightrope.yaml:
      phase: got 'mirorring', allowed: blue_only, recording, mirroring, ...; did you mean 'mirroring'?
      mirror.concurency: unknown key; did you mean 'concurrency'?

Secrets (`password`, `token`) are better kept in a file, named by the key with `_file` behind it. They are never
printed. Relative paths start at the working directory. `tightrope config show` prints what is in force,
`tightrope config schema` the JSON Schema for editors.

Examples to start from: [quickstart](../config/quickstart.yaml), [one server](../config/translator.yaml),
[production](../config/production.yaml).
"""


def markdown() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(_sections(Settings, ""))


def _sections(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """A heading and a table per section, in the order of the models."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        section = _section_of(field)
        if section is None:
            if not prefix:
                yield f"\n## {path}\n\n{_table({path: field})}"
            continue
        if path == "green":
            yield "\n## green\n\nAs `blue`. Without it Tightrope only translates, and the phase stays `blue_only`.\n"
            continue
        settings = {key: value for key, value in section.model_fields.items() if _section_of(value) is None}
        purpose = (section.__doc__ or "").strip().replace("\n    ", "\n").replace("``", "`")
        yield f"\n## {path}\n\n{purpose}\n\n{_table(settings)}"
        yield from _sections(section, f"{path}.")


def _table(settings: dict[str, FieldInfo]) -> str:
    rows = "".join(f"| `{name}` | {_default(field)} | {field.description} |\n" for name, field in settings.items())
    return f"| key | default | meaning |\n|---|---|---|\n{rows}"


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "`auto`" if "auto" in (field.description or "") else "none"
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(getattr(value, "value", value))


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    is_section = any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)
    return section_model(field.annotation) if is_section else None


if __name__ == "__main__":
    sys.stdout.write(markdown())
