"""Panel and playing in WebKit, Safari's engine; `scripts/test --everywhere` runs it.

WebKitWebDriver has no files to choose from another process's dialog and no microphone, and sound was not measured here:
upload, recording and hearing are tested in Chromium and Firefox only. The page has a sound server that plays to nobody;
without one the video stopped with media error 4 at changing moments. WebKitGTK is not Safari.
"""

from __future__ import annotations

import pytest

from tests.browser.lab import CURRENT, TOKEN, write_notebook
from tests.browser.webkit import webkit_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.webkit]

PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "panel = VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='seen in WebKit')\npanel"
)
IDLE = f"() => window.jupyterapp && {CURRENT}?.sessionContext?.session?.kernel?.status === 'idle'"
RUN = "() => void window.jupyterapp.commands.execute('notebook:run-cell')"
LOADED = "() => document.querySelector('#voxweave-connection') && document.querySelectorAll('.vx-card').length === 7"
SAYS = "text => document.body.innerText.includes(text)"
READY = "() => document.querySelector('.voxweave-player video')?.readyState >= 2"
SEEK = "at => { document.querySelector('.voxweave-player video').currentTime = at; }"
BEYOND = "at => document.querySelector('.voxweave-player video').currentTime > at"
CAPTION = "text => document.querySelector('.vp-captions').innerText.trim() === text"


def test_a_draft_plays_with_captions_in_webkit(folder, address, tmp_path):
    name = write_notebook(folder / "webkit.ipynb", [PANEL]).name
    with webkit_page() as page:
        page.goto(f"{address}/lab/workspaces/webkit/tree/{name}?token={TOKEN}&reset")
        page.wait_for(IDLE)
        page.evaluate(RUN)
        page.wait_for(LOADED)  # until then, the panel's parts move
        page.click("Draft")
        page.wait_for(SAYS, "Done in")
        page.wait_for(READY)
        for at, caption in ((0.5, "Far below the waves"), (1.2, "it <glows>")):
            page.evaluate(SEEK, at)
            page.wait_for(CAPTION, caption)
        page.click("Play")
        page.wait_for(BEYOND, 1.5)
        page.screenshot(tmp_path / "webkit.png")
