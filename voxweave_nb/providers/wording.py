"""What providers can do and what they cost, in words for a person."""

from __future__ import annotations

from .base import Model, Plan, Price

__all__ = ["UNKNOWN_PRICE", "dollars", "lengths", "narration", "price", "sizes", "tariff"]

UNKNOWN_PRICE = "price not known here"

_NARRATION = {"none": "put in", "reference": "goes along", "drives": "drives it"}


def price(plan: Plan) -> str:
    """What a plan costs, such as `"about $14.00: 20 s at $0.70"`, `"free"` or that it is not known."""
    if plan.usd is None:
        return UNKNOWN_PRICE
    if plan.usd == 0:
        return "free"
    each = _price_of(plan)
    of_seconds = f": {plan.seconds:g} s at {dollars(each.usd)}" if each and each.per == "second" else ""
    return f"about {dollars(plan.usd)}{of_seconds}"


def dollars(usd: float) -> str:
    """An amount, to the cent, or to what is left of a cent."""
    return f"${usd:,.2f}" if usd >= 0.01 else f"${usd:.2g}"


def _price_of(plan: Plan) -> Price | None:
    sized = (size.price for size in plan.model.sizes if (size.width, size.height) == plan.size)
    return next(filter(None, sized), plan.model.price)


def tariff(model: Model, *, free: bool = False) -> str:
    """What a model's clips cost, such as `"$0.30 to $0.70/s"`."""
    prices = [each for each in (model.price, *(size.price for size in model.sizes)) if each is not None]
    if free or not prices:
        return "free" if free else "not known"
    amounts = sorted({each.usd for each in prices})
    span = " to ".join(dollars(usd) for usd in dict.fromkeys((amounts[0], amounts[-1])))
    return f"{span}{'/s' if prices[0].per == 'second' else ' a video'}"


def lengths(model: Model) -> str:
    """The clip lengths that a model makes, such as `"4, 8 or 12 s"`."""
    if not model.lengths:
        return "any"
    said = [f"{seconds:g}" for seconds in model.lengths]
    if model.continuous:
        return f"{said[0]} to {said[-1]} s"
    return f"{' or '.join(filter(None, (', '.join(said[:-1]), said[-1])))} s"


def sizes(model: Model) -> str:
    """The sizes that a model makes, such as `"1280x720, 720x1280"`."""
    return ", ".join(f"{size.width}x{size.height}" for size in model.sizes) or "any"


def narration(model: Model) -> str:
    """What a model does with the narration, in two words."""
    return _NARRATION[model.narration]
