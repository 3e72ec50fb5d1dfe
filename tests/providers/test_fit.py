"""From what was asked to what a model takes: the nearest, and every change said."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import quarters
from voxweave_nb import ProviderUnavailable, Settings, VideoAspect, VideoConfig, VideoResolution, VideoStyle
from voxweave_nb.images import ImageFile
from voxweave_nb.providers import provider_class, registered
from voxweave_nb.providers.base import Capabilities, Model, Price, Size
from voxweave_nb.providers.fit import fit, fit_prompt, model_for
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
    image = ImageFile.of(quarters())
    for model in (None, *provider.capabilities.models):
        needed = image if model is not None and model.needs_image else None
        config = VideoConfig(aspect=aspect, resolution=resolution, model=model and model.name, image=needed)
        plan = provider.plan(config, 22.4)
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


@pytest.mark.parametrize(
    ("name", "model", "chosen"),
    [
        ("zai", None, "cogvideox-3"),
        ("zai", "viduq1-image", "viduq1-image"),
        ("zai", "vidu2-image", "vidu2-image"),
        ("fal", None, "fal-ai/ltx-2/audio-to-video"),
        ("gemini", None, "gemini-omni-1.2-flash"),
        ("openai_sora", None, "sora-2-pro"),
        ("openai_sora", "sora-2", "sora-2"),
    ],
)
def test_an_image_gets_a_model_that_takes_it(name, model, chosen):
    config = VideoConfig(image=quarters(1920, 1080), model=model)
    plan = provider_class(name)().plan(config, 4.0)
    assert (plan.model.name, plan.model.image) == (chosen, True)
    assert "image" not in " ".join(plan.warnings)


def test_the_first_model_that_suits_is_taken():
    models = (Model("film", needs_image=True, image=True), Model("text"), Model("both", image=True))
    can = Capabilities(models=models, cancel=False)
    with_image, without = VideoConfig(image=quarters()), VideoConfig()
    assert model_for(can, without, provider="p").name == "text"
    assert model_for(can, with_image, provider="p").name == "film"
    assert model_for(can, VideoConfig(model="none"), provider="p") is None


@pytest.mark.parametrize(
    ("name", "model", "image", "says"),
    [
        (
            "zai",
            "viduq1-text",
            True,
            "zai's viduq1-text takes no image as first frame; cogvideox-3 and viduq1-image",
        ),
        (
            "zai",
            "vidu2-image",
            False,
            "zai's vidu2-image needs an image as first frame. Give one with image=",
        ),
        (
            "gateway",
            None,
            True,
            "gateway has no model that takes an image as first frame. Choose another provider",
        ),
        ("gateway", "any-model", True, "gateway has no model that takes an image"),
    ],
)
def test_a_model_that_cannot_is_told(name, model, image, says):
    config = VideoConfig(model=model, image=quarters() if image else None)
    with pytest.raises(ProviderUnavailable, match=re.escape(says)):
        provider_class(name)(**({"base_url": "http://127.0.0.1:9"} if name == "gateway" else {})).plan(
            config, 4.0
        )


def test_a_plug_in_that_fits_itself_is_guarded():
    with pytest.raises(ProviderUnavailable, match="p has no model that takes an image"):
        fit(VideoConfig(image=quarters()), 4.0, MODEL, provider="p")


@pytest.mark.parametrize(
    ("sides", "says"),
    [
        ((1600, 900), ()),
        (
            (1000, 1000),
            (
                "p starts from the image cropped from 1000x1000 to the shape of 1280x720: 44 % of it is cut off.",
            ),
        ),
        ((320, 180), ("p starts from the image enlarged from 320x180 to 1280x720: it looks soft.",)),
    ],
)
def test_a_plan_says_what_an_image_loses(sides, says):
    config = VideoConfig(image=quarters(*sides), resolution="720p")
    model = Model("m", sizes=SIZES, image=True)
    assert fit(config, 4.0, model, provider="p").warnings == says


def test_an_unknown_model_may_ignore_the_image():
    config = VideoConfig(image=quarters(1280, 720), resolution="720p", model="wan-2")
    plan = provider_class("openai_sora")(base_url="http://127.0.0.1:9/v1").plan(config, 4.0)
    assert plan.warnings == ("Whether wan-2 takes an image is not known: 127.0.0.1:9 may ignore it.",)
    assert plan.model.image


def test_the_local_renderer_says_it_shows_none():
    plan = provider_class("local")().plan(VideoConfig(image=quarters(), prompt="rain"), 4.0)
    assert plan.warnings == (
        "local draws every frame itself and takes no image: the video does not show it.",
    )
