"""A result as HTML: it plays, it survives, and nothing that people typed runs."""

from __future__ import annotations

import base64
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from voxweave_nb import Cue, GeneratedVideo, Provenance, SubtitleMode, VideoConfig
from voxweave_nb.inline import video_bundle, video_page

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


class Reader(HTMLParser):
    """Every tag with its attributes, and whether each was closed."""

    VOID = frozenset({"track", "br", "meta", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def video(tmp_path, monkeypatch) -> GeneratedVideo:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "voxweave_out"
    folder.mkdir()
    for name, content in (
        ("a b.mp4", b"\x00" * 1000),
        ("a b.vtt", b"WEBVTT\n"),
        ("a b.jpg", b"\xff\xd8\xff"),
    ):
        (folder / name).write_bytes(content)
    config = VideoConfig(prompt="a slow dawn")
    return GeneratedVideo(
        path=folder / "a b.mp4",
        captions=folder / "a b.vtt",
        poster=folder / "a b.jpg",
        duration=12.5,
        width=1280,
        height=720,
        subtitle_mode=SubtitleMode.SOFT,
        provenance=Provenance("local", None, "1", config, "talk.mp3", 0.0, 3.0),
        cues=(Cue(0, 1, "first\nline"), Cue(65, 66, "second")),
    )


def html(video: GeneratedVideo) -> Reader:
    return Reader(video._repr_mimebundle_()["text/html"])


def test_a_small_video_is_embedded_with_its_captions_and_poster(video):
    page = html(video)
    (player,) = page.all("video")
    assert player["src"].startswith("data:video/mp4;base64,")
    assert player["poster"].startswith("data:image/jpeg;base64,")
    assert "controls" in player
    (track,) = page.all("track")
    assert base64.b64decode(track["src"].split(",")[1]) == b"WEBVTT\n"
    assert "default" in track
    assert "embedded in this notebook" in page.text
    assert page.open == []


def test_a_large_video_plays_from_beside_the_notebook_and_says_so(video):
    page = html(replace(video, embed_limit=10))
    assert page.all("video")[0]["src"] == "voxweave_out/a%20b.mp4"
    assert "plays from voxweave_out/a b.mp4 beside the notebook" in page.text


def test_a_video_outside_the_notebooks_folder_says_what_to_do(video, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "copy it with save()" in html(replace(video, embed_limit=10)).text


def test_there_is_no_source_tag_which_an_untrusted_notebook_would_drop(video):
    assert html(video).all("source") == []


def test_the_transcript_is_there_for_readers_without_captions(video):
    page = html(video)
    assert len(page.all("li")) == 2
    assert "0:00" in page.text
    assert "1:05" in page.text
    assert "second" in page.text


def test_burnt_captions_are_not_shown_twice_and_none_are_not_shown(video):
    assert "default" not in html(replace(video, subtitle_mode=SubtitleMode.BURN)).all("track")[0]
    assert html(replace(video, subtitle_mode=SubtitleMode.NONE)).all("track") == []


def test_everything_can_be_downloaded_under_its_own_name(video):
    assert [link["download"] for link in html(video).all("a")] == ["a b.mp4", "a b.vtt", "a b.jpg"]


def test_warnings_are_seen(video):
    assert "No captions: damaged." in html(replace(video, warnings=("No captions: damaged.",))).text


def test_nothing_that_people_typed_becomes_markup(video):
    config = VideoConfig(prompt=EVIL, title=EVIL)
    evil = replace(
        video,
        cues=(Cue(0, 1, EVIL),),
        warnings=(EVIL,),
        provenance=replace(video.provenance, config=config, provider=EVIL, model=EVIL),
    )
    for page in (html(evil), Reader(video_page(evil))):
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
        assert EVIL in page.text


def test_a_hostile_file_name_stays_a_name(video):
    path = video.path.with_name("x\"onerror='1'.mp4")
    video.path.rename(path)
    page = html(replace(video, path=path, embed_limit=0))
    assert page.all("video")[0]["src"] == "voxweave_out/x%22onerror%3D%271%27.mp4"
    assert page.all("a")[0]["download"] == path.name


def test_a_transcript_of_thousands_of_lines_is_cut_and_says_so(video):
    page = html(replace(video, cues=tuple(Cue(n, n + 0.5, "x") for n in range(3000))))
    assert len(page.all("li")) == 2001
    assert "1,000 more" in page.text


def test_a_video_that_was_deleted_says_so(video):
    video.path.unlink()
    assert "no longer there" in html(video).text


def test_the_other_forms_are_a_still_and_one_line(video):
    bundle = video._repr_mimebundle_()
    assert base64.b64decode(bundle["image/jpeg"]) == b"\xff\xd8\xff"
    assert bundle["text/plain"] == f"{video.path} (1280x720, 12.5 s, by local)"


def test_a_page_stands_beside_its_video(video):
    page = Reader(video_page(video))
    assert page.all("video")[0]["src"] == "a%20b.mp4"
    assert page.open == []


# Saving


def test_saving_copies_the_video_and_what_belongs_to_it(video, tmp_path):
    saved = video.save(tmp_path / "film" / "sea.mp4")
    assert sorted(path.name for path in saved.parent.iterdir()) == ["sea.jpg", "sea.mp4", "sea.vtt"]


def test_saving_replaces_nothing_unless_told(video, tmp_path):
    taken = tmp_path / "sea.vtt"
    taken.write_text("mine")
    with pytest.raises(FileExistsError, match=r"sea\.vtt exists"):
        video.save(tmp_path / "sea.mp4")
    assert not (tmp_path / "sea.mp4").exists()
    video.save(tmp_path / "sea.mp4", overwrite=True)
    assert taken.read_text() == "WEBVTT\n"


def test_saving_under_another_ending_is_refused(video, tmp_path):
    with pytest.raises(ValueError, match=r"does not end in \.mp4"):
        video.save(tmp_path / "sea.webm")


def test_saving_into_a_folder_keeps_the_name(video, tmp_path):
    folder = Path(tmp_path / "films")
    folder.mkdir()
    assert video.save(folder) == folder / "a b.mp4"


def test_it_says_who_made_it_for_how_much_and_who_did_not(video):
    made = replace(
        video.provenance, provider="zai", model="cogvideox-3", usd=0.2,
        declined={"openai_sora": "openai_sora is out of order: <503>.", "fal": "fal: has no key", "own": "Too tired."},
    )  # fmt: skip
    assert made.story == (
        "made by zai (cogvideox-3), about $0.20; openai_sora declined: it is out of order: <503>; "
        "fal declined: it has no key; own declined: Too tired"
    )
    shown = video_bundle(replace(video, provenance=made))["text/html"]
    assert "by zai (cogvideox-3), about $0.20 · " in shown
    assert "openai_sora declined: it is out of order: &lt;503&gt;" in shown
