"""The lengths and prices are those of the provider's plans; the cheapest that fills a scene is requested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import VideoConfig
from voxweave_nb.errors import ConfigError, ProviderUnavailable
from voxweave_nb.providers.fal import Fal
from voxweave_nb.providers.gateway import Gateway
from voxweave_nb.providers.gemini import Gemini
from voxweave_nb.providers.local import LocalProvider
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.types import Price
from voxweave_nb.providers.zai import Zai
from voxweave_nb.storyboard.lengths import ClipLengths

WIDE = VideoConfig(prompt="rain", resolution="720p")
OWN = "http://127.0.0.1:9/v1"


def of(provider, config=WIDE) -> ClipLengths:
    return ClipLengths.of(provider, config)


def test_sora_is_paid_by_the_second():
    lengths = of(OpenAiSora("key"))
    assert (lengths.lengths, lengths.continuous, lengths.target) == ((4, 8, 12, 16, 20), False, 8)
    assert [lengths.usd(each) for each in (4, 12)] == pytest.approx([1.2, 3.6])
    assert of(OpenAiSora("key"), WIDE.replace(resolution="1080p")).usd(4) == pytest.approx(2.8)
    assert of(OpenAiSora("key"), WIDE.replace(model="sora-2")).usd(4) == pytest.approx(0.4)


def test_zai_is_paid_by_the_video():
    lengths = of(Zai("key"))
    assert (lengths.lengths, lengths.target) == ((5, 10), 10)
    assert (lengths.usd(5), lengths.usd(10)) == (0.2, 0.2)
    assert lengths.paid_seconds(5) == pytest.approx(10)
    assert lengths.usd(7.3) == 0.2
    assert of(Zai("key"), WIDE.replace(model="viduq1-text")).lengths == (5,)


def test_fal_makes_every_length_between():
    lengths = of(Fal("key"))
    assert (lengths.lengths, lengths.continuous, lengths.step) == ((2, 10), True, 0)
    assert lengths.asked(7.3) == 7.3
    assert (lengths.asked(1), lengths.asked(10.5), lengths.asked(11)) == (2, 10, None)
    assert lengths.usd(7.5) == pytest.approx(0.75)


def test_local_and_others_make_any_length():
    local = of(LocalProvider())
    assert (local.unlimited, local.free, local.usd(9)) == (True, True, 0)
    assert (local.shortest, local.longest, local.asked(40)) == (4, 12, 40)
    gemini = of(Gemini("key"))
    assert (gemini.unlimited, gemini.free, gemini.usd(9)) == (True, False, None)
    assert of(Gateway("key", OWN)).unlimited


def test_unknown_models_are_asked_for_short_clips():
    own = of(OpenAiSora("key", OWN), WIDE.replace(model="wan"))
    assert own.lengths[-1] <= 8
    assert own.usd(own.lengths[0]) is None
    fal = of(Fal("key"), WIDE.replace(model="some/route"))
    assert (fal.continuous, fal.lengths[-1]) == (True, 8)


def test_seconds_of_the_config_hold_for_all():
    assert of(OpenAiSora("key"), WIDE.replace(seconds=8)).lengths == (8,)
    assert of(Gemini("key"), WIDE.replace(seconds=6)).lengths == (6,)
    assert of(LocalProvider(), WIDE.replace(seconds=6)).unlimited  # it draws the whole narration


def test_an_unknown_model_is_refused():
    with pytest.raises(ProviderUnavailable, match="no model"):
        of(Zai("key"), WIDE.replace(model="nope"))


def test_the_cheapest_length_is_requested():
    sora = ClipLengths((4, 8, 12), price=Price(0.1, "second").of)
    assert [sora.asked(each) for each in (0.5, 4, 4.3, 4.4, 8.64, 8.7, 12.96, 13)] == [
        4,
        4,
        4,
        8,
        8,
        12,
        12,
        None,
    ]
    # For the same price nothing is slowed down, and nothing longer is made than needed.
    zai = ClipLengths((5, 10), price=Price(0.2, "video").of)
    assert [zai.asked(each) for each in (4, 5, 5.3, 10.8)] == [5, 5, 10, 10]
    assert ClipLengths((5, 10), slack=0).asked(5.1) == 10


def test_whole_seconds_are_kept():
    lengths = ClipLengths((2, 10), continuous=True, step=1)
    assert [lengths.asked(each) for each in (1, 4.0, 4.2, 4.5, 10.5)] == [2, 4, 4, 5, 10]


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True),
    st.sampled_from(["second", "video"]),
    st.floats(0.1, 35),
)
def test_a_requested_clip_fills_its_scene(lengths, per, seconds):
    found = ClipLengths(tuple(sorted(lengths)), price=Price(0.3, per).of)
    asked = found.asked(seconds)
    if asked is None:
        assert seconds > found.longest
    else:
        assert asked * 1.08 >= seconds - 1e-5
        assert all(found.usd(asked) <= found.usd(each) + 1e-9 for each in lengths if each >= seconds)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lengths": (8, 4)}, "shortest first"),
        ({"lengths": (4, 4)}, "each once"),
        ({"lengths": (0,)}, "a clip length is 0"),
        ({"lengths": (4,), "slack": 0.2}, "at most 0.08"),
        ({"lengths": (4,), "slack": -1}, "slack"),
    ],
)
def test_wrong_lengths_are_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        ClipLengths(**values)
