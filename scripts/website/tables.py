"""Write the parts of the pages that come from the code: prices, styles, the help of the commands.

A page has a line such as `<!-- make prices -->`; `MAKERS` lists the names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from voxweave_nb import Model, Settings, VideoGenerationService, VideoProvider, VideoStyle, errors
from voxweave_nb.cli.parser import command_parser
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.describe import lengths, tariff
from voxweave_nb.providers.types import Capabilities
from voxweave_nb.styles import StyleSheet, load_style

DIRECTIVE = re.compile(r"^<!-- make (?P<name>[\w-]+) -->$", re.MULTILINE)
SECONDS = 20.0
"""The narration in the example column of the price table, in seconds."""

_IMAGE = Path(__file__).parents[2] / "docs" / "images" / "panel-light.png"
"""Any image, for models that are asked with one only."""


def prices() -> str:
    """Return a table of each model's price, and the sources of the figures."""
    rows = [
        f"| provider | model | clip length | price | a narration of {SECONDS:g} s |",
        "| --- | --- | --- | --- | --- |",
    ]
    sources = []
    for name in sorted(VideoProvider, key=lambda name: name is not VideoProvider.LOCAL):
        can = provider_class(name).capabilities
        rows += [_price_row(name, can, model) for model in can.models]
        if any(price_known(model) for model in can.models) and not can.free:
            sources.append(f"`{name}`: {can.source}")
    return (
        "\n".join(rows) + "\n\nWhere the figures come from:\n\n" + "\n".join(f"* {line}" for line in sources)
    )


def price_known(model: Model) -> bool:
    """Return True if the package plans with a price for the model."""
    return tariff(model) != "unknown"


def _price_row(name: str, can: Capabilities, model: Model) -> str:
    label = f"`{model.name}`" if model.name else "(the server's own)"
    return f"| `{name}` | {label} | {lengths(model)} | {tariff(model, free=can.free)} | {_example(name, model)} |"


def _example(name: str, model: Model) -> str:
    """Return what a narration of `SECONDS` costs, by the plan that would be sent."""
    provider = provider_class(name)
    if provider.capabilities.free:
        return "free"
    # The default address, whatever the environment says: at another one, no price is known.
    address = getattr(provider, "default_url", "") or "http://localhost"
    with VideoGenerationService(name, api_key="none", base_url=address, settings=Settings()) as service:
        image = _IMAGE if model.needs_image else None
        plan = service.plan(SECONDS, model=model.name or None, resolution="720p", image=image)
    clip = f" for a clip of {plan.seconds:g} s" if plan.seconds else ""
    return "price not known" if plan.usd is None else f"${plan.usd:.2f}{clip}"


def styles() -> str:
    """Return a card for each style: its loop, name, tagline and prompts to begin with."""
    return "\n\n".join(_card(load_style(style)) for style in VideoStyle)


def _card(style: StyleSheet) -> str:
    prompts = "".join(f"<li>{escape(prompt)}</li>" for prompt in style.prompts)
    places = ", ".join(variation["name"] for variation in style.variations)
    return f"""## {style.label} {{ #{style.name} }}

<div class="vx-style" markdown="1">
<div class="vx-style-loop">{loop(f"media/{style.name}", f"{style.label}: {style.tagline}")}</div>
<div class="vx-style-text" markdown="1">
{style.tagline}

Places and compositions: {places}. Prompts to begin with:

<ul class="vx-prompts">{prompts}</ul>

```sh
voxweave-nb generate talk.mp3 --style {style.name}
```
</div>
</div>

??? example "Each variation at its start, middle and end"
    ![The three variations of {style.label}: a row each](images/styles/{style.name}.jpg){{ loading=lazy }}
"""


def loop(source: str, label: str) -> str:
    """Return the HTML of a silent loop, `<source>.mp4` with the poster `<source>.jpg`; site.js plays it when seen."""
    return (
        f'<figure class="vx-loop"><video loop muted playsinline preload="none" poster="{source}.jpg" '
        f'width="640" height="360" aria-label="{escape(label)}" src="{source}.mp4"></video></figure>'
    )


def commands() -> str:
    """Return the help of each command of `voxweave-nb`."""
    parser = command_parser()
    parts = [f"```text\n{_help(parser)}```"]
    (group,) = (action for action in parser._actions if isinstance(action.choices, Mapping))
    for name, command in group.choices.items():  # type: ignore[union-attr] # a mapping, as the line above finds it
        parts.append(f"## voxweave-nb {name} {{ #{name} }}\n\n```text\n{_help(command)}```")
    return "\n\n".join(parts)


def _help(parser: object) -> str:
    """Return a command's help at a width of 88 columns, whatever the terminal."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "90"
    try:
        return parser.format_help()  # type: ignore[attr-defined]
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def error_tree() -> str:
    """Return the tree of errors, as the docstring of their module draws it."""
    text = errors.__doc__ or ""
    start = text.index("VoxweaveError\n")
    return f"```text\n{text[start:].rstrip()}\n```"


MAKERS: Mapping[str, Callable[[], str]] = {
    "prices": prices,
    "styles": styles,
    "commands": commands,
    "errors": error_tree,
}
"""The parts by their names in a page."""
