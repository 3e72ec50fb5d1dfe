"""The video as HTML: it plays, survives saving, and escapes all text."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from voxweave_nb import Cue, GeneratedVideo, SubtitleMode, VideoConfig, inline
from voxweave_nb.environment import FrontEnd
from voxweave_nb.inline import video_bundle, video_page
from voxweave_nb.media import rendition
from voxweave_nb.media.probe import probe
from voxweave_nb.media.subtitles.webvtt import WebVtt

from .samples import finished_video

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
    return finished_video(tmp_path / "voxweave_out")


def html(video: GeneratedVideo) -> Reader:
    return Reader(video._repr_mimebundle_()["text/html"])


def test_a_small_video_is_embedded(video):
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


WRITTEN = WebVtt().write(
    [
        Cue(0, 1, "Far below"),
        Cue(1, 2, "the waves\nit --> <glows>"),
        Cue(2, 3, "and nobody has ever been there to see how brightly it glows, not one"),
        Cue(3, 4, "\u6df1\u6d77\u306f\u5149\u308b" * 7),
    ]
)


@pytest.mark.parametrize(
    ("size", "lines"), [((1280, 720), ["-2", "-3", "-3", "-3"]), ((720, 1280), ["-2", "-3", "-4", "-4"])]
)
def test_embedded_captions_are_clear_of_the_edge(video, size, lines):
    assert video.captions is not None
    video.captions.write_text(WRITTEN, encoding="utf-8")
    page = html(replace(video, width=size[0], height=size[1]))
    (track,) = page.all("track")
    shown = base64.b64decode(track["src"].split(",")[1]).decode()
    assert re.findall(r" --> \S+ line:(\S+)\n", shown) == lines
    assert re.sub(r" line:\S+", "", shown) == WRITTEN
    assert video.captions.read_text(encoding="utf-8") == WRITTEN


def test_a_large_video_plays_from_its_folder(video):
    page = html(replace(video, embed_limit=10))
    assert page.all("video")[0]["src"] == "voxweave_out/a%20b.mp4"
    assert "plays from voxweave_out/a b.mp4 beside the notebook" in page.text


def test_a_video_outside_the_folder_suggests_save(video, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "copy it with save()" in html(replace(video, embed_limit=10)).text


def test_a_video_plays_after_a_change_of_folder(video, tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "talk.ipynb"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert html(replace(video, embed_limit=10)).all("video")[0]["src"] == "voxweave_out/a%20b.mp4"


SERVES_NOTHING = [front for front in FrontEnd if not front.serves_files]


@pytest.mark.parametrize("front", SERVES_NOTHING)
def test_a_page_without_files_tells_how_to_play(video, monkeypatch, front):
    monkeypatch.setattr("voxweave_nb.inline.front_end", lambda: front)
    page = html(replace(video, embed_limit=10))
    assert page.all("video") == []
    assert page.all("img")[0]["src"].startswith("data:image/jpeg;base64,")
    assert f"run Player({str(video.path)!r}) in a cell" in page.text
    assert "Transcript (2 lines)" in page.text
    assert [link["download"] for link in page.all("a")] == ["a b.vtt", "a b.jpg"]
    assert page.open == []


@pytest.mark.parametrize("front", SERVES_NOTHING)
def test_a_page_without_files_embeds_small_videos(video, narrated_clip, monkeypatch, front):
    shutil.copy(narrated_clip, video.path)
    monkeypatch.setattr("voxweave_nb.inline.front_end", lambda: front)
    assert html(video).all("video")[0]["src"].startswith("data:video/mp4;base64,")


def test_there_is_no_source_tag(video):
    assert html(video).all("source") == []


def test_the_transcript_lists_every_cue(video):
    page = html(video)
    assert len(page.all("li")) == 2
    assert "0:00" in page.text
    assert "1:05" in page.text
    assert "second" in page.text


def test_burnt_captions_are_not_shown_twice(video):
    assert "default" not in html(replace(video, subtitle_mode=SubtitleMode.BURN)).all("track")[0]
    assert html(replace(video, subtitle_mode=SubtitleMode.NONE)).all("track") == []


def test_every_file_can_be_downloaded(video):
    assert [link["download"] for link in html(video).all("a")] == ["a b.mp4", "a b.vtt", "a b.jpg"]


def saved_size(video: GeneratedVideo) -> int:
    """The size of a notebook with the video in a cell, in bytes."""
    output = {"output_type": "display_data", "metadata": {}, "data": video._repr_mimebundle_()}
    return len(
        json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}]}, ensure_ascii=False).encode()
    )


@pytest.mark.parametrize("poster", [60_000, 110_000, 390_000])
@pytest.mark.parametrize("front", [front for front in FrontEnd if front is not FrontEnd.MARIMO])
def test_a_saved_notebook_has_a_video_once(video, narrated_clip, monkeypatch, front, poster):
    monkeypatch.setattr("voxweave_nb.inline.front_end", lambda: front)
    shutil.copy(narrated_clip, video.path)
    with video.path.open("ab") as file:
        file.write(bytes(2_000_000))
    video.captions.write_text("WEBVTT\n\n" + "NOTE a talk of some minutes\n\n" * 400, encoding="utf-8")
    video.poster.write_bytes(b"\xff\xd8\xff".ljust(poster))
    page = html(video)
    assert page.all("video")[0]["src"].startswith("data:video/mp4;base64,")
    played = base64.b64decode(page.all("video")[0]["src"].partition(",")[2])
    assert saved_size(video) <= 1.35 * len(played) + 200_000


def test_a_link_saves_what_is_embedded(video, tmp_path):
    film, _, still = html(video).all("a")
    assert (film["href"], film["onclick"]) == ("voxweave_out/a%20b.mp4", inline._SAVE_VIDEO)
    assert (still["href"], still["onclick"]) == ("voxweave_out/a%20b.jpg", inline._SAVE_POSTER)
    beside = html(replace(video, embed_limit=10)).all("a")[0]
    assert beside == {"href": "voxweave_out/a%20b.mp4", "download": "a b.mp4"}


def test_a_link_in_marimo_has_its_bytes(video, monkeypatch):
    monkeypatch.setattr("voxweave_nb.inline.front_end", lambda: FrontEnd.MARIMO)
    assert all(link["href"].startswith("data:") for link in html(video).all("a"))


def test_warnings_are_shown(video):
    assert "No captions: damaged." in html(replace(video, warnings=("No captions: damaged.",))).text


def test_no_text_becomes_markup(video):
    config = VideoConfig(prompt=EVIL, title=EVIL)
    evil = replace(
        video,
        cues=(Cue(0, 1, EVIL),),
        warnings=(EVIL,),
        provenance=replace(video.provenance, config=config, provider=EVIL, model=EVIL),
    )
    for page in (html(evil), Reader(video_page(evil))):
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
        scripts = {value for _, attrs in page.tags for name, value in attrs.items() if name.startswith("on")}
        assert scripts <= {inline._SAVE_VIDEO, inline._SAVE_POSTER}
        assert EVIL in page.text


def test_a_hostile_file_name_is_escaped(video):
    path = video.path.with_name("x\"onerror='1'.mp4")
    video.path.rename(path)
    page = html(replace(video, path=path, embed_limit=0))
    assert page.all("video")[0]["src"] == "voxweave_out/x%22onerror%3D%271%27.mp4"
    assert page.all("a")[0]["download"] == path.name


def test_a_long_transcript_is_cut(video):
    page = html(replace(video, cues=tuple(Cue(n, n + 0.5, "x") for n in range(3000))))
    assert len(page.all("li")) == 2001
    assert "1,000 more" in page.text


def test_a_video_that_was_deleted_says_so(video):
    video.path.unlink()
    assert "no longer there" in html(video).text


def test_the_bundle_has_a_poster_and_a_line(video):
    bundle = video._repr_mimebundle_()
    assert base64.b64decode(bundle["image/jpeg"]) == b"\xff\xd8\xff"
    assert bundle["text/plain"] == f"{video.path} (1280x720, 12.5 s, provider: local)"


def test_a_page_plays_its_neighbour(video):
    page = Reader(video_page(video))
    assert page.all("video")[0]["src"] == "a%20b.mp4"
    assert page.open == []


def test_provider_price_and_declined_providers_are_shown(video):
    origin = replace(
        video.provenance, provider="zai", model="cogvideox-3", usd=0.2,
        declined={"openai_sora": "openai_sora is out of order: <503>."},
    )  # fmt: skip
    shown = video_bundle(replace(video, provenance=origin))["text/html"]
    assert "Provider: zai (cogvideox-3), about $0.20 · " in shown
    assert "openai_sora declined: it is out of order: &lt;503&gt;" in shown


# In VS Code


@pytest.fixture
def narrated(video, narrated_clip, in_vscode) -> GeneratedVideo:
    shutil.copy(narrated_clip, video.path)
    return video


def played(page: Reader, folder: Path) -> Path:
    """The video that a page embeds, as a file."""
    path = folder / "played.mp4"
    path.write_bytes(base64.b64decode(page.all("video")[0]["src"].removeprefix("data:video/mp4;base64,")))
    return path


def test_vscode_embeds_a_copy_with_mp3(narrated, tmp_path):
    page = html(narrated)
    info = probe(played(page, tmp_path))
    assert (info.video.codec, info.audio.codec.removesuffix("float")) == ("h264", "mp3")
    assert "embedded in this notebook, with MP3 sound" in page.text
    assert page.all("track") != []
    assert page.all("a")[0]["download"] == narrated.rendition().name


def test_an_existing_copy_is_used_again(narrated, monkeypatch):
    copy = narrated.rendition()
    copy.write_bytes(b"made before")
    assert base64.b64encode(b"made before").decode() in html(narrated).all("video")[0]["src"]


def test_vscode_shows_how_to_see_a_large_video(narrated):
    page = html(replace(narrated, embed_limit=10))
    assert page.all("video") == []
    assert page.all("img")[0]["src"].startswith("data:image/jpeg;base64,")
    assert "Up to 1e-05 MB are embedded in the page" in page.text
    assert f"Player({str(narrated.path)!r})" in page.text
    assert str(narrated.path.resolve()) in page.text
    assert "Transcript (2 lines)" in page.text
    assert [link["download"] for link in page.all("a")] == ["a b.vtt", "a b.jpg"]
    assert narrated.files[-1] == narrated.poster  # no copy was made in vain


def test_a_failed_copy_gives_its_reason(narrated):
    narrated.path.write_bytes(b"no video")
    page = html(narrated)
    assert page.all("video") == []
    assert "a copy with MP3 sound could not be made: a b.mp4 cannot be opened" in page.text


def test_a_copy_that_takes_long_is_not_awaited(narrated, monkeypatch):
    monkeypatch.setattr(rendition, "copies_frames", lambda *_: False)
    page = html(narrated)
    assert page.all("video") == []
    assert "VS Code cannot play this video without a copy, which takes a while to make." in page.text


def test_a_deleted_video_says_so_in_vscode(narrated):
    narrated.path.unlink()
    assert "no longer there" in html(narrated).text


def test_other_front_ends_embed_the_video(video, narrated_clip, tmp_path):
    shutil.copy(narrated_clip, video.path)
    assert played(html(video), tmp_path).read_bytes() == narrated_clip.read_bytes()
    assert video.files[-1] == video.poster


def test_the_display_does_not_know_the_result():
    assert "from .result" not in Path(inline.__file__).read_text(encoding="utf-8")
    code = "import sys, voxweave_nb.inline; print('voxweave_nb.result' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr
