"""What a cell of a real kernel shows after a mistake: a sentence, and the traceback on demand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # jupyter_client leaves a socket open
]

SETUP = (
    "from voxweave_nb import VideoConfig, VideoGenerationService\nservice = VideoGenerationService.local()"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[BlockingKernelClient]:
    folder = tmp_path_factory.mktemp("kernel")
    environ = {**os.environ, "VOXWEAVE_HOME": f"{folder}-home"}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environ)
    assert shown(client, SETUP) == ""
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def shown(client: BlockingKernelClient, code: str) -> str:
    """Everything that a cell shows, as text."""
    parts: list[str] = []

    def collect(message: dict) -> None:
        content = message["content"]
        parts.append(content.get("text") or "\n".join(content.get("traceback", [])))
        parts.append(content.get("data", {}).get("text/plain", ""))

    client.execute_interactive(code, timeout=60, output_hook=collect, stop_on_error=False)
    return re.sub(r"\x1b\[[\d;]*m", "", "".join(parts))


@pytest.mark.parametrize(
    ("cell", "sentence", "line"),
    [
        (
            "x = 1\nservice.submit('nowhere.mp3')",
            "NarrationError: There is no narration 'nowhere.mp3'",
            "line 2",
        ),
        ("await service.generate_video('nowhere.mp3')", "NarrationError: There is no narration", "line 1"),
        ("VideoConfig(style='cubist')", "ConfigError: Style 'cubist' is not known", "line 1"),
        ("def f():\n    VideoConfig(fps=99)\nf()", "ConfigError: fps is 99", "line 2"),
    ],
)
def test_an_error_is_shown_as_its_sentence(client, cell, sentence, line):
    text = shown(client, cell)
    assert text.startswith(sentence)
    assert f"  {line}: {cell.splitlines()[int(line[-1]) - 1].strip()}" in text
    assert len(text) < 500
    assert "voxweave_nb/" not in text


def test_the_whole_traceback_is_shown_on_demand(client):
    shown(client, "service.submit('nowhere.mp3')")
    text = shown(client, "%tb")
    assert "Traceback" in text
    assert "voxweave_nb/request.py" in text
    assert "NarrationError: There is no narration 'nowhere.mp3'" in text


def test_a_verbose_shell_shows_the_whole_traceback(client):
    shown(client, "%xmode Verbose")
    text = shown(client, "service.submit('nowhere.mp3')")
    shown(client, "%xmode Context")
    assert "voxweave_nb/request.py" in text


@pytest.mark.parametrize(
    "cell",
    [
        "service.generate_video('talk.mp3')",
        "for path in ['a.mp3']:\n    service.generate_video(path)",
        "service.generate_video('talk.mp3')\nx = 1",
        "video = service.generate_video('talk.mp3')\nprint(video)\n",
        "video = service.generate_video('talk.mp3')\nvideo.path",
    ],
    ids=["displayed", "in a loop", "dropped", "printed", "used"],
)
def test_a_forgotten_await_is_told(client, cell):
    text = shown(client, cell)
    assert "service.generate_video(...) was not awaited" in text
    assert "Write: await service.generate_video(...)" in text
