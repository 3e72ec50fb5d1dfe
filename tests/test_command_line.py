"""The command line, run as a person runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voxweave_nb import VideoStyle
from voxweave_nb.__main__ import main
from voxweave_nb.media.probe import probe

COMMAND = [sys.executable, "-m", "voxweave_nb"]


def voxweave(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, cwd=cwd, timeout=120)


def test_generate_prints_the_path_of_the_video(narration_file, tmp_path):
    done = voxweave(
        "generate", str(narration_file), "--style", "cyberpunk", "--resolution", "720p", "--fps", "10",
        "--prompt", "rain on neon glass", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    video = tmp_path / done.stdout.strip()
    assert video.parent == tmp_path / "voxweave_out"
    assert probe(video).video.width == 1280
    assert "Reading" in done.stderr


def test_generate_prints_json_for_programs(narration_file, tmp_path):
    done = voxweave(
        "generate",
        str(narration_file),
        "--resolution",
        "720p",
        "--fps",
        "10",
        "--json",
        "--quiet",
        cwd=tmp_path,
    )
    facts = json.loads(done.stdout)
    assert (facts["width"], facts["provider"], facts["warnings"]) == (1280, "local", [])
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["generate", "nowhere.mp3"], "There is no narration"),
        (["generate", "x.mp3", "--style", "cubist"], "choose one of: realistic, anime, 3d"),
        (["generate"], "narration"),
        (["frobnicate"], "generate"),
    ],
)
def test_a_wrong_command_is_answered_in_words_on_one_screen(words, says, tmp_path):
    done = voxweave(*words, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) < 12


def test_styles_lists_all_seven(capsys):
    assert main(["styles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [style.value for style in VideoStyle]
    assert all(len(line.split()) > 3 for line in lines)


def test_providers_says_what_is_ready(capsys):
    assert main(["providers"]) == 0
    assert capsys.readouterr().out.startswith("local        ready: renders on this machine")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_render_and_leaves_nothing_behind(narration_file, tmp_path, how):
    words = ["generate", str(narration_file), "--resolution", "4k"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        for line in process.stderr:
            if "has taken the job" in line:
                break
        process.send_signal(how)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "stopped" in errors
    assert "Traceback" not in errors
    assert list((tmp_path / "voxweave_out").iterdir()) == []


@pytest.mark.slow
def test_demo_makes_a_captioned_video_and_a_page_without_a_key(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    done = subprocess.run(
        [*COMMAND, "demo", "--quiet"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=240,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    video, page = (tmp_path / line for line in done.stdout.split())
    info = probe(video)
    assert (info.video.codec, info.video.pix_fmt, info.audio.codec) == ("h264", "yuv420p", "aac")
    assert (info.video.width, info.video.height) == (1280, 720)
    assert [track.codec for track in info.subtitles] == ["mov_text"]
    assert f'src="{video.name}"' in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_lab_opens_the_quickstart_in_a_folder(tmp_path):
    words = ["lab", str(tmp_path), "--", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"]
    with subprocess.Popen(
        [*COMMAND, *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as lab:
        said = []
        for line in lab.stderr:
            said.append(line)
            if "http://127.0.0.1" in line:
                break
        os.killpg(lab.pid, signal.SIGKILL)
    assert "/lab" in said[-1], "".join(said)
    assert "VideoPanel" in (tmp_path / "voxweave_quickstart.ipynb").read_text(encoding="utf-8")
