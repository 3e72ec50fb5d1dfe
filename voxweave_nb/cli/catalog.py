"""The commands that list the choices: `styles` and `providers`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..config import VideoConfig
from ..models import VideoStyle
from .output import show

if TYPE_CHECKING:
    from ..providers.base import Capabilities
    from .options import Commands

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add `styles` and `providers`."""
    styles = commands.add_parser("styles", help="list the styles", description="List the styles.")
    styles.set_defaults(run=_styles)
    providers = commands.add_parser(
        "providers",
        help="list the providers: models, prices, API keys found",
        description="List the providers with their models and prices, and say for each whether it can be used now.",
    )
    providers.add_argument("--json", action="store_true", help="print the list as JSON")
    providers.set_defaults(run=_providers)


def _styles(_: argparse.Namespace) -> int:
    from ..styles import load_style
    from ..styles.places import draws

    for style in VideoStyle:
        default = " (default)" if style is VideoConfig.style else ""
        sheet = load_style(style)
        show(f"{style.value:<12} {sheet.tagline} {draws(sheet)}{default}")
    return 0


def _providers(args: argparse.Namespace) -> int:
    from ..service import VideoGenerationService
    from .providers_table import providers_facts, providers_table

    service = VideoGenerationService.default()
    states = service.providers()

    def capabilities(name: str) -> Capabilities | None:
        try:
            return service.capabilities(name)
        except Exception:  # noqa: BLE001  a broken plug-in may raise anything; its state says what is wrong
            return None

    if args.json:
        show(json.dumps(providers_facts(states, capabilities), indent=2))
    else:
        show(providers_table(states, capabilities))
        others = ", ".join(name for name in service.chain if name != service.last_resort)
        last = f"{service.last_resort} only if none of these can be used" if service.last_resort else ""
        order = "; ".join(filter(None, (others, last))) if others else ", ".join(service.chain)
        show(f"\norder without --provider: {order}")
    return 0
