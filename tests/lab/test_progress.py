"""A lab's run is shown like a job."""

from __future__ import annotations

import pytest

from tests.widgets.actions import wait_for
from voxweave_nb import JobState, display
from voxweave_nb.models import JobEvent
from voxweave_nb.run_view import RunView
from voxweave_nb.sandbox import Fault

pytestmark = pytest.mark.slow


def test_a_run_displays_itself(lab, monkeypatch):
    shown: list[object] = []
    monkeypatch.setattr(display, "_job_view", shown.append)
    monkeypatch.setattr(display, "_job_widget", lambda job: f"widget of {job.message}")
    run = lab.run()
    run._ipython_display_()
    run.result(120)
    assert isinstance(shown[0], RunView)
    assert run._display_() == "widget of 4 of 4 made, $0.80"


def test_a_run_is_followed_to_its_end(lab, sandbox):
    sandbox.fault("create", Fault.refuse_content())
    run = lab.run(at_once=1)
    events: list[JobEvent] = []
    RunView(run).listen(events.append)
    run.result(120)
    wait_for(lambda: events[-1].state.final)
    told = [event.message for event in events if event.kind == "warning"]
    assert len(told) == len(run.notes) >= 1
    assert all(message.endswith(note) for message, note in zip(told, run.notes, strict=True))
    assert events[-1].state is JobState.SUCCEEDED
    assert events[-1].progress == 100
    assert events[-1].message == "3 of 4 made, 1 failed, $0.60"
