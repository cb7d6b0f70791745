"""Webhooks to a real receiver, and addresses that are never told."""

from __future__ import annotations

import asyncio
import ipaddress
import subprocess
from pathlib import Path

import pytest

from balefire.adapters.clock import SystemClock
from balefire.adapters.notify.addresses import AddressRefused, NoAddress, is_inside, resolve
from balefire.adapters.notify.webhook import Webhook, sign
from balefire.domain.errors import BadSetting
from balefire.domain.notification import DispatchState, Notification, Outcome
from balefire.settings import read_settings
from tests.builders import at
from tests.needs import program
from tests.receiver import SECRET, Receiver, signed

HERE = [ipaddress.ip_network("127.0.0.0/8")]
TOLD = Notification(
    1, "01KEY", "webhook:hq", "event", "s", '{"type": "new", "before": null, "after": {"地": "山"}}', at(0), at(0), at(9),
    DispatchState.PENDING, 1, None, None, None, "",
)  # fmt: skip


def _send(url: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network], ca_file: str = "") -> Outcome:
    async def once() -> Outcome:
        webhook = Webhook("webhook:hq", url, SECRET.encode(), networks, SystemClock(), ca_file)
        try:
            return await webhook.send(TOLD)
        finally:
            await webhook.close()

    return asyncio.run(once())


def test_the_signature_is_the_contracts() -> None:
    expected = "t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    assert sign(b"key", 1700000000, b"{}") == expected  # printf 1700000000.{} | openssl dgst -sha256 -hmac key
    header = sign(SECRET.encode(), 1700000000, b"body")
    assert signed(header, b"body")
    assert not signed(header, b"bodx")
    assert not signed(header.replace("t=1700000000", "t=1700000001"), b"body")


def test_a_receiver_gets_what_it_can_check() -> None:
    with Receiver() as receiver:
        assert _send(receiver.url, HERE).accepted
        assert receiver.accepted == {"01KEY": {"type": "new", "before": None, "after": {"地": "山"}}}
        (headers,) = receiver.headers
    assert (headers["Content-Type"], headers["Balefire-Topic"]) == ("application/json", "events")
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (200, {}, Outcome(True)),
        (500, {}, Outcome(False, "answered 500")),
        (401, {}, Outcome(False, "answered 401")),
        (410, {}, Outcome(False, "answered 410", final=True)),
        (503, {"Retry-After": "7"}, Outcome(False, "answered 503", retry_after_s=7)),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, Outcome(False, "answered 429", retry_after_s=0)),
        (429, {"Retry-After": "soon"}, Outcome(False, "answered 429")),
    ],
)
def test_answers(status: int, headers: dict[str, str], outcome: Outcome) -> None:
    with Receiver(answers=[(status, headers)]) as receiver:
        assert _send(receiver.url, HERE) == outcome


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with Receiver() as other, Receiver(answers=[(status, {"Location": other.url})]) as receiver:
        outcome = _send(receiver.url, HERE)
    assert (outcome.accepted, outcome.reason) == (False, f"answered {status}: redirects are not followed")
    assert other.tries == []


def test_nobody_there_is_tried_again_and_the_address_stays_secret() -> None:
    with Receiver() as receiver:
        url = receiver.url
    outcome = _send(url, HERE)
    assert (outcome.accepted, outcome.final) == (False, False)
    assert "in-the-address" not in outcome.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_the_receiver_inside_is_never_reached_unless_allowed(host: str) -> None:
    with Receiver() as receiver:
        outcome = _send(f"http://{host}:{receiver.port}/", [])
        assert receiver.tries == []
    assert outcome.final
    assert "inside the network" in outcome.reason


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy, Receiver() as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert _send(receiver.url, HERE).accepted
    assert proxy.tries == []


def test_tls_asks_for_the_certificate_of_the_name(tmp_path: Path) -> None:
    """The connection goes to an address, the certificate is that of the name."""
    pem = tmp_path / "both.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(tmp_path / "key"), "-out", str(pem)]
    subprocess.run([program("openssl"), *made, *names], check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "key").read_text())
    with Receiver(certificate=str(pem)) as receiver:
        assert _send(f"https://localhost:{receiver.port}/", HERE, str(pem)).accepted
        other_name = _send(f"https://127.0.0.1:{receiver.port}/", HERE, str(pem))
        unknown_authority = _send(f"https://localhost:{receiver.port}/", HERE)
        assert len(receiver.tries) == 1
    assert "CERTIFICATE_VERIFY_FAILED" in other_name.reason
    assert "CERTIFICATE_VERIFY_FAILED" in unknown_authority.reason


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True), ("10.0.0.1", True), ("172.16.0.1", True), ("192.168.1.1", True), ("169.254.169.254", True),
        ("100.100.100.200", True), ("168.63.129.16", True), ("0.0.0.0", True), ("224.0.0.1", True), ("255.255.255.255", True),
        ("::1", True), ("::", True), ("fe80::1", True), ("fd00:ec2::254", True), ("ff02::1", True),
        ("::ffff:10.0.0.1", True), ("64:ff9b::a00:1", True), ("2002:7f00:1::", True),
        ("8.8.8.8", False), ("2606:4700::1111", False), ("::ffff:8.8.8.8", False), ("64:ff9b::808:808", False),
    ],
)  # fmt: skip
def test_which_addresses_are_inside(address: str, inside: bool) -> None:
    assert is_inside(ipaddress.ip_address(address)) is inside


def test_resolving() -> None:
    assert asyncio.run(resolve("localhost", 80, [*HERE, ipaddress.ip_network("::1/128")])) in ("127.0.0.1", "::1")
    with pytest.raises(AddressRefused):
        asyncio.run(resolve("localhost", 80, [ipaddress.ip_network("10.0.0.0/8")]))
    with pytest.raises(NoAddress):
        asyncio.run(resolve("nowhere.invalid", 80, []))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('webhooks = [{name = "hq", url = "https://h/x"}]', "needs secret_file or BALEFIRE_SECRET_HQ"),
        ('webhooks = [{name = "hq", url = "https://h/x", secret_file = "SHORT"}]', "under 16 characters"),
        ('webhooks = [{name = "hq", url = "https://h/x", secret_file = "none"}]', "none: cannot be read"),
        ('webhooks = [{name = "hq", url = "ftp://h/x"}]', "an address is https://host/path"),
        ('webhooks = [{name = "hq", url = "https://li:pw-in-url@h/x"}]', "carries no name and password"),
        ('webhooks = [{name = "hq"}]', "needs url or url_file"),
        ('webhooks = [{name = "hq", ulr = "https://h/x"}]', r"unknown key notify.webhooks.0.ulr; did you mean url\?"),
        ('webhooks = [{name = "a", url = "https://h"}, {name = "a", url = "https://i"}]', "two webhooks are called a"),
        ('allow_networks = ["10.0.0.1/8"]', "has host bits set"),
        ("mqtt = {hots = 'h'}", r"unknown key notify.mqtt.hots; did you mean host\?"),
        ("heartbeat = {url_file = 'SHORT'}", "an address is https://host/path"),
        ("heartbeat = {url = 'https://h', every_s = 0}", "greater than or equal to 1"),
    ],
)
def test_settings_that_stop_the_start(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "short").write_text("short-secret")
    path = tmp_path / "service.toml"
    path.write_text("[notify]\n" + text.replace("SHORT", str(tmp_path / "short")))
    with pytest.raises(BadSetting, match=said) as refused:
        read_settings(path).notify.check()
    assert "pw-in-url" not in str(refused.value)
    assert "short-secret" not in str(refused.value)
