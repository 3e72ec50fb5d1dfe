"""The built website: links, anchors, loops, notebooks, and nothing from another host."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from urllib.parse import unquote

import av
import numpy as np
import pytest

import voxweave_nb
from voxweave_nb import VideoStyle
from voxweave_nb.media.probe import probe

# The first build renders the loops and executes the notebooks.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

QUESTIONS = ["Make a video", "My own server", "What does it cost?"]


def test_the_build_warns_of_nothing(site):
    assert [line for line in site.said.splitlines() if line.startswith(("WARNING", "ERROR"))] == []


def test_every_link_and_anchor_has_a_target(site):
    wrong = []
    for name, page in site.pages.items():
        for _, address in page.links:
            if re.match(r"[a-z]+:", address):
                continue
            path, anchor = page.target(unquote(address))
            other = site.pages.get(path.relative_to(site.root).as_posix()) if path.exists() else None
            if not path.exists() or (anchor and other and anchor not in other.anchors):
                wrong.append(f"{name}: {address}")
    assert wrong == []


def test_no_page_loads_from_another_host(site):
    loaded = [
        (name, address)
        for name, page in site.pages.items()
        for tag, address in page.links
        if tag not in ("a", "link canonical") and re.match(r"(https?:)?//", address)
    ]
    assert loaded == []
    styles = [
        path for path in site.root.rglob("*.css") if re.search(r"url\(.?(https?:)?//", path.read_text())
    ]
    assert styles == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_two_clicks_away(site, question):
    seen, reached = {"index.html"}, {"index.html"}
    for _ in range(2):
        targets = {
            site.pages[name].target(address)[0]
            for name in reached
            for address in site.pages[name].content_links
            if not re.match(r"[a-z]+:", address)
        }
        names = {path.relative_to(site.root).as_posix() for path in targets}
        reached = {name for name in names if name in site.pages} - seen
        seen |= reached
    assert question in {site.pages[name].heading.removesuffix("¶") for name in seen}


def test_every_public_name_has_one_entry(site):
    entries = [
        anchor
        for name, page in site.pages.items()
        if name.startswith("reference/")
        for anchor in page.anchors
    ]
    counts = {name: entries.count(f"voxweave_nb.{name}") for name in voxweave_nb.__all__}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def frames(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray").astype(float) for frame in film.decode(video=0)]


def difference(one, other):
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("style", VideoStyle, ids=lambda style: style.value)
def test_a_style_has_a_short_silent_loop(site, style):
    assert f"media/{style.value}.mp4" in [address for _, address in site.pages["gallery.html"].links]
    path = site.root / "media" / f"{style.value}.mp4"
    info = probe(path)
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 640, 360)
    assert info.audio is None
    assert 3 < info.duration < 8
    assert path.stat().st_size < 600_000


@pytest.mark.parametrize("name", ["hero", *(style.value for style in VideoStyle)])
def test_a_loop_closes_without_a_jump(site, name):
    shown = frames(site.root / "media" / f"{name}.mp4")
    steps = [difference(one, other) for one, other in pairwise(shown)]
    assert difference(shown[-1], shown[0]) < 2 * max(steps)
    assert max(difference(shown[0], frame) for frame in shown) > 1, "it stands still"
    assert min(frame.mean() for frame in shown) > 12, "it is black somewhere"


def test_the_quickstart_shows_its_videos_with_sound(site):
    page = site.pages["notebooks/quickstart.html"]
    videos = [
        page.target(address)[0] for tag, address in page.links if tag == "video" and address.endswith(".mp4")
    ]
    assert len(videos) == 3
    assert all(probe(video).audio is not None for video in videos)
    tracks = [address for tag, address in page.links if tag == "track"]
    assert len(tracks) == 3


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("quickstart", "succeeded after"),
        ("never-lose-a-job", "accepted the job as"),
        ("sandbox", "submissions sent: 1 - jobs accepted: 1"),
    ],
)
def test_an_executed_notebook_shows_its_output(site, page, words):
    text = site.pages[f"notebooks/{page}.html"].path.read_text(encoding="utf-8")
    assert words in re.sub(r"<[^>]+>", "", text)
    assert str(site.root.parents[2]) not in text


def test_no_directive_is_left_in_a_page(site):
    left = [
        (name, match)
        for name, page in site.pages.items()
        for match in re.findall(r"<!-- (?:include|make|notebook) .*?-->|^:::.*", page.path.read_text(), re.M)
    ]
    assert left == []


def test_the_search_knows_every_page(site):
    index = json.loads((site.root / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert set(site.pages) - found - {"index.html"} == set()
