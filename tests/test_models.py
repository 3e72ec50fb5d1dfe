"""The enums, cues, estimates and dollars."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import (
    ConfigError,
    Cue,
    Estimate,
    JobState,
    Settings,
    Stage,
    SubtitleLook,
    SubtitleMode,
    VideoFormat,
    VideoGenerationService,
    VideoProvider,
    VideoResolution,
    VideoStyle,
)
from voxweave_nb.models import dollars, price
from voxweave_nb.providers import BUILT_IN, registered
from voxweave_nb.spellings import SAME, plain, ratio_of
from voxweave_nb.validation import shown

VALUES = {
    VideoStyle: ["realistic", "anime", "3d", "cinematic", "biotech", "cyberpunk", "educational"],
    VideoResolution: ["720p", "1080p", "4k"],
    VideoFormat: ["mp4", "mov", "webm"],
    SubtitleMode: ["soft", "burn", "sidecar", "none"],
    SubtitleLook: ["box", "outline", "large"],
    VideoProvider: ["openai_sora", "zai", "gateway", "fal", "gemini", "local"],
    JobState: ["queued", "running", "succeeded", "failed", "canceled"],
    Stage: ["upload", "generate", "download", "subtitles"],
}
ASKED_FOR = [VideoStyle, VideoResolution, VideoFormat, SubtitleMode, SubtitleLook, VideoProvider]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_the_values_are_as_documented(kind):
    assert [member.value for member in kind] == VALUES[kind]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_member_equals_its_string(kind):
    assert all(member == str(member) == member.value for member in kind)


def test_every_built_in_provider_is_listed():
    built_in = [name for name in registered() if name in BUILT_IN]
    assert [provider.value for provider in VideoProvider] == built_in
    assert set(VideoProvider) == BUILT_IN


def test_a_service_takes_an_enum_member(tmp_path):
    service = VideoGenerationService(VideoProvider.LOCAL, settings=Settings(output_dir=tmp_path))
    assert service.chain == ("local",)
    assert type(service.chain[0]) is str
    assert service.capabilities(VideoProvider.LOCAL) == service.capabilities("local")


def test_a_chain_and_a_config_take_enum_members():
    service = VideoGenerationService([VideoProvider.ZAI, VideoProvider.LOCAL])
    assert service.chain == ("zai", "local")
    assert service.plan(2.0, provider=VideoProvider.LOCAL) == service.plan(2.0, provider="local")


def test_3d_has_a_name_that_python_allows():
    assert VideoStyle.THREE_D == "3d"


@pytest.mark.parametrize(
    ("member", "value"), [(member, member.value) for kind in ASKED_FOR for member in kind], ids=str
)
def test_case_and_blanks_are_ignored(member, value):
    kind = type(member)
    assert kind.parse(value) is kind.parse(f" {value.upper()}\n") is kind.parse(member) is member


@pytest.mark.parametrize("kind", ASKED_FOR, ids=lambda kind: kind.__name__)
@given(wrong=st.text() | st.none() | st.integers())
def test_an_unknown_value_lists_the_valid_ones(kind, wrong):
    written = plain(wrong)
    if written in {*VALUES[kind], *SAME.get(kind.__name__, {}), "720", "1080", "2160"} or ratio_of(written):
        return
    with pytest.raises(ConfigError, match="choose one of") as caught:
        kind.parse(wrong)
    assert ", ".join(VALUES[kind]) in str(caught.value)
    assert shown(wrong) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "noun"),
    [(VideoStyle, "Style"), (VideoFormat, "Format"), (SubtitleMode, "Subtitle mode")],
    ids=["style", "format", "subtitle mode"],
)
def test_an_unknown_value_names_the_option(kind, noun):
    with pytest.raises(ConfigError, match=f"^{noun} 'x' is not known"):
        kind.parse("x")


def test_resolutions_are_sixteen_to_nine():
    sizes = [resolution.size for resolution in VideoResolution]
    assert sizes == [(1280, 720), (1920, 1080), (3840, 2160)]
    assert all(width * 9 == height * 16 for width, height in sizes)


def test_every_format_has_a_media_type():
    assert [f.mime for f in VideoFormat] == ["video/mp4", "video/quicktime", "video/webm"]


def test_the_last_three_states_are_final():
    assert [state.value for state in JobState if state.final] == ["succeeded", "failed", "canceled"]


def test_the_stages_share_the_bar_without_a_gap():
    spans = [stage.span for stage in Stage]
    assert (spans[0][0], spans[-1][1]) == (0.0, 100.0)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(spans))


def test_a_provider_reports_between_20_and_90():
    assert Stage.GENERATE.span == (20.0, 90.0)


def test_a_cue_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Cue(0.0, 1.0, "hello").text = "goodbye"


# Dollars


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (None, "price not known"),
        (0.0, "$0.00"),
        (0.2, "$0.20"),
        (1234.5, "$1,234.50"),
        (0.01, "$0.01"),
        (0.00999, "$0.01"),
        (0.0034, "$0.0034"),
        (0.003449, "$0.0034"),
        (0.001, "$0.001"),
        (0.0000123, "$0.000012"),
    ],
)
def test_dollars_are_formatted_to_the_cent(usd, text):
    assert dollars(usd) == text


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_formatted_dollars_are_near_the_amount(usd):
    shown = dollars(usd)
    assert "e" not in shown
    assert float(shown.lstrip("$").replace(",", "")) == pytest.approx(
        usd, rel=0.051, abs=0.0051 if usd > 0.009 else 0
    )


def test_a_price_of_zero_is_free():
    assert [price(0.0), price(0.2), price(None)] == ["free", "$0.20", "price not known"]


@pytest.mark.parametrize(
    ("prices", "text"),
    [
        ([0.0], "free"),
        ([0.0, 0.2], "$0.00 to $0.20"),
        ([0.2, 0.2], "$0.20"),
        ([None], "price not known"),
        ([0.004, None], "from $0.004; one price not known"),
        ([], "price not known"),
    ],
)
def test_an_estimate_prints_its_price_range(prices, text):
    assert str(Estimate({str(place): usd for place, usd in enumerate(prices)})) == text
