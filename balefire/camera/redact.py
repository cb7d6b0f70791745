"""Addresses without what nobody may read: credentials never reach a log, an error or the process list."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

# Cameras put names and passwords into queries, and some into the path (user=admin_password=x_channel=1).
_NAMES = "use(?:r(?:name)?)?|usr|login|pas(?:s(?:word|wd)?)?|pwd|pw|token|secret|key|auth|sig(?:nature)?"
_NAMED = re.compile(rf"((?:^|[?&/;_])[a-z0-9.-]*(?:{_NAMES})=)([^&_;/#\s]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_HIDDEN = "***"


def redact(address: str) -> str:
    """`address` with its user, password and named secrets replaced: rtsp://***@host/stream?token=***."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    user = _userinfo(rest)
    if user is not None:
        rest = f"{_HIDDEN}@{rest[len(user) + 1 :]}"
    return scheme + mark + _NAMED.sub(rf"\1{_HIDDEN}", rest)


def scrub(text: str, known: Iterable[str] = ()) -> str:
    """`text` with every address in it redacted, and every one of the `known` secrets replaced."""
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _ADDRESS.sub(lambda found: redact(found.group()), text)


def credentials(address: str) -> tuple[str, str] | None:
    """User and password of an address, unquoted."""
    user = _userinfo(address.partition("://")[2])
    if user is None:
        return None
    name, _, password = user.partition(":")
    return unquote(name), unquote(password)


def without_credentials(address: str) -> str:
    """`address` without `user:password@`."""
    scheme, mark, rest = address.partition("://")
    user = _userinfo(rest)
    return address if user is None else scheme + mark + rest[len(user) + 1 :]


def secrets_of(address: str) -> list[str]:
    """The texts that must not be seen: user and password as written and unquoted, and the named values."""
    rest = address.partition("://")[2]
    user = _userinfo(rest) or ""
    raw = [*user.split(":", 1), *(found.group(2) for found in _NAMED.finditer(rest))]
    # A secret of one or two letters would blot out half of every message; the address itself is redacted anyway.
    return [text for part in raw for text in {part, unquote(part)} if len(text) > 2]


def hide_arguments(texts: Iterable[str]) -> None:
    """Overwrite each of `texts` in this process's own arguments, as `ps` and /proc show them. Linux; else nothing."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, proc(5)
    except (OSError, IndexError, ValueError):
        return
    if not 0 < start < end:
        return
    arguments = ctypes.string_at(start, end - start)
    hidden = arguments
    for text in filter(None, texts):
        hidden = hidden.replace(text.encode(), b"*" * len(text.encode()))
    if hidden != arguments:
        ctypes.memmove(start, hidden, len(hidden))


def _userinfo(rest: str) -> str | None:
    """What stands before the @ in an address without its scheme. Passwords often hold an unquoted @ or /."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return authority.rpartition("@")[0]
    _, colon, port = authority.partition(":")
    if colon and not port.isdigit() and "@" in rest and not authority.startswith("["):
        return rest.rpartition("@")[0]
    return None
