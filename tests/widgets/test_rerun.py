"""A cell that is run again while its panel makes a video."""

from __future__ import annotations

import pytest

from tests.widgets.actions import text, wait_for
from voxweave_nb import VideoGenerationService, VideoPanel
from voxweave_nb.environment import FrontEnd, RunningCell
from voxweave_nb.widgets.rerun import Displays

CELL = RunningCell("a", "1", "VideoPanel()")


@pytest.fixture
def run(monkeypatch):
    """Say which cell of JupyterLab runs."""
    monkeypatch.setattr("voxweave_nb.widgets.panel.front_end", lambda: FrontEnd.LAB)

    def run_cell(cell: RunningCell | None) -> None:
        monkeypatch.setattr("voxweave_nb.widgets.rerun.running_cell", lambda: cell)

    run_cell(CELL)
    return run_cell


class Thing:
    """Something that a cell displays."""


def test_each_display_replaces_its_predecessor(run):
    displays, things = Displays(), [Thing() for _ in range(6)]
    assert [displays.replace(thing) for thing in things[:2]] == [(None, False), (None, False)]
    run(RunningCell("a", "2", "VideoPanel()"))
    assert [displays.replace(thing) for thing in things[2:4]] == [(things[0], True), (things[1], True)]
    run(RunningCell("a", "3", "VideoPanel(style='anime')"))
    assert displays.replace(things[4]) == (things[2], False)
    run(RunningCell("b", "4", "VideoPanel()"))
    assert displays.replace(things[5]) == (None, False)


def test_a_thing_shown_again_replaces_nothing(run):
    displays, thing = Displays(), Thing()
    displays.replace(thing)
    run(RunningCell("a", "2", "VideoPanel()"))
    assert displays.replace(thing) == (None, False)
    run(None)
    assert displays.replace(Thing()) == (None, False)


@pytest.mark.slow
@pytest.mark.parametrize("code", [CELL.code, "VideoPanel(prompt='other')"])
def test_a_new_panel_adopts_the_running_job(service, narration_file, run, code):
    old, new = (VideoPanel(service, resolution="4k", fps=4, prompt=name) for name in ("old", "new"))
    old._ipython_display_()
    old.narration = narration_file
    job = old.generate()
    run(RunningCell("a", "2", code))
    new._ipython_display_()
    assert new.job is job
    assert (new._generate_button.disabled, new._cancel_button.disabled) == (True, False)
    same = code == CELL.code
    assert new.config.prompt == ("old" if same else "new")
    assert (new.narration == narration_file) is same
    new.cancel()
    wait_for(job.done)
    wait_for(lambda: "Canceled after" in text(new._progress))
    assert "Canceled after" not in text(old._progress)


@pytest.mark.slow
def test_an_ended_job_is_not_adopted(service, narration_file, run):
    old, new = (VideoPanel(service, resolution="720p", fps=4, prompt=name) for name in ("old", "new"))
    old._ipython_display_()
    old.narration = narration_file
    old.draft().result(60)
    run(RunningCell("a", "2", CELL.code))
    new._ipython_display_()
    assert (new.job, new.config.prompt) == (None, "new")


@pytest.mark.slow
def test_resumed_jobs_are_adopted(tmp_path, sandbox, narration_file, run):
    service = VideoGenerationService("zai", output_dir=tmp_path / "out")
    job = service.submit(narration_file, prompt="a quiet sea", poll_interval=30)
    wait_for(lambda: job.provider_job_id)
    job.detach()
    wait_for(job.done)
    sandbox.next_job("zai", polls=1000)
    old, new = VideoPanel(service), VideoPanel(service)
    old._ipython_display_()
    old._resume.resume_all()
    wait_for(lambda: old._resume.jobs)
    run(RunningCell("a", "2", CELL.code))
    new._ipython_display_()
    assert [job.id for job in new._resume.jobs] == [job.id]
    for job in new._resume.jobs:
        job.cancel()
        wait_for(job.done)
