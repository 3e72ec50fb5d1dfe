"""Completion in a real kernel: options, values and files in magics, values in calls."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # jupyter_client leaves a socket open
]

SETUP = """
import voxweave_nb as vx
from voxweave_nb import VideoConfig, VideoGenerationService, VideoPanel
service = VideoGenerationService.local()
talk = (16000, [0.0] * 16000)
def plot(style='', **more): ...
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[BlockingKernelClient]:
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "m").mkdir()
    for name in ("m/talk.mp3", "m/my talk.wav", "m/notes.pdf", "m/talk.srt"):
        (folder / name).write_bytes(b"x")
    environ = {**os.environ, "VOXWEAVE_HOME": f"{folder}-home"}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environ)
    assert client.execute_interactive(SETUP, timeout=60)["content"]["status"] == "ok"
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def offered(client: BlockingKernelClient, code: str) -> tuple[str, list[str]]:
    """The text that Tab replaces at the end of a cell, and what it offers."""
    client.complete(code, len(code))
    content = client.get_shell_msg(timeout=30)["content"]
    return code[content["cursor_start"] : content["cursor_end"]], content["matches"]


STYLES = ["realistic", "anime", "3d", "cinematic", "biotech", "cyberpunk", "educational"]


@pytest.mark.parametrize(
    "code",
    [
        "VideoConfig(style='",
        'VideoConfig(style="',
        "VideoConfig(prompt='rain', style = '",
        "c = VideoConfig(\n    prompt='rain (heavy)',\n    style='",
        "service.submit('talk.mp3', style='",
        "await service.generate_video('m/talk.mp3', style='",
        "VideoGenerationService.local().submit('a.mp3', style='",
        "VideoPanel(service, style='",
        "vx.VideoConfig(style='",
        "VideoConfig().replace(style='",
    ],
)
def test_a_call_offers_the_styles(client, code):
    assert offered(client, code) == ("", STYLES)


@pytest.mark.parametrize(
    ("code", "typed", "values"),
    [
        ("VideoConfig(style='c", "c", ["cinematic", "cyberpunk"]),
        ("VideoConfig(resolution='", "", ["720p", "1080p", "4k"]),
        ("VideoConfig(aspect='9", "9", ["9:16"]),
        ("VideoConfig(provider='op", "op", ["openai_sora"]),
        ("service.submit(x, on_doubt='", "", ["stop", "next"]),
    ],
)
def test_a_call_offers_the_values(client, code, typed, values):
    assert offered(client, code) == (typed, values)


@pytest.mark.parametrize("code", ["plot(style='", "x = {'style': '", "style='", "VideoConfig(style='anime"])
def test_other_texts_are_left_alone(client, code):
    assert "cinematic" not in offered(client, code)[1]


def test_the_names_of_fields_are_offered(client):
    assert {"style=", "subtitle_mode="} <= set(offered(client, "VideoConfig(s")[1])


# The magics; the extension is loaded by the first of them


@pytest.fixture(scope="module")
def magics(client) -> BlockingKernelClient:
    client.execute_interactive("%load_ext voxweave_nb", timeout=60)
    return client


def test_a_magic_offers_its_options(magics):
    typed, options = offered(magics, "%%voxweave --")
    assert typed == "--"
    assert {"--audio", "--sample", "--style", "--into", "--no-wait", "--help"} <= set(options)
    assert "--style" not in offered(magics, "%%voxweave --style anime --st")[1]


@pytest.mark.parametrize(
    ("code", "typed", "values"),
    [
        ("%%voxweave --style ", "", STYLES),
        ("%voxweave --style ", "", STYLES),
        ("video = %voxweave --audio m/talk.mp3 --style=", "", STYLES),
        ("%%voxweave --sample --style ci", "ci", ["cinematic"]),
        ("%%voxweave --audio m/", "m/", ["m/my\\ talk.wav", "m/talk.mp3"]),
        ("%%voxweave --audio m/t", "m/t", ["m/talk.mp3"]),
        ("%%voxweave --audio 'm/my", "'m/my", ["'m/my talk.wav"]),
        ("%%voxweave --audio=m/t", "m/t", ["m/talk.mp3"]),
        ("%%voxweave --subtitles m/", "m/", ["m/talk.srt"]),
        ("%%voxweave --audio ", "", ["m/"]),
        ("%%voxweave --audio ta", "ta", ["talk"]),
        ("%%voxweave --provider zai,lo", "zai,lo", ["zai,local"]),
        ("%%voxweave --provider openai_sora --model sora-2-", "sora-2-", ["sora-2-pro"]),
    ],
)
def test_a_magic_offers_values_and_files(magics, code, typed, values):
    assert offered(magics, code) == (typed, values)


@pytest.mark.parametrize(
    "line", ["%%voxweave --help", "%voxweave --help", "%%voxweave -h\nrain", "%%voxweave -h\n\n"]
)
def test_a_magic_shows_its_help(magics, line):
    shown: list[str] = []
    done = magics.execute_interactive(
        line, timeout=60, output_hook=lambda message: shown.append(message["content"].get("text", ""))
    )
    assert done["content"]["status"] == "ok"
    text = "".join(shown)
    assert text.startswith("usage: %%voxweave --audio FILE [options]")
    assert "--subtitle-mode" in text
