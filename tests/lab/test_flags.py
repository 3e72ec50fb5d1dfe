"""Faults made with FFmpeg are found and said with figures; clips in order have no flags."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from voxweave_nb import Cue, JobCanceled, MediaError, SubtitleLook, VideoStyle
from voxweave_nb.lab.flags import find_flags
from voxweave_nb.lab.records import Flag
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.models import VideoQuality
from voxweave_nb.render.preview import sample_job
from voxweave_nb.render.renderer import render
from voxweave_nb.sample import sample_narration, sample_subtitles

from ..media.files import cut_off

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

CUES = (Cue(0.2, 2.8, "Far below the waves"), Cue(3.0, 5.5, "sunlight fades to nothing"))

MOVING = "testsrc2=s=640x360:r=24:d=6"
SPEECH = "sine=f=220:d=6,volume=0.3"

Maker = Callable[..., Path]


def ffmpeg(*args: str | Path) -> None:
    subprocess.run([find_ffmpeg().path, "-v", "error", "-y", *map(str, args)], check=True)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Return a function that writes a clip of six seconds with sound, changed by filters."""
    folder, made = tmp_path_factory.mktemp("faults"), {}

    def write(*, source: str = MOVING, frames: str = "null", sound: str | None = "anull") -> Path:
        key = (source, frames, sound)
        if key not in made:
            path = folder / f"{len(made)}.mp4"
            inputs = ["-f", "lavfi", "-i", source]
            inputs += ["-f", "lavfi", "-i", SPEECH, "-af", sound] if sound else []
            encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "21", "-pix_fmt", "yuv420p"]
            ffmpeg(*inputs, "-vf", frames, *encoder, "-t", "6", path)
            made[key] = path
        return made[key]

    return write


def found(path: Path, **options: object) -> dict[str, Flag]:
    return {flag.name: flag for flag in find_flags(path, **options)}  # type: ignore[arg-type]


def texts(path: Path, **options: object) -> dict[str, str]:
    return {name: flag.text for name, flag in found(path, **options).items()}


# In order


@pytest.mark.parametrize("source", [MOVING, "mandelbrot=s=640x360:r=24", "testsrc2=s=360x640:r=50:d=6"])
def test_a_clip_in_order_has_no_flags(make: Maker, source: str):
    assert texts(make(source=source), cues=CUES) == {}


def test_short_fades_and_slow_light_are_fine(make: Maker):
    faded = "fade=in:d=0.5,fade=out:st=5.5:d=0.5,eq=brightness='0.1*sin(2*PI*t)':eval=frame"
    assert texts(make(frames=faded), cues=CUES) == {}


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> dict[VideoStyle, Path]:
    """A draft of the bundled narration in each style, with its sound."""
    folder, made = tmp_path_factory.mktemp("drafts"), {}
    for style in VideoStyle:
        job = replace(sample_job(folder, style), width=640, height=360, fps=24, quality=VideoQuality.DRAFT)
        silent, path = folder / f"{style}-silent.mp4", folder / f"{style}.mp4"
        asyncio.run(render(job, silent, work=folder))
        ffmpeg("-i", silent, "-i", sample_narration(), "-map", "0:v", "-map", "1:a", "-c", "copy", path)
        made[style] = path
    return made


@pytest.mark.timeout(600)
def test_clean_drafts_of_all_styles_have_none(drafts: dict[VideoStyle, Path]):
    cues = read_subtitles(sample_subtitles()).cues
    flags = {
        (style, look): texts(path, cues=cues, look=look)
        for style, path in drafts.items()
        for look in (SubtitleLook.BOX, SubtitleLook.OUTLINE)
    }
    assert len(flags) == 14
    assert {key: flagged for key, flagged in flags.items() if flagged} == {}


# Faults of the frames


def test_a_freeze_is_found_with_its_length(make: Maker):
    path = make(frames="loop=loop=71:size=1:start=36,setpts=N/24/TB")
    (flag,) = find_flags(path, variant="v1", cues=CUES)
    assert (flag.variant, flag.name, flag.text) == ("v1", "frozen", "frozen for 3.0 s")
    assert flag.value == pytest.approx(3.0, abs=0.05)


def test_slow_movement_is_not_frozen(make: Maker):
    # 12 pixels a second, behind a mask that never moves
    drift = "loop=loop=-1:size=1,setpts=N/24/TB,scroll=h=0.0008,drawbox=h=300:c=gray:t=fill"
    assert texts(make(frames=drift)) == {}


def test_a_still_end_under_sound_is_frozen(make: Maker):
    assert texts(make(frames="trim=duration=2"))["frozen"] == "frozen for 4.0 s"


def test_changing_burnt_captions_do_not_hide_a_freeze(make: Maker):
    captions = "drawbox=x=200:y=300:w=240:h=30:c=white:t=fill:enable='lt(mod(n,24),12)'"
    path = make(frames=f"loop=loop=-1:size=1,setpts=N/24/TB,{captions}")
    assert texts(path, burnt=True) == {"frozen": "frozen for 6.0 s"}
    assert texts(path, burnt=False) == {}


def test_a_black_second_is_found(make: Maker):
    path = make(frames="drawbox=c=black:t=fill:enable='gte(t,2)*lt(t,3)'")
    assert texts(path, cues=CUES) == {"black": "black for 1.0 s"}


def test_a_bright_strip_on_black_is_not_black(make: Maker):
    assert texts(make(frames="drawbox=h=140:c=black:t=fill,drawbox=y=180:h=180:c=black:t=fill")) == {}


def test_flicker_is_found_with_its_rate(make: Maker):
    path = make(frames="eq=brightness='0.02*sin(2*PI*8*t)':eval=frame")
    assert texts(path, cues=CUES) == {"flicker": "flickers 8 times a second"}


def test_flashes_are_counted_per_second(make: Maker):
    path = make(frames="drawbox=c=white:t=fill:enable='lt(mod(n,6),3)'")
    assert texts(path)["flashes"] == "4 flashes a second"
    path = make(frames="drawbox=c=white:t=fill:enable='lt(mod(n,2),1)'")
    assert texts(path)["flashes"] == "12 flashes a second"


def test_three_flashes_a_second_pass(make: Maker):
    assert texts(make(frames="drawbox=c=white:t=fill:enable='lt(mod(n,8),4)'")) == {}


def test_red_flashes_are_named(make: Maker):
    dim = "drawbox=c=0x500000:t=fill,drawbox=c=black:t=fill:enable='lt(mod(n,4),2)'"
    assert texts(make(frames=dim))["red_flashes"] == "6 red flashes a second"


def test_a_blurred_clip_is_found(make: Maker):
    path = make(frames="boxblur=4")
    assert set(found(path, cues=CUES)) == {"blur"}
    assert 3 <= found(path)["blur"].value < 8
    assert texts(path)["blur"].startswith("blurred: the sharpest edges are ")


def test_a_soft_background_is_not_blurred(make: Maker):
    split = "split[a][b];[a]boxblur=8[soft];[b]crop=160:180:240:60[sharp];[soft][sharp]overlay=240:60"
    assert texts(make(frames=split)) == {}


def test_many_cuts_are_counted(make: Maker):
    other = "mandelbrot=s=640x360:r=24[other];[in][other]overlay=enable='lt(mod(n,24),12)'"
    assert texts(make(frames=other))["cuts"] == "10 cuts in 5 s"


def test_a_few_cuts_are_fine(make: Maker):
    other = "mandelbrot=s=640x360:r=24[other];[in][other]overlay=enable='lt(mod(n,96),48)'"
    assert texts(make(frames=other)) == {}


# Sound


def test_muted_sound_is_found(make: Maker):
    assert texts(make(sound="volume=0"), cues=CUES) == {"silent": "no sound is heard"}


def test_a_missing_sound_track_is_named(make: Maker):
    assert texts(make(sound=None), cues=CUES) == {"no_sound": "no sound track"}


def test_captions_without_sound_are_counted(make: Maker):
    path = make(sound="volume=0:enable='gt(t,2.9)'")
    assert texts(path, cues=CUES) == {"silent": "no sound during 1 of 2 captions (2.5 s)"}


def test_long_silence_is_found_without_captions(make: Maker):
    assert texts(make(sound="volume=0:enable='gt(t,0.8)'")) == {"silent": "silent for 5.2 s"}
    assert texts(make(sound="volume=0:enable='gt(t,2)'")) == {}


# Captions


def test_captions_that_are_too_fast_are_found(make: Maker):
    hurried = (Cue(1.0, 2.0, "Yellow words that nobody can read so fast"),)
    assert texts(make(), cues=hurried) == {"caption_pace": "captions too fast: 41 characters a second"}


@pytest.mark.parametrize(
    ("text", "seconds", "fast"),
    [
        ("Wait!", 0.2, False),
        ("Three out of four animals", 1.2, False),
        ("深海は夜に光る生き物の世界だ", 1.0, True),
    ],
)
def test_pace_counts_only_what_takes_reading(make: Maker, text: str, seconds: float, fast: bool):
    assert ("caption_pace" in found(make(), cues=(Cue(1.0, 1.0 + seconds, text),))) is fast


def test_outlined_captions_on_white_are_flagged(make: Maker):
    path = make(frames="drawbox=y=240:h=120:c=white:t=fill")
    flag = found(path, cues=CUES, look=SubtitleLook.OUTLINE)["caption_contrast"]
    assert flag.text == "captions hard to read: contrast down to 2.3 : 1"
    assert texts(path, cues=CUES, look=SubtitleLook.BOX) == {}
    assert texts(path, look=SubtitleLook.OUTLINE) == {}


# Broken files


def test_a_missing_file_is_an_error(tmp_path: Path):
    with pytest.raises(MediaError, match=r"none\.mp4 cannot be opened"):
        find_flags(tmp_path / "none.mp4")


def test_a_sound_file_is_an_error():
    with pytest.raises(MediaError, match=r"narration\.m4a has no video in it"):
        find_flags(sample_narration())


def test_noise_is_an_error(tmp_path: Path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 400)
    with pytest.raises(MediaError, match=r"noise\.mp4 cannot be opened"):
        find_flags(path)


def test_frames_without_data_are_an_error(make: Maker, tmp_path: Path):
    whole = make(sound=None).read_bytes()
    start = whole.index(b"mdat") + 4
    end = whole.index(b"moov") - 4
    assert start < end
    path = tmp_path / "empty.mp4"
    path.write_bytes(whole[:start] + bytes(end - start) + whole[end:])
    with pytest.raises(MediaError, match=r"No frame of empty\.mp4 could be read"):
        find_flags(path)


@pytest.mark.parametrize("webm", [False, True])
def test_a_file_cut_off_is_damaged(make: Maker, tmp_path: Path, webm: bool):
    path = cut_off(make(), tmp_path / f"cut.{'webm' if webm else 'mp4'}", webm=webm)
    assert texts(path)["damaged"].startswith("damaged: the video ends ")


def test_damaged_parts_are_counted(make: Maker, tmp_path: Path):
    whole = bytearray(make().read_bytes())
    start, end = whole.index(b"mdat"), whole.index(b"moov")
    for place in range(start + (end - start) // 2, end - 1000, 5000):
        whole[place : place + 400] = bytes(400)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(whole)
    assert "could not be decoded" in texts(path)["damaged"]


# Long videos


@pytest.mark.parametrize("calls", [3, 200])
def test_checking_stops_when_canceled(make: Maker, calls: int):
    path, asked = make(), []

    def canceled() -> bool:
        asked.append(None)
        return len(asked) > calls

    with pytest.raises(JobCanceled, match="was canceled"):
        find_flags(path, canceled=canceled)
    assert len(asked) == calls + 1


FLAT = """
import sys
from tests.systems import peak_memory
from voxweave_nb.lab.flags import find_flags
find_flags(sys.argv[1])
before = peak_memory()
print({each.name for each in find_flags(sys.argv[2])} <= {"cuts"}, peak_memory() - before)
"""


def test_memory_is_flat_in_the_length(make: Maker, tmp_path: Path):
    short, long = make(), tmp_path / "long.mp4"
    ffmpeg("-stream_loop", "40", "-i", short, "-c", "copy", long)
    # In a process of its own: what other tests have used before hides or adds to the growth.
    command = [sys.executable, "-c", FLAT, str(short), str(long)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240, check=True)
    right, grown = done.stdout.split()
    assert right == "True"
    assert int(grown) < 20_000  # KB
