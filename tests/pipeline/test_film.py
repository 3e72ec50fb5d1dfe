"""A film of scenes: one file with the narration, captions and chapters, each scene at its time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.files import frame_numbers, write_clip, write_counted, write_tone
from tests.media.test_chapters import read
from voxweave_nb import ConfigError, Cue, MediaError, VideoConfig
from voxweave_nb.media.grade import rgb_of
from voxweave_nb.media.narration import open_narration
from voxweave_nb.media.poster import write_png
from voxweave_nb.media.stills import open_image
from voxweave_nb.pipeline.film import FilmScene, SceneKind, assemble_film, chapters_of, reference_frame
from voxweave_nb.pipeline.script import ReadScript

CONFIG = VideoConfig(resolution="720p", fps=24, subtitle_mode="none")
CUES = (Cue(0.2, 1.4, "Far below the waves"), Cue(1.6, 3.0, "sunlight fades to nothing"))


def make(work: Path, scenes: list[FilmScene], *, seconds: float = 6.0, config: VideoConfig = CONFIG):
    talk = write_tone(work / "talk.wav", "pcm_s16le", seconds, rate=16_000)
    narration = open_narration(talk, work=work, max_seconds=60, max_bytes=10**9)
    cache = work / "cache"
    done = []
    made = asyncio.run(
        assemble_film(
            scenes,
            ReadScript(narration, CUES),
            config,
            cache=cache,
            work=work,
            metadata={"title": "Sea"},
            on_progress=done.append,
        )
    )
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0, abs=0.05)
    return made


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return write_counted(tmp_path / "take.mp4", frames=60, fps=24, size="1280x720")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    write_png(np.full((600, 900, 3), (40, 160, 90), np.uint8), tmp_path / "map.png")
    return tmp_path / "map.png"


def scenes_of(take: Path, image: Path) -> list[FilmScene]:
    return [
        FilmScene(start=0.0, end=2.31, source=take, title="Far below the waves"),
        FilmScene(start=2.31, end=4.0, source=image, kind=SceneKind.STILL, title="sunlight fades"),
        FilmScene(start=4.0, end=6.0, source=take, kind=SceneKind.OWN, title="to nothing"),
    ]


def test_a_film_has_every_scene_at_its_time(take, image, tmp_path):
    made = make(tmp_path, scenes_of(take, image))
    numbers = frame_numbers(made.path)
    assert len(numbers) == 144
    assert numbers[:55] == list(range(55))  # 2.31 s are 55.4 frames
    assert numbers[96:] == list(range(48))
    assert (made.info.video.width, made.info.video.height) == CONFIG.size
    assert made.info.audio.duration == pytest.approx(6.0, abs=0.05)
    assert made.warnings == ()
    assert [title for _, title in read(made.path)] == ["Far below the waves", "sunlight fades", "to nothing"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["soft", "burn"])
def test_a_film_upright_with_captions_is_exact(take, image, tmp_path, mode):
    config = replace(CONFIG, aspect="9:16", subtitle_mode=mode)
    scenes = [replace(scene, dissolve=True) for scene in scenes_of(take, image)]
    made = make(tmp_path, scenes, config=config)
    assert made.subtitle_mode.value == mode
    assert len(frame_numbers(made.path)) == 144
    assert (made.info.video.width, made.info.video.height) == config.size


def test_an_animatic_is_shown_from_its_place(take, tmp_path):
    scenes = [
        FilmScene(start=0.0, end=1.52, source=take, begin=0.0),
        FilmScene(start=1.52, end=2.0, source=take, begin=1.52),
    ]
    assert frame_numbers(make(tmp_path, scenes, seconds=2.0).path) == list(range(48))


def test_an_animatic_of_another_rate_shows_no_neighbour(tmp_path):
    """Of 24 frames per second in a film of 30; its scenes begin at frames 36 and 47."""
    draft = write_counted(tmp_path / "draft.mp4", frames=72, fps=24, size="1280x720")
    border, end = 1.4792, 1.9796  # rounded up in the draft, and down in the film
    scenes = [
        FilmScene(start=0.0, end=border, source=draft, until=border),
        FilmScene(start=border, end=end, source=draft, begin=border, until=end),
        FilmScene(start=end, end=3.0, source=draft, begin=end, until=3.0),
    ]
    numbers = frame_numbers(make(tmp_path, scenes, seconds=3.0, config=replace(CONFIG, fps=30)).path)
    cuts = [round(border * 30), round(end * 30)]
    first, second, third = numbers[: cuts[0]], numbers[cuts[0] : cuts[1]], numbers[cuts[1] :]
    drawn = [round(border * 24), round(end * 24)]
    assert (first[0], third[-1], len(numbers)) == (0, 71, 90)
    assert max(first) < drawn[0] == min(second)
    assert max(second) < drawn[1] == min(third)


def test_what_was_not_as_asked_is_said(tmp_path):
    short = write_clip(tmp_path / "short.mp4", size="160x96", seconds=1)
    made = make(tmp_path, [FilmScene(start=0, end=2, source=short, name="Scene 1")], seconds=2.0)
    assert made.warnings == ("Scene 1: a clip of 1.0 s is repeated to fill 2.0 s.",)


def test_a_single_scene_needs_no_chapters(take):
    assert chapters_of([FilmScene(start=0, end=2, source=take, title="Sea")]) == ()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([(0, 2), (2.5, 6)], "starts at 2.50 s"),
        ([(0, 3), (2.5, 6)], "starts at 2.50 s"),
        ([(0, 3), (3, 5)], "Plan the scenes again"),
        ([(1, 3), (3, 6)], "Plan the scenes again"),
        ([], "no scenes"),
    ],
)
def test_scenes_have_to_fill_the_narration(take, tmp_path, times, words):
    scenes = [FilmScene(start=start, end=end, source=take) for start, end in times]
    with pytest.raises(ConfigError, match=words):
        make(tmp_path, scenes)


def test_a_chain_is_matched_to_its_first(tmp_path):
    first = solid(tmp_path / "first.mp4", (90, 120, 160))
    later = solid(tmp_path / "later.mp4", (110, 120, 150))
    scenes = [
        FilmScene(start=0, end=1, source=first),
        FilmScene(start=1, end=2, source=later, chain=0),
    ]
    colors = last_color(make(tmp_path, scenes, seconds=2.0).path)
    assert np.abs(colors - (90, 120, 160)).max() < 5
    frame = asyncio.run(reference_frame(later, seconds=1.0, to=tmp_path / "frame.png", first=first))
    assert np.abs(open_image(frame).reshape(-1, 3).mean(axis=0) - (90, 120, 160)).max() < 5


def solid(path: Path, color: tuple[int, int, int]) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(24):
            pixels = np.full((180, 320, 3), color, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def last_color(path: Path) -> np.ndarray:
    with av.open(str(path)) as video:
        *_, frame = video.decode(video=0)
    return rgb_of(frame).reshape(-1, 3).mean(axis=0)


def test_the_reference_is_where_the_scene_ends(take, image, tmp_path):
    frame = asyncio.run(reference_frame(take, seconds=1.0, to=tmp_path / "frame.png"))
    row = open_image(frame)[360].mean(axis=-1)
    assert sum(int(row[1280 * (2 * bit + 1) // 16] > 125) << bit for bit in range(8)) == 23
    still = asyncio.run(reference_frame(image, seconds=4.0, to=tmp_path / "still.png", size=(1280, 720)))
    height, width = open_image(still).shape[:2]
    assert width / height == pytest.approx(16 / 9, abs=0.02)


def test_a_missing_take_is_an_error(image, tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        make(tmp_path, [FilmScene(start=0, end=6, source=tmp_path / "gone.mp4")])
