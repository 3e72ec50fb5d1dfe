"""The registry of providers: one line each; the recipe for a new one is in `base`.

Another package registers a provider by an entry point in the group `voxweave_nb.providers`: the entry point's name is
the provider's name, its value the class.
"""

from __future__ import annotations

import importlib
from importlib.metadata import EntryPoint, entry_points

from ..errors import ConfigError
from ..spellings import provider_name
from ..validation import did_you_mean, shown
from .base import Provider

__all__ = ["BUILT_IN", "GROUP", "provider_class", "registered"]

GROUP = "voxweave_nb.providers"

_REGISTRY = {
    "openai_sora": "openai_sora:OpenAiSora",
    "zai": "zai:Zai",
    "gateway": "gateway:Gateway",
    "fal": "fal:Fal",
    "gemini": "gemini:Gemini",
    "local": "local:LocalProvider",
}
"""In the order in which providers with a key are asked; plug-ins come before `local`, which is last."""


BUILT_IN = frozenset(_REGISTRY)
"""The names of the built-in providers."""


def registered() -> tuple[str, ...]:
    """Return the names of all installed providers, in the order in which they are asked."""
    built_in = [name for name in _REGISTRY if name != "local"]
    return (*built_in, *(name for name in _plugins() if name not in _REGISTRY), "local")


def provider_class(name: str) -> type[Provider]:
    """Return the class of a provider.

    Raises:
        ConfigError: The name is unknown (the message lists the installed providers), or the plug-in is broken.
    """
    name = provider_name(str(name))
    if name in _REGISTRY:
        module, _, attribute = _REGISTRY[name].partition(":")
        found: type[Provider] = getattr(importlib.import_module(f".{module}", __name__), attribute)
        return found
    plugin = _plugins().get(name)
    if plugin is None:
        choices = ", ".join(registered())
        raise ConfigError(
            f"Provider {shown(name)} is not installed; choose one of: {choices}.{did_you_mean(name, registered())}"
        )
    return _load(plugin)


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _load(plugin: EntryPoint) -> type[Provider]:
    package = plugin.dist.name if plugin.dist else plugin.value
    try:
        found = plugin.load()
    except Exception as error:  # whatever another package's import raises
        raise ConfigError(
            f"Provider {plugin.name!r} of the package {package} cannot be loaded ({type(error).__name__}: {error}). "
            "Update or uninstall that package."
        ) from error
    if not (isinstance(found, type) and issubclass(found, Provider)):
        raise ConfigError(
            f"{plugin.value} of the package {package}, registered as provider {plugin.name!r}, is not a subclass of "
            "voxweave_nb.Provider. Update or uninstall that package."
        )
    return found
