"""Burning captions in: the script, the fonts, and warnings about what cannot be drawn."""

from __future__ import annotations

import asyncio
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
)
from voxweave_nb.media.running import run_ffmpeg
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
