"""A run makes what is missing, and pays for nothing twice."""

from __future__ import annotations

import asyncio
import dataclasses
import wave

import pytest

from tests.lab.conftest import DRAFT
from tests.lab.fields import states
from voxweave_nb import ConfigError, JobCanceled, Stage
from voxweave_nb.journal import AttemptOutcome
from voxweave_nb.lab import runner
from voxweave_nb.lab.runner import LabProgress, LabRun
from voxweave_nb.lab.videos import stored
from voxweave_nb.providers.zai import Zai
from voxweave_nb.sandbox import Fault

pytestmark = pytest.mark.slow


def test_a_run_makes_each_variant_once(lab, sandbox):
    progress = lab.run(budget=2.0, at_once=4).result(120)
    assert (progress.made, progress.failed, progress.total) == (4, 0, 4)
    assert progress.usd == pytest.approx(0.8)
    assert states(lab) == ["made"] * 4
    assert all(each.video.path.parent == lab.path / "videos" and each.usd == 0.2 for each in lab.variants)
    assert lab.run().result(60).made == 4
    assert sandbox.submissions("zai") == 4


def test_a_reopened_lab_pays_for_nothing_again(lab, open_lab, sandbox):
    lab.run().result(120)
    again = open_lab(narration=None)
    assert states(again) == ["made"] * 4
    assert again.estimate().usd == 0
    assert again.run().result(60).made == 4
    assert sandbox.submissions("zai") == 4


def test_one_failure_does_not_stop_the_others(lab, sandbox):
    sandbox.next_job("zai", fails="The model ran out of memory.")
    run = lab.run(at_once=1)
    progress = run.result(120)
    assert (progress.made, progress.failed) == (3, 1)
    failed = next(each for each in lab.variants if each.state == "failed")
    assert "ran out of memory" in failed.error
    assert failed.id in run.errors
    assert lab.run().result(60).made == 4


def test_an_unforeseen_error_stops_no_other(lab, monkeypatch):
    errors = iter([OSError("the disk is full")])

    def stored_once(*args):
        if error := next(errors, None):
            raise error
        return stored(*args)

    monkeypatch.setattr(runner, "stored", stored_once)
    progress = lab.run().result(120)
    assert (progress.made, progress.failed) == (3, 1)
    assert "OSError: the disk is full" in [each.error for each in lab.variants]
    assert lab.run().result(60).usd == 0


def test_a_refusal_names_its_prompt(lab, sandbox):
    sandbox.fault("create", Fault.refuse_content())
    run = lab.run(at_once=1)
    assert run.result(120).made == 3
    (refused,) = [each for each in lab.variants if each.state == "refused"]
    assert repr(refused.config.prompt) in refused.error
    (warning,) = [each for each in run.warnings if refused.error in each]
    assert warning.startswith(", ".join(refused.axes.values()))


def test_a_warning_of_all_is_listed_once(open_lab):
    lab = open_lab(base=DRAFT.replace(resolution="4k"))
    lab.grid("a {harbour|forest}", seconds=5.0)
    run = lab.run()
    assert run.result(120).made == 2
    assert len(run.warnings) == len(set(run.notes)) >= 1
    assert all(len(names) == 2 for names in run.notes.values())
    assert set(run.notes) == set(lab.variants[0].video.warnings)


def test_a_models_own_limit_holds_too(lab, sandbox, monkeypatch):
    (model,) = [each for each in Zai.capabilities.models if each.name == "cogvideox-3"]
    few = dataclasses.replace(model, at_once=1)
    others = [each for each in Zai.capabilities.models if each is not model]
    monkeypatch.setattr(Zai, "capabilities", dataclasses.replace(Zai.capabilities, models=(few, *others)))
    run, most = lab.run(at_once=4), 0
    while not run.done():
        jobs = [run.job_of(each.id) for each in lab.variants]
        most = max(most, sum(job is not None and job.stage is Stage.GENERATE for job in jobs))
    assert run.result(120).made == 4
    assert most == 1


def test_the_whole_is_weighted_by_seconds(open_lab, sandbox):
    lab = open_lab()
    lab.add(provider="local", prompt="fast")
    lab.add(provider="zai", prompt="slow")
    heard: list[LabProgress] = []
    run = lab.run(at_once=1)
    run.listen(heard.append)
    assert run.result(120).made == 2
    first = next(each for each in heard if each.made == 1)
    assert first.fraction < 0.2


def test_the_time_left_is_estimated(lab, sandbox):
    sandbox.next_job("zai", seconds=4.0)
    heard: list[LabProgress] = []
    run = lab.run(at_once=2)
    run.listen(heard.append)
    run.result(120)
    assert [each for each in heard if each.remaining is not None and each.remaining > 0]
    assert heard[-1].remaining is None
    assert heard[-1].elapsed > 3


def test_a_broken_listener_breaks_nothing(lab, caplog):
    def broken(progress: LabProgress) -> None:
        if progress.made:
            raise ValueError("a broken view")

    run = lab.run()
    run.listen(broken)
    assert run.result(120).made == 4
    assert "failed and is dropped" in caplog.text


def test_a_refused_prompt_is_not_sent_again(lab, sandbox):
    sandbox.fault("create", Fault.refuse_content())
    lab.run(at_once=1).result(120)
    assert sorted(states(lab)) == ["made", "made", "made", "refused"]
    before = sandbox.submissions("zai")
    assert lab.run().result(60).made == 3
    assert sandbox.submissions("zai") == before


def test_the_budget_is_for_the_labs_whole_life(lab, open_lab, sandbox):
    progress = lab.run(budget=0.5, at_once=1).result(120)
    assert (progress.made, progress.failed) == (2, 2)
    again = open_lab()
    assert again.run().result(60).failed == 2
    assert sandbox.submissions("zai") == 2
    assert "0.50" in next(each.error for each in again.variants if each.error)
    assert again.run(budget=0.8).result(120).made == 4


def test_a_cancelled_run_goes_on_later(lab, sandbox):
    run = lab.run(at_once=1)
    run.listen(lambda progress: run.cancel() if progress.made == 1 else None)
    with pytest.raises(JobCanceled, match=r"run\(\) makes what is missing"):
        run.result(120)
    assert states(lab).count("made") >= 1
    assert lab.run().result(120).made == 4
    assert states(lab) == ["made"] * 4


def test_a_lost_answer_is_never_sent_again(lab, sandbox, service):
    sandbox.fault("create", Fault.reset_after(accept=True))
    lab.run(at_once=1).result(120)
    assert sorted(states(lab)) == ["failed", "made", "made", "made"]
    lab.run().result(120)
    assert sandbox.submissions("zai") == 4
    outcomes = [attempt.outcome for run in service.history(20) for attempt in run.attempts]
    assert outcomes.count(AttemptOutcome.IN_DOUBT) == 1
    doubtful = next(each for each in lab.variants if each.state == "failed")
    assert lab.run(anew=[doubtful]).result(120).made == 4
    assert sandbox.submissions("zai") == 5


def test_a_job_that_was_left_is_resumed(lab, sandbox):
    sandbox.next_job("zai", seconds=2.0)
    run = lab.run(at_once=1)
    first = lab.variants[0].id
    while (job := run.job_of(first)) is None or job.provider_job_id is None:
        pass
    run.cancel()
    with pytest.raises(JobCanceled):
        run.result(60)
    assert lab.run().result(120).made == 4
    assert sandbox.submissions("zai") == 4


def test_listeners_hear_the_end(lab):
    heard: list[LabProgress] = []
    run = lab.run()
    stop = run.listen(heard.append)
    run.result(120)
    stop()
    assert heard[-1].made == heard[-1].total == 4
    assert [each.fraction for each in heard] == sorted(each.fraction for each in heard)


async def wait_for(run: LabRun) -> LabProgress:
    return await run


def test_a_run_can_be_awaited(lab):
    assert asyncio.run(wait_for(lab.run())).made == 4


def test_a_second_run_waits_for_the_first(lab, sandbox):
    sandbox.next_job("zai", seconds=1.0)
    run = lab.run(at_once=1)
    with pytest.raises(ConfigError, match="runs already"):
        lab.run()
    run.result(120)


def test_what_deserves_a_warning_is_flagged(open_lab, tmp_path):
    with wave.open(str(tmp_path / "silence.wav"), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(2 * 16_000 * 8))
    lab = open_lab(narration=tmp_path / "silence.wav")
    lab.add(prompt="rain")
    lab.run().result(120)
    assert "silent" in [flag.name for flag in lab.variants[0].flags]
    assert "silent" in str(lab.ranking()[0].flags) or lab.ranking()[0].flags
