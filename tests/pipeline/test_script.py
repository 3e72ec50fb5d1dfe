"""The script of a video: decoded narration, parsed captions, and the key of identical requests."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from voxweave_nb import NarrationError, Settings, VideoConfig
from voxweave_nb.media import narration as narrations
from voxweave_nb.pipeline.script import ReadScript, read_script, reuse_key
from voxweave_nb.request import VideoRequest

CAPTIONS = "1\n00:00:00,100 --> 00:00:00,900\nHello\n"


def script_of(
    narration: Path, work: Path, subtitles: Path | str | None = None, **limits: float
) -> ReadScript:
    request = VideoRequest(narration, subtitles, VideoConfig())
    return asyncio.run(read_script(request, work, Settings(**limits)))


def test_narration_and_captions_are_read(narration_file, tmp_path):
    script = script_of(narration_file, tmp_path, CAPTIONS)
    assert script.narration.duration == pytest.approx(2.0, abs=0.05)
    assert script.narration.samples.is_relative_to(tmp_path)
    assert [cue.text for cue in script.cues] == ["Hello"]
    assert (script.unread, script.warnings) == (None, ())


def test_unreadable_subtitles_are_kept(narration_file, tmp_path):
    script = script_of(narration_file, tmp_path, "no captions\nat all")
    assert (script.cues, script.unread) == ((), "no captions\nat all")
    assert any("has no captions, and the subtitle file is kept" in warning for warning in script.warnings)


@pytest.mark.parametrize(
    "transcript", ["The sea is far below. " * 50, "The sea is far below.", "深海の光は消える。"]
)
def test_a_transcript_nobody_says_is_kept(narration_file, tmp_path, transcript):
    request = VideoRequest.of(narration_file, transcript)
    script = script_of(request.narration, tmp_path, request.subtitles)
    assert (script.cues, script.unread) == ((), transcript)
    assert any("has no captions" in said and "what is said" in said for said in script.warnings)


def test_a_sound_as_subtitles_is_not_kept(narration_file, tmp_path):
    script = script_of(narration_file, tmp_path, narration_file)
    assert (script.cues, script.unread) == ((), None)
    (said,) = script.warnings
    assert said.startswith(f"The video has no captions: The subtitles {narration_file.name} are a WAV file.")


def test_a_long_narration_is_refused(narration_file, tmp_path):
    with pytest.raises(NarrationError):
        script_of(narration_file, tmp_path, max_narration_seconds=1.0)


def test_a_brief_carries_the_request(narration_file, tmp_path):
    script = script_of(narration_file, tmp_path, CAPTIONS)
    request = VideoRequest(narration_file, None, VideoConfig(prompt="rain"))
    brief = script.brief(request, "job-1", reference="there")
    assert (brief.source, brief.narration) == (narration_file, script.narration.samples)
    assert (brief.request_id, brief.reference, brief.cues) == ("job-1", "there", script.cues)
    assert (brief.config.prompt, brief.scene) == ("rain", None)


def test_a_cancelled_read_ends_its_thread(narration_file, tmp_path, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def slow(*_: object, canceled, **__: object) -> None:
        begun.set()
        while not canceled():
            pass
        ended.set()

    monkeypatch.setattr(narrations, "open_narration", slow)

    async def give_up() -> None:
        reading = asyncio.create_task(
            read_script(VideoRequest(narration_file, None, VideoConfig()), tmp_path, Settings())
        )
        while not begun.is_set():
            await asyncio.sleep(0.001)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(give_up())
    assert ended.wait(5)


def key(
    subtitles: Path | str | None = None, chain: tuple[str, ...] = ("a",), sha: str = "1", **config: object
) -> str:
    return reuse_key(sha, VideoRequest(Path("talk.wav"), subtitles, VideoConfig(**config)), chain)


def test_identical_requests_share_a_key(tmp_path):
    file = tmp_path / "talk.srt"
    file.write_text(CAPTIONS)
    assert key(CAPTIONS) == key(file)
    assert key() == key(subtitle_look="large")
    assert key(CAPTIONS) == key(CAPTIONS, subtitle_look="large")


def test_every_difference_changes_the_key():
    keys = [
        key(),
        key(CAPTIONS),
        key(sha="2"),
        key(chain=("b",)),
        key(chain=("a", "b")),
        key(seed=1),
        key(prompt="rain"),
        key(CAPTIONS, subtitle_mode="burn"),
        key(CAPTIONS, subtitle_mode="burn", subtitle_look="large"),
    ]
    assert len(set(keys)) == len(keys)
