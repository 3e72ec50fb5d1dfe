"""Burning captions in: the script, the fonts, and warnings about what cannot be drawn."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from voxweave_nb import Cue, SubtitleLook, VideoStyle
from voxweave_nb.media import burn
from voxweave_nb.media.ass import AssStyle, ass_event, ass_script
from voxweave_nb.media.burn import (
    WEIGHTS,
    burn_script,
    emoji_warning,
    font_folder,
    font_option,
    glyph_warnings,
    size_warnings,
)
from voxweave_nb.media.running import run_ffmpeg
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.media.typeset import width_of
from voxweave_nb.styles import load_style


def style(look: SubtitleLook) -> list[str]:
    text = burn_script([Cue(0, 1, "hi")], 1920, 1080, look)
    return next(line for line in text.split("\n") if line.startswith("Style:")).split(",")


def test_every_cue_is_an_escaped_event():
    text = burn_script([Cue(0, 1.5, "one"), Cue(2, 3, "{\\b1}two")], 640, 360)
    events = [line for line in text.split("\n") if line.startswith("Dialogue:")]
    assert events == [
        "Dialogue: 0,0:00:00.00,0:00:01.50,Default,,0,0,0,,{\\b600}one",
        "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\b600}\\{\\\u2060b1\\}two",
    ]


def test_looks_differ_in_size_and_border():
    box, outline, large = (
        style(look) for look in (SubtitleLook.BOX, SubtitleLook.OUTLINE, SubtitleLook.LARGE)
    )
    assert int(large[2]) > 1.2 * int(box[2])
    assert int(outline[2]) == int(box[2])
    assert (box[15], outline[15], large[15]) == ("3", "1", "3")


# Writing systems

FIELD = Path(__file__).parents[1] / "data" / "field"
FRAMES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}
LONG = "The sea is far below us and the waves come and go until the evening. "


def frame_of(cue: Cue, size: tuple[int, int], work: Path) -> np.ndarray:
    """Draw a caption; return where the frame is as bright as its letters."""
    width, height = size
    (work / "captions.ass").write_text(burn_script([cue], *size), encoding="utf-8")
    source = ["-f", "lavfi", "-i", f"color=black:s={width}x{height}:d=0.1:r=10"]
    draw = ["-vf", f"subtitles=f=captions.ass{font_option()}", "-frames:v", "1", "drawn.png"]
    asyncio.run(run_ffmpeg([*source, *draw], cwd=work, timeout=60, env=font_folder(work)))
    with av.open(str(work / "drawn.png")) as image:
        return next(image.decode(video=0)).to_ndarray(format="gray") > 150


@pytest.mark.parametrize("size", FRAMES.values(), ids=list(FRAMES))
def test_a_full_stop_ends_hebrew_at_the_left(tmp_path, size):
    cue = read_subtitles(FIELD / "hebrew.srt").cues[0]
    drawn = frame_of(Cue(0, 5, cue.text), size, tmp_path)
    rows = np.flatnonzero(drawn.any(axis=1))
    line = drawn[rows[-1] - 8 - size[1] // 40 : rows[-1] + 1]  # the last one
    columns = np.flatnonzero(line.any(axis=0))
    first, last = (line[:, at : at + 3].any(axis=1) for at in (columns[0], columns[-1] - 2))
    assert np.ptp(np.flatnonzero(first)) < 0.5 * np.ptp(np.flatnonzero(last))


@pytest.mark.parametrize("size", FRAMES.values(), ids=list(FRAMES))
@pytest.mark.parametrize("look", list(SubtitleLook))
@pytest.mark.parametrize(
    "text", ["the field", "https://example.org/" + "a-very-long/path_to?" * 6, "x" * 120]
)
def test_lines_without_spaces_fit(size, look, text):
    text = read_subtitles(FIELD / "cjk_long.srt").cues[0].text if text == "the field" else text
    event = burn_script([Cue(0, 1, text)], *size, look).strip().split("\n")[-1]
    rows = event.rpartition("}")[2].split("\\N")
    smaller = re.search(r"\\fs(\d+)", event)
    usual = size[1] * (0.062 if look is SubtitleLook.LARGE else 0.047)
    pixels = (int(smaller[1]) if smaller else usual) * 0.87
    assert "".join(rows) == text
    assert all(width_of(row) * pixels <= 0.8 * size[0] + 1 for row in rows)


@pytest.mark.parametrize("size", FRAMES.values(), ids=list(FRAMES))
def test_letters_stay_inside_the_frame(tmp_path, size):
    for text in (read_subtitles(FIELD / "cjk_long.srt").cues[0].text, "x" * 120, LONG * 8):
        drawn = frame_of(Cue(0, 1, text), size, tmp_path)
        assert drawn.any()
        assert not drawn[:, : size[0] // 20].any()
        assert not drawn[:, -size[0] // 20 :].any()
        assert not drawn[: size[1] // 20].any()


def test_a_broken_line_keeps_its_direction():
    text = "הסרטון " + "https://example.org/" + "a-very-long/path_to?" * 6 + " סוף."
    event = burn_script([Cue(0, 1, text)], 720, 1280).strip().split("\n")[-1]
    rows = event.rpartition("}")[2].split("\\N")
    assert len(rows) > 2
    assert rows[1].startswith("\u200f")


def test_a_caption_too_long_gets_smaller_letters():
    cues = [Cue(0, 1, LONG * 8), Cue(1, 2, "short")]
    text = burn_script(cues, 720, 1280)
    assert "{\\b600\\fs" in text
    assert text.endswith("{\\b600}short\n")
    assert size_warnings(cues, 720, 1280) == (
        "The caption 'The sea is far below us and th…' is long for a frame of 720x1280 and drawn in smaller letters.",
    )
    assert size_warnings(cues[1:], 720, 1280) == ()


def test_a_caption_that_never_fits_is_said():
    cues = [Cue(at, at + 1, "\n".join(["line"] * 80)) for at in range(2)]
    assert size_warnings(cues, 360, 360) == (
        "2 captions, such as 'line line line line line line …', are too long for a frame of 360x360 and will be cut "
        "off. Split them into shorter ones, or use soft subtitles.",
    )


def test_inter_lies_in_the_font_folder(tmp_path):
    env = font_folder(tmp_path)
    config = (tmp_path / "fonts.conf").read_text(encoding="utf-8")
    assert env == {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
    assert f"<dir>{tmp_path / 'fonts'}</dir>" in config
    assert list((tmp_path / "fonts").glob("inter-*.ttf"))


# Systems whose libass does not ask fontconfig

WITHOUT_INTER = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>"""


def drawn(text: str, weight: int, work: Path, env: dict[str, str]) -> np.ndarray:
    """Draw a line of white letters on black; the values are 0 to 255."""
    event = ass_event(0, 2, "Words", f"{{\\pos(20,60)\\fs48\\b{weight}\\q2}}{text}")
    script = ass_script(1280, 120, [AssStyle(name="Words", alignment=4)], [event], wrap=False)
    (work / "words.ass").write_text(script, encoding="utf-8")
    source = ["-f", "lavfi", "-i", "color=c=black:s=1280x120:r=1:d=1"]
    drawing = ["-vf", f"ass=f=words.ass{font_option()}", "-frames:v", "1", "words.png"]
    asyncio.run(run_ffmpeg([*source, *drawing], cwd=work, timeout=60, env=env))
    with av.open(str(work / "words.png")) as image:
        return next(image.decode(video=0)).to_ndarray(format="gray").astype(float)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
@pytest.mark.parametrize("weight", sorted({*WEIGHTS, 750}))
def test_inter_looks_alike_on_every_system(platform, weight, tmp_path, monkeypatch):
    text = "The quick wäve Жизнь Γειά 0123"
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    here = drawn(text, weight, tmp_path / "here", font_folder(tmp_path / "here"))
    monkeypatch.setattr(burn, "sys", SimpleNamespace(platform=platform))
    font_folder(tmp_path / "there")
    (tmp_path / "there" / "fonts.conf").write_text(WITHOUT_INTER)
    env = {"FONTCONFIG_FILE": str(tmp_path / "there" / "fonts.conf")}
    there = drawn(text, weight, tmp_path / "there", env)
    assert there.sum() == pytest.approx(here.sum(), rel=0.01)  # as much ink
    for axis in (0, 1):
        edges = [np.flatnonzero(image.max(axis) > 80)[[0, -1]] for image in (here, there)]
        assert np.abs(edges[0] - edges[1]).max() <= 1  # as large, in pixels


def test_every_style_has_its_weight():
    weights = {int(load_style(name).type["weight"]) for name in VideoStyle}
    assert all(min(abs(weight - each) for each in WEIGHTS) <= 50 for weight in weights)


def test_missing_glyphs_become_one_warning():
    log = "failed to find any fallback with glyph 0x6DF1\nfailed to find any fallback with glyph 0x6D77\n"
    (warning,) = glyph_warnings(log)
    assert "2 of the captions' characters (Cjk: 海 深)" in warning


@pytest.mark.parametrize("log", ["", "glyph 0x200B", "failed to find any fallback with glyph 0x2060"])
def test_invisible_characters_are_not_missed(log):
    assert glyph_warnings(log) == ()


def test_emoji_get_a_warning():
    assert "emoji" in emoji_warning([Cue(0, 1, "waves 🌊")])[0]
    assert emoji_warning([Cue(0, 1, "waves")]) == ()
