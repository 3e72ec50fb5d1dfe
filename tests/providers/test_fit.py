"""From what was asked to what a model takes: the nearest, and every change said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave_nb import ProviderUnavailable, Settings, VideoAspect, VideoConfig, VideoResolution, VideoStyle
from voxweave_nb.providers import provider_class, registered
from voxweave_nb.providers.base import Model, Price, Size
from voxweave_nb.providers.fit import fit, fit_prompt
from voxweave_nb.styles import load_style

SIZES = (Size(1280, 720), Size(720, 1280), Size(1024, 1024), Size(1792, 1024))
MODEL = Model("m", sizes=SIZES, lengths=(4.0, 8.0, 12.0), prompt=120, price=Price(0.10, "second"))

CONFIGS = st.builds(
    VideoConfig,
    style=st.sampled_from(VideoStyle),
    resolution=st.sampled_from(VideoResolution),
    aspect=st.sampled_from(VideoAspect),
    prompt=st.text(max_size=600),
    seconds=st.none() | st.floats(0.5, 100),
)
MODELS = st.builds(
    Model,
    name=st.just("m"),
    sizes=st.lists(st.builds(Size, st.integers(64, 4096), st.integers(64, 4096)), max_size=5).map(tuple),
    lengths=st.lists(st.floats(1, 60), max_size=4, unique=True).map(lambda found: tuple(sorted(found))),
    continuous=st.booleans(),
    prompt=st.none() | st.integers(20, 1000),
    price=st.none() | st.builds(Price, st.floats(0.01, 5), st.sampled_from(["second", "video"])),
)


@given(config=CONFIGS, model=MODELS, duration=st.floats(0.2, 1800))
def test_a_plan_is_within_the_models_limits(config, model, duration):
    plan = fit(config, duration, model, provider="p")
    assert not model.sizes or plan.size in [(size.width, size.height) for size in model.sizes]
    if model.lengths and model.continuous:
        assert model.lengths[0] <= plan.seconds <= model.lengths[-1]
    elif model.lengths:
        assert plan.seconds in model.lengths
    assert model.prompt is None or len(plan.prompt) <= model.prompt
    assert (plan.usd is None) == (model.price is None)


@given(config=CONFIGS, model=MODELS, duration=st.floats(0.2, 1800))
def test_every_change_is_said_and_nothing_else(config, model, duration):
    plan = fit(config, duration, model, provider="p")
    text = " ".join(plan.warnings)
    assert (f"not offer {config.size[0]}x{config.size[1]}" in text) == (plan.size != config.size)
    assert ("is repeated" in text) == (plan.seconds < duration - 0.05)
    assert ("were cut off" in text) == (model.prompt is not None and len(config.prompt) > model.prompt)


@pytest.mark.parametrize(
    ("resolution", "aspect", "size"),
    [
        ("720p", "16:9", (1280, 720)),
        ("1080p", "16:9", (1792, 1024)),  # the largest of the shape; 1792x1024 counts as 16:9
        ("4k", "16:9", (1792, 1024)),
        ("1080p", "9:16", (720, 1280)),
        ("720p", "1:1", (1024, 1024)),
    ],
)
def test_the_smallest_sufficient_size_is_planned(resolution, aspect, size):
    plan = fit(VideoConfig(resolution=resolution, aspect=aspect), 5, MODEL, provider="p")
    assert plan.size == size


def test_where_no_shape_fits_the_nearest_is_cropped():
    wide = Model("wide", sizes=(Size(1280, 720), Size(1920, 1080)))
    plan = fit(VideoConfig(aspect="1:1"), 5, wide, provider="p")
    assert plan.size == (1920, 1080)
    assert "scaled and cropped to 1080x1080" in plan.warnings[0]


@pytest.mark.parametrize(
    ("narration", "asked", "seconds"),
    [(3, None, 4), (8.04, None, 8), (9, None, 12), (60, None, 12), (60, 5, 8)],
)
def test_the_shortest_sufficient_length_is_planned(narration, asked, seconds):
    assert fit(VideoConfig(seconds=asked), narration, MODEL, provider="p").seconds == seconds


def test_a_size_may_have_its_own_price():
    model = Model(
        "m", sizes=(Size(1280, 720), Size(1920, 1080, Price(0.7, "second"))), price=Price(0.3, "second")
    )
    assert fit(VideoConfig(resolution="720p"), 10, model, provider="p").usd == pytest.approx(3)
    assert fit(VideoConfig(resolution="1080p"), 10, model, provider="p").usd == pytest.approx(7)


def test_the_prompt_comes_before_the_styles_words():
    config = VideoConfig(style="cyberpunk", prompt="rain on neon glass")
    whole, said = fit_prompt(config, None)
    assert whole.startswith("rain on neon glass. ")
    assert load_style("cyberpunk").words.split(", ")[1] in whole
    short, said = fit_prompt(config, 60)
    assert short.startswith("rain on neon glass. Cyberpunk")
    assert (len(short) <= 60, said) == (True, "")
    cut, said = fit_prompt(config, 10)
    assert (cut, "the last 11 were cut off" in said) == ("rain on", True)


@pytest.mark.parametrize("name", registered())
@pytest.mark.parametrize("aspect", list(VideoAspect))
@pytest.mark.parametrize("resolution", list(VideoResolution))
def test_every_provider_plans_everything_that_can_be_asked(name, aspect, resolution):
    provider = provider_class(name)()
    for model in (None, *(model.name for model in provider.capabilities.models)):
        plan = provider.plan(VideoConfig(aspect=aspect, resolution=resolution, model=model), 22.4)
        assert plan.usd is None or (math.isfinite(plan.usd) and plan.usd >= 0)
        wide, asked = (
            plan.size[0] / plan.size[1],
            provider_class("local")().plan(VideoConfig(aspect=aspect), 1).size,
        )
        assert (wide > 1.1) == (asked[0] > asked[1]) or "cropped" in " ".join(plan.warnings)


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(
        ProviderUnavailable, match="no model 'sora-9'; choose one of: cogvideox-3, viduq1-text"
    ):
        provider_class("zai")().plan(VideoConfig(model="sora-9"), 5)


def test_ones_own_server_gets_any_model_unpriced():
    plan = provider_class("openai_sora")(base_url="http://gpu-box/v1").plan(
        VideoConfig(model="wan2.2", resolution="4k"), 7.2
    )
    assert (plan.model.name, plan.size, plan.usd, plan.warnings) == ("wan2.2", (3840, 2160), None, ())


@pytest.mark.parametrize(("name", "address", "seconds"), [("fal", None, 8), ("zai", "http://twin/v4", 5)])
def test_every_protocol_asks_for_short_clips(name, address, seconds):
    plan = provider_class(name)("k", address).plan(VideoConfig(model="someone/else"), 300.0)
    assert plan.seconds == seconds
    assert any("someone/else makes are not known" in said for said in plan.warnings)
    longer = provider_class(name)("k", address).plan(VideoConfig(model="someone/else", seconds=60), 300.0)
    assert longer.seconds == 60


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("zai", {"quality": "speed", "with_audio": True, "movement_amplitude": "small"}),
        ("gemini", {}),
        ("local", {}),
        ("openai_sora", {"negative_prompt": "people", "width": 1280}),
    ],
)
def test_an_option_that_is_not_sent_is_said(name, known, monkeypatch):
    for variable in ("ZAI_BASE_URL", "GEMINI_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    provider = provider_class(name)(settings=Settings())
    config = VideoConfig(resolution="720p", extra={**known, "camera": 1, "wind": 2})
    said = [warning for warning in provider.plan(config, 5.0).warnings if "camera" in warning]
    assert said == [f"{name} takes no option camera or wind in extra; they are not sent."]
    plain = provider.plan(config.replace(extra=known), 5.0)
    assert not any("extra" in warning for warning in plain.warnings)


@pytest.mark.parametrize("name", ["fal", "gateway", "zai", "openai_sora"])
def test_ones_own_server_gets_every_option(name):
    address = {} if name == "fal" else {"base_url": "http://127.0.0.1:1"}
    provider = provider_class(name)("key", settings=Settings(), **address)
    config = VideoConfig(resolution="720p", model="m" if name == "openai_sora" else None, extra={"camera": 1})
    assert not any("camera" in warning for warning in provider.plan(config, 5.0).warnings)


@pytest.mark.parametrize(("provider", "told"), [("zai", 1), ("local", 0)])
def test_a_variation_is_told_to_be_local(provider, told):
    plan = fit(VideoConfig(variation="harbour"), 4.0, MODEL, provider=provider)
    assert sum("variation 'harbour', which only local draws" in each for each in plan.warnings) == told
