"""Who can make a picture. One line here registers a provider; `base` has the recipe."""

from __future__ import annotations

import importlib

from ..errors import ConfigError
from .base import Provider

__all__ = ["provider_class", "registered"]

_REGISTRY = {
    "local": "local:LocalProvider",
}


def registered() -> tuple[str, ...]:
    """The names of all providers that are installed."""
    return tuple(_REGISTRY)


def provider_class(name: str) -> type[Provider]:
    """The class behind a provider's name.

    Raises:
        ConfigError: No provider has that name; the message lists all that are installed.
    """
    try:
        module, _, attribute = _REGISTRY[str(name)].partition(":")
    except KeyError:
        choices = ", ".join(registered())
        raise ConfigError(f"Provider {str(name)!r} is not installed; choose one of: {choices}.") from None
    found: type[Provider] = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return found
