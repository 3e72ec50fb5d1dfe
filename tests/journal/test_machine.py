"""Random orders of events and crashes: no run is submitted twice, and no accepted job is unknown."""

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
    """A process that submits, is answered and dies, and a server that remembers the jobs it accepted."""

    asked = Bundle("asked")
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.process = 0
        self.count = 0
        self.server: dict[str, list[str]] = {}  # run -> jobs that the server accepted
        self.sends: dict[str, int] = {}  # run -> submissions that were not refused
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
        """Submit, if the process that requested it still lives; its answer shows if the server accepted it."""
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
    def answer(self, about: tuple[str, int, int]) -> object:
        """Answer the process that submitted; after a refusal the next provider can be tried."""
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
        """End the process and begin another one."""
        self.journal.close()
        self.process += 1
        self.journal = Journal(self.folder)

    @rule()
    def resume(self) -> None:
        """Resume every run that was left; nothing is submitted."""
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
    def accepted_jobs_are_known_or_in_doubt(self) -> None:
        for name in self.server:
            run = self.journal.run(name)
            assert run is not None
            assert run.attempt is not None
            assert run.attempt.outcome is not AttemptOutcome.REFUSED

    @invariant()
    def the_budget_holds(self) -> None:
        assert self.journal.spent("journal") <= BUDGET + 1e-9
        assert len(self.server) * PRICE <= BUDGET + 1e-9


Life.TestCase.settings = settings(stateful_step_count=30, deadline=None)
TestLife = Life.TestCase
