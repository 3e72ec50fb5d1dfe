"""A board's run makes what is missing, pays for nothing twice, and says what failed by its scene."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from voxweave_nb import ConfigError, JobCanceled, VideoGenerationService
from voxweave_nb.journal import RunState
from voxweave_nb.sandbox import Fault
from voxweave_nb.storyboard.board import Storyboard

pytestmark = pytest.mark.slow


@pytest.fixture
def board(plan) -> Storyboard:
    """Six scenes of five seconds."""
    board = plan(extra={})
    for number in range(1, len(board.scenes) * 2, 2):
        if board.scenes[number].seconds > 7:
            board.split(number, at=board.scenes[number].start + 5.0)
    assert len(board.scenes) == 6
    return board


def states(board: Storyboard) -> list[str]:
    return [scene.state for scene in board.scenes]


def test_each_scene_is_made_once(board, sandbox):
    progress = board.make(budget=5.0).result(120)
    assert (progress.made, progress.failed, progress.total) == (6, 0, 6)
    assert states(board) == ["made"] * 6
    assert progress.usd == board.spent == pytest.approx(1.2)
    assert board.make().result(60).made == 6
    assert sandbox.submissions("zai") == 6


def test_planning_and_pricing_send_nothing(board, sandbox):
    assert board.estimate().usd == pytest.approx(1.2)
    assert str(board)
    assert sandbox.submissions("zai") == 0


def test_an_edited_scene_alone_is_paid_again(board, sandbox):
    board.make().result(120)
    before = board.scenes[4].takes
    board.scenes[4].prompt = "a lamp on a wet table"
    assert states(board)[3] == "stale"
    assert board.estimate().usd == pytest.approx(0.2)
    board.make().result(60)
    assert sandbox.submissions("zai") == 7
    assert board.scenes[4].takes[: len(before)] == before
    assert states(board) == ["made"] * 6


def test_an_edit_taken_back_is_free(board, sandbox):
    board.make().result(120)
    board.scenes[4].prompt = "something else"
    board.scenes[4].prompt = ""
    assert board.estimate().usd == 0
    assert board.make().result(60).usd == 0
    assert sandbox.submissions("zai") == 6


def test_one_more_take_pays_for_one(board, sandbox):
    board.make().result(120)
    first = board.scenes[4].take
    board.redo(4, seed=8).result(60)
    assert sandbox.submissions("zai") == 7
    assert [take.seed for take in board.scenes[4].takes] == [None, 8]
    assert board.scenes[4].take.seed == 8
    board.scenes[4].choose(0)
    assert board.scenes[4].take == first
    # The choice is not an edit that making would pay for.
    assert board.scenes[4].state == "made"
    assert board.estimate().to_make == 0
    board.scenes[4].choose(1)
    assert (board.scenes[4].state, board.scenes[4].seed) == ("made", 8)
    assert (board.folder.takes / first.file).is_file()


def test_one_failure_names_its_scene(board, sandbox):
    sandbox.next_job("zai", fails="The model ran out of memory.")
    run = board.make(at_once=1)
    progress = run.result(120)
    assert (progress.made, progress.failed) == (5, 1)
    ((number, error),) = run.errors.items()
    assert "ran out of memory" in str(error)
    (told,) = [each for each in run.warnings if "ran out of memory" in each]
    assert told.startswith(f"Scene {number} (")
    assert board.scenes[number].words[:10] in told
    assert board.scenes[number].state == "failed"
    assert board.make().result(60).made == 6


def test_a_refused_scene_waits_for_rewriting(board, sandbox):
    sandbox.fault("create", Fault.refuse_content())
    run = board.make(at_once=1)
    assert run.result(120).made == 5
    (number,) = run.errors
    assert board.scenes[number].state == "refused"
    assert any(f"board.scenes[{number}].prompt" in each for each in run.warnings)
    sent = sandbox.submissions("zai")
    board.make().result(60)
    assert sandbox.submissions("zai") == sent
    board.scenes[number].prompt = "a calm sea"
    assert board.make().result(60).made == 6


def test_the_budget_is_for_the_whole_board(board, sandbox):
    run = board.make(budget=0.7, at_once=4)
    progress = run.result(120)
    assert (progress.made, progress.failed) == (3, 3)
    assert board.spent == pytest.approx(0.6)
    assert all("budget in this board" in str(error) for error in run.errors.values())
    board.make().result(60)
    assert sandbox.submissions("zai") == 3
    assert board.make(budget=2.0).result(60).made == 6
    assert board.spent == pytest.approx(1.2)


def test_providers_may_be_mixed(board, sandbox):
    board.scenes[2].provider = "openai_sora"
    board.scenes[3].provider = "local"
    estimate = board.estimate()
    assert {row.provider: row.scenes for row in estimate} == {"zai": 4, "openai_sora": 1, "local": 1}
    assert board.make().result(200).made == 6
    assert [scene.take.provider for scene in board.scenes] == ["zai", "openai_sora", "local", *["zai"] * 3]


def test_a_scene_falls_back_by_itself(plan, sandbox):
    board = plan(provider=None)
    sandbox.fault("create", Fault.status(402), provider="zai")
    assert board.make(at_once=1).result(120).failed == 0
    assert [scene.take.provider for scene in board.scenes].count("openai_sora") == 1
    assert set(states(board)) == {"made"}


def test_a_lost_answer_is_not_sent_again(board, sandbox):
    sandbox.fault("create", Fault.reset_after(accept=True))
    run = board.make(at_once=1)
    assert run.result(120).made == 5
    (number,) = run.errors
    assert any(f"make(anew=[{number}])" in each for each in run.warnings)
    assert board.make().result(60).made == 5
    assert sandbox.accepted("zai") == 6
    assert board.make(anew=[number]).result(60).made == 6
    assert sandbox.accepted("zai") == 7


def test_a_canceled_run_goes_on_later(board, sandbox):
    for _ in range(6):
        sandbox.next_job("zai", seconds=1.0)
    run = board.make(at_once=2)
    while not sandbox.accepted("zai"):
        assert not run.done()
    assert run.cancel()
    with pytest.raises(JobCanceled):
        run.result(60)
    assert board.make().result(120).made == 6
    assert sandbox.submissions("zai") == 6


def test_a_reopened_board_pays_for_nothing(board, service):
    board.make().result(120)
    again = Storyboard.open(board.path, service=service)
    assert states(again) == ["made"] * 6
    assert again.make().result(60).usd == 0


def test_a_moved_board_opens(board, service, tmp_path):
    board.make().result(120)
    moved = tmp_path / "elsewhere" / "talk.board"
    moved.parent.mkdir()
    shutil.move(board.path, moved)
    again = Storyboard.open(moved, service=service)
    assert states(again) == ["made"] * 6
    again.redo(2).result(60)
    assert (moved / "takes" / again.scenes[2].take.file).is_file()


def test_an_old_copy_finds_later_takes(board, service, tmp_path):
    before = (board.path / "board.json").read_bytes()
    board.make().result(120)
    (board.path / "board.json").write_bytes(before)
    again = Storyboard.open(board.path, service=service)
    assert states(again) == ["made"] * 6
    assert again.estimate().usd == 0


def test_a_resumed_run_belongs_to_its_board(board, service, sandbox):
    sandbox.next_job("zai", seconds=1.0)
    run = board.make(at_once=1)
    while not sandbox.accepted("zai"):
        assert not run.done()
    run.cancel()
    with pytest.raises(JobCanceled):
        run.result(60)
    (left,) = [each for each in service.resumable() if each.state is not RunState.FINISHED]
    video = service.resume(left.id).result(60)
    assert video.path.parent == board.folder.takes
    board.refresh()
    assert [take.run for scene in board.scenes for take in scene.takes] == [left.id]


def test_two_runs_at_once_are_refused(board, sandbox):
    for _ in range(6):
        sandbox.next_job("zai", seconds=0.5)
    run = board.make()
    with pytest.raises(ConfigError, match="being made already"):
        board.make()
    run.cancel()
    with pytest.raises(JobCanceled):
        run.result(60)


def test_two_programs_pay_once(board, service, sandbox):
    other = Storyboard.open(board.path, service=service)
    one, two = board.make(), other.make()
    one.result(120)
    two.result(120)
    assert sandbox.accepted("zai") == 6
    assert states(board) == ["made"] * 6


def test_an_edit_while_making_loses_no_take(board, sandbox):
    for _ in range(6):
        sandbox.next_job("zai", seconds=0.7)
    run = board.make(at_once=6)
    while sandbox.accepted("zai") < 6:
        assert not run.done()
    board.merge(1, 2)
    run.result(60)
    assert sum(len(scene.takes) for scene in board.scenes) == 6


def test_awaiting_works_on_any_loop(board):
    async def wait():
        return await board.make()

    assert asyncio.run(wait()).made == 6


def test_a_changed_narration_is_not_used(board, sandbox, talk, tmp_path):
    changed = tmp_path / "talk.wav"
    changed.write_bytes(talk.read_bytes()[:-2000])
    again = Storyboard.open(board.path, narration=changed, service=board_service(board))
    with pytest.raises(ConfigError, match="has changed"):
        again.make().result(60)
    assert sandbox.submissions("zai") == 0


def board_service(board: Storyboard) -> VideoGenerationService:
    return type("Service", (), {"_studio": board._studio})()
