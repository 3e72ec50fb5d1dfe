"""A variant weighs as many seconds as its video takes."""

from __future__ import annotations

import pytest

from voxweave_nb import Settings, VideoConfig, VideoGenerationService
from voxweave_nb.lab.weights import expected_seconds


@pytest.fixture
def expected(service):
    return expected_seconds(service, 60.0)


def config(**options) -> VideoConfig:
    return VideoConfig(**{"provider": "local", **options})


def test_large_and_long_videos_weigh_more(service, expected):
    draft, large = expected(config(quality="draft")), expected(config(resolution="4k"))
    assert draft < expected(config(resolution="720p")) < expected(config(resolution="1080p")) < large
    assert expected_seconds(service, 120.0)(config()) > 1.5 * expected(config())


def test_a_slow_model_weighs_more(expected):
    assert expected(VideoConfig(provider="zai")) > 5 * expected(config(quality="draft"))


def test_a_model_weighs_as_it_took_before(lab, service):
    lab.run().result(120)
    known = expected_seconds(service, 2.0)(lab.variants[0].config)
    took = [each.video.provenance.seconds for each in lab.variants]
    assert min(took) <= known <= max(took)


def test_what_cannot_be_made_weighs_little(expected):
    assert expected(VideoConfig(provider="nowhere")) == 1.0


def test_without_a_journal_guesses_do(tmp_path):
    (tmp_path / "home").write_text("no folder", encoding="utf-8")
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out")
    with VideoGenerationService("local", settings=settings) as service:
        assert expected_seconds(service, 60.0)(config()) > 0
