"""Burning captions in: the script, the fonts, and warnings about what cannot be drawn."""

from __future__ import annotations

import pytest

from voxweave_nb import Cue, SubtitleLook
from voxweave_nb.media.burn import burn_script, emoji_warning, font_folder, glyph_warnings


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
