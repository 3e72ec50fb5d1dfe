"""The panel and the job view, driven from Python."""

from __future__ import annotations

import contextlib
import html
import json
import re
import threading
import time
from collections.abc import Callable

import ipywidgets
import pytest
from ipywidgets.embed import dependency_state

from voxweave_nb import (
    ConfigError,
    Job,
    JobState,
    NarrationError,
    Settings,
    SubtitleMode,
    VideoConfig,
    VideoGenerationService,
    VideoPanel,
    VideoStyle,
)
from voxweave_nb.media.narration import open_narration
from voxweave_nb.models import JobEvent
from voxweave_nb.providers import registered
from voxweave_nb.providers.local import LocalProvider
from voxweave_nb.sample import SAMPLE_SECONDS, sample_narration, sample_subtitles
from voxweave_nb.sandbox import Fault, Sandbox
from voxweave_nb.widgets.progress import _Pace


@pytest.fixture
def service(tmp_path) -> VideoGenerationService:
    return VideoGenerationService.local(output_dir=tmp_path / "out")


@pytest.fixture
def panel(service) -> VideoPanel:
    return VideoPanel(service, resolution="720p", fps=10)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, monkeypatch) -> None:
    """What one test made is not what another one made before."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def press(panel: VideoPanel) -> Job:
    """Presses the button and waits for the job."""
    before = panel.job
    panel._go.click()
    wait_for(lambda: panel.job is not None and panel.job is not before)
    return panel.job


def text(widget: ipywidgets.Widget) -> str:
    """Everything that a widget's HTML says."""
    own = getattr(widget, "value", "")
    parts = [own] if isinstance(own, str) and "<style" not in own else []
    return "\n".join([*parts, *(text(child) for child in getattr(widget, "children", ()))])


def test_a_new_panel_is_ready_to_press_the_button(service):
    panel = VideoPanel(service)
    assert panel.narration == sample_narration()
    assert panel.subtitles == sample_subtitles()
    assert panel.config.style is VideoStyle.CYBERPUNK
    assert panel.config.prompt


def test_settings_come_and_go_as_a_config(service):
    config = VideoConfig(
        style="educational",
        resolution="4k",
        format="webm",
        prompt="a dawn",
        subtitle_mode="burn",
        subtitle_look="outline",
        seed=7,
        fps=24,
        aspect="9:16",
        provider="zai",
        model="viduq1-text",
        seconds=5,
        title="Dawn",
        reduce_motion=True,
        extra={"quality": "speed"},
    )
    panel = VideoPanel(service, config=config)
    assert panel.config == config
    panel.config = VideoConfig(style="anime")
    assert panel.config.style is VideoStyle.ANIME
    assert panel.config.subtitle_mode is SubtitleMode.SOFT


def test_an_unknown_keyword_is_told_the_right_ones(service):
    with pytest.raises(ConfigError, match="no field 'colour'"):
        VideoPanel(service, colour="red")


def test_another_narration_does_not_keep_the_samples_captions(panel, narration_file):
    panel.narration = narration_file
    assert panel.narration == narration_file
    assert panel.subtitles is None


def test_pasted_subtitles_are_text(panel):
    panel.subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert panel.subtitles.endswith("Hello\n")


LONG = "".join(
    f"{k}\n00:{k // 60:02d}:{k % 60:02d},000 --> 00:{k // 60:02d}:{k % 60:02d},900\nLine {k}\n\n"
    for k in range(3000)
)


def test_a_long_pasted_text_is_kept_whole_and_shown_in_part(panel):
    panel._captions.source.value = "Paste"
    panel._captions._text.value = LONG
    shown = panel._captions._text.value
    assert panel.subtitles.strip() == LONG.strip()
    assert shown.startswith("0\n00:00:00,000")
    assert f"[12001 lines, {len(LONG) // 1000} kB" in shown
    assert len(shown) < 1000


def test_a_long_pasted_text_is_not_lost_by_an_edit_of_what_is_shown_but_replaced_by_another(panel):
    box = panel._captions._text
    panel.subtitles = LONG
    shown = box.value
    box.value = shown.replace("Line 1", "Line one")
    assert box.value == shown
    assert panel.subtitles.strip() == LONG.strip()
    box.value = ""
    assert panel.subtitles is None
    box.value = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert panel.subtitles.endswith("Hello\n")
    assert panel.subtitles.startswith("1\n")


def test_the_button_makes_the_video(panel, narration_file):
    panel.narration = narration_file
    video = press(panel).result(60)
    assert panel.video is video
    assert "Done in" in text(panel)
    assert not panel._go.disabled
    assert panel._stop.disabled


def test_a_press_waits_for_what_the_page_has_still_to_send_and_the_last_press_counts(panel, narration_file):
    panel.narration = narration_file
    sent = []
    panel._connection.send = sent.append
    panel._connection._handle_custom_msg({"kind": "shown"}, [])
    panel._go.click()
    panel._go.click()
    panel._connection._handle_custom_msg({"kind": "settled", "turn": sent[0]["turn"]}, [])
    assert panel.job is None
    panel.config = panel.config.replace(prompt="what was typed last")
    for _ in range(2):
        panel._connection._handle_custom_msg({"kind": "settled", "turn": sent[1]["turn"]}, [])
    wait_for(lambda: panel.job is not None)
    panel.job.result(60)
    assert [run.config.prompt for run in panel.service.history()] == ["what was typed last"]


def test_while_it_runs_it_can_be_cancelled_and_not_started_twice(panel):
    panel.config = panel.config.replace(resolution="4k")
    panel.generate()
    assert panel._go.disabled
    panel._stop.click()
    with pytest.raises(Exception, match="stopped"):
        panel.job.result(10)
    assert panel.job.state is JobState.CANCELED
    assert "Canceled after" in text(panel)
    assert not panel._go.disabled


def test_an_error_before_there_is_a_job_is_shown_and_raised(panel):
    panel.narration = "nowhere.mp3"
    with pytest.raises(NarrationError):
        panel.generate()
    assert "There is no narration &#x27;nowhere.mp3&#x27;" in text(panel)


def test_no_narration_is_said_in_words(panel):
    panel.narration = "  "
    panel._go.click()
    assert "Take the sample, record or drop one, or give a path" in text(panel)


def test_an_error_of_the_job_is_shown(panel, tmp_path):
    broken = tmp_path / "broken.mp3"
    broken.write_text("no sound at all")
    panel.narration = broken
    panel.generate()
    with pytest.raises(NarrationError):
        panel.job.result(20)
    assert "broken.mp3 cannot be opened" in text(panel)


def test_a_mistake_in_a_callback_is_shown_and_not_lost(panel, monkeypatch):
    monkeypatch.setattr(panel.service, "submit", lambda *a, **k: 1 / 0)
    panel._go.click()
    wait_for(lambda: "ZeroDivisionError" in text(panel))
    assert not panel._go.disabled


def test_a_draft_is_made_here_and_leaves_the_settings_alone(panel, narration_file):
    panel.narration = narration_file
    panel.config = panel.config.replace(provider="zai", model="viduq1-text", resolution="4k")
    before = panel.config
    panel._try.click()
    video = panel.job.result(60)
    assert (video.width, video.height, video.provenance.provider) == (640, 360, "local")
    assert panel.config == before
    assert panel._screen.player.path == video.path


def test_each_style_has_examples_and_the_journal_the_last_prompts(panel, narration_file):
    panel.narration = narration_file
    panel.config = panel.config.replace(prompt="a lake")
    press(panel).result(60)
    assert "rain on neon glass" in panel._prompt.examples
    panel.config = panel.config.replace(style="educational")
    assert "why the deep sea glows" in panel._prompt.examples
    wait_for(lambda: panel._prompt.recent == ["a lake"])


def test_two_panels_do_not_share_anything(service, narration_file):
    first, second = (VideoPanel(service, resolution="720p", fps=10, prompt=name) for name in ("one", "two"))
    first.narration = narration_file
    video = press(first).result(60)
    assert first.video is video
    assert (second.video, second.job, second.config.prompt) == (None, None, "two")
    assert second.narration == sample_narration()


def test_a_file_of_ones_own_is_used_with_its_selection(panel, narration_file, tmp_path):
    audio = panel._narration.audio
    panel._narration.source.value = "Record or drop"
    assert panel.narration is None
    audio.duration, audio.path = 2.0, narration_file
    assert panel.narration == narration_file
    audio.selection = (0.5, 1.5)
    assert panel._narration.used().name == "talk-0.50-1.50.wav"
    panel._narration.used().unlink()


def test_the_prompt_is_counted(panel):
    panel.config = panel.config.replace(prompt="rain")
    assert "4 characters" in text(panel)


def test_the_prompt_is_counted_against_what_the_model_takes(panel):
    panel.config = panel.config.replace(prompt="r" * 600, provider="zai")
    assert "600 of 512 characters: the last 88 will be left out" in text(panel)
    assert "zai takes prompts of 512 characters" in text(panel)


def test_a_prompt_that_nobody_takes_is_an_error_in_words(panel):
    panel._prompt.value = "r" * 10_001
    assert "prompt has 10,001 characters; at most 10,000 are taken" in text(panel)


def test_the_saved_state_is_small(panel):
    assert len(json.dumps(dependency_state([panel]))) < 200_000


def test_the_sample_is_as_long_as_is_said(tmp_path):
    heard = open_narration(sample_narration(), work=tmp_path, max_seconds=60, max_bytes=10_000_000)
    assert heard.duration == pytest.approx(SAMPLE_SECONDS, abs=0.05)


# Who makes it


def price(panel: VideoPanel) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", panel._estimate.price.value)).strip()


@pytest.fixture
def chain(tmp_path, monkeypatch) -> VideoGenerationService:
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    return VideoGenerationService(["zai", "local"], output_dir=tmp_path / "out")


def test_every_provider_is_offered_with_the_reason_why_it_cannot_be_used(panel):
    assert {value for _, value in panel._maker._provider.options} == {"", *registered()}
    assert ("fal (not ready)", "fal") in panel._maker._provider.options
    assert "All providers: 1 of 6 ready" in text(panel)
    assert "has no key: set FAL_KEY" in text(panel)
    panel.config = panel.config.replace(provider="fal")
    assert "fal cannot be used now: has no key: set FAL_KEY." in panel._maker._note.value


def test_a_provider_that_cannot_be_used_is_said_in_words_by_the_button_too(panel):
    panel.config = panel.config.replace(provider="fal")
    panel._go.click()
    wait_for(lambda: "No provider can be used now: fal has no key: set FAL_KEY" in text(panel))


def test_automatic_names_the_order(chain):
    panel = VideoPanel(chain)
    assert panel.config.provider is None
    assert "Automatic asks zai, then local." in text(panel)
    assert "sk-very-private" not in text(panel) + json.dumps(dependency_state([panel]))


def test_the_price_and_what_is_mapped_are_said_before(chain):
    panel = VideoPanel(chain, resolution="720p")
    assert price(panel) == "about $0.20 asked first: zai"
    assert "zai makes 10 s at a time at the most" in panel._estimate.remarks.value
    panel._maker._provider.value = "local"
    assert price(panel) == "free"
    assert panel._estimate.remarks.value == ""


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"provider": "openai_sora", "resolution": "1080p"}, "about $14.00 20 s at $0.70"),
        ({"provider": "openai_sora", "resolution": "720p", "seconds": 4}, "about $1.20 4 s at $0.30"),
        ({"provider": "openai_sora", "model": "sora-2", "resolution": "720p"}, "about $2.00 20 s at $0.10"),
        ({"provider": "fal", "seconds": 2.5}, "about $0.25 2.5 s at $0.10"),
        ({"provider": "zai", "model": "viduq1-text"}, "about $0.40"),
        ({"provider": "gemini"}, "price not known here"),
        ({"provider": "local"}, "free"),
    ],
)
def test_the_price_is_said_in_words(service, fields, says):
    assert price(VideoPanel(service, **fields)) == says


def test_the_price_is_that_of_the_narrations_length(panel, narration_file):
    panel.config = panel.config.replace(provider="openai_sora")
    panel.narration = narration_file
    wait_for(lambda: price(panel) == "about $1.20 4 s at $0.30")


@pytest.mark.parametrize("path", ["nowhere.mp3", "", "\x00", "/", "~nobody/talk.mp3"])
def test_a_bad_path_is_no_error_before_the_button_is_pressed(panel, path):
    panel.config = panel.config.replace(provider="fal")
    panel.narration = path
    wait_for(lambda: price(panel) == "the price follows the narration's length")
    assert "vx-error" not in text(panel)


def test_a_model_of_ones_own_is_taken_as_it_is(panel):
    panel._maker._provider.value = "openai_sora"
    panel._maker._model.value = "wan2.2-t2v"
    assert (panel.config.provider, panel.config.model) == ("openai_sora", "wan2.2-t2v")
    panel._maker._provider.value = "zai"
    assert panel.config.model is None


def test_a_model_that_is_not_there_is_said_before(panel):
    panel.config = panel.config.replace(provider="zai", model="sora-2")
    assert "zai has no model &#x27;sora-2&#x27;; choose one of: cogvideox-3" in text(panel)


def test_the_lengths_are_those_that_the_model_takes(panel):
    maker = panel._maker
    maker._provider.value = "zai"
    assert [label for label, _ in maker._length.options] == ["as long as the narration", "5 s", "10 s"]
    maker._length.value = "10.0"
    assert panel.config.seconds == 10
    maker._model.value = "viduq1-text"
    assert [label for label, _ in maker._length.options] == ["as long as the narration", "5 s"]
    assert panel.config.seconds is None
    maker._provider.value = "fal"
    maker._length.value = "own"
    maker._seconds.value = 7.5
    assert (panel.config.seconds, maker._seconds.description) == (7.5, "Seconds (2 to 10)")


def test_a_length_that_cannot_be_is_said_in_words(panel):
    panel.config = panel.config.replace(provider="fal", seconds=3)
    panel._maker._seconds.value = 0
    assert "seconds is 0.0; give a number above 0" in text(panel)
    panel._go.click()
    assert "seconds is 0.0; give a number above 0" in text(panel._progress)


@pytest.mark.parametrize(
    "fields",
    [
        {"aspect": "9:16", "resolution": "4k"},
        {"provider": "zai", "seconds": 7},
        {"provider": "fal", "seconds": 400.0, "model": "someone/else"},
        {"provider": "sora9000", "model": "x"},
        {"seconds": 3.0},
    ],
)
def test_what_is_set_is_what_is_read_even_where_it_will_be_mapped(panel, fields):
    panel.config = VideoConfig(**fields)
    assert panel.config == VideoConfig(**fields)


def test_another_aspect_keeps_the_resolution(panel):
    panel.config = panel.config.replace(resolution="4k")
    panel._aspect.value = "9:16"
    assert panel.config.size == (2160, 3840)
    assert ("4k · 2160×3840", "4k") in panel._resolution.options


class Broken(LocalProvider):
    """A plug-in whose author forgot everything."""

    name = "broken"
    capabilities = None

    def availability(self):
        raise RuntimeError("out of <luck>")

    def plan(self, config, duration):
        raise KeyError("plan")


def test_a_broken_plug_in_does_not_break_the_panel(tmp_path, narration_file):
    service = VideoGenerationService([LocalProvider(), Broken()], output_dir=tmp_path / "out")
    panel = VideoPanel(service, resolution="720p", fps=10, narration=narration_file)
    assert "is broken (RuntimeError: out of &lt;luck&gt;)" in text(panel)
    panel._maker._provider.value = "broken"
    assert "broken cannot say what it would make (KeyError" in text(panel)
    panel._maker._provider.value = ""
    assert press(panel).result(60).provenance.provider == "local"


@pytest.mark.slow
def test_the_story_of_a_fallback_is_told_in_the_log_and_at_the_end(tmp_path, monkeypatch, narration_file):
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        sandbox.fault("create", Fault.status(503), provider="openai_sora")
        sandbox.fault("create", Fault.status(429, retry_after=0.1), provider="zai")
        settings = Settings(output_dir=tmp_path / "out", poll_interval=0.1)
        with contextlib.closing(VideoGenerationService(["openai_sora", "zai"], settings=settings)) as service:
            panel = VideoPanel(service, resolution="720p", narration=narration_file, seconds=5)
            press(panel).result(60)
    done = text(panel._progress)
    assert "made by zai (cogvideox-3), about $0.20; openai_sora declined: it is out of order" in done
    assert "Asking zai next." not in done
    panel._progress._open.value = True
    log = text(panel._progress)
    assert "Asking zai next." in log
    assert "zai is busy (429) and is asked again in 0 s." in log
    assert "zai has taken the job" in log


def test_the_page_is_told_at_most_ten_times_a_second_and_always_the_last():
    shown: list[float] = []
    ended = threading.Event()

    def show(event: JobEvent) -> None:
        shown.append(event.progress)
        if event.progress == 999:
            ended.set()

    pace = _Pace(show)
    for step in range(1000):
        pace.say(JobEvent("progress", JobState.RUNNING, None, float(step), "", 0.0, 0.0), now=False)
    assert ended.wait(5)
    assert len(shown) <= 5
    assert shown == sorted(shown)


def test_the_look_of_the_subtitles_is_asked_where_they_are_drawn_into_the_picture(panel):
    assert panel._look.layout.display == "none"
    panel.config = VideoConfig(subtitle_mode="burn", subtitle_look="large")
    assert panel._look.layout.display == ""
    panel._look.value = "outline"
    assert panel.config.subtitle_look == "outline"
    panel._mode.value = "soft"
    assert panel._look.layout.display == "none"
