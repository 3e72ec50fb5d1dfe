"""Titles, typeset and drawn."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.media.typeset import width_of
from voxweave_nb.models import Cue, VideoStyle
from voxweave_nb.render.film import Film
from voxweave_nb.render.job import RenderJob
from voxweave_nb.render.prompt import read_prompt
from voxweave_nb.render.scene_list import FilmScene
from voxweave_nb.render.shots import Shot, shots_of
from voxweave_nb.render.titles import script, write_titles
from voxweave_nb.styles import load_style

MakeJob = Callable[..., RenderJob]


def words(job: RenderJob) -> str:
    return script(job, read_prompt(job.prompt, job.seed, load_style(job.style)))


def spoken(text: str) -> list[str]:
    """Return the text that libass draws: events without overrides and drawings."""
    events = [line.split(",", 9)[9] for line in text.splitlines() if line.startswith("Dialogue:")]
    return [
        re.sub(r"(?<!\\)\{[^}]*\}", "", event)
        for event in events
        if "\\p1" not in event and "\\p4" not in event
    ]


def test_the_prompt_is_the_default_title(make_job: MakeJob) -> None:
    assert "RAIN ON NEON GLASS" in spoken(words(make_job()))
    assert "OTHER" in spoken(words(make_job(title="Other")))
    assert words(make_job(title="")) == ""


def test_text_in_a_title_is_never_a_command(make_job: MakeJob) -> None:
    text = words(make_job(title="{\\fscx9000}a\\Nb {c}"))
    for event in text.splitlines():
        if event.startswith("Dialogue:"):
            for override in re.findall(r"(?<!\\)\{([^}]*)\}", event):
                assert "9000" not in override
    assert "\\{" in text


def test_key_phrases_come_when_they_are_spoken(make_job: MakeJob) -> None:
    text = words(make_job("educational"))
    starts = {
        line.split(",")[1]
        for line in text.splitlines()
        if line.startswith("Dialogue:") and line.endswith(("Sound becomes light", "Light becomes a city"))
    }
    assert starts == {"0:00:00.90", "0:00:03.10"}


def test_a_long_lesson_turns_its_pages(make_job: MakeJob) -> None:
    cues = [Cue(4.0 * n + 1, 4.0 * n + 3, f"Point number {n} of many") for n in range(40)]
    text = words(make_job("educational", cues=cues, duration=170.0))
    shown: list[tuple[str, str]] = [
        (line.split(",")[1], line.split(",")[2]) for line in text.splitlines() if "Point number" in line
    ]
    assert len(shown) == 40
    for moment in (20, 60, 120):
        stamp = f"0:{moment // 60:02d}:{moment % 60:02d}.00"
        assert 1 <= sum(start <= stamp < end for start, end in shown) <= 4


SHAPES = {"16:9": (640, 360), "9:16": (360, 640), "1:1": (360, 360)}


LONG = "how the creatures of the deep sea learned to speak in light and colour"


def drawn(
    job: RenderJob, at: float, work: Path, shots: Sequence[Shot] = ()
) -> tuple[float, float, float, float]:
    """Return the box of the drawn titles: left, top, right and bottom as fractions of the frame."""
    laid = write_titles(job, read_prompt(job.prompt, job.seed, load_style(job.style)), work, shots)
    paper = f"color=c=0x808080:s={job.width}x{job.height}:r=1,setpts=PTS+{at}/TB"
    command = [
        *(str(find_ffmpeg().path), "-v", "error", "-f", "lavfi", "-i", f"{paper},{laid.filters}"),
        *("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"),
    ]
    raw = subprocess.run(command, cwd=work, env={**os.environ, **laid.env}, capture_output=True, check=True)
    image = np.frombuffer(raw.stdout, np.uint8).reshape(job.height, job.width).astype(int)
    rows, columns = np.nonzero(abs(image - image[0, 0]) > 60)
    return (
        columns.min() / job.width, rows.min() / job.height, columns.max() / job.width, rows.max() / job.height
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "prompt", ["rain", LONG, LONG.upper(), "深海の生き物は光の言葉で互いに話すことを覚えた"]
)
@pytest.mark.parametrize("aspect", SHAPES)
@pytest.mark.parametrize("style", [style.value for style in VideoStyle])
def test_titles_stay_inside_the_safe_area(
    style: str, aspect: str, prompt: str, make_job: MakeJob, tmp_path: Path
) -> None:
    width, height = SHAPES[aspect]
    job = make_job(style, width=width, height=height, prompt=prompt)
    left, top, right, bottom = drawn(job, 1.2, tmp_path)
    assert left >= 0.04
    assert top >= 0.04
    assert right <= 0.96
    assert bottom <= 0.90


@pytest.mark.parametrize("aspect", ["9:16", "1:1"])
def test_titles_of_narrow_frames_clear_the_chart(aspect: str, make_job: MakeJob, tmp_path: Path) -> None:
    width, height = SHAPES[aspect]
    cues = [Cue(2.5 * n, 2.5 * n + 2, f"Point {n} of many that are to be learned") for n in range(13)]
    job = make_job("educational", width=width, height=height, prompt=LONG, cues=cues)
    film = Film(job)
    lowest = max(drawn(replace(job, duration=33.0), at, tmp_path)[3] for at in (9.0, 20.0, 32.0))
    assert lowest < film.backdrop_of(film.shots[0])._card[1] / film.height


SAID = "They glow to hunt, to hide, and to find each other."


@pytest.mark.parametrize("aspect", SHAPES)
@pytest.mark.parametrize("style", ["anime", "cinematic", "cyberpunk", "realistic"])
def test_a_lower_third_stands_above_the_captions(
    style: str, aspect: str, make_job: MakeJob, tmp_path: Path
) -> None:
    width, height = SHAPES[aspect]
    job = make_job(style, width=width, height=height, duration=20.0, cues=[Cue(10.1, 14.0, SAID)])
    left, top, right, bottom = drawn(job, 12.0, tmp_path, [Shot(0, 0.0, 10.0), Shot(1, 10.0, 20.0)])
    assert left > 0.05
    assert right < 0.95
    assert 0.55 < top < bottom < 0.83


def test_lower_thirds_start_with_shots_and_need_titles(make_job: MakeJob) -> None:
    shots = [Shot(0, 0.0, 10.0), Shot(1, 10.0, 20.0)]
    job = make_job("anime", duration=20.0, cues=[Cue(10.1, 14.0, SAID)])
    reading = read_prompt(job.prompt, job.seed, load_style(job.style))
    lines_of = [line for line in script(job, reading, shots).splitlines() if "They glow" in line]
    assert {line.split(",")[1] for line in lines_of} == {"0:00:10.55"}
    assert script(replace(job, title=""), reading, shots) == ""


# Writing systems

HEBREW, ARABIC = "אור זהוב מעל ים שקט", "ضوء ذهبي فوق بحر هادئ"
CHINESE, JAPANESE = "海洋深处的光线几乎完全消失只有少数生物能够发光", "静かな海に降る黄金の光と、夕暮れの波"
THAI, HINDI = "แสงสีทองเหนือทะเลที่เงียบสงบยามพลบค่ำ", "शांत समुद्र पर सुनहरी रोशनी"


@pytest.mark.parametrize("title", [HEBREW, ARABIC, THAI, HINDI])
@pytest.mark.parametrize("style", list(VideoStyle))
def test_joined_letters_are_not_spaced(make_job: MakeJob, style: VideoStyle, title: str) -> None:
    job = make_job(style, title=title, cues=[Cue(0.2, 1.4, title)])
    drawn = words(job)
    assert set(re.findall(r"fsp(-?[\d.]+)", drawn)) <= {"0.00", "-0.00"}


def test_latin_letters_keep_their_spacing(make_job: MakeJob) -> None:
    assert re.search(r"fsp[1-9]", words(make_job("cinematic", title="Calm sea")))


@pytest.mark.parametrize(
    "title", [CHINESE, JAPANESE, THAI, HEBREW, ARABIC, "Golden light over a calm sea at dusk"]
)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("style", list(VideoStyle))
def test_no_title_is_cut_off(make_job: MakeJob, style: VideoStyle, shape: str, title: str) -> None:
    width, height = SHAPES[shape]
    drawn = words(make_job(style, prompt=title, width=width, height=height, cues=[], duration=12.0))
    shown = re.sub("[\u200e\u200f ]", "", "".join(spoken(drawn)).replace("\\N", ""))
    assert title.replace(" ", "").upper() in shown.upper()
    for size, text in re.findall(r"\\fs([\d.]+).*?\}([^{}]+)$", drawn, re.MULTILINE):
        assert all(width_of(row) * float(size) / 1.43 < width for row in text.split("\\N"))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_title_from_right_to_left_stands_right(make_job: MakeJob, shape: str) -> None:
    width, height = SHAPES[shape]
    made = {
        title: words(make_job("realistic", title=title, width=width, height=height, duration=12.0))
        for title in (HEBREW, "Calm sea")
    }
    places = {title: float(re.search(r"\\pos\(([\d.]+),", drawn)[1]) for title, drawn in made.items()}  # type: ignore[index]
    assert places["Calm sea"] < 0.2 * width < 0.8 * width < places[HEBREW]
    assert all(drawn.split("[Events]")[0].rstrip().endswith("-1") for drawn in made.values())


def test_each_scene_shows_its_label(make_job: MakeJob) -> None:
    scenes = (FilmScene(0.0, 2.0, label="1"), FilmScene(2.0, 4.0, label="2"))
    job = make_job(title="", scenes=scenes, cues=[])
    text = script(
        job, read_prompt(job.prompt, job.seed, load_style(job.style)), shots_of(scenes, 4.0, job.fps)
    )
    events = [line.split(",") for line in text.splitlines() if line.startswith("Dialogue:")]
    assert [(event[1], event[2]) for event in events] == [
        ("0:00:00.00", "0:00:01.96"),
        ("0:00:01.96", "0:00:03.96"),
    ]
    assert spoken(text) == ["1", "2"]


def test_key_phrases_of_scenes_keep_apart(make_job: MakeJob) -> None:
    bounds = range(0, 60, 6)
    cues = [Cue(start + 0.3, start + 5, f"Sentence {start} of many.") for start in bounds]
    scenes = tuple(FilmScene(start, start + 6.0) for start in bounds)
    job = make_job(title="One", duration=60.0, cues=cues, scenes=scenes)
    shown = spoken(script(job, read_prompt("", None, load_style(job.style)), shots_of(scenes, 60.0, job.fps)))
    assert 2 <= len([text for text in shown if text.startswith("SENTENCE")]) <= 4
    draft = replace(job, scenes=tuple(replace(scene, label="1") for scene in scenes))
    shown = spoken(
        script(draft, read_prompt("", None, load_style(job.style)), shots_of(scenes, 60.0, job.fps))
    )
    assert not [text for text in shown if text.startswith("SENTENCE")]
