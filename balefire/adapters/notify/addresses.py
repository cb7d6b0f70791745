"""Which addresses may be told. One inside the network is refused unless a setting allows it.

The name is resolved here and the connection made to what was judged, so that a name cannot change its mind in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from balefire.domain.errors import BalefireError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CLOUD_INSIDE = ipaddress.ip_network("168.63.129.16/32")  # Azure's host; it looks public and is not
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(BalefireError):
    """The address is one that must not be told; trying again does not help."""

    code = "address_refused"


class NoAddress(BalefireError):
    """The name has no address now; it may have one later."""

    code = "no_address"


def is_inside(address: Address) -> bool:
    """Loopback, private, link-local (where clouds keep their metadata), shared, reserved or multicast."""
    carried = _carried(address)
    return carried in CLOUD_INSIDE or carried.is_multicast or not carried.is_global


def _carried(address: Address) -> Address:
    """The IPv4 address within an IPv6 one that stands for it: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address


def allowed(address: Address, networks: Sequence[Network]) -> bool:
    return not is_inside(address) or any(address in network or _carried(address) in network for network in networks)


async def resolve(host: str, port: int, networks: Sequence[Network]) -> str:
    """The address to connect to. Raises AddressRefused where none may be told, NoAddress where there is none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAddress(f"{host} has no address") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    for address in addresses:
        if allowed(address, networks):
            return str(address)
    raise AddressRefused(f"{host} is inside the network ({addresses[0]}); notify.allow_networks would allow it")
