"""One HTTP request to the outside: to the address that was judged, without redirects, without proxies, within a time."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence

import httpx

from balefire.adapters.notify.addresses import Network, resolve

CONNECT_S = 5.0
ANSWER_S = 9.0


class Outside:
    """Sends to one URL, which may hold a secret: it appears in no error, only its host does.

    ca_file: an authority of your own instead of the public ones.
    """

    def __init__(self, url: str, networks: Sequence[Network], ca_file: str = "") -> None:
        self._url, self._networks = httpx.URL(url), tuple(networks)
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        trust = ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context(trust_env=False)
        # trust_env: a proxy of the environment would connect for us, to an address that nobody judged.
        self._client = httpx.AsyncClient(verify=trust, timeout=timeout, follow_redirects=False, trust_env=False)

    @property
    def host(self) -> str:
        return self._url.host

    async def send(self, method: str, content: bytes = b"", headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer's status and headers; its body is left unread. Raises AddressRefused, NoAddress, httpx.HTTPError."""
        port = self._url.port or {"http": 80, "https": 443}[self._url.scheme]
        address = await resolve(self._url.host, port, self._networks)
        request = self._client.build_request(
            method,
            self._url.copy_with(host=address),
            content=content,
            headers={**(headers or {}), "Host": self._url.netloc.decode(), "User-Agent": "balefire"},
            extensions={"sni_hostname": self._url.host},  # the certificate is that of the name
        )
        answer = await self._client.send(request, stream=True)
        await answer.aclose()
        return answer

    async def close(self) -> None:
        await self._client.aclose()


def short(error: Exception) -> str:
    """What went wrong, for a log: the kind, and the system's own words."""
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0][:160]}" if words else type(error).__name__
