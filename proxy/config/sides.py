"""Settings of one tracking server behind Tightrope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from proxy.config.types import Count, ExistingFile, Seconds, ServerUrl, ServerVersion, secret_from_file


class Section(BaseModel):
    """What all sections share: they never change, refuse unknown keys, and their errors never quote a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class Tls(Section):
    """TLS towards one tracking server, for ``https://`` URLs."""

    ca_file: ExistingFile | None = None
    """PEM file of the authorities to trust instead of the system's."""
    cert_file: ExistingFile | None = None
    """PEM file of our client certificate."""
    key_file: ExistingFile | None = None
    """PEM file of its key, where the certificate's file does not hold it."""
    verify: bool = True
    """Whether the server's certificate is checked. Turn it off in a laboratory only."""

    @model_validator(mode="after")
    def _check(self) -> Tls:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file needs cert_file")
        return self


class SideSettings(Section):
    """One tracking server: where it is, what it speaks, and the credential that Tightrope itself uses on it.

    The credential serves our own requests only (mirroring, copying, probes); clients' requests carry their own.
    """

    url: ServerUrl
    """Where the server listens, e.g. `http://127.0.0.1:5001`; a path prefix is allowed."""
    version: ServerVersion = Field(default=None)
    """Its MLflow release, e.g. `"2.22.4"`, or `auto` to ask the server."""
    username: str | None = None
    """User name for basic authentication."""
    password_file: Path | None = None
    """File that holds the password."""
    password: SecretStr | None = Field(default=None, validate_default=True)
    """Password for basic authentication; better kept in `password_file`."""
    token_file: Path | None = None
    """File that holds the bearer token."""
    token: SecretStr | None = Field(default=None, validate_default=True)
    """Bearer token, instead of a user name and password; better kept in `token_file`."""
    tls: Tls = Tls()
    connect_timeout_s: Seconds = 5.0
    """How long making a connection may take."""
    read_timeout_s: Seconds = 120.0
    """How long a client's request waits for the next bytes of an answer. MLflow's clients give up after 120 s."""
    max_connections: Count = 200
    """Connections open to this server at once."""

    @field_validator("password", "token", mode="before")
    @classmethod
    def _read_file(cls, value: Any, info: ValidationInfo) -> Any:
        return secret_from_file(value, info.data, str(info.field_name))

    @model_validator(mode="after")
    def _check(self) -> SideSettings:
        if self.token is not None and (self.username is not None or self.password is not None):
            raise ValueError("give username and password, or token, not both")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self
