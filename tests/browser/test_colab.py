"""Colab by simulation: no binary buffers in either direction, no files beside the notebook, frames of another origin.

The kernel and the page are JupyterLab's. The kernel's shell is one of a module `google.colab`, as in Colab; the
connection drops every binary part of a message; a request for a file is refused.
"""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.browser.lab import active_caption, browser_page, drop, made_draft, plays, write_notebook
from tests.browser.sound import heard

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLAB = """
import sys, types
from comm.base_comm import BaseComm
from ipykernel.comm import Comm

enabled = []
package, output = types.ModuleType("google.colab"), types.ModuleType("google.colab.output")
output.enable_custom_widget_manager = lambda: enabled.append("enabled")
output._widgets = types.SimpleNamespace(_installed_url="https://example.org/manager.js")
sys.modules |= {"google.colab": package, "google.colab.output": output}
shell = get_ipython()
shell.__class__ = type("Shell", (type(shell),), {"__module__": "google.colab._shell"})

publish, handle = Comm.publish_msg, BaseComm.handle_msg
Comm.publish_msg = lambda self, *values, buffers=None, **more: publish(self, *values, **more)
BaseComm.handle_msg = lambda self, message: handle(self, {**message, "buffers": []})
"""
UPLOAD = (
    "import hashlib, ipywidgets\nfrom voxweave_nb import AudioInput, Player\n"
    "audio, digest = AudioInput(), ipywidgets.Label()\n"
    "sha = lambda: hashlib.sha256(audio.path.read_bytes()).hexdigest()\n"
    "audio.observe(lambda _: setattr(digest, 'value', sha()), 'path')\n"
    "ipywidgets.VBox([audio, digest, ipywidgets.Label(' '.join(enabled))])"
)
PLAY = "from voxweave_nb import Player\nplayer = Player('film.mp4', captions='talk.srt')\nplayer"
MAKE = (
    "from voxweave_nb import Settings, VideoGenerationService\n"
    "service = VideoGenerationService.default(settings=Settings(embed_limit={limit}))\n"
    "await service.generate_video('talk.wav', subtitles='talk.srt', quality='draft', provider='local')"
)
PANEL = (
    "from voxweave_nb import VideoPanel\n"
    "VideoPanel(narration='talk.wav', subtitles='talk.srt', prompt='made in Colab')"
)
FRAME = """html => {
    const frame = document.createElement('iframe');
    Object.assign(frame, {sandbox: 'allow-scripts', allow: 'autoplay', width: 900, height: 900, id: 'colab'});
    frame.srcdoc = html;
    document.body.replaceChildren(frame);
}"""


@pytest.fixture
def colab(lab, folder, film):
    """A notebook in the simulation, its first cell run."""
    lab.page.route("**/files/**", lambda route: route.abort())
    cells = [COLAB, UPLOAD, PLAY, MAKE.format(limit=8_000_000), MAKE.format(limit=0), PANEL]
    lab.open(write_notebook(folder / "colab.ipynb", cells).name).run(0)
    yield lab
    lab.stop_kernel()


def test_a_narration_is_uploaded_as_text(colab, twelve):
    colab.run(1)
    colab.cell(1).get_by_text("enabled", exact=True).wait_for()  # anywidget enables Colab's widget manager
    colab.page.locator(".voxweave-audio").wait_for()
    drop(colab.page, twelve)
    digest = hashlib.sha256(twelve.read_bytes()).hexdigest()
    colab.page.locator(".widget-label").filter(has_text=digest).wait_for()


def test_a_video_is_sent_as_text(colab):
    colab.run(2)
    colab.page.get_by_text("sent through the kernel").wait_for()
    plays(colab.cell(2))
    assert heard(colab.cell(2))
    assert active_caption(colab.cell(2), 1.5) == "it <glows>"


def test_the_panel_makes_a_draft_and_plays_it(colab):
    colab.run(5)
    panel = colab.cell(5)
    player = made_draft(panel)
    assert heard(player)
    assert active_caption(player, 0.5) == "Far below the waves"


def test_a_result_plays_in_another_origins_frame(colab, folder):
    for index in (3, 4):
        colab.run(index)
    colab.save()
    colab.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = json.loads((folder / "colab.ipynb").read_text(encoding="utf-8"))
    embedded, above = ("".join(cell["outputs"][-1]["data"]["text/html"]) for cell in saved["cells"][3:5])
    with browser_page() as page:
        page.evaluate(FRAME, embedded)
        frame = page.frame_locator("#colab")
        assert heard(frame)
        assert active_caption(frame, 0.5) == "Far below the waves"
        page.evaluate(FRAME, above)
        frame.get_by_text("To play the video here, run Player(").wait_for()
        assert frame.locator("video").count() == 0
        image = frame.locator("img")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
