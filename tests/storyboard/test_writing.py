"""A chat model writes all prompts in one call, which is journaled, priced and never repeated in doubt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from voxweave_nb import VideoConfig, runtime
from voxweave_nb.errors import (
    BudgetExceeded,
    ConfigError,
    ProviderUnavailable,
    RequestRefused,
    SubmissionInDoubt,
)
from voxweave_nb.journal import AttemptOutcome, Requested, RunLedger, open_journal
from voxweave_nb.sandbox import Fault
from voxweave_nb.storyboard.writing import (
    PromptWriter,
    SceneWords,
    Written,
    begins,
    new_run_id,
    write_prompts,
)

SCENES = [
    SceneWords("The ferry leaves at six.", "Wide shot", 7.3),
    SceneWords("Gulls follow it, and the fog lifts.", "Medium shot", 8),
]


class Board:
    """A board's side of the journal."""

    def __init__(self, home: Path) -> None:
        self.journal, self.run = open_journal(home), new_run_id()
        self.group = self.journal.open_group("board-1", kind="board", name="talk", budget=1.0)
        purpose = Requested(
            narration=home / "talk.mp3",
            narration_sha="ab" * 32,
            seconds=15.0,
            subtitles=None,
            config=VideoConfig(prompt="a harbour"),
            chain=("zai",),
            reuse_key="",
            output_dir=home,
            group="board-1",
        )
        begins(self.journal, self.run, purpose)()
        self.said: list[str] = []
        self.kept: list[Written] = []

    def write(self, writer: PromptWriter, **more) -> Written:
        more = {"prompt": "a harbour", "bible": "teal dusk", "keep": self.kept.append, **more}
        ledger = RunLedger(self.journal, self.run, budgets={})
        call = write_prompts(writer, SCENES, ledger=ledger, say=self.said.append, **more)
        return runtime.submit(call).result(30)

    @property
    def outcomes(self) -> list[AttemptOutcome]:
        return [each.outcome for each in self.journal.run_by_id(self.run).attempts]

    @property
    def spent(self) -> float:
        return self.journal.spent("group", group="board-1")


@pytest.fixture
def board(tmp_path) -> Board:
    return Board(tmp_path / "home")


@pytest.fixture
def writer(sandbox) -> PromptWriter:
    return PromptWriter(sandbox.base_url("chat"), "writer-1", sandbox.key("chat"), usd=0.02)


def test_all_prompts_come_in_one_call(board, writer, sandbox):
    written = board.write(writer)
    assert written.prompts == (
        "In soft light: The ferry leaves at six.",
        "In soft light: Gulls follow it, and the fog lifts.",
    )
    assert (written.usd, written.problems) == (0.02, ())
    assert board.kept == [written]
    (asked,) = sandbox.history
    system, told = asked.fields["messages"]
    assert "JSON" in system["content"]
    assert json.loads(told["content"]) == {
        "film": "a harbour",
        "style": "teal dusk",
        "most_characters": 400,
        "scenes": [
            {"scene": 1, "seconds": 7.3, "shot": "Wide shot", "words": "The ferry leaves at six."},
            {"scene": 2, "seconds": 8, "shot": "Medium shot", "words": "Gulls follow it, and the fog lifts."},
        ],
    }


def test_the_call_counts_in_the_budget(board, writer, sandbox):
    sandbox.next_answers('{"scene": 1, "prompt": "a bay"}', usd=0.05)
    written = board.write(writer)
    assert (written.prompts, written.usd) == (("a bay", None), 0.05)
    assert "scene 2" in written.problems[0]
    assert board.outcomes == [AttemptOutcome.ACCEPTED]
    assert board.spent == pytest.approx(0.05)
    assert board.journal.run_by_id(board.run).state.ended
    dear = PromptWriter(writer.base_url, "writer-1", writer.api_key, usd=0.96)
    with pytest.raises(BudgetExceeded):
        board.write(dear)
    assert len(sandbox.history) == 1


def test_the_limit_of_the_model_is_kept(board, writer, sandbox):
    written = board.write(writer, room=30)
    assert all(len(each) <= 30 for each in written.prompts)
    assert "was cut to 30" in written.problems[0]
    assert json.loads(sandbox.history[0].fields["messages"][1]["content"])["most_characters"] == 30


def test_a_doubt_is_not_repeated(board, writer, sandbox):
    sandbox.fault("create", Fault.status(500, accept=True), provider="chat")
    with pytest.raises(SubmissionInDoubt, match="may bill it"):
        board.write(writer)
    assert board.outcomes == [AttemptOutcome.IN_DOUBT]
    assert board.spent == pytest.approx(0.02)
    assert (len(sandbox.history), board.kept) == (1, [])


def test_a_rate_limit_is_waited_for(board, writer, sandbox):
    sandbox.fault("create", Fault.status(429, retry_after=0.1), provider="chat", times=1)
    assert all(board.write(writer).prompts)
    assert board.outcomes == [AttemptOutcome.REFUSED, AttemptOutcome.ACCEPTED]
    assert "writer-1 is rate-limited (HTTP 429); retrying in" in board.said[0]
    assert board.spent == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.status(401), ProviderUnavailable), (Fault.refuse_content(), RequestRefused)],
)
def test_a_refused_call_costs_nothing(board, writer, sandbox, fault, kind):
    sandbox.fault("create", fault, provider="chat")
    with pytest.raises(kind):
        board.write(writer)
    assert (board.outcomes, board.spent, len(sandbox.history)) == ([AttemptOutcome.REFUSED], 0, 1)


def test_impatience_ends_the_waiting(board, writer, sandbox):
    sandbox.fault("create", Fault.status(429, retry_after=60), provider="chat", times=None)
    with pytest.raises(ProviderUnavailable, match="rate-limited"):
        board.write(writer, patience=5)
    assert len(sandbox.history) == 1


def test_a_long_answer_is_read_whole(board, writer, sandbox):
    filler = [{"scene": 99, "prompt": "x" * 300}] * 100
    items = [*filler, {"scene": 1, "prompt": "a bay"}, {"scene": 2, "prompt": "a boat"}]
    sandbox.next_answers(json.dumps({"scenes": items}))
    assert board.write(writer).prompts == ("a bay", "a boat")


def test_the_key_is_never_shown(sandbox, writer):
    assert sandbox.key("chat") not in repr(writer) + str(writer)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "has no model"),
        ({"model": "m", "base_url": "ftp://x"}, "ftp"),
        ({"model": "m", "usd": -1}, "usd"),
        ({"model": "m", "options": {"messages": []}}, "sets itself"),
        ({"model": "m", "options": {"api_key": "s"}}, "looks like a secret"),
        ({"model": "m", "api_key": "a\nb"}, "control character"),
    ],
)
def test_wrong_values_are_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        PromptWriter(**{"base_url": "http://127.0.0.1:9/v1", **values})
