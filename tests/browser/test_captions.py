"""Captions are large enough to read and clear of the frame's edge, in the player."""

from __future__ import annotations

import pytest

from tests.browser.firefox import firefox_lab
from tests.browser.lab import active_caption, browser_lab, write_notebook
from tests.browser.painted import Painted, painted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BROWSERS = {"Chromium": browser_lab, "Firefox": firefox_lab}
TWO = "Far below the waves\nit glows, and nobody has seen it"
CELLS = [
    "from voxweave_nb import Cue, Player\n"
    f"cues = [Cue(0, 1, 'Far below'), Cue(1, 2, {TWO!r})]\n"
    "Player('film.mp4', captions=cues)",
]


@pytest.fixture(scope="module", params=BROWSERS)
def lab(request, folder, film, address):
    """A player with captions of one and of two lines."""
    write_notebook(folder / "captions.ipynb", CELLS)
    with BROWSERS[request.param](address, width=1000) as lab:
        lab.open("captions.ipynb")
        for index in range(len(CELLS)):
            lab.run(index)
        yield lab
        lab.stop_kernel()


def check(found: Painted, rows: int) -> None:
    """A person reads letters of 10 pixels and more; those of JupyterLab's own text, of 13 px, have 9."""
    assert len(found.rows) == rows
    assert min(found.rows) >= 10
    assert 0.03 < found.clear < 0.15


@pytest.mark.parametrize(("at", "rows"), [(0.5, 1), (1.5, 2)])
def test_the_players_captions_are_readable(lab, at, rows):
    player = lab.cell(0).locator(".voxweave-player")
    toggle = player.get_by_role("button", name="Captions", exact=True)
    assert active_caption(player, at)
    found = painted(player.locator(".vp-stage"), toggle.click)
    toggle.click()
    check(found, rows)
