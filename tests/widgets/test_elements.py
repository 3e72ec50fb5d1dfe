"""The building blocks of the panel's controls."""

from __future__ import annotations

import ipywidgets
import pytest

from voxweave_nb.widgets.elements import (
    dropdown,
    error_html,
    heading,
    note_html,
    set_visible,
    source_buttons,
    warnings_html,
)


@pytest.mark.parametrize("markup", [note_html, error_html, lambda text: warnings_html([text])])
def test_text_is_escaped(markup):
    assert "&lt;b&gt;" in markup("<b>")
    assert "&lt;b&gt;" in heading("<b>").value


def test_a_screen_reader_announces_errors():
    assert 'role="alert"' in error_html("No narration yet.")


def test_each_warning_has_its_own_block():
    assert warnings_html(["one", "two"]).count("vx-warning") == 2
    assert warnings_html([]) == ""


def test_a_hidden_widget_takes_no_space():
    button = ipywidgets.Button()
    set_visible(button, False)
    assert button.layout.display == "none"
    set_visible(button, True)
    assert button.layout.display is None


def test_controls_are_labelled():
    assert dropdown("Format", [("MP4", "mp4")]).description == "Format"
    assert source_buttons("Narration source", ["Sample", "Path"]).tooltip == "Narration source"
