"""What can be known to be wrong before a start: settings, policies, bundles. One line, not a worker that dies for ever."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

from balefire.domain.errors import BadSetting, BalefireError
from balefire.settings import Settings, read_policies, read_settings
from balefire.vision.bundles import champion_folders, read_bundle


def checked_settings() -> Settings:
    """The settings, where a service could start with them; else says why and ends the program with code 2."""
    try:
        settings = read_settings()
        read_policies(settings.policies)
        settings.notify.check()
        for folder in champion_folders(settings.models, settings.detectors).values():
            read_bundle(folder)
        if settings.tls_certificate and settings.tls_key:
            check_tls(settings.tls_certificate, settings.tls_key)
    except BalefireError as error:
        print(f"balefire: {error}", file=sys.stderr)
        sys.exit(2)
    return settings


def check_tls(certificate: Path, key: Path) -> None:
    """Raises BadSetting where they cannot be read or are no pair, and for a pass phrase, which nobody could type."""
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise BadSetting(f"{path}: cannot be read: {error.strerror}") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_pass_phrase)
    except (ssl.SSLError, ValueError) as error:
        raise BadSetting(f"{certificate} and {key} are no PEM certificate with its key: {error}") from error


def _no_pass_phrase() -> str:
    raise ValueError("the key has a pass phrase")
