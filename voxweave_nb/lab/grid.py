"""The grid: every prompt of a template with every value of every axis."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import ConfigError
from ..images import ImageFile
from .records import Source, Variant
from .templates import Expansion, expand

__all__ = ["axis_value", "matches", "variants_of"]

_FIELDS = frozenset(each.name for each in fields(VideoConfig))
# A lab of this size would keep a person busy for weeks; a typing error makes more.
MOST_VARIANTS = 10_000


def variants_of(
    prompt: str | Sequence[str] | None,
    values: Mapping[str, Any],
    *,
    base: VideoConfig,
    source: Source,
    seeds: Callable[[VideoConfig], bool],
    untitled: Callable[[VideoConfig], VideoConfig] = lambda config: config,
    lists: Mapping[str, Sequence[str] | Path] | None = None,
    folder: Path | None = None,
    note: str = "",
    at: float = 0.0,
) -> list[Variant]:
    """Return the variants of a grid, in the order in which its axes are given.

    Args:
        prompt: A template, several of them, or None for the base's prompt.
        values: Fields of `VideoConfig`; a list or a tuple is an axis.
        base: The config that all of them start from.
        source: The narration and subtitles.
        seeds: Tells whether the provider of a config takes a seed; if not, the axis `seed` is called `take`.
        untitled: Returns a config without a title, for a grid that gives none.
        lists: Lists for `__name__` in the template.
        folder: The folder of the text files of lists.
        note: A remark on all of them.
        at: The time of adding, in seconds since 1970.

    Raises:
        ConfigError: A field is unknown, a value is invalid, or the grid has more than 10,000 variants.
    """
    if unknown := sorted(values.keys() - _FIELDS):
        raise ConfigError(
            f"VideoConfig has no field {', '.join(map(repr, unknown))}; the fields are: {', '.join(sorted(_FIELDS))}."
        )
    prompts = _prompts(prompt, base, lists, folder)
    columns = {name: _column(name, value) for name, value in values.items()}
    size = len(prompts)
    for column in columns.values():
        size *= len(column)
    if size > MOST_VARIANTS:
        raise ConfigError(f"The grid has {size:,} variants; the limit is {MOST_VARIANTS:,}. Remove values.")
    found = []
    for expansion, *row in itertools.product(prompts, *columns.values()):
        chosen = dict(zip(columns, row, strict=True))
        config = base.replace(prompt=expansion.text, **chosen)
        config = config if "title" in chosen else untitled(config)
        axes = _axes(expansion, chosen, config, several=len(prompts) > 1 or not columns, seeds=seeds)
        found.append(Variant.of(config, axes, source, note=note, at=at))
    return list({each.id: each for each in found}.values())


def matches(variant: Variant, where: Mapping[str, Any]) -> bool:
    """Return whether a variant has these values of its axes or of its config; a list allows several values.

    Raises:
        ConfigError: Neither its axes nor its config have such a name.
    """
    config = variant.config
    for name, wanted in where.items():
        if name == "image":
            value = config.image
        elif name in variant.axes:
            value = variant.axes[name]
        elif name in _FIELDS:
            value = getattr(config, name)
        elif name.isidentifier() or " " in name:
            return False
        else:
            raise ConfigError(f"{name!r} is neither an axis nor a field of VideoConfig.")
        allowed = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        if name == "image":
            allowed = [each if each is None else ImageFile.of(each) for each in allowed]
        if not any(value == each or str(value) == str(each) for each in allowed):
            return False
    return True


def _prompts(
    prompt: str | Sequence[str] | None,
    base: VideoConfig,
    lists: Mapping[str, Sequence[str] | Path] | None,
    folder: Path | None,
) -> list[Expansion]:
    if prompt is None:
        return [Expansion(base.prompt, {})]
    templates: Iterable[str] = [prompt] if isinstance(prompt, str) else prompt
    found = [each for template in templates for each in expand(template, lists, folder=folder)]
    if not found:
        raise ConfigError("The list of prompts is empty; give at least one.")
    return found


def _column(name: str, value: Any) -> list[Any]:
    column = list(value) if isinstance(value, list | tuple | range) else [value]
    if not column:
        raise ConfigError(f"The axis {name!r} is empty; give at least one value.")
    return column


def _axes(
    expansion: Expansion,
    chosen: Mapping[str, Any],
    config: VideoConfig,
    *,
    several: bool,
    seeds: Callable[[VideoConfig], bool],
) -> dict[str, Any]:
    """Return the choices of a variant as plain values that a file can hold."""
    axes: dict[str, Any] = dict(expansion.choices)
    if several and not expansion.choices:
        axes["prompt"] = expansion.text
    for name in chosen:
        value = getattr(config, name)
        key = "take" if name == "seed" and not seeds(config) else name
        if key in axes:
            raise ConfigError(f"The template names a choice {key!r}, which is a field too; use another name.")
        axes[key] = axis_value(value)
    return axes


def axis_value(value: Any) -> Any:
    """Return a field's value as one that a file can hold; an image is its file's name and the start of its hash."""
    if isinstance(value, ImageFile):
        return f"{value.path.name} ({value.sha256[:6]})"
    value = getattr(value, "value", value)
    return value if isinstance(value, str | int | float | bool | None) else str(dict(value))
