"""Fitting: the nearest size, length and prompt that a model takes, with a warning for each difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..config import VideoConfig
from ..errors import ProviderUnavailable
from ..images import ImageFile
from ..models import VideoProvider, percent
from ..styles import load_style
from .legacy import deprecated
from .types import Capabilities, Model, Plan, Size

__all__ = ["INSTEAD_OF_ONE_CLIP", "SHORT_CLIP", "fit", "fit_prompt", "fit_unknown", "model_for"]

SHORT_CLIP = 8.0
"""The longest clip to request from a model whose lengths are not known, in seconds, unless the config asks for more."""

INSTEAD_OF_ONE_CLIP = "service.storyboard(...) makes a film of scenes instead."
"""The end of the warning that a clip is repeated."""

_SAME_SHAPE = 0.03
"""Largest difference in log(width / height) at which two sizes count as one shape: 1792x1024 is 16:9."""


_ENLARGED = 2.0
"""Factor above which an image that is enlarged looks soft."""


def model_for(capabilities: Capabilities, config: VideoConfig, *, provider: str) -> Model | None:
    """Return the model that a config names, else the first one that can begin with its image, else the default.

    Args:
        capabilities: The provider's models.
        config: The config.
        provider: The provider's name, for the error.

    Returns:
        The model; None if the config names one that is not among the provider's.

    Raises:
        ProviderUnavailable: The model, or every model, takes no image; or it needs one, and there is none.
    """
    model = capabilities.model(config.model)
    if model is None:
        return None
    if config.model is None:
        suited = (each for each in capabilities.models if _suits(each, config))
        model = next(suited, model)
    _check_image(config, model, provider, capabilities.models)
    return model


def _suits(model: Model, config: VideoConfig) -> bool:
    return not model.needs_image if config.image is None else model.image


def _check_image(config: VideoConfig, model: Model, provider: str, models: Sequence[Model] = ()) -> None:
    """Raise `ProviderUnavailable` if a model cannot begin with the config's image, or needs one that is not there."""
    if _suits(model, config):
        return
    name = model.name or "the default model"
    if config.image is None:
        message = f"{provider}'s {name} needs an image as first frame. Give one with image=, or choose another model."
    elif takers := [each.name for each in models if each.image]:
        message = f"{provider}'s {name} takes no image as first frame; {' and '.join(takers)} do."
        message = message if len(takers) > 1 else message.replace(" do.", " does.")
    else:
        message = f"{provider} has no model that takes an image as first frame. Choose another provider, or no image."
    raise ProviderUnavailable(message, provider=provider)


def fit(
    config: VideoConfig,
    duration: float,
    model: Model,
    *,
    provider: str,
    free: bool = False,
    style: bool = True,
) -> Plan:
    """Return the plan for one clip.

    Args:
        config: The config to fit.
        duration: The length of the narration in seconds.
        model: The model and its limits.
        provider: The provider's name, for the warnings.
        free: True if the provider costs nothing.
        style: True if the style has to be put in words because the protocol has no field for it.

    Raises:
        ProviderUnavailable: The model takes no image and the config has one, or the other way round.
    """
    _check_image(config, model, provider)
    size, size_warning = _fit_size(config.size, model)
    seconds, length_warning = _fit_length(config.seconds or duration, duration, model)
    prompt, prompt_warning = fit_prompt(config, model.prompt, style=style)
    price = size.price or model.price
    variation_warning = "" if provider == VideoProvider.LOCAL else _variation_warning(config)
    image_warnings = () if config.image is None else _image_warnings(config.image, size)
    warnings = (size_warning, length_warning, prompt_warning, variation_warning, *image_warnings)
    return Plan(
        model=model,
        size=(size.width, size.height),
        seconds=seconds,
        prompt=prompt,
        usd=0.0 if free else None if price is None else price.of(seconds),
        warnings=tuple(f"{provider} {warning}" for warning in warnings if warning),
        provider=provider,
        duration=duration,
        config=config,
    )


def fit_unknown(
    config: VideoConfig,
    duration: float,
    model: Model,
    *,
    provider: str,
    lengths: Sequence[float] = (),
    style: bool = True,
) -> Plan:
    """Return the plan for a model whose lengths are not known: a short clip, unless the config asks for a length.

    A whole narration could be minutes of video at an unknown price.

    Args:
        config: The config to fit.
        duration: The length of the narration in seconds.
        model: The model, without lengths.
        provider: The provider's name, for the warnings.
        lengths: Short lengths that the protocol's servers usually make, ascending; empty for any up to `SHORT_CLIP`.
        style: True if the style has to be put in words because the protocol has no field for it.
    """
    plan = fit(config, duration, replace(model, image=True), provider=provider, style=style)
    if config.image is not None:
        unknown = f"Whether {model.name or 'the default model'} takes an image is not known: {provider} may ignore it."
        plan = replace(plan, warnings=(*plan.warnings, unknown))
    if config.seconds is not None:
        return plan
    short = next((each for each in lengths if each >= duration - 0.05), lengths[-1] if lengths else None)
    seconds = min(duration, SHORT_CLIP) if short is None else short
    price = model.price.of(seconds) if model.price else None
    if seconds >= duration - 0.05:
        return replace(plan, seconds=seconds, usd=price)
    warning = (
        f"The lengths that {model.name or 'the default model'} makes are not known: a clip of {seconds:g} s is "
        f"requested from {provider} and repeated to fill the narration's {duration:.1f} s. Set seconds for a longer "
        "clip."
    )
    return replace(plan, seconds=seconds, usd=price, warnings=(*plan.warnings, warning))


def _fit_size(asked: tuple[int, int], model: Model) -> tuple[Size, str]:
    """Return the smallest size of the same shape that covers `asked`, else the largest, else the nearest shape."""
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
        f"does not offer {width}x{height}: the clip is generated at {chosen.width}x{chosen.height} and scaled{cropped} "
        f"to {width}x{height}."
    )


def _area(size: Size) -> int:
    return size.width * size.height


def _fit_length(asked: float, duration: float, model: Model) -> tuple[float, str]:
    """Return the shortest length that is long enough, else the longest."""
    seconds = _nearest_length(asked, model)
    if seconds >= duration - 0.05:
        return seconds, ""
    return seconds, (
        f"generates at most {seconds:g} s: the clip is repeated to fill the narration's {duration:.1f} s. "
        f"{INSTEAD_OF_ONE_CLIP}"
        if seconds < asked - 0.05
        else f"generates {seconds:g} s: the clip is repeated to fill the narration's {duration:.1f} s."
    )


def _nearest_length(asked: float, model: Model) -> float:
    if not model.lengths:
        return asked
    if model.continuous:
        return min(max(asked, model.lengths[0]), model.lengths[-1])
    return next((length for length in model.lengths if length >= asked - 0.05), model.lengths[-1])


def _image_warnings(image: ImageFile, size: Size) -> tuple[str, ...]:
    """Return what happens to an image that is scaled to cover a frame and cropped around its middle."""
    if not (image.width and image.height):
        return ()
    scale = max(size.width / image.width, size.height / image.height)
    shown = size.width * size.height / (image.width * image.height * scale * scale)
    sides, frame = f"{image.width}x{image.height}", f"{size.width}x{size.height}"
    cropped = abs(math.log(size.width / size.height * image.height / image.width)) >= _SAME_SHAPE
    return (
        f"starts from the image cropped from {sides} to the shape of {frame}: {percent(1 - shown)} of it is cut off."
        if cropped
        else "",
        f"starts from the image enlarged from {sides} to {frame}: it looks soft."
        if scale > _ENLARGED
        else "",
    )


def _variation_warning(config: VideoConfig) -> str:
    if config.variation is None:
        return ""
    return f"does not know the variation {config.variation!r}, which only local draws: describe it in the prompt."


def fit_prompt(config: VideoConfig, limit: int | None, *, style: bool = True) -> tuple[str, str]:
    """Return the person's prompt with the style's words, and a warning if the prompt was cut.

    If both do not fit within `limit` characters, the style's words are dropped first, phrase by phrase.
    """
    own = config.prompt
    phrases = load_style(config.style).words.split(", ") if style else []
    if limit is None:
        return _join(own, phrases), ""
    while phrases and len(_join(own, phrases)) > limit:
        phrases.pop()
    whole = _join(own, phrases)
    if len(whole) <= limit:
        return whole, ""
    cut = own[:limit].rsplit(None, 1)[0] if " " in own[:limit] else own[:limit]
    return cut, f"takes prompts of {limit} characters: the last {len(own) - len(cut)} were cut off."


def _join(own: str, phrases: Sequence[str]) -> str:
    style = ", ".join(phrases)
    if not own or not style:
        return own or style
    return f"{own.rstrip('.')}. {style[0].upper()}{style[1:]}."


def __getattr__(name: str) -> Any:
    if name != "words":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    deprecated("words is called fit_prompt now; import fit_prompt instead.")
    return fit_prompt
