"""The text that stands in for a widget: in a saved notebook, in a terminal, and where widgets have to be enabled."""

from __future__ import annotations

from html import escape

from ..environment import FrontEnd, front_end
from . import texts

__all__ = ["fallback"]


def fallback(text: str) -> dict[str, str]:
    """Return a text as plain text and as HTML, with the help that the front end needs."""
    helped = f"{text}. {texts.ENABLE_IN_COLAB}" if front_end() is FrontEnd.COLAB else text
    page = escape(helped).replace(escape(texts.COLAB_CODE), f"<code>{texts.COLAB_CODE}</code>")
    return {"text/plain": helped, "text/html": f"<p><em>{page.rstrip('.')}.</em></p>"}
