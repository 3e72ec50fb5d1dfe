"""A lab from the grid to the winner, against the sandbox's paid providers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import write_narration
from voxweave_nb import ConfigError, JobCanceled, Settings, VideoConfig, VideoGenerationService
from voxweave_nb.journal import AttemptOutcome
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.sandbox import Fault

DRAFT = VideoConfig(quality="draft", provider="zai")


@pytest.fixture
def service(sandbox, tmp_path):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    with VideoGenerationService(["zai", "openai_sora"], settings=settings) as service:
        yield service


@pytest.fixture
def open_lab(service, narration_file, tmp_path):
    def opened(name="harbour", narration=narration_file, **more) -> PromptLab:
        more = {"base": DRAFT, "service": service, "folder": tmp_path / "labs", "rater": "me", **more}
        return PromptLab(name, narration, **more)

    return opened


@pytest.fixture
def lab(open_lab) -> PromptLab:
    lab = open_lab()
    lab.grid("a {harbour|forest} at {dawn|dusk}", style=["anime"])
    return lab


def states(lab: PromptLab) -> list[str]:
    return [each.state for each in lab.variants]


def test_nothing_is_sent_before_a_run(lab, sandbox):
    (only,) = lab.estimate()
    assert (only.provider, only.variants, only.made, only.to_make, only.unknown) == ("zai", 4, 0, 4, 0)
    assert only.usd == pytest.approx(0.8)
    assert "4 to make ($0.80)" in str(lab.estimate())
    assert sandbox.submissions("zai") == 0


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


def test_identical_variants_of_another_lab_are_reused(lab, open_lab, sandbox):
    lab.run().result(120)
    other = open_lab("forest")
    other.grid("a forest at {dawn|dusk}", style="anime")
    assert other.estimate()[0].made == 2
    assert other.run().result(60).made == 2
    assert sandbox.submissions("zai") == 4
    assert all(each.video.path.parent == other.path / "videos" for each in other.variants)


def test_one_failure_does_not_stop_the_others(lab, sandbox):
    sandbox.next_job("zai", fails="The model ran out of memory.")
    run = lab.run(at_once=1)
    progress = run.result(120)
    assert (progress.made, progress.failed) == (3, 1)
    failed = next(each for each in lab.variants if each.state == "failed")
    assert "ran out of memory" in failed.error
    assert failed.id in run.errors
    assert lab.run().result(60).made == 4


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


def test_votes_choose_the_best(lab):
    lab.run().result(120)
    best = lab.variants[2]
    for _ in range(12):
        for other in lab.variants:
            if other.id != best.id:
                lab.vote(best.id[:8], other, "left", blind=True, shown=3.0)
    assert lab.best().id == best.id
    assert lab.ranking()[0].best > 0.9
    assert lab.ranking(by="Ada").votes == ()
    assert lab.best().config.replace(quality="standard").prompt == "a forest at dawn"
    assert {each.blind for each in lab.votes} == {True}


def test_a_vote_is_undone(lab):
    first, second, *_ = lab.variants
    vote = lab.vote(first, second, "right")
    assert lab.undo() == vote
    assert lab.votes == ()
    assert lab.undo() is None


def test_ratings_add_up(lab):
    lab.rate(lab.variants[0], stars=4)
    assert lab.rate(lab.variants[0].id, thumb=True, note="the light").stars == 4
    assert lab.rate(lab.variants[0].id, clear=["stars"]).stars is None


def test_pairs_are_of_made_variants(lab):
    with pytest.raises(ConfigError, match="two variants with a video"):
        lab.pair()
    lab.run().result(120)
    left, right = lab.pair("rank")
    assert left.id != right.id
    with pytest.raises(ConfigError, match="'best' or 'rank'"):
        lab.pair("worst")


def test_dropping_keeps_the_paid_video(lab):
    lab.run().result(120)
    path = lab.variants[0].video.path
    assert lab.drop(lab.variants[0]) == 1
    assert lab.drop(**{"choice 2": "dusk"}) == 2
    assert lab.size == 1
    assert path.exists()
    lab.grid("a {harbour|forest} at {dawn|dusk}", style="anime")
    assert states(lab) == ["made"] * 4


def test_a_removed_video_is_missed(lab):
    lab.run().result(120)
    lab.variants[0].video.path.unlink()
    assert states(lab).count("gone") == 1


def test_a_moved_lab_plays(lab, open_lab, tmp_path):
    lab.run().result(120)
    shutil.move(lab.path, tmp_path / "elsewhere" / "harbour")
    moved = open_lab(narration=None, folder=tmp_path / "elsewhere")
    assert states(moved) == ["made"] * 4
    assert all(each.video.path.is_relative_to(tmp_path / "elsewhere") for each in moved.variants)


def test_another_narration_keeps_the_old_variants(lab, open_lab, tmp_path):
    lab.run().result(120)
    other = open_lab(narration=write_narration(tmp_path / "other.wav", 1.5))
    assert "narration has changed" in other.warnings[0]
    assert states(other) == ["made"] * 4
    assert other.grid("a harbour at dawn", style="anime")[0].state == "to make"
    assert open_lab(base=VideoConfig(style="anime")).warnings[-1].startswith("The base config has changed")


def test_two_peoples_labs_merge(lab, open_lab):
    theirs = open_lab("theirs", rater="Ada")
    theirs.grid("a {harbour|city} at dawn", style="anime")
    theirs.run().result(120)
    theirs.vote(*theirs.variants, "left")
    assert lab.merge(theirs.path) == {"variants": 1, "videos": 2, "votes": 1, "ratings": 0}
    assert states(lab).count("made") == 2
    assert lab.votes[0].rater == "Ada"
    with pytest.raises(ConfigError, match=r"no lab\.json"):
        lab.merge(lab.path / "videos")


def test_a_large_grid_wants_to_be_sure(open_lab):
    lab = open_lab()
    with pytest.raises(ConfigError, match="256 new variants"):
        lab.grid("{a|b}{c|d}{e|f}{g|h}{i|j}{k|l}{m|n}{o|p}")
    assert lab.size == 0
    assert len(lab.grid("{a|b}{c|d}{e|f}{g|h}{i|j}{k|l}{m|n}{o|p}", sure=True)) == lab.size == 256


@pytest.mark.parametrize("name", ["", "a/b", "..", "a:b", "x" * 61, 7])
def test_a_bad_name_gets_a_sentence(open_lab, name):
    with pytest.raises(ConfigError, match="name"):
        open_lab(name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at_once": 0}, "at_once"),
        ({"at_once": "x"}, "at_once"),
        ({"budget": -1}, "budget"),
        ({"budget": "x"}, "budget"),
    ],
)
def test_a_bad_option_gets_a_sentence(lab, options, message):
    with pytest.raises(ConfigError, match=message):
        lab.run(**options)


def test_bad_names_of_variants_get_a_sentence(lab):
    first = lab.variants[0]
    for call in (lambda: lab.rate("nope"), lambda: lab.vote(first, "v", "left"), lambda: lab.drop()):
        with pytest.raises(ConfigError, match=r"no variant|beginning of 4 ids|Name what to drop"):
            call()
    with pytest.raises(ConfigError, match="Both sides"):
        lab.vote(first, first, "left")
    with pytest.raises(ConfigError, match="stars"):
        lab.rate(first, stars=6)
    with pytest.raises(ConfigError, match="no votes yet"):
        lab.best()


def test_a_lab_without_narration_needs_a_folder(open_lab):
    with pytest.raises(ConfigError, match="no lab 'other'"):
        open_lab("other", narration=None)


def test_a_paid_seed_is_a_take(open_lab):
    lab = open_lab()
    lab.grid("rain", seed=[1, 2], provider=["zai", "local"])
    assert [sorted(each.axes) for each in lab.variants[:2]] == [["provider", "take"], ["provider", "seed"]]


def test_lab_json_is_plain(lab):
    values = json.loads((lab.path / "lab.json").read_text())
    assert values["base"] == {"quality": "draft", "provider": "zai"}
    assert Path(values["narration"]).is_file()
