"""From what was asked to what a model takes: the nearest size, length and prompt, each change said in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..config import VideoConfig
from ..styles import load_style
from .base import Model, Plan, Size

__all__ = ["fit", "words"]

_SAME_SHAPE = 0.03
"""How far two shapes may be apart (in the logarithm of width to height) to count as one: 1792x1024 is 16:9."""


def fit(
    config: VideoConfig,
    duration: float,
    model: Model,
    *,
    provider: str,
    free: bool = False,
    style: bool = True,
) -> Plan:
    """What a model will be asked for.

    Args:
        config: What was asked.
        duration: The narration's length in seconds.
        model: What it takes.
        provider: Its provider's name, for the warnings.
        free: Whether it costs nothing.
        style: Whether the style has to be said in words, because the protocol has no field for it.
    """
    size, size_said = _size(config.size, model)
    seconds, length_said = _length(config.seconds or duration, duration, model)
    prompt, prompt_said = words(config, model.prompt, style=style)
    price = size.price or model.price
    said = [f"{provider} {what}" for what in (size_said, length_said, prompt_said) if what]
    usd = 0.0 if free else None if price is None else price.of(seconds)
    return Plan(model, (size.width, size.height), seconds, prompt, usd, tuple(said))


def _size(asked: tuple[int, int], model: Model) -> tuple[Size, str]:
    """The smallest size of the same shape that holds what was asked, else the largest, else the nearest shape."""
    if not model.sizes:
        return Size(*asked), ""
    width, height = asked
    apart = {size: abs(math.log(size.width / size.height * height / width)) for size in model.sizes}
    alike = [size for size in model.sizes if apart[size] < _SAME_SHAPE]
    if not alike:
        nearest = min(apart.values())
        alike = [size for size in model.sizes if apart[size] - nearest < _SAME_SHAPE]
    enough = [size for size in alike if size.width >= width and size.height >= height]
    chosen = min(enough, key=_area) if enough else max(alike, key=_area)
    if (chosen.width, chosen.height) == asked:
        return chosen, ""
    cropped = " and cropped" if apart[chosen] >= _SAME_SHAPE else ""
    return chosen, (
        f"makes no {width}x{height}: it is asked for {chosen.width}x{chosen.height}, which is scaled{cropped} to "
        f"{width}x{height}."
    )


def _area(size: Size) -> int:
    return size.width * size.height


def _length(asked: float, duration: float, model: Model) -> tuple[float, str]:
    """The shortest length that is long enough, else the longest."""
    seconds = _nearest(asked, model)
    if seconds >= duration - 0.05:
        return seconds, ""
    return seconds, (
        f"makes {seconds:g} s at a time at the most: the clip is repeated to fill the narration's {duration:.1f} s."
        if seconds < asked - 0.05
        else f"is asked for {seconds:g} s: the clip is repeated to fill the narration's {duration:.1f} s."
    )


def _nearest(asked: float, model: Model) -> float:
    if not model.lengths:
        return asked
    if model.continuous:
        return min(max(asked, model.lengths[0]), model.lengths[-1])
    return next((length for length in model.lengths if length >= asked - 0.05), model.lengths[-1])


def words(config: VideoConfig, limit: int | None, *, style: bool = True) -> tuple[str, str]:
    """The person's prompt and the style's words, and what had to be left out of the prompt.

    Where both do not fit, the person's words go first and the style says as much as there is room for.
    """
    own = config.prompt
    phrases = load_style(config.style).words.split(", ") if style else []
    if limit is None:
        return _joined(own, phrases), ""
    while phrases and len(_joined(own, phrases)) > limit:
        phrases.pop()
    whole = _joined(own, phrases)
    if len(whole) <= limit:
        return whole, ""
    cut = own[:limit].rsplit(None, 1)[0] if " " in own[:limit] else own[:limit]
    return (
        cut,
        f"takes prompts of {limit} characters: the last {len(own) - len(cut)} of the prompt were left out.",
    )


def _joined(own: str, phrases: Sequence[str]) -> str:
    style = ", ".join(phrases)
    if not own or not style:
        return own or style
    return f"{own.rstrip('.')}. {style[0].upper()}{style[1:]}."
