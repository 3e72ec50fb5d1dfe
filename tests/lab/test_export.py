"""A lab's page on disk: which videos are inside it, which files it replaces, and what it says."""

from __future__ import annotations

import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from voxweave_nb import ConfigError
from voxweave_nb.lab import export

pytestmark = pytest.mark.slow

NASTY = "rain </script><script>alert(1)</script> \"'<!-- مرحبا"


@pytest.fixture
def made(lab):
    lab.run().result(120)
    return lab


class Tags(HTMLParser):
    """Counts a page's tags and collects its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.count[tag] += 1

    def handle_data(self, data):
        self.texts.append(data)


def sources(page: Path) -> list[str]:
    return [
        part.split('"')[0]
        for part in page.read_text("utf-8").split(' src="')[1:]
        if "text/vtt" not in part[:30]
    ]


def test_all_videos_are_inside_the_page(made, tmp_path):
    page = made.export(tmp_path / "harbour.html")
    assert set(page.embedded) == {each.id for each in made.variants}
    assert (page.linked, page.warnings) == ((), ())
    assert page.path == tmp_path / "harbour.html"
    assert Path(page).stat().st_size > sum(each.video.size for each in made.variants)
    assert "All videos are inside this page." in page.path.read_text("utf-8")
    assert "videos inside: 4, linked: 0" in str(page)
    assert page.path.name in page._repr_html_()


def test_the_best_videos_are_inside_first(made, tmp_path):
    best, *others = made.variants[::-1]
    for _ in range(6):
        for other in others:
            made.vote(best, other, "left")
    page = made.export(tmp_path / "harbour.html", embed=best.video.size)
    assert page.embedded == (best.id,)
    assert set(page.linked) == {each.id for each in others}
    text = page.path.read_text("utf-8")
    assert "1 of 4 videos are inside this page" in page.warnings[0]
    assert "1 of 4 videos are inside this page" in text
    # Who exports is told what to do; who reads cannot do it.
    assert "embed=" in page.warnings[0]
    assert "embed=" not in text
    assert "If they do not play" in text


def test_the_page_names_its_raters(made, open_lab, tmp_path):
    first, second = made.variants[:2]
    made.vote(first, second, "left")
    open_lab(narration=None, rater="Ada").rate(first, thumb=True)
    made.judge(None, "Which is calmer?", model="vision-1", comparisons=1).result(60)
    page = made.export(tmp_path / "harbour.html")
    text = page.path.read_text("utf-8")
    assert "Votes by the author 1." in text
    assert "<bdi>Ada</bdi>" in text
    assert "ranking(by=" not in text
    assert any('rater="Ada"' in each for each in page.warnings)


def test_linked_videos_are_found_after_a_move(made, tmp_path):
    (tmp_path / "out of here").mkdir()
    page = made.export(tmp_path / "out of here" / "harbour.html", embed=0)
    assert len(page.linked) == 4
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.move(tmp_path / "out of here", moved / "pages")
    shutil.move(tmp_path / "labs", moved / "labs")
    found = [
        (moved / "pages" / unquote(each)).resolve() for each in sources(moved / "pages" / "harbour.html")
    ]
    assert sorted(found) == sorted((moved / "labs" / "harbour" / "videos").glob("*.mp4"))


def test_an_earlier_page_is_replaced(made, tmp_path):
    first = made.export(tmp_path / "harbour.html").path.read_text("utf-8")
    made.rate(made.variants[0], note="the light")
    second = made.export(tmp_path / "harbour.html").path.read_text("utf-8")
    assert "the light" not in first
    assert "the light" in second
    assert [path.name for path in tmp_path.glob(".*partial")] == []


def test_other_files_are_left_alone(made, open_lab, tmp_path):
    (tmp_path / "notes.html").write_text("<p>mine")
    with pytest.raises(ConfigError, match=r"notes\.html exists and is something else"):
        made.export(tmp_path / "notes.html")
    assert (tmp_path / "notes.html").read_text() == "<p>mine"
    other = open_lab("forest")
    other.add(prompt="rain")
    other.export(tmp_path / "forest.html")
    with pytest.raises(ConfigError, match="the page of another lab"):
        made.export(tmp_path / "forest.html")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("harbour.mp4", {}, "ends in .html"),
        ("missing/harbour.html", {}, "does not exist"),
        ("harbour.html", {"embed": -1}, "embed"),
        ("harbour.html", {"embed": "8 MB"}, "embed"),
    ],
)
def test_a_bad_request_gets_a_sentence(lab, tmp_path, name, options, message):
    with pytest.raises(ConfigError, match=message):
        lab.export(tmp_path / name, **options)
    assert not (tmp_path / name).exists()


def test_a_failure_leaves_the_earlier_page(made, tmp_path, monkeypatch):
    before = made.export(tmp_path / "harbour.html").path.read_text("utf-8")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export.os, "fsync", fail)
    with pytest.raises(ConfigError, match="No space left"):
        made.export(tmp_path / "harbour.html")
    assert (tmp_path / "harbour.html").read_text("utf-8") == before
    assert [path.name for path in tmp_path.glob(".*partial")] == []


def test_what_people_write_is_escaped(open_lab, tmp_path):
    lab = open_lab()
    first = lab.add(prompt=NASTY, note=NASTY)
    lab.add(prompt="b", style="anime")
    lab.rate(first, note=NASTY)
    html = lab.export(tmp_path / "harbour.html").path.read_text("utf-8")
    tags = Tags(html)
    assert tags.count["script"] == 1
    assert tags.count["article"] == 2
    assert tags.texts.count(NASTY) >= 3  # as a choice, as a prompt, as notes


def test_raters_can_be_chosen(made, tmp_path):
    first, second = made.variants[:2]
    made.rate(first, note="my note")
    made.vote(first, second, "left")
    assert "1 vote by 1 person" in made.export(tmp_path / "all.html").path.read_text("utf-8")
    html = made.export(tmp_path / "ada.html", by="Ada").path.read_text("utf-8")
    assert "my note" not in html
    assert "No votes yet." in html


def test_variants_without_a_video_say_why(lab, tmp_path):
    page = lab.export(tmp_path / "harbour.html")
    assert (page.embedded, page.linked) == ((), ())
    assert page.path.read_text("utf-8").count("To make") == 4


def test_a_video_on_another_drive_is_said(made, tmp_path, monkeypatch):
    def refuse(*_: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(export.os.path, "relpath", refuse)
    page = made.export(tmp_path / "harbour.html", embed=0)
    assert any("another drive" in each for each in page.warnings)
    assert all(each.startswith("file:///") for each in sources(page.path))
