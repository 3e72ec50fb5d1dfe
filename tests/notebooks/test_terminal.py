"""IPython in a real pseudo-terminal: a job, its bar, its video, a panel."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.conftest import write_narration

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals for pexpect"),
]

PROMPT = r"In \[\d+\]: "
CAPTIONS = "1\n00:00:00,100 --> 00:00:00,900\nFar below the waves\n"


class Shell:
    """IPython as a person types into it."""

    def __init__(self, folder: Path) -> None:
        environment = {
            **os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "IPYTHONDIR": str(folder / "ipython"),
        }  # fmt: skip
        options = ["-m", "IPython", "--no-banner", "--simple-prompt", "--colors=nocolor"]
        self._child = pexpect.spawn(
            sys.executable,
            options,
            cwd=str(folder),
            env=environment,
            encoding="utf-8",
            dimensions=(50, 100),
            timeout=120,
        )
        self._child.expect(PROMPT)

    def type(self, line: str) -> str:
        """Type a line and return what was printed before the next prompt, without the echoed line."""
        self._child.sendline(line)
        self._child.expect(PROMPT)
        return self._child.before.partition("\r\n")[2].replace("\r\n", "\n")

    def close(self) -> None:
        self._child.sendline("exit()")
        self._child.expect(pexpect.EOF)


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("terminal")
    write_narration(folder / "talk.wav", 1.0)
    (folder / "talk.srt").write_text(CAPTIONS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOXWEAVE_HOME", str(folder / "home"))
        shell = Shell(folder)
        shell.type("from voxweave_nb import VideoGenerationService, VideoPanel")
        shell.type("service = VideoGenerationService.local(output_dir='out')")
        shell.type("options = {'subtitles': 'talk.srt', 'quality': 'draft'}")
        yield shell
        shell.close()


def assert_described(text: str) -> None:
    """Assert that the last lines are the video's path, its length and its captions."""
    path, facts, captions = text.strip().splitlines()[-3:]
    assert path.endswith(".mp4")
    assert facts.startswith("0:01 (1.")
    assert captions.startswith("1 caption as a track in the video: out")


@pytest.mark.parametrize(
    "wait", ["await job", "job.result()", "await service.generate_video('talk.wav', **options)"]
)
def test_a_wait_shows_bar_then_video(shell, wait):
    if "job" in wait:
        shell.type("job = service.submit('talk.wav', **options)")
    printed = shell.type(wait)
    *drawn, shown = printed.split("\x1b[K")
    assert "█" in "".join(drawn)
    assert "% generate" in "".join(drawn)
    assert "█" not in shown
    assert_described(shown)


def test_a_job_tells_how_to_wait_for_it(shell):
    shell.type("job = service.submit('talk.wav', style='realistic', resolution='4k', quality='fine')")
    shown = shell.type("job")
    assert "░" in shown
    assert "Wait for it with `await job`" in shown
    shell.type("job.cancel()")


def test_a_finished_job_shows_its_video(shell):
    shell.type("job = service.submit('talk.wav', **options); video = job.result()")
    assert_described(shell.type("job"))
    assert_described(shell.type("video"))


def test_the_magic_shows_bar_then_video(shell):
    shell.type("%load_ext voxweave_nb")
    printed = shell.type("%voxweave --audio talk.wav --subtitles talk.srt --quality draft --provider local")
    *drawn, shown = printed.split("\x1b[K")
    assert "% generate" in "".join(drawn)
    path, facts, captions = shown.strip().splitlines()[-3:]
    assert path.startswith("voxweave_out")
    assert "Provider: local" in facts
    assert captions.startswith("1 caption")


def test_an_error_is_shown_after_the_bar(shell):
    printed = shell.type("service.submit('talk.srt', quality='draft').result()")
    assert "NarrationError" in printed
    assert "█" not in printed.rpartition("\x1b[K")[2]


def test_a_panel_tells_what_to_do_instead(shell):
    printed = shell.type("VideoPanel(narration='talk.wav', subtitles='talk.srt', quality='draft')")
    lines = [line.strip() for line in printed.splitlines() if line.startswith("    ")]
    assert "VideoPanel needs a notebook" in printed
    assert lines[2].startswith("job = service.submit('talk.wav', subtitles='talk.srt', config=")
    for line in lines[:-1]:
        shell.type(line)
    assert_described(shell.type(lines[-1]).replace("voxweave_out", "out"))
