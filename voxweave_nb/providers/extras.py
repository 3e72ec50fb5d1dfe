"""What only some protocols send: the options in `VideoConfig.extra`, and the first frame as a data URI."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from .types import Plan

__all__ = ["encoded", "fit_frame", "form_fields", "image_uri", "warn_of_unsent"]

_LTX_2 = re.compile(r"ltx[-_ ]?2(?!\d)", re.IGNORECASE)
_LTX_BLOCK = 32


def warn_of_unsent(plan: Plan, extra: Mapping[str, Any], known: Collection[str] = ()) -> Plan:
    """Return the plan with a warning that names the options that its provider does not send.

    Args:
        plan: The plan.
        extra: The options.
        known: The names that the provider sends.
    """
    unsent = [name for name in extra if name not in known]
    if not unsent:
        return plan
    pronoun = "it is" if len(unsent) == 1 else "they are"
    warning = f"{plan.provider} takes no option {' or '.join(unsent)} in extra; {pronoun} not sent."
    return replace(plan, warnings=(*plan.warnings, warning))


def encoded(image: bytes) -> str:
    """Return the bytes of an image in base64."""
    return base64.b64encode(image).decode("ascii")


def image_uri(image: bytes) -> str:
    """Return a JPEG as a data URI."""
    return f"data:image/jpeg;base64,{encoded(image)}"


def form_fields(extra: Mapping[str, Any], size: tuple[int, int] | None = None) -> dict[str, str]:
    """Return options as the fields of a form: text as it is, anything else as JSON.

    Args:
        extra: The options; None, and `audio_reference=True`, which stands for the narration, are left out.
        size: Width and height that replace those in the options, or None.
    """
    fields = {
        name: value if isinstance(value, str) else json.dumps(value, default=str)
        for name, value in extra.items()
        if value is not None and not (name == "audio_reference" and isinstance(value, bool))
    }
    sides = zip(("width", "height"), size or (), strict=False)
    return fields | {name: str(side) for name, side in sides if name in fields}


def fit_frame(plan: Plan, extra: Mapping[str, Any]) -> Plan:
    """Return the plan with the width and height in the options, else with a size that LTX-2 makes.

    A server may let `size` win over `width` and `height` (vLLM-Omni 0.30), so that all must say the same. LTX-2 makes
    multiples of 32 pixels only.
    """
    asked = (_pixels(extra.get("width")), _pixels(extra.get("height")))
    if any(asked):
        return replace(plan, size=(asked[0] or plan.size[0], asked[1] or plan.size[1]))
    width, height = (math.ceil(side / _LTX_BLOCK) * _LTX_BLOCK for side in plan.size)
    if not _LTX_2.search(plan.model.name) or (width, height) == plan.size:
        return plan
    warning = (
        f"{plan.provider} makes sizes in multiples of {_LTX_BLOCK}: the clip is generated at {width}x{height} and "
        f"cropped to {plan.size[0]}x{plan.size[1]}."
    )
    return replace(plan, size=(width, height), warnings=(*plan.warnings, warning))


def _pixels(value: object) -> int | None:
    """Return a side in pixels, or None if the value is not a whole number above 0."""
    try:
        side = float(str(value))
    except ValueError:
        return None
    return int(side) if side.is_integer() and side > 0 else None
