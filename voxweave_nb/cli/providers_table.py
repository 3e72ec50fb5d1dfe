"""The providers in a terminal of 80 columns, and as plain values for JSON."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..providers import describe
from ..providers.types import Availability, Capabilities, Model, Price

__all__ = ["providers_facts", "providers_table"]

_WIDTH = 80
_INDENT = " " * 13
_ROW = "  {:<29}{:<22}{:<11}{}"


def providers_table(
    states: Mapping[str, Availability], capabilities: Callable[[str], Capabilities | None]
) -> str:
    """Return a block per provider: whether it can be used, its models, the source of the figures.

    Args:
        states: Each provider's name, and whether it can be used now.
        capabilities: Returns what a provider can make, or None if its plug-in cannot be loaded.
    """
    return "\n\n".join("\n".join(_block(name, state, capabilities(name))) for name, state in states.items())


def _block(name: str, state: Availability, can: Capabilities | None) -> Iterator[str]:
    ready = "ready" if state.ready else "not ready"
    yield _wrapped(f"{name:<12} {ready}: {state.reason}", _INDENT)
    if can is None:
        return
    yield _ROW.format("model", "length", "narration", "price").rstrip()
    for model in can.models:
        price = describe.tariff(model, free=can.free)
        yield _ROW.format(
            model.name or "(the server's own)", describe.lengths(model), describe.narration(model), price
        )
        yield from _details(model)
    yield _wrapped(f"  source: {can.source}", " " * 10)


def _details(model: Model) -> Iterator[str]:
    if model.sizes:
        yield _wrapped(f"    sizes  {describe.sizes(model)}", " " * 11)
    if model.prompt:
        yield f"    prompt of up to {model.prompt:,} characters"
    if model.image:
        yield f"    {describe.first_frame(model)}"


def _wrapped(text: str, indent: str) -> str:
    lines = textwrap.wrap(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def providers_facts(
    states: Mapping[str, Availability], capabilities: Callable[[str], Capabilities | None]
) -> dict[str, Any]:
    """Return the same as plain values; API keys are reported as found or not, never shown."""
    return {name: _provider(state, capabilities(name), _key_variable(name)) for name, state in states.items()}


def _provider(state: Availability, can: Capabilities | None, variable: str | None) -> dict[str, Any]:
    found = bool(os.environ.get(variable, "").strip()) if variable else None
    facts: dict[str, Any] = {"ready": state.ready, "reason": state.reason}
    facts |= {"key_variable": variable, "key_found": found}
    if can is not None:
        facts |= {"free": can.free, "cancel": can.cancel, "source": can.source}
        facts["models"] = [_model(model) for model in can.models]
    return facts


def _key_variable(name: str) -> str | None:
    from ..providers import provider_class

    try:
        found = getattr(provider_class(name), "key_variable", None)
    except Exception:  # noqa: BLE001  a broken plug-in may raise anything; its state says what is wrong
        return None
    return found if isinstance(found, str) else None


def _model(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "sizes": [
            {"width": size.width, "height": size.height, "price": _price(size.price)} for size in model.sizes
        ],
        "seconds": list(model.lengths),
        "any_between": model.continuous,
        "prompt": model.prompt,
        "narration": model.narration,
        "image": model.image,
        "needs_image": model.needs_image,
        "price": _price(model.price),
        "at_once": model.at_once,
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    return None if price is None else {"usd": price.usd, "per": price.per}
