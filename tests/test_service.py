"""The one door: its ways in, its steps, and what it does when something is not as asked."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.systems import processes_in
from voxweave_nb import (
    ConfigError,
    FFmpegMissing,
    JobCanceled,
    NarrationError,
    SubtitleError,
    SubtitleMode,
    VideoGenerationService,
)
from voxweave_nb.media import rendition
from voxweave_nb.media.probe import probe
from voxweave_nb.models import JobState
from voxweave_nb.providers import registered

from .pipeline.scripted import Scripted

SMALL = {"resolution": "720p", "fps": 4}
QUICK = {"quality": "draft", "fps": 4}


@pytest.fixture
def service(tmp_path: Path) -> VideoGenerationService:
    return VideoGenerationService.local(output_dir=tmp_path / "out")


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:00,100 --> 00:00:00,900\nHello <there>\n", encoding="utf-8")
    return path


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


# Ways in


def test_without_a_key_the_default_renders_locally(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ZAI_API_KEY", raising=False)
    assert VideoGenerationService.default().provider_name == "local"


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_from_env_without_a_key_names_both_variables(monkeypatch, empty):
    for name in ("OPENAI_API_KEY", "ZAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
        if empty is not None:
            monkeypatch.setenv(name, empty)
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY nor ZAI_API_KEY.*local\(\)"):
        VideoGenerationService.from_env()


def test_a_wrong_provider_is_told_the_right_ones():
    with pytest.raises(ConfigError, match=f"choose one of: {registered()[0]}"):
        VideoGenerationService("sora9")


def test_the_local_provider_takes_no_key():
    with pytest.raises(ConfigError, match="takes no api_key"):
        VideoGenerationService("local", api_key="sk-secret")


def test_settings_come_from_argument_then_environment_then_default(monkeypatch, tmp_path):
    monkeypatch.setenv("VOXWEAVE_OUTPUT_DIR", str(tmp_path / "env"))
    monkeypatch.setenv("VOXWEAVE_POLL_TRIES", "7")
    assert VideoGenerationService().settings.output_dir == tmp_path / "env"
    assert VideoGenerationService(output_dir=tmp_path / "arg").settings.output_dir == tmp_path / "arg"
    assert VideoGenerationService().settings.poll_tries == 7


# Bad input


def test_a_missing_narration_is_refused_at_once(service):
    with pytest.raises(NarrationError, match=r"There is no narration 'nowhere\.mp3'"):
        service.submit("nowhere.mp3")


def test_a_folder_is_no_narration(service, tmp_path):
    with pytest.raises(NarrationError, match="is a folder"):
        service.submit(tmp_path)


def test_a_missing_subtitle_file_is_refused_at_once(service, narration_file):
    with pytest.raises(SubtitleError, match="There is no subtitle file"):
        service.submit(narration_file, subtitles="nowhere.srt")


def test_a_wrong_field_is_told_the_right_ones(service, narration_file):
    with pytest.raises(ConfigError, match="choose one of: realistic, anime"):
        service.submit(narration_file, style="cubist")
    with pytest.raises(ConfigError, match="no field 'styel'"):
        service.submit(narration_file, styel="anime")


def test_subtitles_by_position_are_one_sentence(service, narration_file):
    with pytest.raises(ConfigError, match=r"^submit\(\) takes only narration by position") as caught:
        service.submit(narration_file, "x.srt")
    assert f"submit({str(narration_file)!r}, subtitles='x.srt')" in str(caught.value)
    with pytest.raises(ConfigError, match=r"generate_video\(.*, subtitles='x\.srt'\)"):
        service.generate_video(narration_file, "x.srt")


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), 0, -1, "x", None])
def test_an_invalid_duration_is_refused(service, duration):
    for method in (service.plan, service.estimate):
        with pytest.raises(ConfigError, match="duration"):
            method(duration)


@pytest.mark.parametrize("style", ["cubist", 7])
def test_plan_and_estimate_check_options(service, style):
    for method in (service.plan, service.estimate):
        with pytest.raises(ConfigError, match="choose one of: realistic"):
            method(2.0, style=style)


# Signatures and completion


@pytest.mark.parametrize("name", ["submit", "generate_video", "request", "plan", "estimate", "made_before"])
def test_signatures_show_the_options(name):
    shown = inspect.signature(getattr(VideoGenerationService, name)).parameters
    assert {"style", "prompt", "subtitle_mode", "provider"} <= set(shown)
    assert shown["style"].kind is inspect.Parameter.KEYWORD_ONLY


def test_generate_video_shows_all_of_submit():
    def names(method: Callable[..., object]) -> set[str]:
        return set(inspect.signature(method).parameters)

    assert names(VideoGenerationService.generate_video) == names(VideoGenerationService.submit)


# Keys


@pytest.mark.parametrize("variable", ["FAL_KEY", "GEMINI_API_KEY", "ZAI_API_KEY"])
def test_from_env_takes_any_single_key(monkeypatch, variable):
    monkeypatch.setenv(variable, "k")
    (name,) = VideoGenerationService.from_env().chain
    assert VideoGenerationService.default().chain == (name, "local")
    assert VideoGenerationService.from_env().providers()[name].ready


@pytest.mark.slow
def test_a_chat_key_still_gets_a_video(monkeypatch, narration_file, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-chat")
    service = VideoGenerationService.default(output_dir=tmp_path / "out")
    assert (service.chain, service.last_resort) == (("local",), "local")
    video = service.submit(narration_file, config=SMALL).result(60)
    (why,) = (warning for warning in video.warnings if "on this machine" in warning)
    assert "openai_sora: OpenAI shut this API on 2026-09-24" in why
    assert VideoGenerationService.from_env(output_dir=tmp_path / "out").chain == ("openai_sora",)


@pytest.mark.slow
def test_a_named_provider_has_no_last_resort(monkeypatch, narration_file, tmp_path):
    service = VideoGenerationService.default(output_dir=tmp_path / "out")
    with pytest.raises(ConfigError, match="No provider can be used now: zai has no key"):
        service.submit(narration_file, provider="zai")
    video = service.submit(narration_file, config=SMALL, provider="local").result(60)
    assert not any("on this machine" in warning for warning in video.warnings)
    monkeypatch.setenv("VOXWEAVE_PROVIDERS", "zai")
    assert VideoGenerationService.default().chain == ("zai",)
    assert VideoGenerationService(["zai", "local"]).last_resort is None


def test_an_estimate_leaves_the_last_resort_out(monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "k")
    assert VideoGenerationService.default().estimate(2.0).prices == {"zai": 0.2}
    assert VideoGenerationService.default().estimate(2.0, provider="local").prices == {"local": 0.0}


# Closing


class Closing(Scripted):
    """Counts how often it is closed."""

    closed = 0

    async def aclose(self) -> None:
        self.closed += 1


def test_with_closes_the_connections(tmp_path):
    provider = Closing("mine")
    with VideoGenerationService(provider, output_dir=tmp_path) as service:
        assert service.provider_name == "mine"
        assert provider.closed == 0
    assert provider.closed == 1


def test_async_with_closes_after_an_error(tmp_path):
    provider = Closing("mine")

    async def fail() -> None:
        async with VideoGenerationService(provider, output_dir=tmp_path):
            raise KeyError("mine")

    with pytest.raises(KeyError):
        asyncio.run(fail())
    assert provider.closed == 1


def test_a_closed_connection_opens_again(sandbox, tmp_path):
    with VideoGenerationService("zai", output_dir=tmp_path) as service:
        first = service._pool.get("zai")
        connections = first.http
    assert first.http is not connections
    assert service.capabilities("zai").models
    service.close()


# The whole way, really rendered


def test_a_narration_becomes_a_captioned_video(service, narration_file, captions):
    video = service.submit(narration_file, subtitles=captions, config=SMALL, prompt="rain").result(60)
    info = probe(video.path)
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 1280, 720)
    assert info.audio.codec == "aac"
    assert [track.codec for track in info.subtitles] == ["mov_text"]
    assert video.cues[0].text == "Hello <there>"
    assert video.captions.read_text(encoding="utf-8").startswith("WEBVTT")
    assert video.poster.read_bytes().startswith(b"\xff\xd8")
    assert "Rendered locally" in info.tags["comment"]
    assert left_behind(video.path.parent) == []


@pytest.mark.slow
def test_generate_video_is_submit_and_await(service, narration_file):
    video = asyncio.run(service.generate_video(narration_file, config=QUICK, subtitle_mode="none"))
    assert video.subtitle_mode is SubtitleMode.NONE
    assert video.captions is None


@pytest.mark.slow
def test_unreadable_subtitles_are_kept_with_a_warning(service, narration_file, tmp_path):
    unreadable = tmp_path / "talk.srt"
    unreadable.write_bytes(bytes(range(256)) * 4)
    video = service.submit(narration_file, subtitles=unreadable, config=QUICK).result(60)
    assert video.path.exists()
    kept = video.path.with_name(f"{video.path.stem}.subtitles.srt")
    assert kept.read_bytes() == unreadable.read_bytes()
    assert any("no captions" in warning for warning in video.warnings)


@pytest.mark.slow
def test_simultaneous_videos_get_different_names(service, narration_file):
    jobs = [service.submit(narration_file, config=QUICK) for _ in range(2)]
    paths = {job.result(60).path for job in jobs}
    assert len(paths) == 2


@pytest.mark.slow
def test_a_stopped_job_leaves_nothing_behind(service, narration_file, tmp_path):
    job = service.submit(narration_file, config=SMALL, resolution="4k")
    asyncio.run(_until(job, lambda event: event.progress > 25))
    assert job.cancel()
    with pytest.raises(JobCanceled):
        job.result(5)
    assert list((tmp_path / "out").iterdir()) == []


async def _until(job, happened) -> None:
    async for event in job.events():
        if happened(event):
            return


def test_an_unwritable_output_folder_is_named(narration_file, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    service = VideoGenerationService.local(output_dir=tmp_path / "file")
    with pytest.raises(ConfigError, match=r"output folder .* cannot be written"):
        service.submit(narration_file).result(10)


# The steps


def test_the_steps_can_be_taken_one_by_one(service, narration_file, captions, tmp_path):
    async def steps() -> tuple[str, ...]:
        reference = await service.upload_audio(narration_file)
        job_id = await service.create_video_job(narration_file, audio_reference=reference, config=QUICK)
        figures: list[float] = []
        status = await service.poll_video_status(
            job_id, on_status=lambda now: figures.append(now.progress or 0)
        )
        assert status.state is JobState.SUCCEEDED
        assert figures == sorted(figures)
        picture = await service.download_video(job_id, tmp_path / "picture.mp4")
        return await service.embed_subtitles(picture, captions, to=tmp_path / "final.mp4")

    assert asyncio.run(steps()) == ()
    assert [track.codec for track in probe(tmp_path / "final.mp4").subtitles] == ["mov_text"]


# Leaving


@pytest.mark.slow
def test_exit_and_kill_leave_nothing_behind(narration_file, tmp_path):
    for killed in (False, True):
        out, temporary = tmp_path / f"out{killed}", tmp_path / f"tmp{killed}"
        temporary.mkdir()
        script = f"""
            import os
            from voxweave_nb import VideoGenerationService
            job = VideoGenerationService.local(output_dir={str(out)!r}).submit({str(narration_file)!r}, resolution="4k")
            begun = __import__("threading").Event()
            job.listen(lambda event: begun.set() if event.progress > 22 else None)
            begun.wait(30)
            if {killed}:
                os.kill(os.getpid(), 9)
            """
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            timeout=60,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        if not killed:
            assert list(out.iterdir()) == []
            assert list(temporary.iterdir()) == []
        wait_until(lambda where=temporary: not processes_in(where))


def wait_until(happened, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_killed_process_is_swept_later(service, narration_file, tmp_path):
    out = tmp_path / "out"
    for name in (".voxweave-old", ".voxweave-new", "mine"):
        (out / name).mkdir(parents=True)
    yesterday = time.time() - 25 * 3600
    for name in (".voxweave-old", "mine"):
        os.utime(out / name, (yesterday, yesterday))
    service.submit(narration_file, config=QUICK).result(60)
    assert {".voxweave-new", "mine"} <= {path.name for path in out.iterdir()}
    assert not (out / ".voxweave-old").exists()


# In VS Code


@pytest.mark.slow
def test_vscode_gets_a_copy_before_the_result(in_vscode, service, narration_file):
    video = service.submit(narration_file, format="webm", **QUICK).result(60)
    copy = video.files[-1]
    assert probe(copy).audio.codec.startswith("mp3")
    assert video.warnings == ()
    for path in video.files[1:]:
        path.unlink()
    again = service.submit(narration_file, format="webm", reuse=True, **QUICK).result(60)
    assert again.path == video.path
    assert copy.is_file()
    assert "with MP3 sound" in again._repr_mimebundle_()["text/html"]


@pytest.mark.slow
def test_a_copy_that_fails_in_vscode_warns(in_vscode, service, narration_file, monkeypatch):
    async def fail(*_, **__):
        raise FFmpegMissing("There is no FFmpeg.")

    monkeypatch.setattr(rendition, "encode_rendition", fail)
    video = service.submit(narration_file, **QUICK).result(60)
    assert video.warnings == ("VS Code cannot play this video in its result: There is no FFmpeg.",)
    assert "There is no FFmpeg." in video._repr_mimebundle_()["text/html"]
