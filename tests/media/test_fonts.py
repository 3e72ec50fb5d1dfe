"""Scripts without a font are found out before anything is made, by the real libass."""

from __future__ import annotations

import pytest

from voxweave_nb import SubtitleMode, VideoGenerationService
from voxweave_nb.media import burn, fonts
from voxweave_nb.media.fonts import find_fonts, fonts_known, missing_fonts

THAI, CHINESE = "แสงสีทอง", "深海的光"


@pytest.fixture
def only_inter(monkeypatch) -> None:
    """A machine on which Inter is the only font, and nothing is known yet."""
    alone = burn._FONTCONFIG.replace("/etc/fonts/fonts.conf", "/nowhere/fonts.conf")
    monkeypatch.setattr(burn, "_FONTCONFIG", alone)
    monkeypatch.setattr(fonts, "_drawable", {})


def test_scripts_without_a_font_are_named(only_inter):
    text = f"{THAI} {CHINESE} Grün Ωμέγα слово 🌊 2026"
    assert not fonts_known(text)
    assert missing_fonts(text, "the title") == ()
    find_fonts(text)
    assert fonts_known(text)
    assert missing_fonts(text, "the title") == (
        "No font here has Thai and Chinese letters, so the title will show boxes. Install a font that has them, "
        "such as one of the Noto family.",
    )


@pytest.mark.parametrize(
    "text", ["", "Calm sea", "Größe, déjà vu, ğ, ø", "Ωμέγα", "слово", "2026 — 🌊", "Tiếng Việt"]
)
def test_what_inter_has_is_asked_nowhere(only_inter, monkeypatch, text):
    monkeypatch.setattr(fonts, "_drawn", lambda letters: pytest.fail(f"asked for {letters}"))
    find_fonts(text)
    assert fonts_known(text)
    assert missing_fonts(text, "the title") == ()


def test_inter_has_what_it_is_said_to_have(only_inter, monkeypatch):
    monkeypatch.setattr(fonts, "_IN_INTER", frozenset())
    find_fonts("Größe déjà vu Ωμέγα слово Tiếng Việt")
    assert set(fonts._drawable.values()) == {True}


def test_without_ffmpeg_nothing_is_known(only_inter, monkeypatch):
    monkeypatch.setenv("VOXWEAVE_FFMPEG", "/nowhere/ffmpeg")
    find_fonts(THAI)
    assert not fonts_known(THAI)
    assert missing_fonts(THAI, "the title") == ()


def test_a_plan_says_it_before(only_inter, tmp_path):
    service = VideoGenerationService.local(output_dir=tmp_path)
    assert service.plan(10.0, prompt="calm sea").warnings == ()
    said = service.plan(10.0, prompt=THAI).warnings
    assert [warning[:30] for warning in said] == ["No font here has Thai letters,"]
    assert service.plan(10.0, prompt=THAI, title="").warnings == ()


def test_a_job_says_it_before_it_starts(only_inter, narration_file, tmp_path):
    import asyncio

    from voxweave_nb import Settings, VideoConfig
    from voxweave_nb.pipeline.script import read_script
    from voxweave_nb.request import VideoRequest

    captions = f"1\n00:00:00,000 --> 00:00:01,000\n{THAI}\n"
    for mode, count in ((SubtitleMode.BURN, 1), (SubtitleMode.SOFT, 0)):
        request = VideoRequest(narration_file, captions, VideoConfig(subtitle_mode=mode))
        script = asyncio.run(read_script(request, tmp_path, Settings()))
        assert sum("captions that are burnt in will show boxes" in said for said in script.warnings) == count
