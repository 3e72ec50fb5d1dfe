"""Engines by name: a plug-in that is broken says so."""

from __future__ import annotations

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.speech.recognise import recogniser_class


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("parrot = aviary:Nobody", "Recogniser 'parrot' of the package aviary cannot be loaded"),
        ("parrot = aviary:Hummer", "is not a subclass of voxweave_nb.Recogniser"),
    ],
)
def test_a_broken_plugin_is_named(aviary, entry, says):
    (aviary / "aviary-1.0.dist-info/entry_points.txt").write_text(
        f"[voxweave_nb.recognisers]\n{entry}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=says):
        recogniser_class("parrot")
