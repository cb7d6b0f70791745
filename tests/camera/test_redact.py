"""No credential of an address is ever shown."""

from __future__ import annotations

import subprocess
import sys

import pytest

from balefire.camera.redact import credentials, redact, scrub, secrets_of, without_credentials


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://10.0.0.7:554/live", "rtsp://10.0.0.7:554/live"),
        ("rtsp://admin:pw@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin:p@ss@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin:p/ss@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin:p?s#s@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://[fe80::1]:554/a@b", "rtsp://[fe80::1]:554/a@b"),
        ("http://cam/snap.jpg?usr=admin&pwd=pw&chan=1", "http://cam/snap.jpg?usr=***&pwd=***&chan=1"),
        ("http://cam/snap.jpg?loginuse=admin&loginpas=pw", "http://cam/snap.jpg?loginuse=***&loginpas=***"),
        ("http://cam/snap.jpg?access_token=abc", "http://cam/snap.jpg?access_token=***"),
        ("rtsp://cam/user=admin_password=tl1_channel=1.sdp", "rtsp://cam/user=***_password=***_channel=1.sdp"),
        ("/videos/hill.mp4", "/videos/hill.mp4"),
        ("https://cam/keyboard.jpg?size=2", "https://cam/keyboard.jpg?size=2"),
    ],
)
def test_redact(address: str, shown: str) -> None:
    assert redact(address) == shown


def test_scrub_finds_addresses_and_known_secrets_in_a_sentence() -> None:
    address = "rtsp://admin:p%40ss@cam/live"
    line = f"Connection refused: '{address}' (p@ss)"
    assert scrub(line, secrets_of(address)) == "Connection refused: 'rtsp://***@cam/live' (***)"


def test_credentials_are_unquoted_and_taken_out() -> None:
    assert credentials("http://admin:p%40ss@cam/x") == ("admin", "p@ss")
    assert credentials("http://cam/x") is None
    assert without_credentials("http://admin:p%40ss@cam/x") == "http://cam/x"


@pytest.mark.skipif(sys.platform != "linux", reason="arguments are hidden on Linux only")
def test_own_arguments_are_hidden_from_the_process_list() -> None:
    program = (
        "import sys; from pathlib import Path; from balefire.camera.redact import hide_arguments as hide;"
        "hide(['s3cret-word', '']); print(Path('/proc/self/cmdline').read_bytes()); print(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "rtsp://me:s3cret-word@cam"], capture_output=True, text=True, check=True
    )
    listed, own = done.stdout.splitlines()
    assert "s3cret-word" not in listed
    assert "rtsp://me:***********@cam" in listed
    assert own == "rtsp://me:s3cret-word@cam"
