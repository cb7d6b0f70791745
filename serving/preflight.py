"""What can be known to be wrong before a start: settings, policies, bundles. One line, not a worker that dies for ever."""

from __future__ import annotations

import sys

from balefire.domain.errors import BalefireError
from balefire.settings import Settings, read_policies, read_settings
from balefire.vision.bundles import champion_folders, read_bundle


def checked_settings() -> Settings:
    """The settings, where a service could start with them; else says why and ends the program with code 2."""
    try:
        settings = read_settings()
        read_policies(settings.policies)
        for folder in champion_folders(settings.models, settings.detectors).values():
            read_bundle(folder)
    except BalefireError as error:
        print(f"balefire: {error}", file=sys.stderr)
        sys.exit(2)
    return settings
