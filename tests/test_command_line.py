"""The command line, run as a person runs it: in a process of its own."""

from __future__ import annotations

import importlib.util
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
from voxweave_nb.providers import registered
from voxweave_nb.sandbox import Sandbox

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
        (["generate", "x.mp3", "--provider", ","], "it names no provider"),
        (["generate", __file__, "--provider", "zai,sora9000"], "choose one of: openai_sora"),
        (["generate", __file__, "--poll-interval", "0"], "give a number above 0"),
        (["generate", __file__, "--seconds", "-1"], "give a number above 0"),
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


def test_providers_is_a_table_that_fits_a_terminal(capsys):
    assert main(["providers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("local        ready: renders on this machine")
    assert max(map(len, lines)) <= 80
    named = {line.split()[0] for line in lines if line and not line.startswith(" ")}
    assert set(registered()) <= named
    assert "  cogvideox-3                  5 or 10 s             put in     $0.20 a video" in lines
    assert lines[-1] == "asked, unless one is named: local"


def test_providers_says_that_a_key_was_found_and_never_which(capsys, monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    assert main(["providers"]) == 0
    shown = capsys.readouterr().out
    assert "zai          ready: with a key, at https://api.z.ai" in shown
    assert main(["providers", "--json"]) == 0
    told = capsys.readouterr().out
    assert "sk-very-private" not in shown + told
    facts = json.loads(told)
    assert (facts["zai"]["key_found"], facts["fal"]["key_found"]) == (True, False)
    assert facts["fal"]["models"][0]["price"] == {"usd": 0.10, "per": "second"}


def test_a_provider_declines_and_the_next_one_is_named(narration_file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [
        "generate",
        str(narration_file),
        "--resolution",
        "720p",
        "--fps",
        "10",
        "--provider",
        "zai,local",
    ]
    assert main([*words, "--json"]) == 0
    shown = capsys.readouterr()
    assert "Provider: local; zai declined: it has no key: set ZAI_API_KEY" in shown.err
    facts = json.loads(shown.out)
    assert (facts["provider"], facts["usd"], list(facts["declined"])) == ("local", 0.0, ["zai"])


@pytest.mark.slow
def test_a_video_that_was_made_elsewhere_says_by_whom(narration_file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        words = ["--resolution", "720p", "--aspect", "9:16", "--seconds", "4", "--poll-interval", "0.1"]
        assert main(["generate", str(narration_file), "--provider", "zai", *words, "--json"]) == 0
    shown = capsys.readouterr()
    assert "Provider: zai (cogvideox-3), about $0.20" in shown.err
    facts = json.loads(shown.out)
    assert (facts["provider"], facts["model"], facts["usd"]) == ("zai", "cogvideox-3", 0.20)
    assert (facts["width"], facts["height"]) == (720, 1280)
    assert facts["job_id"]
    assert facts["declined"] == {}


def test_what_nobody_knows_the_price_of_needs_a_yes_that_can_be_said_here(
    narration_file, tmp_path, capsys, monkeypatch
):
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        words = [
            "generate",
            str(narration_file),
            "--provider",
            "gemini",
            "--budget",
            "1",
            "--output-dir",
            str(tmp_path),
        ]
        words += ["--resolution", "720p", "--fps", "10", "--poll-interval", "0.05"]
        assert main(words) == 1
        assert "--unknown-prices" in capsys.readouterr().err
        assert main([*words, "--unknown-prices"]) == 0


@pytest.mark.slow
def test_the_sandbox_serves_until_it_is_interrupted(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--seconds", "0.1"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as sandbox:
        lines = iter(sandbox.stdout.readline, "")
        assert any(line.startswith("export OPENAI_BASE_URL=http://127.0.0.1:") for line in lines)
        assert any(line.startswith("# their videos") for line in lines)
        sandbox.send_signal(signal.SIGINT)
        assert sandbox.wait(15) in (0, 130)


def test_without_the_extra_the_sandbox_says_how_to_install_it(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("voxweave_nb.sandbox")]:
        monkeypatch.delitem(sys.modules, name)
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "uvicorn" else found(name))
    assert main(["sandbox"]) == 2
    assert "pip install 'voxweave-nb[sandbox]'" in capsys.readouterr().err


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
