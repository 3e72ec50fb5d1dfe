"""Whatever happens in whatever order, crashes included: no run is sent twice, and no accepted job is unknown."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from voxweave_nb import BudgetExceeded, VideoConfig
from voxweave_nb.journal import AttemptOutcome, Journal, Requested, RunState, lease

BUDGET = 1.0
PRICE = 0.3


class Life(RuleBasedStateMachine):
    """A process that asks, sends, hears and dies, with a server that remembers what it took."""

    asked = Bundle("asked")
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.process = 0
        self.count = 0
        self.server: dict[str, list[str]] = {}  # run -> jobs that the server took
        self.sends: dict[str, int] = {}  # run -> creates that were not answered with a refusal
        self._patches = pytest.MonkeyPatch()
        self._patches.setattr(lease, "this_process", self._me)
        self._patches.setattr(lease, "still_holds", lambda holder, beat, now: holder == self._me())
        self.journal = Journal(self.folder)

    def _me(self) -> str:
        return f"machine {self.process} 1"

    def teardown(self) -> None:
        self.journal.close()
        self._patches.undo()
        shutil.rmtree(self.folder)

    @rule(target=asked)
    def ask(self) -> tuple[str, int]:
        self.count += 1
        run = f"run-{self.count}"
        asked = Requested(
            narration=Path("talk.mp3"), narration_sha="", seconds=2.0, subtitles=None, config=VideoConfig(),
            chain=["zai"], reuse_key="", output_dir=self.folder,
        )  # fmt: skip
        self.journal.request(run, asked)
        return run, self.process

    @rule(target=sent, about=consumes(asked), taken=st.booleans())
    def send(self, about: tuple[str, int], taken: bool) -> object:
        """A create goes out, if the process that asked still lives; its answer shows whether the server took it."""
        run, process = about
        if process != self.process:
            return multiple()
        try:
            intent = self.journal.intend(
                run, provider="zai", model="m", base_url=None, request_id=run, usd=PRICE,
                budgets={"journal": BUDGET}, unknown_prices=False,
            )  # fmt: skip
        except BudgetExceeded:
            self.journal.end(run, RunState.FAILED)
            return multiple()
        self.sends[run] = self.sends.get(run, 0) + 1
        if taken:
            self.server.setdefault(run, []).append(f"job-of-{run}")
        return (run, intent, self.process)

    @rule(target=asked, about=consumes(sent))
    def hear(self, about: tuple[str, int, int]) -> object:
        """The answer comes to the process that asked; a refusal lets the next provider be asked."""
        run, intent, process = about
        if process != self.process:
            return multiple()
        if run in self.server:
            self.journal.settle(intent, AttemptOutcome.ACCEPTED, job_id=self.server[run][0])
            return multiple()
        self.journal.settle(intent, AttemptOutcome.REFUSED)
        self.sends[run] -= 1
        return run, process

    @rule(about=consumes(sent))
    def lose_the_answer(self, about: tuple[str, int, int]) -> None:
        run, intent, process = about
        if process == self.process:
            self.journal.settle(intent, AttemptOutcome.IN_DOUBT)
            self.journal.end(run, RunState.IN_DOUBT)

    @rule()
    def crash(self) -> None:
        """The process dies, and another begins."""
        self.journal.close()
        self.process += 1
        self.journal = Journal(self.folder)

    @rule()
    def pick_up(self) -> None:
        """What was left is taken up, and nothing is sent."""
        for run in self.journal.resumable():
            if self.journal.take(run.id):
                attempt = run.attempt
                assert attempt is not None
                if attempt.job_id is None:
                    self.journal.end(run.id, RunState.IN_DOUBT)
                else:
                    self.journal.end(run.id, RunState.FINISHED, result={})

    @invariant()
    def no_run_is_sent_twice(self) -> None:
        assert all(count <= 1 for count in self.sends.values())
        assert all(len(jobs) <= 1 for jobs in self.server.values())

    @invariant()
    def what_the_server_took_is_known_or_in_doubt(self) -> None:
        for name in self.server:
            run = self.journal.run(name)
            assert run is not None
            assert run.attempt is not None
            assert run.attempt.outcome is not AttemptOutcome.REFUSED

    @invariant()
    def the_budget_holds(self) -> None:
        assert self.journal.spent("journal") <= BUDGET + 1e-9
        assert len(self.server) * PRICE <= BUDGET + 1e-9


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase
