"""`voxweave-nb generate` and `voxweave-nb demo`."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests.pictures import picture
from tests.systems import interrupt
from voxweave_nb import ConfigError
from voxweave_nb.cli import main
from voxweave_nb.media.probe import probe
from voxweave_nb.sandbox import Sandbox

from .conftest import COMMAND

SMALL = ["--resolution", "720p", "--fps", "4"]


def test_generate_prints_the_path_of_the_video(narration_file, tmp_path, voxweave):
    words = [str(narration_file), "--style", "cyberpunk", "--prompt", "rain on neon glass", *SMALL]
    done = voxweave("generate", *words)
    assert done.returncode == 0, done.stderr
    video = tmp_path / done.stdout.strip()
    assert video.parent == tmp_path / "voxweave_out"
    assert probe(video).video.width == 1280
    assert "Reading" in done.stderr


def test_a_transcripts_warning_is_printed_once(narration_file, tmp_path, voxweave):
    transcript = tmp_path / "talk.txt"
    transcript.write_text("The sea is far below. " * 9)
    done = voxweave("generate", str(narration_file), "--subtitles", str(transcript), *SMALL)
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("The video has no captions") == 1
    assert done.stdout.strip().endswith(".mp4")


@pytest.mark.slow
def test_generate_prints_json_for_programs(narration_file, voxweave):
    done = voxweave("generate", str(narration_file), *SMALL, "--json", "--quiet")
    facts = json.loads(done.stdout)
    assert (facts["width"], facts["provider"], facts["warnings"]) == (1280, "local", [])
    assert done.stderr == ""


@pytest.mark.slow
def test_a_declined_provider_and_its_successor_are_named(narration_file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["generate", str(narration_file), *SMALL, "--provider", "zai,local", "--json"]) == 0
    shown = capsys.readouterr()
    assert "Provider: local; zai declined: it has no key: set ZAI_API_KEY" in shown.err
    facts = json.loads(shown.out)
    assert (facts["provider"], facts["usd"], list(facts["declined"])) == ("local", 0.0, ["zai"])


@pytest.mark.slow
def test_a_remote_video_names_its_provider(narration_file, tmp_path, capsys, monkeypatch):
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


@pytest.mark.parametrize("choice", ["stop", "next", None])
def test_the_choice_after_a_doubt_is_passed(choice, monkeypatch, tmp_path, capsys):
    given = []

    def submit(self, narration, **options):
        given.append(options["on_doubt"])
        raise ConfigError("far enough")

    monkeypatch.setattr("voxweave_nb.service.VideoGenerationService.submit", submit)
    words = ["generate", "talk.wav", "--provider", "local", *(["--on-doubt", choice] if choice else [])]
    assert main(words) != 0
    assert given == [choice]
    assert main(["generate", "talk.wav", "--on-doubt", "perhaps"]) != 0


@pytest.mark.slow
def test_an_unknown_price_needs_an_explicit_yes(narration_file, tmp_path, capsys, monkeypatch):
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        words = ["generate", str(narration_file), "--provider", "gemini", "--budget", "1"]
        words += ["--output-dir", str(tmp_path), *SMALL, "--poll-interval", "0.05"]
        assert main(words) == 1
        assert "--unknown-prices" in capsys.readouterr().err
        assert main([*words, "--unknown-prices"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_render_without_remains(narration_file, tmp_path, how):
    words = ["generate", str(narration_file), "--resolution", "4k"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        for line in process.stderr:
            if "has accepted the job" in line:
                break
        interrupt(process, how)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "canceled" in errors
    assert "Traceback" not in errors
    assert list((tmp_path / "voxweave_out").iterdir()) == []


@pytest.mark.slow
def test_demo_needs_no_key(tmp_path):
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


def test_an_image_is_sent_from_a_shell(sandbox, narration_file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["generate", str(narration_file), *SMALL, "--provider", "zai", "--poll-interval", "0.1"]
    assert main([*words, "--image", str(picture(tmp_path / "map.png"))]) == 0
    assert "the image cropped from 400x300" in capsys.readouterr().err
    (create,) = [asked for asked in sandbox.history if asked.step == "create"]
    assert create.fields["image_url"].startswith("data:image/jpeg;base64,")
    assert main([*words, "--image", "nowhere.png"]) != 0
    assert "No image was found at 'nowhere.png'" in capsys.readouterr().err
