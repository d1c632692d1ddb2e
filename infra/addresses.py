"""What an address in the settings says of the machine behind it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def host_and_port(url: str) -> str:
    """Host and port of an address, without the password."""
    place = urlsplit(url)
    return f"{place.hostname}:{place.port}" if place.port else str(place.hostname)


def is_loopback(host: str | None) -> bool:
    """Whether only this machine can reach ``host``, a name or a number."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
