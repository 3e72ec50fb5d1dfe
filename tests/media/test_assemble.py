"""Joining: whatever the picture, the file is what was asked for, or says why not."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import av
import pytest

from voxweave_nb import Cue, MediaError, SubtitleLook, SubtitleMode, VideoFormat, VideoResolution
from voxweave_nb.media.assemble import Assembled, assemble, embed_subtitles
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.poster import make_poster
from voxweave_nb.media.probe import probe

CUES = (Cue(0.2, 0.9, "Far below the waves"), Cue(1.0, 1.8, "sunlight fades {\\b1} <i>to</i> nothing"))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Pictures of several lengths and sizes."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, size, seconds in (("short", "640x360", 0.8), ("long", "1280x720", 3), ("square", "480x480", 3)):
        source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:d={seconds}:r=30"]
        sound = ["-f", "lavfi", "-i", f"sine=d={seconds}"]
        encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-shortest"]
        command = [find_ffmpeg().path, "-v", "error", *source, *sound, *encode, str(folder / f"{name}.mp4")]
        subprocess.run(command, check=True)
    return folder


def make(picture: Path, narration: Path, work: Path, **asked) -> Assembled:
    heard = open_narration(narration, work=work, max_seconds=60, max_bytes=10**9)
    given = {
        "size": (1280, 720),
        "format": VideoFormat.MP4,
        "subtitle_mode": SubtitleMode.SOFT,
        "fps": 30,
        "metadata": {"title": 'Deep "sea"; a=b, é', "comment": "Rendered locally"},
        **asked,
    }
    return asyncio.run(assemble(picture, heard, CUES, work=work, **given))


@pytest.mark.parametrize("name", ["short", "long", "square"])
def test_the_video_is_as_long_as_the_narration_and_as_large_as_asked(
    pictures, narration_file, tmp_path, name
):
    done = make(pictures / f"{name}.mp4", narration_file, tmp_path)
    assert done.info.duration == pytest.approx(2.0, abs=0.05)
    assert done.info.video.duration == pytest.approx(2.0, abs=0.05)
    assert done.info.audio.duration == pytest.approx(2.0, abs=0.05)
    assert (done.info.video.width, done.info.video.height) == (1280, 720)
    assert done.warnings == ()


@pytest.mark.parametrize(("rate", "seconds"), [(10, 1.0), (8, 5.0), (24, 0.9)])
def test_a_clip_of_few_frames_is_cut_where_the_narration_ends(narration_file, tmp_path, rate, seconds):
    clip = tmp_path / "few.mp4"
    source = f"testsrc2=s=1280x720:r={rate}:d={seconds}"
    subprocess.run(
        [find_ffmpeg().path, "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(clip)],
        check=True,
    )
    done = make(clip, narration_file, tmp_path)
    assert done.info.duration == pytest.approx(2.0, abs=0.12)
    assert done.warnings == ()


def test_a_picture_that_fits_is_copied_bit_by_bit(pictures, narration_file, tmp_path):
    done = make(pictures / "long.mp4", narration_file, tmp_path)
    assert first_packet(done.path) == first_packet(pictures / "long.mp4")


def first_packet(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(next(packet for packet in container.demux(container.streams.video[0]) if packet.size))


@pytest.mark.parametrize("container", list(VideoFormat))
@pytest.mark.parametrize(
    "size",
    [
        pytest.param(size, marks=pytest.mark.slow if size is VideoResolution.UHD else ())
        for size in VideoResolution
    ],
)
def test_every_container_and_size_comes_out_as_asked(pictures, narration_file, tmp_path, container, size):
    done = make(pictures / "short.mp4", narration_file, tmp_path, format=container, size=size.size, fps=5)
    codecs = ("vp9", "opus", "webvtt") if container is VideoFormat.WEBM else ("h264", "aac", "mov_text")
    info = done.info
    assert (info.video.codec, info.audio.codec, info.subtitles[0].codec) == codecs
    assert ((info.video.width, info.video.height), info.video.pix_fmt) == (size.size, "yuv420p")
    assert info.video.color_space == "bt709"
    assert (info.tags["title"], info.tags["comment"]) == ('Deep "sea"; a=b, é', "Rendered locally")


def test_mp4_can_be_played_before_it_is_all_there(pictures, narration_file, tmp_path):
    done = make(pictures / "long.mp4", narration_file, tmp_path)
    start = done.path.read_bytes()[:4096]
    assert b"moov" in start


def test_subtitles_that_are_seen_are_those_that_were_given(pictures, narration_file, tmp_path):
    done = make(pictures / "long.mp4", narration_file, tmp_path)
    out = subprocess.run(
        [find_ffmpeg().path, "-v", "error", "-i", str(done.path), "-map", "0:s:0", "-f", "srt", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Far below the waves" in out
    assert "00:00:01,000 --> 00:00:01,800" in out


def test_burning_draws_the_words_and_leaves_no_track(pictures, narration_file, tmp_path):
    plain = make(
        pictures / "long.mp4", narration_file, _folder(tmp_path, "a"), subtitle_mode=SubtitleMode.NONE
    )
    burnt = make(
        pictures / "long.mp4", narration_file, _folder(tmp_path, "b"), subtitle_mode=SubtitleMode.BURN
    )
    assert burnt.info.subtitles == ()
    assert burnt.subtitle_mode is SubtitleMode.BURN
    assert abs(band(burnt.path, 0.5) - band(plain.path, 0.5)).mean() > 8  # the words are there
    assert abs(band(burnt.path, 0.05) - band(plain.path, 0.05)).mean() < 8  # and only when they are said


@pytest.mark.slow
def test_burnt_in_words_look_as_asked(narration_file, tmp_path):
    grey = tmp_path / "grey.mp4"
    source = ["-f", "lavfi", "-i", "color=c=gray:s=1280x720:r=30:d=3", "-pix_fmt", "yuv420p"]
    subprocess.run([find_ffmpeg().path, "-v", "error", *source, str(grey)], check=True)
    seen = {
        look: band(
            make(
                grey,
                narration_file,
                _folder(tmp_path, look.value),
                subtitle_mode=SubtitleMode.BURN,
                subtitle_look=look,
            ).path,
            0.5,
        )
        for look in SubtitleLook
    }
    white = {look: (picture > 225).sum() for look, picture in seen.items()}
    dark = {look: (picture < 100).sum() for look, picture in seen.items()}
    assert white[SubtitleLook.LARGE] > 1.2 * white[SubtitleLook.BOX]
    assert dark[SubtitleLook.OUTLINE] < 0.7 * dark[SubtitleLook.BOX]


def band(path: Path, at: float):
    """Where captions are drawn, as grey figures."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time >= at:
                return (
                    frame.reformat(width=320, height=180, format="gray")
                    .to_ndarray()
                    .astype(int)[150:172, 110:210]
                )
    raise AssertionError


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name


def test_a_quiet_narration_is_lifted_and_a_silent_one_left(pictures, tmp_path):
    import wave

    for name, amplitude, low, high in (("quiet", 300, -18, -14), ("silent", 0, -200, -60)):
        work = _folder(tmp_path, name)
        path = work / "talk.wav"
        with wave.open(str(path), "wb") as out:
            out.setparams((1, 2, 16_000, 0, "NONE", ""))
            tone = (int(amplitude * ((i // 18) % 2 * 2 - 1)) for i in range(32_000))
            out.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))
        done = make(pictures / "long.mp4", path, work)
        assert low <= loudness(done.path) <= high


def loudness(path: Path) -> float:
    said = subprocess.run(
        [find_ffmpeg().path, "-i", str(path), "-map", "0:a", "-af", "ebur128", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    return float(said.rsplit("I:", 1)[1].split()[0])


# When something is missing


def wrapper(path: Path, body: str) -> str:
    path.write_text(f'#!/bin/sh\nREAL="{find_ffmpeg().path}"\n{body}\n')
    path.chmod(0o755)
    return str(path)


def test_without_the_subtitles_filter_the_captions_lie_beside_and_the_warning_says_why(
    pictures, narration_file, tmp_path, monkeypatch
):
    body = 'case "$*" in *-filters*) "$REAL" "$@" | grep -v " subtitles ";; *) exec "$REAL" "$@";; esac'
    monkeypatch.setenv("VOXWEAVE_FFMPEG", wrapper(tmp_path / "ffmpeg", body))
    done = make(pictures / "long.mp4", narration_file, tmp_path, subtitle_mode=SubtitleMode.BURN)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "no subtitles filter" in done.warnings[0]
    assert done.info.duration == pytest.approx(2.0, abs=0.05)


def test_when_embedding_fails_the_captions_lie_beside_and_the_warning_says_why(
    pictures, narration_file, tmp_path, monkeypatch
):
    body = (
        'case "$*" in *mov_text*) echo "Unknown encoder mov_text" >&2; exit 8;; *) exec "$REAL" "$@";; esac'
    )
    monkeypatch.setenv("VOXWEAVE_FFMPEG", wrapper(tmp_path / "ffmpeg", body))
    done = make(pictures / "long.mp4", narration_file, tmp_path)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "Unknown encoder mov_text" in done.warnings[0]
    assert done.info.subtitles == ()


def test_without_any_ffmpeg_the_narration_is_still_joined(pictures, narration_file, tmp_path, monkeypatch):
    source = pictures / "long.mp4"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(source, narration_file, tmp_path)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "No working FFmpeg was found" in done.warnings[0]
    assert done.info.audio.codec == "aac"
    assert done.info.duration == pytest.approx(2.0, abs=0.1)


def test_without_any_ffmpeg_a_short_picture_is_still_looped(pictures, narration_file, tmp_path, monkeypatch):
    source = pictures / "short.mp4"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(source, narration_file, tmp_path)
    assert done.info.video.duration == pytest.approx(2.0, abs=0.1)
    assert "stays 640x360" in " ".join(done.warnings)


@pytest.mark.parametrize(
    "content", [b'{"error": "not ready"}', b"", b"ffconcat version 1.0\nfile victim.mp4\n"]
)
def test_a_picture_that_is_none_is_refused(narration_file, tmp_path, content):
    picture = tmp_path / "picture.mp4"
    picture.write_bytes(content)
    with pytest.raises(MediaError, match="cannot be opened"):
        make(picture, narration_file, tmp_path)


# The step alone, and the poster


def test_subtitles_go_into_a_finished_video_whose_picture_stays(pictures, tmp_path):
    source = pictures / "long.mp4"
    done = asyncio.run(
        embed_subtitles(source, CUES, mode=SubtitleMode.SOFT, work=tmp_path, to=tmp_path / "new.mp4")
    )
    assert [track.codec for track in done.info.subtitles] == ["mov_text"]
    assert done.info.audio is not None
    assert first_packet(done.path) == first_packet(source)


def test_a_poster_is_a_jpeg_of_the_videos_shape(pictures, tmp_path):
    still = asyncio.run(make_poster(pictures / "long.mp4", tmp_path / "p.jpg", at=1.0))
    info = probe_image(still)
    assert info == (960, 540)


def probe_image(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as container:
        return container.streams.video[0].width, container.streams.video[0].height


def test_probing_tells_what_is_in_a_file(pictures):
    info = probe(pictures / "long.mp4")
    assert (info.video.codec, info.video.fps, info.audio.codec) == ("h264", 30.0, "aac")
