"""Muxing: the file is as requested, or a warning says why not."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import av
import pytest

from tests.systems import shell_program
from voxweave_nb import Cue, MediaError, SubtitleLook, SubtitleMode, VideoFormat, VideoResolution
from voxweave_nb.media import assemble as assemble_module
from voxweave_nb.media.assemble import Assembled, assemble, embed_subtitles
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.narration import open_narration

from .files import cut_off, write_clip, write_tone

CUES = (Cue(0.2, 0.9, "Far below the waves"), Cue(1.0, 1.8, "sunlight fades {\\b1} <i>to</i> nothing"))


def make(clip: Path, narration: Path, work: Path, **asked) -> Assembled:
    opened = open_narration(narration, work=work, max_seconds=60, max_bytes=10**9)
    given = {
        "size": (1280, 720),
        "format": VideoFormat.MP4,
        "subtitle_mode": SubtitleMode.SOFT,
        "fps": 30,
        "metadata": {"title": 'Deep "sea"; a=b, é', "comment": "Rendered locally"},
        **asked,
    }
    return asyncio.run(assemble(clip, opened, CUES, work=work, **given))


@pytest.mark.parametrize(
    "name",
    ["short", pytest.param("long", marks=pytest.mark.slow), pytest.param("square", marks=pytest.mark.slow)],
)
def test_the_video_has_narration_length_and_requested_size(clips, narration_file, tmp_path, name):
    done = make(clips / f"{name}.mp4", narration_file, tmp_path)
    assert done.info.duration == pytest.approx(2.0, abs=0.05)
    assert done.info.video.duration == pytest.approx(2.0, abs=0.05)
    assert done.info.audio.duration == pytest.approx(2.0, abs=0.05)
    assert (done.info.video.width, done.info.video.height) == (1280, 720)
    assert done.warnings == ()


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "seconds"), [(10, 1.0), (8, 5.0), (24, 0.9)])
def test_a_clip_of_few_frames_ends_exactly(narration_file, tmp_path, rate, seconds):
    clip = tmp_path / "few.mp4"
    source = f"testsrc2=s=1280x720:r={rate}:d={seconds}"
    subprocess.run(
        [find_ffmpeg().path, "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(clip)],
        check=True,
    )
    done = make(clip, narration_file, tmp_path)
    assert done.info.duration == pytest.approx(2.0, abs=0.12)
    assert done.warnings == ()


@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
@pytest.mark.parametrize(("fps", "seconds"), [(1, 1.6), (2, 1.3), (3, 1.15)])
def test_slow_frames_may_outlast_the_narration(tmp_path, container, fps, seconds):
    clip = write_clip(tmp_path / "clip.mp4", size="64x48", seconds=2.0)
    talk = write_tone(tmp_path / "talk.wav", "pcm_s16le", seconds)
    asked = {"size": (128, 72), "subtitle_mode": SubtitleMode.NONE}
    done = make(clip, talk, tmp_path, **asked, fps=fps, format=container)
    assert seconds - 0.05 <= done.info.duration <= seconds + 1 / fps
    assert done.info.audio.duration == pytest.approx(seconds, abs=0.05)


def test_slow_frames_are_fine_without_ffmpeg(tmp_path, monkeypatch):
    clip = tmp_path / "clip.mp4"
    talk = write_tone(tmp_path / "talk.wav", "pcm_s16le", 1.3)
    run([*_lavfi("testsrc2=s=128x72:r=2:d=3"), str(clip)])
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(clip, talk, tmp_path, size=(128, 72))
    assert 1.25 <= done.info.duration <= 1.8


@pytest.mark.parametrize("ffmpeg", [True, False], ids=["FFmpeg", "no FFmpeg"])
@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
def test_a_cut_off_clip_is_repeated(narration_file, tmp_path, monkeypatch, container, ffmpeg):
    source = write_clip(tmp_path / "source.mp4", size="128x72", seconds=2.4)
    webm = container is VideoFormat.WEBM
    cut = cut_off(source, tmp_path / f"cut.{container.value}", webm=webm)
    if not ffmpeg:
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    asked = {"size": (128, 72), "subtitle_mode": SubtitleMode.NONE, "format": container}
    done = make(cut, narration_file, tmp_path, **asked)
    assert 0.1 < done.clip.duration < 1.8
    assert any("only" in warning and "repeated" in warning for warning in done.warnings)
    with av.open(str(done.path)) as video:
        times = [packet.pts * packet.time_base for packet in video.demux(video=0) if packet.size]
    assert max(times) > 1.85  # the picture does not stand still


def test_a_clip_that_fits_is_copied_unchanged(clips, narration_file, tmp_path):
    done = make(clips / "long.mp4", narration_file, tmp_path)
    assert first_packet(done.path) == first_packet(clips / "long.mp4")


def first_packet(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return bytes(next(packet for packet in container.demux(container.streams.video[0]) if packet.size))


@pytest.mark.parametrize("container", list(VideoFormat))
@pytest.mark.parametrize(
    "size",
    [
        pytest.param(size, marks=() if size is VideoResolution.HD else pytest.mark.slow)
        for size in VideoResolution
    ],
)
def test_every_container_and_size_is_as_requested(clips, narration_file, tmp_path, container, size):
    done = make(clips / "short.mp4", narration_file, tmp_path, format=container, size=size.size, fps=5)
    codecs = ("vp9", "opus", "webvtt") if container is VideoFormat.WEBM else ("h264", "aac", "mov_text")
    info = done.info
    assert (info.video.codec, info.audio.codec, info.subtitles[0].codec) == codecs
    assert ((info.video.width, info.video.height), info.video.pix_fmt) == (size.size, "yuv420p")
    assert info.video.color_space == "bt709"
    assert (info.tags["title"], info.tags["comment"]) == ('Deep "sea"; a=b, é', "Rendered locally")


def test_mp4_plays_before_it_is_complete(clips, narration_file, tmp_path):
    done = make(clips / "long.mp4", narration_file, tmp_path)
    start = done.path.read_bytes()[:4096]
    assert b"moov" in start


def test_embedded_subtitles_are_those_that_were_given(clips, narration_file, tmp_path):
    done = make(clips / "long.mp4", narration_file, tmp_path)
    out = subprocess.run(
        [find_ffmpeg().path, "-v", "error", "-i", str(done.path), "-map", "0:s:0", "-f", "srt", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Far below the waves" in out
    assert "00:00:01,000 --> 00:00:01,800" in out


@pytest.mark.slow
def test_burning_in_draws_words_without_a_track(clips, narration_file, tmp_path):
    plain = make(clips / "long.mp4", narration_file, _folder(tmp_path, "a"), subtitle_mode=SubtitleMode.NONE)
    burnt = make(clips / "long.mp4", narration_file, _folder(tmp_path, "b"), subtitle_mode=SubtitleMode.BURN)
    assert burnt.info.subtitles == ()
    assert burnt.subtitle_mode is SubtitleMode.BURN
    assert abs(band(burnt.path, 0.5) - band(plain.path, 0.5)).mean() > 8  # the words are there
    assert abs(band(burnt.path, 0.05) - band(plain.path, 0.05)).mean() < 8  # and only when they are said


@pytest.mark.slow
def test_burnt_in_words_have_the_requested_look(narration_file, tmp_path):
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
    white = {look: (frame > 225).sum() for look, frame in seen.items()}
    dark = {look: (frame < 100).sum() for look, frame in seen.items()}
    assert white[SubtitleLook.LARGE] > 1.2 * white[SubtitleLook.BOX]
    assert dark[SubtitleLook.OUTLINE] < 0.7 * dark[SubtitleLook.BOX]


def band(path: Path, at: float):
    """Return the part of a frame where captions are drawn, in grey."""
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


def test_quiet_narration_is_amplified_but_not_silence(clips, tmp_path):
    import wave

    for name, amplitude, low, high in (("quiet", 300, -18, -14), ("silent", 0, -200, -60)):
        work = _folder(tmp_path, name)
        path = work / "talk.wav"
        with wave.open(str(path), "wb") as out:
            out.setparams((1, 2, 16_000, 0, "NONE", ""))
            tone = (int(amplitude * ((i // 18) % 2 * 2 - 1)) for i in range(32_000))
            out.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))
        done = make(clips / "long.mp4", path, work)
        assert low <= loudness(done.path) <= high


def loudness(path: Path) -> float:
    said = subprocess.run(
        [find_ffmpeg().path, "-i", str(path), "-map", "0:a", "-af", "ebur128", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    return float(said.rsplit("I:", 1)[1].split()[0])


# Turned frames and pixels that are not square

DATA = Path(__file__).parents[1] / "data"
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


@pytest.mark.slow
@pytest.mark.parametrize("ffmpeg", [True, False], ids=["FFmpeg", "no FFmpeg"])
def test_a_clip_from_the_field_plays_upright(narration_file, tmp_path, monkeypatch, ffmpeg):
    if not ffmpeg:
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    tall = make(DATA / "clip_rotated.mp4", narration_file, _folder(tmp_path, "tall"), size=(360, 640))
    assert (tall.info.video.width, tall.info.video.height, tall.info.video.upright) == (360, 640, True)
    assert colors(tall.path, (0.05, 0.5), (0.5, 0.2), (0.5, 0.8)) == [WHITE, BLUE, RED]
    assert metadata(tall.path) == (360, 640, False, 1)
    if ffmpeg:
        wide = make(DATA / "clip_rotated.mp4", narration_file, _folder(tmp_path, "wide"), size=(640, 360))
        assert metadata(wide.path) == (640, 360, False, 1)
        assert colors(wide.path, (0.05, 0.5), (0.5, 0.2), (0.5, 0.8)) == [WHITE, BLUE, RED]


@pytest.mark.slow
@pytest.mark.parametrize("ffmpeg", [True, False], ids=["FFmpeg", "no FFmpeg"])
@pytest.mark.parametrize(
    "turn", ["rotation 90", "rotation -90", "rotation 180", "hflip", "vflip", "rotation 90 -display_vflip"]
)
def test_each_turn_is_applied(corner_clip, narration_file, tmp_path, monkeypatch, ffmpeg, turn):
    turned = tmp_path / "turned.mp4"
    run([*f"-display_{turn}".split(), "-i", str(corner_clip), "-c", "copy", str(turned)])
    expected = colors(turned, *CORNERS, reader=ffmpeg_frame)
    if not ffmpeg:
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    size = (128, 320) if "90" in turn else (320, 128)
    done = make(turned, narration_file, tmp_path, size=size)
    assert metadata(done.path) == (*size, False, 1)
    assert colors(done.path, *CORNERS) == expected


@pytest.mark.slow
@pytest.mark.parametrize("container", [VideoFormat.MP4, VideoFormat.WEBM])
@pytest.mark.parametrize(
    ("stored", "ratio", "shown"),
    [("160x128", "2/1", (320, 128)), ("320x128", "1/2", (160, 128)), ("320x128", "4/3", (426, 128))],
)
def test_pixels_become_square(narration_file, tmp_path, container, stored, ratio, shown):
    clip = tmp_path / "clip.mp4"
    run([*_lavfi(f"color=red:s={stored}:d=2.5:r=30,setsar={ratio}"), str(clip)])
    width, height = stored.split("x")
    for number, size in enumerate([shown, (int(width), int(height))]):
        done = make(clip, narration_file, _folder(tmp_path, f"{number}"), size=size, format=container)
        assert metadata(done.path) == (*size, False, 1)


@pytest.mark.parametrize("ffmpeg", [True, False], ids=["FFmpeg", "no FFmpeg"])
def test_implausible_pixels_are_ignored_with_warning(narration_file, tmp_path, monkeypatch, ffmpeg):
    clip = tmp_path / "clip.mp4"
    run([*_lavfi("color=red:s=128x72:d=2.5:r=10,setsar=20/1"), str(clip)])
    if not ffmpeg:
        monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(clip, narration_file, tmp_path, size=(128, 72), subtitle_mode=SubtitleMode.NONE)
    assert metadata(done.path) == (128, 72, False, 1)
    assert done.warnings == (
        "The clip's header declares pixels of an implausible shape; they are shown as squares.",
    )


def test_a_strip_is_cropped_before_scaling(narration_file, tmp_path, monkeypatch):
    clip = tmp_path / "clip.mp4"
    run([*_lavfi("color=red:s=4000x16:d=2.5:r=5,drawbox=x=2100:w=1900:h=16:c=blue:t=fill"), str(clip)])
    filters = []
    run_ffmpeg = assemble_module.run_ffmpeg
    monkeypatch.setattr(
        assemble_module, "run_ffmpeg", lambda args, **how: filters.append(args) or run_ffmpeg(args, **how)
    )
    done = make(clip, narration_file, tmp_path, fps=5, subtitle_mode=SubtitleMode.NONE)
    assert colors(done.path, (0.5, 0.5)) == [RED]
    (scaled,) = re.findall(r"scale=(\d+):(\d+)", " ".join(filters[-1]))
    assert scaled == ("1280", "720")


def test_a_wide_pixel_does_not_squeeze_the_image(narration_file, tmp_path):
    clip = tmp_path / "clip.mp4"
    half = "color=white:s=160x128:d=2.5:r=30,drawbox=x=40:w=80:y=32:h=64:c=red:t=fill,setsar=2/1"
    run([*_lavfi(half), str(clip)])
    done = make(clip, narration_file, tmp_path, size=(128, 128), subtitle_mode=SubtitleMode.NONE)
    # Shown at 320x128, the red box is 160 wide: in the middle 128 nothing is white beside it.
    assert colors(done.path, (0.04, 0.5), (0.96, 0.5), (0.5, 0.1)) == [RED, RED, WHITE]


def test_burning_into_a_turned_video_keeps_it_upright(tmp_path):
    source = DATA / "clip_rotated.mp4"
    for mode in (SubtitleMode.BURN, SubtitleMode.SOFT):
        work = _folder(tmp_path, mode.value)
        done = asyncio.run(embed_subtitles(source, CUES, mode=mode, work=work, to=work / "new.mp4"))
        assert done.subtitle_mode is mode
        assert (done.info.video.width, done.info.video.height) == (360, 640)
        assert colors(done.path, (0.05, 0.2), (0.5, 0.2), reader=ffmpeg_frame) == [WHITE, BLUE]


CORNERS = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8))


@pytest.fixture
def corner_clip(tmp_path: Path) -> Path:
    """A clip of 320x128 with a colour in each corner."""
    path = tmp_path / "corners.mp4"
    boxes = ["x=160:y=0:w=160:h=64:c=blue", "x=0:y=64:w=160:h=64:c=white", "x=160:y=64:w=160:h=64:c=lime"]
    filters = ",".join(f"drawbox={box}:t=fill" for box in boxes)
    run([*_lavfi(f"color=red:s=320x128:d=2.5:r=30,{filters}"), str(path)])
    return path


def _lavfi(source: str) -> list[str]:
    return ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]


def run(args: list[str]) -> None:
    subprocess.run([find_ffmpeg().path, "-y", "-v", "error", *args], check=True)


def first_frame(path: Path):
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def ffmpeg_frame(path: Path):
    """Return the first frame as FFmpeg shows it, turned."""
    run(["-i", str(path), "-frames:v", "1", str(path.with_suffix(".png"))])
    return first_frame(path.with_suffix(".png"))


def colors(path: Path, *places: tuple[float, float], reader=first_frame) -> list[tuple[int, ...]]:
    """Return the colours at places, given as shares of width and height, each channel 0 or 255."""
    pixels = reader(path)
    height, width = pixels.shape[:2]
    found = (pixels[int(y * height), int(x * width)] for x, y in places)
    return [tuple(255 if channel > 127 else 0 for channel in color) for color in found]


def metadata(path: Path) -> tuple[int, int, bool, int]:
    """Return the stored width and height, True if they are shown turned, and the shape of a pixel."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        shape = stream.sample_aspect_ratio or 1
        data = next(container.decode(video=0)).side_data
        turned = "DISPLAYMATRIX" in [data[index].type.name for index in range(len(data))]
        return stream.width, stream.height, turned, shape


# Without FFmpeg, or with one that lacks a feature


def real_ffmpeg() -> str:
    return f'REAL="{find_ffmpeg().path}"\n'


def test_without_libass_captions_become_a_sidecar(clips, narration_file, tmp_path, monkeypatch):
    body = 'case "$*" in *-filters*) "$REAL" "$@" | grep -v " subtitles ";; *) exec "$REAL" "$@";; esac'
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(shell_program(tmp_path / "ffmpeg", real_ffmpeg() + body)))
    done = make(clips / "long.mp4", narration_file, tmp_path, subtitle_mode=SubtitleMode.BURN)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "no subtitles filter" in done.warnings[0]
    assert done.info.duration == pytest.approx(2.0, abs=0.05)


def test_failed_embedding_makes_captions_a_sidecar(clips, narration_file, tmp_path, monkeypatch):
    body = (
        'case "$*" in *mov_text*) echo "Unknown encoder mov_text" >&2; exit 8;; *) exec "$REAL" "$@";; esac'
    )
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(shell_program(tmp_path / "ffmpeg", real_ffmpeg() + body)))
    done = make(clips / "long.mp4", narration_file, tmp_path)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "Unknown encoder mov_text" in done.warnings[0]
    assert done.info.subtitles == ()


def test_without_ffmpeg_the_narration_is_still_muxed(clips, narration_file, tmp_path, monkeypatch):
    source = clips / "long.mp4"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(source, narration_file, tmp_path)
    assert done.subtitle_mode is SubtitleMode.SIDECAR
    assert "No working FFmpeg was found" in done.warnings[0]
    assert done.info.audio.codec == "aac"
    assert done.info.duration == pytest.approx(2.0, abs=0.1)


def test_without_ffmpeg_a_short_clip_still_loops(clips, narration_file, tmp_path, monkeypatch):
    source = clips / "short.mp4"
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(tmp_path / "nowhere"))
    done = make(source, narration_file, tmp_path)
    assert done.info.video.duration == pytest.approx(2.0, abs=0.1)
    assert "stays 640x360" in " ".join(done.warnings)


@pytest.mark.parametrize(
    "content", [b'{"error": "not ready"}', b"", b"ffconcat version 1.0\nfile victim.mp4\n"]
)
def test_a_clip_that_is_not_video_is_refused(narration_file, tmp_path, content):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(content)
    with pytest.raises(MediaError, match="cannot be opened"):
        make(clip, narration_file, tmp_path)


# Adding captions to a finished video


def test_embedding_into_a_finished_video_copies_its_frames(clips, tmp_path):
    source = clips / "long.mp4"
    done = asyncio.run(
        embed_subtitles(source, CUES, mode=SubtitleMode.SOFT, work=tmp_path, to=tmp_path / "new.mp4")
    )
    assert [track.codec for track in done.info.subtitles] == ["mov_text"]
    assert done.info.audio is not None
    assert first_packet(done.path) == first_packet(source)
