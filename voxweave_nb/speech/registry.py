"""Engines by name: recognisers and voices are plug-ins, as providers are."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..errors import ConfigError
from ..validation import did_you_mean, shown

__all__ = ["engine_class", "engine_names"]


def engine_names(group: str, built_in: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of all installed engines of a group: those of other packages first.

    Args:
        group: The group of entry points.
        built_in: Module and class of each engine of this package, such as `"whisper:Whisper"`.
    """
    return (*(name for name in _plugins(group) if name not in built_in), *built_in)


def engine_class(name: str, kind: type[Any], group: str, built_in: Mapping[str, str], what: str) -> type[Any]:
    """Return the class of an engine.

    Args:
        name: Its name.
        kind: The class that it is a subclass of.
        group: The group of entry points.
        built_in: Module and class of each engine of this package.
        what: What it is, for errors.

    Raises:
        ConfigError: The name is unknown (the message lists the installed ones), or the plug-in is broken.
    """
    if name in built_in:
        module, _, attribute = built_in[name].partition(":")
        found: type[Any] = getattr(importlib.import_module(f".{module}", __package__), attribute)
        return found
    names = engine_names(group, built_in)
    plugin = _plugins(group).get(name)
    if plugin is None:
        hint = did_you_mean(name, names)
        raise ConfigError(f"{what} {shown(name)} is not installed; choose one of: {', '.join(names)}.{hint}")
    package = plugin.dist.name if plugin.dist else plugin.value
    try:
        found = plugin.load()
    except Exception as error:  # whatever another package's import raises
        raise ConfigError(
            f"{what} {name!r} of the package {package} cannot be loaded ({type(error).__name__}: {error}). Update or "
            "uninstall that package."
        ) from error
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise ConfigError(
            f"{plugin.value} of the package {package}, registered as {what.lower()} {name!r}, is not a subclass of "
            f"voxweave_nb.{kind.__name__}. Update or uninstall that package."
        )
    return found


def _plugins(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}
