"""Environment variables for the network: broken ones, which would end in a traceback, and the proxy in use."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .addresses import is_loopback

__all__ = ["broken_variable", "proxy_words", "variables_set"]

_FILES: dict[str, Callable[[str], bool]] = {
    "SSL_CERT_FILE": lambda value: Path(value).is_file(),
    # OpenSSL skips a missing one.
    "SSL_CERT_DIR": lambda value: any(Path(one).is_dir() for one in value.split(os.pathsep) if one),
    "SSLKEYLOGFILE": lambda value: Path(value).parent.is_dir(),
}
"""The variables that name files for TLS, and a function that returns whether their value exists."""


def broken_variable() -> str:
    """Return what is wrong with a variable for proxies or certificates, as a sentence; empty if nothing is."""
    proxies = getproxies()
    for scheme in ("http", "https", "all"):
        if proxies.get(scheme) and (why := _why_no_proxy(proxies[scheme])):
            return f"{_variable(scheme)} {why}."
    for entry in proxies.get("no", "").split(","):
        if not _is_no_proxy_entry(entry.strip()):
            return f"{_variable('no')} holds {entry.strip()!r}, which is not a host (IPv6 networks are not supported)."
    for variable, exists in _FILES.items():
        value = os.environ.get(variable, "")
        if value and not exists(value):
            return f"{variable} names {value}, which does not exist."
    return ""


def variables_set(*, certificates: bool) -> str:
    """Return the names of the variables for certificates that are set, or of those for proxies, joined by "or"."""
    names = _FILES if certificates else [f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")]
    found = sorted(
        name for name, value in os.environ.items() if value and (name in names or name.lower() in names)
    )
    return " or ".join(found) or (
        "the system's certificates" if certificates else "the system's proxy settings"
    )


def _why_no_proxy(proxy: str) -> str:
    """Return why a proxy cannot be used, as the rest of a sentence, without its password; empty if it can."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:  # unbalanced brackets, an invalid port
        return "is not the URL of a proxy"
    if parts.scheme in ("socks5", "socks5h"):
        if importlib.util.find_spec("socksio") is None:
            return "names a SOCKS proxy, which needs another package: pip install 'httpx[socks]'"
    elif parts.scheme not in ("http", "https"):
        return f"names a proxy of an unknown kind, {parts.scheme}"
    return "" if valid else "is not the URL of a proxy"


def _is_no_proxy_entry(entry: str) -> bool:
    if "://" in entry or entry.count(":") < 2:
        return True
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def _variable(scheme: str) -> str:
    """Return the variable that gives the proxy for a scheme; the one in lower case wins."""
    names = [f"{scheme}_proxy", *(name for name in os.environ if name.lower() == f"{scheme}_proxy")]
    return next((name for name in names if os.environ.get(name)), f"the system's {scheme} proxy")


def proxy_words(url: str) -> str:
    """Return " through the proxy ..." with the variable's name if a URL is requested through one, else nothing."""
    parts = urlsplit(url)
    proxies = getproxies()
    scheme = parts.scheme if proxies.get(parts.scheme) else "all"
    proxy = proxies.get(scheme, "")
    if not proxy or is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return ""
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    where = urlsplit(proxy).netloc.rpartition("@")[2]
    return f" through the proxy {urlsplit(proxy).scheme}://{where} ({_variable(scheme)})"
