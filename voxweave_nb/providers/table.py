"""All providers at a glance, for a terminal of 80 columns and for programs."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import describe as wording
from .base import Availability, Capabilities, Model

__all__ = ["facts", "table"]

_WIDTH = 80
_INDENT = " " * 13
_ROW = "  {:<29}{:<22}{:<11}{}"


def table(states: Mapping[str, Availability], able: Callable[[str], Capabilities | None]) -> str:
    """A block for each provider: whether it can be used, its models, where the figures come from.

    Args:
        states: Every provider and whether it can be used now.
        able: What a provider can do, or None where it cannot be loaded.
    """
    return "\n\n".join("\n".join(_block(name, state, able(name))) for name, state in states.items())


def _block(name: str, state: Availability, can: Capabilities | None) -> Iterator[str]:
    ready = "ready" if state.ready else "not ready"
    yield _wrapped(f"{name:<12} {ready}: {state.reason}", _INDENT)
    if can is None:
        return
    yield _ROW.format("model", "length", "narration", "price").rstrip()
    for model in can.models:
        price = wording.tariff(model, free=can.free)
        yield _ROW.format(model.name, wording.lengths(model), wording.narration(model), price)
        yield from _details(model)
    yield _wrapped(f"  figures: {can.source}", "           ")


def _details(model: Model) -> Iterator[str]:
    if model.sizes:
        yield _wrapped(f"    sizes  {wording.sizes(model)}", " " * 11)
    if model.prompt:
        yield f"    prompt of up to {model.prompt:,} characters"


def _wrapped(text: str, indent: str) -> str:
    return "\n".join(
        textwrap.wrap(
            text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
            drop_whitespace=True,
        )
    )  # fmt: skip


def facts(states: Mapping[str, Availability], able: Callable[[str], Capabilities | None]) -> dict[str, Any]:
    """The same as plain values for JSON, keys of providers left out."""
    return {name: _facts(state, able(name), _key_variable(name)) for name, state in states.items()}


def _facts(state: Availability, can: Capabilities | None, variable: str | None) -> dict[str, Any]:
    found = bool(os.environ.get(variable, "").strip()) if variable else None
    known: dict[str, Any] = {"ready": state.ready, "reason": state.reason}
    known |= {"key_variable": variable, "key_found": found}
    if can is not None:
        known |= {"free": can.free, "cancel": can.cancel, "source": can.source}
        known["models"] = [_model(model) for model in can.models]
    return known


def _key_variable(name: str) -> str | None:
    from . import provider_class

    try:
        found = getattr(provider_class(name), "key_variable", None)
    except Exception:  # noqa: BLE001  a plug-in that is broken has none; its reason says what is wrong
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
        "price": _price(model.price),
        "at_once": model.at_once,
    }


def _price(price: Any) -> dict[str, Any] | None:
    return None if price is None else {"usd": price.usd, "per": price.per}
