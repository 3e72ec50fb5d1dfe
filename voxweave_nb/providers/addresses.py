"""The places where servers live: this machine, its network, or the internet.

A server on the internet that names an address inside, such as that of a cloud's metadata, would have this machine
request it, and would learn from an error what is there.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["ForeignPlace", "foreign_peer", "foreign_place", "is_loopback", "place_of"]

_WORDS = {
    "loopback": "on this machine",
    "private": "in a private network",
    "link-local": "on the local link",
}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForeignPlace(ValueError):
    """Raised for an address that a server names and that lies in another place than the server."""


def is_loopback(url: str) -> bool:
    """Return True if a URL names this machine, without looking up any name."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def foreign_place(url: str, base_url: str) -> str:
    """Return why a provider may not name a URL, as the rest of a sentence; empty if it may. Looks up names.

    Args:
        url: The URL that the provider named.
        base_url: The provider's own URL.
    """
    return _foreign(url, _looked_up(urlsplit(url).hostname or ""), base_url)


def foreign_peer(url: str, address: str, base_url: str) -> str:
    """Return the same for the IP address to which a URL has led."""
    return _foreign(url, [address], base_url)


def _foreign(url: str, found: Iterable[str], base_url: str) -> str:
    own = {place_of(address) for address in _looked_up(urlsplit(base_url).hostname or "")}
    if "loopback" in own:  # a server on this machine may keep its files in the same network
        own.add("private")
    parts = urlsplit(url)
    for place in map(place_of, found):
        if place and place not in own:
            host = parts.netloc.rpartition("@")[2]
            return (
                f"the server names {parts.scheme}://{host}, which is {_WORDS[place]}, where the server is not"
            )
    return ""


def _looked_up(host: str) -> list[str]:
    """Return the IP addresses of a host; none if it is unknown, which the request will report."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def place_of(address: str) -> str:
    """Return the place of an IP address: loopback, private, link-local, or an empty text for the internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return place_of(str(inner))
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    return "" if ip.is_global and not ip.is_multicast else "private"
