"""The frozen settings tree: every setting with its unit in its name, its default and its explanation.

The string under a setting is its documentation: ``tightrope config schema`` and ``docs/configuration.md`` are made
from it. Only what some part of the program reads has a place here; comparison has no section until it has a setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from proxy.config.sides import Section, SideSettings
from proxy.config.types import Count, Lowered, Port, Seconds, StateUrl, is_loopback, secret_from_file
from proxy.core.cutover import Phase

KIB = 1024
MIB = 1024 * KIB


class ListenSettings(Section):
    """Where MLflow's clients connect."""

    host: str = "0.0.0.0"  # noqa: S104 - clients on other machines are the point
    """Address to listen on."""
    port: Port = 5000
    """Port to listen on; 0 lets the system choose."""


class AdminSettings(Section):
    """Where operators connect: metrics, health, the operator API."""

    host: str = "127.0.0.1"
    """Address to listen on. Anything but this machine needs a token."""
    port: Port = 9500
    """Port to listen on; 0 lets the system choose."""
    token_file: Path | None = None
    """File that holds the token."""
    token: SecretStr | None = Field(default=None, validate_default=True)
    """Bearer token that whatever changes state must show; better kept in `token_file`."""

    @field_validator("token", mode="before")
    @classmethod
    def _read_file(cls, value: Any, info: ValidationInfo) -> Any:
        return secret_from_file(value, info.data, "token")

    @model_validator(mode="after")
    def _check(self) -> AdminSettings:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(f"host {self.host!r} can be reached from other machines: set token_file (or token)")
        return self


class StateSettings(Section):
    """Where the journal, the id map and the phase are kept."""

    url: StateUrl = "sqlite:///tightrope.db"
    """Database: `sqlite:///FILE` (relative to the working directory) or `sqlite:////DIR/FILE`."""

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.removeprefix("sqlite:///"))


class JournalSettings(Section):
    """How writes are recorded."""

    durability: Annotated[Literal["power", "process"], Lowered] = "power"
    """What an acknowledged write survives: `power` (loss of power; one fsync per group) or `process` (`kill -9`)."""
    keep_delivered_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 86400.0
    """How long delivered records stay readable before they are removed."""


class MirrorSettings(Section):
    """Delivery to the following side."""

    concurrency: Count = 8
    """Lanes (queues of one object each) that are delivered at once."""
    retry_initial_s: Seconds = 0.5
    """Pause before the first retry; it doubles from there."""
    retry_max_s: Seconds = 30.0
    """Longest pause between retries."""
    request_timeout_s: Seconds = 60.0
    """How long one delivery may take."""
    artifact_timeout_s: Seconds = 3600.0
    """How long copying one artifact may take."""

    @model_validator(mode="after")
    def _check(self) -> MirrorSettings:
        if self.retry_max_s < self.retry_initial_s:
            raise ValueError(
                f"retry_max_s ({self.retry_max_s:g}) must not be below retry_initial_s ({self.retry_initial_s:g})"
            )
        return self


class CutoverSettings(Section):
    """Limits of a cutover, a rollback or a hold."""

    max_hold_s: Seconds = 30.0
    """Longest time that clients' writes wait; then the move is aborted and they go on as before."""
    hold_queue_max: Count = 10000
    """Writes that may wait at once; further ones are answered 503."""


class LimitSettings(Section):
    """What a client may send."""

    max_json_body_bytes: Count = 64 * MIB
    """Largest JSON body; artifacts are streamed and have no limit here."""
    client_header_bytes: Count = 32 * KIB
    """Largest single header."""
    client_line_bytes: Count = 16 * KIB
    """Longest request line; searches put long filters into it."""
    keepalive_s: Seconds = 75.0
    """How long an idle client connection stays open."""


class LogSettings(Section):
    """What is logged, to standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Lowered] = "info"
    """Least severe level that is shown."""
    format: Annotated[Literal["json", "console"], Lowered] = "json"
    """`json` (one object per line) or `console` (for people)."""


class Settings(Section):
    """Tightrope's configuration.

    Problems between sections are found by validators of the *later* section, so that they are reported together with
    everything else instead of after it.
    """

    listen: ListenSettings = ListenSettings()
    admin: AdminSettings = AdminSettings()
    blue: SideSettings
    green: SideSettings | None = None
    state: StateSettings = StateSettings()
    phase: Annotated[Phase, Lowered] = Phase.BLUE_ONLY
    """Phase of a new state database; afterwards the stored phase counts, and `tightrope phase` changes it."""
    journal: JournalSettings = JournalSettings()
    mirror: MirrorSettings = MirrorSettings()
    cutover: CutoverSettings = CutoverSettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()

    @field_validator("admin")
    @classmethod
    def _check_admin(cls, admin: AdminSettings, info: ValidationInfo) -> AdminSettings:
        listen = info.data.get("listen")
        if listen is not None and admin.port and admin.port == listen.port:
            raise ValueError(f"port {admin.port} is the port of listen, too: give one of them another port")
        return admin

    @field_validator("blue", "green")
    @classmethod
    def _check_side(cls, side: SideSettings | None, info: ValidationInfo) -> SideSettings | None:
        listen, blue = info.data.get("listen"), info.data.get("blue")
        if side is None:
            return side
        url = urlsplit(side.url)
        if listen is not None and url.port == listen.port and is_loopback(url.hostname or ""):
            raise ValueError(f"url {side.url!r} is Tightrope's own listener: requests would go round in circles")
        if info.field_name == "green" and blue is not None and blue.url == side.url:
            raise ValueError(f"url {side.url!r} is blue's, too: every write would be made twice on one server")
        return side

    @field_validator("phase")
    @classmethod
    def _check_phase(cls, phase: Phase, info: ValidationInfo) -> Phase:
        if phase is not Phase.BLUE_ONLY and "green" in info.data and info.data["green"] is None:
            raise ValueError(f"{phase.value!r} needs a green server: set green.url, or keep 'blue_only'")
        return phase
