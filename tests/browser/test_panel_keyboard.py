"""The whole panel by keyboard: from the style to the playing video with Tab, arrows, Enter and Space."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.lab import Lab, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', resolution='1080p')\npanel"
)
FOCUSED = """() => {
    const node = document.activeElement, look = getComputedStyle(node), box = node.getBoundingClientRect();
    return {
        inside: node.closest('.voxweave-panel') !== null,
        name: (node.getAttribute('aria-label') || node.labels?.[0]?.innerText || node.innerText || node.title).trim(),
        ring: look.outlineStyle === 'none' ? 0 : parseFloat(look.outlineWidth),
        least: Math.min(box.width, box.height),
        kind: node.tagName + ' ' + (node.getAttribute('role') || ''),
        html: node.outerHTML.slice(0, 160),
    };
}"""
LEAST = 24
"""Pixels that a control must be wide and high for a finger (WCAG 2.5.8)."""


def go_to(lab: Lab, name: str, key: str = "Tab") -> None:
    """Press a key until the named control has the focus; check that each control on the way shows its focus."""
    for _ in range(60):
        lab.page.keyboard.press(key)
        now: dict[str, Any] = lab.page.evaluate(FOCUSED)
        assert now["inside"], f"The focus left the panel before {name}."
        assert now["name"], f"A control has no name: {now['html']}"
        assert now["ring"] >= 1, f"A control does not show its focus: {now['html']}"
        # The needle is a line: a finger aims at the whole waveform.
        assert now["least"] >= LEAST or "va-needle" in now["html"], f"A control is too small: {now['html']}"
        if now["name"] == name:
            return
    raise AssertionError(f"Tab does not lead to {name}.")


def test_the_whole_panel_works_by_keyboard(lab, folder):
    write_notebook(folder / "keys.ipynb", [PANEL, "panel.config"])
    lab.open("keys.ipynb").run(0)
    page, panel, press = lab.page, lab.cell(0), lab.page.keyboard.press
    panel.get_by_role("radio", name="Cyberpunk").wait_for()
    panel.get_by_role("button", name="Sample", exact=True).first.focus()

    go_to(lab, "File path")
    press("Space")
    go_to(lab, "Cyberpunk")
    press("ArrowLeft")
    panel.get_by_role("radio", name="Biotech", checked=True).wait_for()
    panel.get_by_role("status").get_by_text("Biotech ·").wait_for()
    go_to(lab, "Prompt")
    page.keyboard.type("a pulse in violet")
    panel.get_by_role("button", name="the code of life").wait_for()
    go_to(lab, "the code of life")
    press("Enter")
    go_to(lab, "Resolution")
    press("ArrowUp")
    go_to(lab, "Provider")
    provider = panel.get_by_label("Provider", exact=True)
    for _ in range(provider.locator("option").count()):
        if provider.input_value() != "local":
            press("ArrowDown")
    go_to(lab, "Generate")
    press("Enter")

    panel.locator("video:visible").wait_for()
    go_to(lab, "Play")
    press("Space")
    page.wait_for_function("() => document.querySelector('.voxweave-player video').currentTime > 0.4")
    press("Space")
    go_to(lab, "Position in the video", "Shift+Tab")
    press("Home")
    page.wait_for_function("() => document.querySelector('.voxweave-player video').currentTime < 0.1")
    go_to(lab, "History")
    press("Space")
    panel.get_by_role("button", name="Use settings").first.wait_for()

    assert page.locator(".jp-Notebook .jp-Cell").count() == 2  # the notebook took no key for a command
    lab.run(1)
    said = lab.cell(1).inner_text()
    assert "style='biotech', resolution='720p', prompt='the code of life', provider='local'" in said


@pytest.mark.parametrize("motion", ["reduce", pytest.param("no-preference", marks=pytest.mark.everywhere)])
def test_nothing_moves_with_reduced_motion(lab, folder, motion):
    write_notebook(folder / "calm.ipynb", [PANEL])
    lab.page.emulate_media(reduced_motion=motion)
    lab.open("calm.ipynb").run(0)
    card = lab.cell(0).get_by_role("radio", name="Cyberpunk")
    duration = card.evaluate("card => getComputedStyle(card).transitionDuration")
    assert (duration == "0s") is (motion == "reduce")
