"""What the panel knows from the journal: what was left, what was made before, what was made at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from ipywidgets.embed import dependency_state

from tests.widgets.test_panel import press, text, wait_for
from voxweave_nb import Settings, VideoGenerationService, VideoPanel
from voxweave_nb.sandbox import Sandbox
from voxweave_nb.widgets.again import cost, moment


@pytest.fixture
def sandbox(monkeypatch) -> Iterator[Sandbox]:
    with Sandbox(polls=2) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
def serve(tmp_path) -> Callable[..., VideoGenerationService]:
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02)
    return lambda provider="local": VideoGenerationService(provider, settings=settings)


@pytest.fixture
def panel(serve, narration_file) -> VideoPanel:
    return VideoPanel(serve(), narration=narration_file, resolution="720p", fps=10, prompt="rain")


def left(service: VideoGenerationService, narration_file, sandbox: Sandbox) -> str:
    """A job that its process let go of while it ran at zai."""
    job = service.submit(narration_file, prompt="a quiet sea", poll_interval=30)
    wait_for(lambda: job.provider_job_id)
    job.detach()
    wait_for(job.done)
    return job.id


def test_nothing_is_said_where_nothing_was_left(panel):
    panel._pickup._say(panel.service.resumable())
    assert panel._pickup.layout.display == "none"


def test_what_was_left_is_picked_up_and_its_video_shown(serve, sandbox, narration_file):
    service = serve("zai")
    name = left(service, narration_file, sandbox)
    panel = VideoPanel(service)
    panel._pickup.look()
    wait_for(lambda: panel._pickup.layout.display is None)
    assert "“a quiet sea” (zai) is still running elsewhere" in text(panel._pickup)
    panel._pickup._button.click()
    wait_for(lambda: panel.video)
    assert panel._pickup.jobs[0].id == name
    assert panel._pickup._line.layout.display == "none"
    assert service.resumable() == []


def test_a_journal_that_cannot_be_read_is_no_matter_for_the_panel(panel, monkeypatch):
    def broken(limit: int = 0) -> None:
        raise OSError("no <disk>")

    monkeypatch.setattr(panel.service, "resumable", broken)
    monkeypatch.setattr(panel.service, "history", broken)
    panel._pickup.look()
    panel._history.unfolded = True
    wait_for(lambda: "no &lt;disk&gt;" in text(panel._history))
    assert panel._pickup.layout.display == "none"


def test_the_same_again_is_asked_about_and_shown(panel):
    made = press(panel).result(60)
    panel._video = None
    panel._go.click()
    wait_for(lambda: panel._again.run)
    assert f"Made before, on {moment(time.time())[:6].strip()}" in text(panel._again)
    assert "free" in text(panel._again)
    panel._again._show.click()
    assert panel.video.path == made.path
    assert not panel._go.disabled
    assert panel._again.layout.display == "none"


def test_the_same_again_can_be_made_again(panel):
    first = press(panel).result(60)
    panel._go.click()
    wait_for(lambda: panel._again.run)
    before = panel.job
    panel._again._make.click()
    wait_for(lambda: panel.job is not before)
    assert panel.job.result(60).path != first.path


def test_another_prompt_is_not_the_same(panel, narration_file):
    press(panel).result(60)
    assert panel.service.made_before(narration_file, config=panel.config) is not None
    assert panel.service.made_before(narration_file, config=panel.config, prompt="snow") is None


def test_the_history_shows_uses_and_deletes(panel):
    made = press(panel).result(60)
    config = panel.config
    panel.config = config.replace(prompt="snow", style="anime")
    panel._history.unfolded = True
    wait_for(lambda: panel._history.runs)
    row = panel._history._list.children[0]
    assert "rain" in text(row)
    assert "cyberpunk · local · free" in text(row)
    assert "data:image/jpeg" in text(row)
    assert len(json.dumps(dependency_state([panel]))) < 200_000
    show, use, delete = row.children[1].children
    use.click()
    assert panel.config == config
    show.click()
    assert panel.video.path == made.path
    delete.click()
    assert made.path.exists()
    delete.click()
    wait_for(lambda: "its files are gone" in text(panel._history))
    assert not any(path.exists() for path in (made.path, made.poster))
    panel._history.unfolded = False
    assert panel._history.runs == ()


def test_a_cost_is_said_in_words():
    assert [cost(0.2), cost(0.0), cost(None)] == ["$0.20", "free", "price not known"]
