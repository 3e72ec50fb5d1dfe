"""Capabilities and prices in words for a person."""

from __future__ import annotations

from ..models import dollars
from .types import Model, Plan, Price

__all__ = ["first_frame", "lengths", "narration", "price", "sizes", "tariff"]

_NARRATION = {"none": "muxed in", "reference": "reference", "drives": "drives it"}


def price(plan: Plan) -> str:
    """Return the price of a plan, such as `"about $14.00: 20 s at $0.70"`, `"free"` or `"price unknown"`."""
    if plan.usd is None:
        return dollars(None)
    if plan.usd == 0:
        return "free"
    each = _price_of(plan)
    of_seconds = f": {plan.seconds:g} s at {dollars(each.usd)}" if each and each.per == "second" else ""
    return f"about {dollars(plan.usd)}{of_seconds}"


def _price_of(plan: Plan) -> Price | None:
    sized = (size.price for size in plan.model.sizes if (size.width, size.height) == plan.size)
    return next(filter(None, sized), plan.model.price)


def tariff(model: Model, *, free: bool = False) -> str:
    """Return the prices of a model, such as `"$0.30 to $0.70/s"`."""
    prices = [each for each in (model.price, *(size.price for size in model.sizes)) if each is not None]
    if free or not prices:
        return "free" if free else "unknown"
    amounts = sorted({each.usd for each in prices})
    span = " to ".join(dollars(usd) for usd in dict.fromkeys((amounts[0], amounts[-1])))
    return f"{span}{'/s' if prices[0].per == 'second' else ' a video'}"


def lengths(model: Model) -> str:
    """Return the clip lengths of a model, such as `"4, 8 or 12 s"`."""
    if not model.lengths:
        return "any"
    texts = [f"{seconds:g}" for seconds in model.lengths]
    if model.continuous:
        return f"{texts[0]} to {texts[-1]} s"
    return f"{' or '.join(filter(None, (', '.join(texts[:-1]), texts[-1])))} s"


def sizes(model: Model) -> str:
    """Return the frame sizes of a model, such as `"1280x720, 720x1280"`."""
    return ", ".join(f"{size.width}x{size.height}" for size in model.sizes) or "any"


def first_frame(model: Model) -> str:
    """Return what a model does with an image, in a few words; empty if it takes none."""
    return (
        "needs an image as first frame" if model.needs_image else "takes a first frame" if model.image else ""
    )


def narration(model: Model) -> str:
    """Return what a model does with the narration, in one or two words."""
    return _NARRATION[model.narration]
