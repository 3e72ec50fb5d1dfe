"""A lab's contact sheet: what it shows, how small it stays, and what is left of it without styles."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import av
import numpy as np
import pytest

from tests.lab.fields import duel, film, variant
from tests.lab.test_page import shown
from voxweave_nb.lab.contact_sheet import lab_html
from voxweave_nb.lab.ranking import Ranking
from voxweave_nb.lab.snapshot import LabVariant
from voxweave_nb.lab.videos import restored
from voxweave_nb.media.poster import rgb_frame, write_still


class Sheet:
    """A lab of so many variants, each with a poster that is hard to compress."""

    name = "harbour <b>"

    def __init__(self, variants: Sequence[LabVariant], ranking: Ranking) -> None:
        self.variants, self._ranking = variants, ranking

    def ranking(self) -> Ranking:
        return self._ranking


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    videos = []
    for number in range(6):
        noise = np.random.default_rng(number).integers(0, 255, (9, 16, 3)).astype("uint8")
        write_still(rgb_frame(noise.repeat(40, 0).repeat(40, 1)), folder / f"{number}.jpg", width=640)
        video = restored(film(), folder, embed_limit=0)
        videos.append(replace(video, poster=folder / f"{number}.jpg"))
    return videos


def sheet(count: int, videos, *, votes: int = 0) -> Sheet:
    places = itertools.product(
        *[[f"{axis} {value}" for value in range(6)] for axis in ("place", "time", "mood", "lens")]
    )
    field = [variant(place=a, time=b, mood=c, lens=d) for a, b, c, d in itertools.islice(places, count)]
    cast = [duel(field[at % 5], field[at % 5 + 1], at=float(at)) for at in range(votes)]
    made = [
        shown(each, state="made", video=videos[at % len(videos)], usd=0.2) for at, each in enumerate(field)
    ]
    return Sheet(made, Ranking(field, cast))


def posters(html: str) -> list[bytes]:
    return [base64.b64decode(each) for each in re.findall(r'src="data:image/webp;base64,([^"]+)"', html)]


def width_of(image: bytes, tmp_path) -> int:
    (tmp_path / "one.webp").write_bytes(image)
    with av.open(str(tmp_path / "one.webp")) as container:
        return next(container.decode(video=0)).width


def test_it_shows_posters_ranks_and_prices(videos, tmp_path):
    html = lab_html(sheet(6, videos, votes=30))
    assert "harbour &lt;b&gt;</b>: 6 variants, 6 with a video" in html
    assert html.index("place 0 · time 0 · mood 0 · lens 0") < html.index("place 0 · time 0 · mood 0 · lens 5")
    assert "<b>rank 1" in html
    assert html.count("$0.20") == 6
    assert "is the best with a chance of" in html
    assert [width_of(each, tmp_path) for each in posters(html)] == [320] * 6


def test_without_votes_there_are_no_ranks(videos):
    html = lab_html(sheet(6, videos))
    assert "rank" not in html
    assert len(posters(html)) == 6


def test_two_hundred_stay_small(videos, tmp_path):
    html = lab_html(sheet(200, videos))
    assert len(html.encode()) <= 200_000
    assert len(posters(html)) == 200
    assert width_of(posters(html)[0], tmp_path) >= 64
    assert "more variants" not in html


def test_what_is_left_out_is_said(videos):
    html = lab_html(sheet(200, videos), limit=40_000)
    assert len(html.encode()) <= 40_000
    left_out = re.search(r"keep the notebook small, (\d+) more variants are not shown", html)
    assert left_out
    assert html.count("<td") == 200 - int(left_out[1])
    assert html.count("place 0 · time 0 · mood 0 · lens 0") == 1


def test_posters_go_before_tiles(videos):
    html = lab_html(sheet(60, videos), limit=20_000)
    assert len(html.encode()) <= 20_000
    assert "are shown without a poster" in html
    assert 0 < len(posters(html)) < 60
    assert html.count("<td") == 60


def test_names_of_any_length_stay_small(videos):
    field = [variant(prompt=f"{number} {'far below the waves ' * 400}") for number in range(20)]
    cast = [duel(field[at % 5], field[at % 5 + 1], at=float(at)) for at in range(10)]
    made = [shown(each, state="made", video=videos[0]) for each in field]
    assert len(lab_html(Sheet(made, Ranking(field, cast))).encode()) <= 200_000


def test_without_a_video_the_state_is_shown(videos):
    field = [variant(place="<i>"), variant(place="b")]
    failed = shown(field[0], state="failed", error="The provider is <down>.")
    html = lab_html(Sheet([failed, shown(field[1], state="to make")], Ranking(field, [])))
    assert "The provider is &lt;down&gt;." in html
    assert "to make" in html
    assert "<i>" not in html
    assert posters(html) == []


def test_a_removed_poster_leaves_a_tile(videos, tmp_path):
    (tmp_path / "damaged.jpg").write_bytes(b"no image")
    field = [variant(place="a"), variant(place="b")]
    of = [
        replace(videos[0], poster=tmp_path / "missing.jpg"),
        replace(videos[0], poster=tmp_path / "damaged.jpg"),
    ]
    made = [shown(each, state="made", video=video) for each, video in zip(field, of, strict=True)]
    html = lab_html(Sheet(made, Ranking(field, [])))
    assert posters(html) == []
    assert html.count("<td") == 2


def test_it_is_readable_without_styles(videos):
    html = re.sub(r' (?:style|class)="[^"]*"', "", lab_html(sheet(6, videos, votes=30)))
    assert html.count("<tr>") >= 2  # the posters stand in rows all the same
    assert html.count('width="320"') == 6
    assert "<script" not in html
    assert "<style" not in html
