"""The text that stands in for a widget: in a saved notebook, in a terminal, and where widgets have to be enabled."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ..environment import FrontEnd, front_end
from . import texts

__all__ = ["fallback", "with_fallback"]


def fallback(text: str) -> dict[str, str]:
    """Return a text as plain text and as HTML, with the help that the front end needs."""
    helped = f"{text}. {texts.ENABLE_IN_COLAB}" if front_end() is FrontEnd.COLAB else text
    page = escape(helped).replace(escape(texts.COLAB_CODE), f"<code>{texts.COLAB_CODE}</code>")
    return {"text/plain": helped, "text/html": f"<p><em>{page.rstrip('.')}.</em></p>"}


def with_fallback(bundle: Any, shown: Mapping[str, Any]) -> Any:
    """Return a widget's MIME bundle, with or without metadata, with the texts of `shown` in place of its own."""
    data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
    data = {**(data or {}), **{kind: shown[kind] for kind in ("text/plain", "text/html")}}
    return (data, *rest) if rest else data
