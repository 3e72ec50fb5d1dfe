"""The text in place of a widget helps where widgets have to be enabled."""

from __future__ import annotations

import pytest

from voxweave_nb import AudioInput, Player
from voxweave_nb.environment import FrontEnd
from voxweave_nb.widgets.fallback import fallback

ENABLE = "from google.colab import output; output.enable_custom_widget_manager()"


def test_a_text_is_escaped_in_its_page():
    assert fallback("a < b") == {"text/plain": "a < b", "text/html": "<p><em>a &lt; b.</em></p>"}


@pytest.mark.parametrize("widget", [AudioInput, Player])
def test_colab_is_told_how_to_enable_widgets(widget, monkeypatch):
    monkeypatch.setattr("voxweave_nb.widgets.fallback.front_end", lambda: FrontEnd.COLAB)
    shown = widget()._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert data["text/plain"].endswith(ENABLE)
    assert f"<code>{ENABLE}</code>" in data["text/html"]
