"""Who is told outside, as `[notify]` of the service's settings. Secrets come from a file or from the environment."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from balefire.domain.errors import BadSetting
from balefire.strict_toml import StrictModel

SECRET_PREFIX = "BALEFIRE_SECRET_"
SHORTEST_SECRET = 16
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _checked_url(text: str) -> str:
    """Says what is wrong without the address: it may hold a secret."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if text and not sound:
        raise ValueError("an address is https://host/path or http://host/path")
    if text and (parts.username or parts.password):
        raise ValueError("an address carries no name and password")
    return text


def _network(value: object) -> Network:
    try:
        return ipaddress.ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"{error}; a network is 10.1.0.0/16 or fd00:1::/32") from error


Url = Annotated[str, AfterValidator(_checked_url)]


class _Addressed(StrictModel):
    """One of `url` and `url_file`: an address that holds a secret belongs into a file."""

    url: Url = Field(default="", repr=False)
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> _Addressed:
        if bool(self.url) == bool(self.url_file):
            raise ValueError("needs url or url_file")
        return self

    def address(self) -> str:
        """Raises BadSetting."""
        if self.url_file is None:
            return self.url
        try:
            return _checked_url(_read(self.url_file))
        except ValueError as error:
            raise BadSetting(f"{self.url_file}: {error}") from error


class WebhookSettings(_Addressed):
    """`secret_file`, else the environment's `BALEFIRE_SECRET_<NAME>`: what signs, 16 characters or more."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,63}$")
    secret_file: Path | None = None
    ca_file: Path | None = None  # none: the public authorities

    @property
    def channel(self) -> str:
        return f"webhook:{self.name}"

    def secret(self) -> bytes:
        """Raises BadSetting where there is none, or a short one."""
        text = _secret(self.name, self.secret_file)
        if text is None:
            raise BadSetting(f"notify.webhooks {self.name}: needs secret_file or {_variable(self.name)}")
        if len(text) < SHORTEST_SECRET:
            raise BadSetting(f"notify.webhooks {self.name}: its secret has under {SHORTEST_SECRET} characters")
        return text.encode()


class MqttSettings(StrictModel):
    """`password_file`, else the environment's `BALEFIRE_SECRET_MQTT`."""

    host: str = Field(min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None  # none: the system's certificates
    topic: str = Field(default="balefire", pattern=r"^[^#+\s]+$")
    client_id: str = "balefire"

    def password(self) -> str | None:
        return _secret("mqtt", self.password_file)


class HeartbeatSettings(_Addressed):
    """An address that is asked every `every_s` seconds while the service can watch."""

    every_s: float = Field(default=60.0, ge=1)


class NotifySettings(StrictModel):
    """Nobody is told unless named here. `allow_networks`: addresses inside the network that may be told, as 10.1.0.0/16."""

    allow_networks: list[Annotated[Network, PlainValidator(_network)]] = []
    keep_days: float = Field(default=30, gt=0)  # how long the log of what was told goes back
    webhooks: list[WebhookSettings] = []
    mqtt: MqttSettings | None = None
    heartbeat: HeartbeatSettings | None = None

    @model_validator(mode="after")
    def _names_differ(self) -> NotifySettings:
        names = [webhook.name for webhook in self.webhooks]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two webhooks are called {twice}")
        return self

    def channels(self) -> list[str]:
        """The names that the outbox knows them by."""
        return [*(webhook.channel for webhook in self.webhooks), *(["mqtt"] if self.mqtt else [])]

    def check(self) -> None:
        """Read every address and secret once. Raises BadSetting, which names no secret."""
        for webhook in self.webhooks:
            webhook.address()
            webhook.secret()
            _there(f"notify.webhooks {webhook.name}: ca_file", webhook.ca_file)
        if self.mqtt:
            self.mqtt.password()
            _there("notify.mqtt.ca_file", self.mqtt.ca_file)
        if self.heartbeat:
            self.heartbeat.address()


def _there(where: str, path: Path | None) -> None:
    if path and not path.is_file():
        raise BadSetting(f"{where}: {path}: no such file")


def _secret(name: str, path: Path | None) -> str | None:
    return _read(path) if path else os.environ.get(_variable(name))


def _variable(name: str) -> str:
    return SECRET_PREFIX + name.upper().replace("-", "_")


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: cannot be read: {type(error).__name__}") from error
    if not text:
        raise BadSetting(f"{path}: is empty")
    return text
