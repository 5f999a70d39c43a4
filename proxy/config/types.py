"""Values that the configuration parses once: URLs, MLflow versions, the state database.

Each has a parsing function that turns what was written into a typed value, or raises ``ValueError`` with a sentence for
people. None of the sentences repeats a credential.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from proxy.core.mlflow_version import Version


def parse_server_url(text: str) -> str:
    """Check a tracking server's URL and drop trailing slashes.

    ``http://blue:5001/`` becomes ``http://blue:5001``; a path prefix (``https://host/mlflow``) stays. Refused:
    ``blue:5001`` (no scheme), ``http://user:secret@host`` (credentials have keys of their own), anything with a query.

    Raises:
        ValueError: it is not such a URL.
    """
    parts = urlsplit(text.strip())
    try:
        bad_port = parts.port == 0
    except ValueError:
        bad_port = True
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL that begins with http:// or https:// and names a host")
    if bad_port:
        raise ValueError("the port must be a number from 1 to 65535")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold credentials; use the keys username and password, or token")
    if parts.query or parts.fragment:
        raise ValueError("must not have a query or a fragment")
    return text.strip().rstrip("/")


def parse_version(value: Any) -> Version | None:
    """Read ``"auto"`` (None: ask the server) or a release such as ``"2.22.4"``.

    A bare ``3.10`` in YAML is the *number* 3.1, so numbers are refused rather than guessed.

    Raises:
        ValueError: it is neither.
    """
    if value is None or isinstance(value, Version):
        return value
    if not isinstance(value, str):
        raise ValueError('must be written in quotes, e.g. "2.22.4" (YAML reads a bare 3.10 as the number 3.1)')  # noqa: TRY004 - pydantic collects ValueErrors only
    if value.strip() == "auto":
        return None
    try:
        return Version.parse(value)
    except ValueError:
        raise ValueError('must be "auto" or an MLflow release such as "2.22.4"') from None


def parse_state_url(text: str) -> str:
    """Check the URL of the state database.

    ``sqlite:///tightrope.db`` is a file in the working directory, ``sqlite:////var/lib/tightrope/state.db`` an
    absolute one.

    Raises:
        ValueError: another kind of database, or a SQLite database without a file.
    """
    if text.startswith(("postgresql:", "postgresql+", "postgres:")):
        raise ValueError("PostgreSQL comes later; for now use sqlite:///FILE")
    if not text.startswith("sqlite:///"):
        raise ValueError("must look like sqlite:///FILE (sqlite:////DIR/FILE for an absolute path)")
    if text.removeprefix("sqlite:///") in {"", "/", ":memory:"}:
        raise ValueError("must name a file: the state has to survive a restart")
    return text


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``: ``localhost``, ``127.0.0.1``, ``::1``; never a guess by DNS."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def secret_from_file(value: Any, siblings: Mapping[str, Any], name: str) -> Any:
    """The secret ``name`` of a section: as given, or the content of the file that ``NAME_file`` points to.

    White space around the file's content is dropped, because editors end files with a newline.

    Raises:
        ValueError: both are given, or the file cannot be read or is empty.
    """
    file: Path | None = siblings.get(f"{name}_file")
    if file is None:
        if value == "":
            raise ValueError("must not be empty")
        return value
    if value is not None:
        raise ValueError(f"is given twice: keep {name} or {name}_file")
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise ValueError(f"{name}_file {str(file)!r} cannot be read: {reason}") from None
    if not secret:
        raise ValueError(f"{name}_file {str(file)!r} is empty")
    return secret


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


ServerUrl = Annotated[str, AfterValidator(parse_server_url), WithJsonSchema({"type": "string", "format": "uri"})]
StateUrl = Annotated[str, AfterValidator(parse_state_url), WithJsonSchema({"type": "string", "format": "uri"})]
ServerVersion = Annotated[
    Version | None,
    PlainValidator(parse_version),
    PlainSerializer(lambda version: "auto" if version is None else str(version), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(auto|v?\d+\.\d+.*)$"}),
]
ExistingFile = Annotated[Path, AfterValidator(_existing)]
Lowered = BeforeValidator(_lower)
Port = Annotated[int, Field(ge=0, le=65535)]
"""0 lets the system choose a free port."""
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
