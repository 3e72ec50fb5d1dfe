"""A real kernel in the simulation of Colab that `tests/browser/test_colab.py` has, asked as Colab's page would."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.browser.test_colab import COLAB

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    """A kernel that drops binary buffers, with an `AudioInput` named `audio`."""
    manager, client = start_new_kernel(cwd=str(tmp_path_factory.mktemp("colab")))
    printed(client, f"{COLAB}\nfrom voxweave_nb import AudioInput, VideoPanel\naudio = AudioInput()")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def printed(client: BlockingKernelClient, code: str) -> str:
    """Run code and return what it printed or raised."""
    found: list[str] = []
    hook = lambda message: found.append(  # noqa: E731
        str(message["content"].get("text") or message["content"].get("traceback") or "")
    )
    client.execute_interactive(code, timeout=60, output_hook=hook)
    return "".join(found).strip()


def say(client: BlockingKernelClient, widget: str, content: dict, until: str) -> dict:
    """Send a message to the audio input and return the answer of a kind, with its buffers."""
    data = {"comm_id": widget, "data": {"method": "custom", "content": content}}
    client.session.send(client.shell_channel.socket, client.session.msg("comm_msg", data))
    while True:
        message = client.get_iopub_msg(timeout=30)
        answer = (
            message["content"].get("data", {}).get("content", {}) if message["msg_type"] == "comm_msg" else {}
        )
        if answer.get("kind") == until:
            return {**answer, "buffers": message["buffers"]}


def test_a_file_comes_and_goes_as_text(colab, narration_file: Path):
    sound = narration_file.read_bytes()
    widget = printed(colab, "print(audio.comm.comm_id)")
    offer = {"id": "a", "name": "talk.wav", "size": len(sound), "modified": 0, "piece": 3 * 2**20, "ask": 1}
    say(colab, widget, {"kind": "begin", **offer}, "received")
    crc, data = zlib.crc32(sound), base64.b64encode(sound).decode("ascii")
    assert (
        say(colab, widget, {"kind": "piece", "id": "a", "seq": 0, "crc": crc, "data": data}, "received")[
            "next"
        ]
        == 1
    )
    say(colab, widget, {"kind": "end", "id": "a", "crc": zlib.crc32(crc.to_bytes(4, "big"))}, "ready")
    piece = say(colab, widget, {"kind": "pull", "what": "a", "turn": "x-1", "seq": 0}, "piece")
    assert base64.b64decode(piece["data"]) == sound
    assert piece["buffers"] == []


def test_the_widget_manager_is_enabled(colab):
    assert printed(colab, "print(enabled)") == "['enabled']"


def test_a_panel_tells_how_to_enable_widgets(colab):
    """The text of a panel, for a page that shows nothing else."""
    shown = "import io, contextlib; from IPython.utils.capture import capture_output\n"
    shown += "with capture_output() as seen:\n    display(VideoPanel())\n"
    shown += "print(seen.outputs[0].data['text/plain'])"
    assert "output.enable_custom_widget_manager()" in printed(colab, shown)
