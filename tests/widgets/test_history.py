"""The list of recent runs."""

from __future__ import annotations

import html
import json

import pytest
from ipywidgets.embed import dependency_state

from tests.widgets.actions import press, text, wait_for
from voxweave_nb import Settings, VideoGenerationService, VideoPanel, VoxweaveError
from voxweave_nb.sandbox import Fault

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(service, narration_file) -> VideoPanel:
    return VideoPanel(service, narration=narration_file, resolution="720p", fps=4, prompt="rain")


def test_the_history_shows_reuses_and_deletes(panel):
    made = press(panel).result(60)
    config = panel.config
    panel.config = config.replace(prompt="snow", style="anime")
    panel._history.unfolded = True
    wait_for(lambda: panel._history.runs)
    row = panel._history._list.children[0]
    assert "rain" in text(row)
    assert "cyberpunk · local · free" in text(row)
    assert "data:image/webp" in text(row)
    assert len(json.dumps(dependency_state([panel]))) < 200_000
    show, use, delete = row.children[1].children
    use.click()
    assert panel.config == config
    show.click()
    assert panel.video.path == made.path
    delete.click()
    assert made.path.exists()
    assert delete.description == "Confirm delete"
    delete.click()
    wait_for(lambda: "files missing" in text(panel._history))
    assert not any(path.exists() for path in (made.path, made.poster))
    panel._history.unfolded = False
    assert panel._history.runs == ()


def test_a_job_is_listed_from_its_beginning(panel, narration_file):
    panel._history.unfolded = True
    wait_for(lambda: "No videos yet." in text(panel._history))
    panel.config = panel.config.replace(resolution="4k", fps=30, quality="fine")
    job = press(panel)
    wait_for(lambda: "rain" in text(panel._history))
    assert not job.done()
    job.cancel()
    wait_for(lambda: job.done())


def test_an_empty_journal_has_no_history(panel):
    panel._history.unfolded = True
    wait_for(lambda: "No videos yet." in text(panel._history))


def test_a_failed_run_shows_its_message(sandbox, tmp_path, narration_file):
    sandbox.fault("create", Fault.status(400), provider="zai", times=None)
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out")
    panel = VideoPanel(VideoGenerationService("zai", settings=settings), narration=narration_file)
    with pytest.raises(VoxweaveError) as error:
        press(panel).result(20)
    panel._history.unfolded = True
    wait_for(lambda: panel._history.runs)
    assert "failed" in text(panel._history)
    assert html.escape(str(error.value)) in text(panel._history)


@pytest.mark.parametrize(
    ("provider", "said"), [("local", "interrupted"), ("zai", "interrupted, accepted by the provider")]
)
def test_a_killed_run_is_called_interrupted(tmp_path, sandbox, narration_file, provider, said):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=30)
    service = VideoGenerationService(provider, settings=settings)
    job = service.submit(narration_file, resolution="4k", prompt="killed")
    wait_for(lambda: job.provider_job_id)
    with service.journal.transaction() as db:  # as if its kernel were gone
        db.execute("UPDATE runs SET owner = NULL WHERE id = ?", (job.id,))
    panel = VideoPanel(service)
    panel._history.unfolded = True
    wait_for(lambda: panel._history.runs)
    assert f" · {said}<" in text(panel._history)
    assert [run.id for run in service.resumable()] == ([] if provider == "local" else [job.id])
    job.cancel()
    wait_for(job.done)


@pytest.mark.parametrize(("end", "said"), [("detach", "interrupted"), ("cancel", "canceled")])
def test_an_interrupted_run_is_not_called_canceled(panel, end, said):
    panel.config = panel.config.replace(resolution="4k")
    job = panel.generate()
    wait_for(lambda: job.provider_job_id)
    getattr(job, end)()
    wait_for(job.done)
    panel._history.unfolded = True
    wait_for(lambda: panel._history.runs)
    assert f" · {said}<" in text(panel._history)
