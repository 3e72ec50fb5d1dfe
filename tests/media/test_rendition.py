"""Copies of a video with other codecs, made by the real FFmpeg."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave_nb import FFmpegFailed, FFmpegMissing, MediaError, VideoFormat
from voxweave_nb.media import rendition
from voxweave_nb.media.ffmpeg import FFmpeg, find_ffmpeg
from voxweave_nb.media.probe import probe
from voxweave_nb.media.rendition import copies_frames, encode_mp3, encode_rendition, is_rendition
from voxweave_nb.media.sound import samples_of

from .files import write_clip, write_silent_video, write_tone

MP4, WEBM = VideoFormat.MP4, VideoFormat.WEBM
CUES = "1\n00:00:00,100 --> 00:00:02,000\nFar below the waves\n"


def codecs(path: Path) -> tuple[str, str | None]:
    """The codecs of a file's video and sound, by their common names."""
    with av.open(str(path)) as container:
        sound = container.streams.audio
        return (
            container.streams.video[0].codec_context.codec.canonical_name,
            sound[0].codec_context.codec.canonical_name if sound else None,
        )


def frames(path: Path) -> list[bytes]:
    """The encoded frames of a file, in the order in which they are stored."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def loudest(path: Path) -> int:
    return max(int(np.abs(block.astype(int)).max()) for block in samples_of(path))


def ffmpeg(*args: object) -> None:
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *map(str, args)], check=True)


@pytest.fixture
def webm(clips, tmp_path) -> Path:
    """The long clip as VP9 with Opus and captions."""
    (tmp_path / "talk.srt").write_text(CUES)
    path = tmp_path / "talk.webm"
    fast = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]
    inputs = ["-i", clips / "square.mp4", "-i", tmp_path / "talk.srt"]
    ffmpeg(*inputs, "-map", "0", "-map", "1", "-t", "1", *fast, "-c:a", "libopus", "-c:s", "webvtt", path)
    return path


def test_h264_is_copied_and_the_sound_becomes_mp3(clips, tmp_path):
    source, to = clips / "long.mp4", tmp_path / "copy.mp4"
    asyncio.run(encode_rendition(source, to))
    assert codecs(source) == ("h264", "aac")
    assert codecs(to) == ("h264", "mp3")
    assert frames(to) == frames(source)
    assert loudest(to) > 1000
    assert probe(to).duration == pytest.approx(probe(source).duration, abs=0.1)
    assert copies_frames(source)
    assert (is_rendition(source, MP4), is_rendition(to, MP4)) == (False, True)


def test_a_webm_becomes_an_mp4_with_captions(webm, tmp_path):
    progress, to = [], tmp_path / "copy.mp4"
    asyncio.run(encode_rendition(webm, to, on_progress=progress.append))
    assert codecs(webm) == ("vp9", "opus")
    assert codecs(to) == ("h264", "mp3")
    assert [track.codec for track in probe(to).subtitles] == ["mov_text"]
    assert loudest(to) > 1000
    assert progress == sorted(progress)
    assert all(0 <= each <= 1 for each in progress)
    assert not copies_frames(webm)


def test_a_page_without_h264_gets_vp8_with_vorbis(clips, tmp_path):
    to = tmp_path / "copy.webm"
    asyncio.run(encode_rendition(clips / "short.mp4", to, format=WEBM))
    assert codecs(to) == ("vp8", "vorbis")
    assert (probe(to).video.width, probe(to).video.height) == (640, 360)
    assert loudest(to) > 1000
    assert not copies_frames(clips / "short.mp4", WEBM)


def test_a_video_without_sound_stays_silent(tmp_path):
    source = write_silent_video(tmp_path / "silent.mp4")
    asyncio.run(encode_rendition(source, tmp_path / "copy.webm", format=WEBM))
    assert codecs(tmp_path / "copy.webm") == ("vp8", None)
    assert is_rendition(source, MP4)


def test_frames_that_few_pages_decode_are_encoded(tmp_path):
    source = tmp_path / "rgb.mp4"
    lossless = ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-preset", "ultrafast"]
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=63x63:d=0.5", *lossless, source)
    asyncio.run(encode_rendition(source, tmp_path / "copy.mp4"))
    video = probe(tmp_path / "copy.mp4").video
    assert (video.pix_fmt, video.width, video.height) == ("yuv420p", 62, 62)


def test_a_sound_is_no_video(tmp_path):
    tone = write_tone(tmp_path / "talk.m4a", "aac", 1.0)
    with pytest.raises(MediaError, match="has no video stream"):
        asyncio.run(encode_rendition(tone, tmp_path / "copy.mp4"))


def test_a_missing_encoder_is_named(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(
        rendition, "find_ffmpeg", lambda: FFmpeg("/opt/ffmpeg", "9", frozenset(), frozenset())
    )
    with pytest.raises(FFmpegMissing, match="/opt/ffmpeg has no encoder libmp3lame"):
        asyncio.run(encode_rendition(clips / "short.mp4", tmp_path / "copy.mp4"))


@pytest.mark.parametrize(("name", "codec"), [("talk.m4a", "aac"), ("talk.opus", "libopus")])
def test_a_narration_becomes_an_mp3(tmp_path, name, codec):
    tone = write_tone(tmp_path / name, codec, 1.0)
    asyncio.run(encode_mp3(tone, tmp_path / "copy.mp3", duration=1.0))
    info = probe(tmp_path / "copy.mp3")
    assert info.audio.codec.startswith("mp3")
    assert info.duration == pytest.approx(1.0, abs=0.1)
    assert loudest(tmp_path / "copy.mp3") > 1000


def test_an_mp3_of_nothing_fails(tmp_path):
    clip = write_clip(tmp_path / "mute.mp4", size="64x64", seconds=0.5, sound=False)
    with pytest.raises(FFmpegFailed):
        asyncio.run(encode_mp3(clip, tmp_path / "copy.mp3", duration=0.5))
