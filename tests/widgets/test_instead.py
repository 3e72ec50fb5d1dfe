"""The lines that a panel shows where it cannot be shown, which run."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import pytest

from voxweave_nb import VideoConfig, VideoPanel
from voxweave_nb.environment import FrontEnd
from voxweave_nb.widgets.instead import HtmlPage, marimo_page, terminal_text

CONFIG = VideoConfig(prompt="rain on 'neon'", style="anime")


def code_of(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.startswith("    "))


def test_a_terminal_gets_lines_with_its_own_values():
    code = code_of(terminal_text(Path("my talk.wav"), "my talk.srt", CONFIG))
    ast.parse(code)
    assert f"service.submit('my talk.wav', subtitles='my talk.srt', config={CONFIG!r})" in code
    assert code.endswith("job.result()")


def test_default_values_are_not_repeated():
    assert "service.submit('talk.mp3')" in terminal_text(None, None, VideoConfig())


def test_pasted_subtitles_are_not_printed():
    assert "subtitles='talk.srt'" in terminal_text(Path("a.wav"), "1\n00:00:00,000 --> ...", CONFIG)


def test_marimo_gets_cells_with_the_widgets():
    cells = re.findall(r"<pre[^>]*>(.*?)</pre>", marimo_page("talk.srt", CONFIG), re.DOTALL)
    code = [html.unescape(cell) for cell in cells]
    ast.parse("async def notebook():\n" + "".join(f"    {line}\n" for line in "\n".join(code).splitlines()))
    assert code[1:] == [
        "audio = AudioInput()\naudio",
        f"job = service.submit(audio.narration(), subtitles='talk.srt', config={CONFIG!r})\njob",
        "Player(await job)",
    ]


def test_marimo_displays_the_page():
    assert HtmlPage("<p>")._mime_() == ("text/html", "<p>")


def test_a_panel_in_a_terminal_prints_its_values(panel, capsys):
    panel.narration = "my talk.wav"
    panel._ipython_display_()
    assert "service.submit('my talk.wav', config=VideoConfig(" in capsys.readouterr().out
    assert repr(panel).startswith("VideoPanel needs a notebook")


def test_the_samples_path_is_not_shown(service):
    assert "service.submit('talk.mp3', config=" in repr(VideoPanel(service))


def test_a_panel_in_a_notebook_is_named_briefly(panel, monkeypatch):
    monkeypatch.setattr("voxweave_nb.widgets.panel.front_end", lambda: FrontEnd.LAB)
    assert repr(panel) == f"<VideoPanel {panel.config!r}>"


@pytest.mark.parametrize("words", ["AudioInput()", "fps=4", "Player(await job)"])
def test_a_panel_in_marimo_shows_its_cells(panel, words):
    assert words in panel._display_()._mime_()[1]
