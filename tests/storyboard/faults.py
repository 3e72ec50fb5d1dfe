"""A board of many scenes at a provider of which a quarter of the requests break, in every way."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from tests.storyboard.kill import captions
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.pipeline import submission
from voxweave_nb.sandbox import Fault, Sandbox
from voxweave_nb.storyboard.board import Storyboard
from voxweave_nb.storyboard.making import BoardRun

FAULTS = {
    "create": (
        Fault.reset_before(),
        Fault.refuse_content(),
        Fault.reset_while_sending(),
        Fault.reset_after(accept=True),
        Fault.hang(accept=True, seconds=2.0),
        Fault.status(429, retry_after=0.05),
        Fault.status(500, accept=True),
        Fault.status(500),
        Fault.status(503, retry_after=0.05),
        Fault.page(502),
        Fault.page(504, accept=True),
        Fault.malformed(),
        Fault.truncate(),
    ),
    "poll": (Fault.reset_after(), Fault.status(500), Fault.page(502), Fault.malformed(), Fault.truncate()),
    "content": (
        Fault.reset_before(),
        Fault.reset_after(),
        Fault.status(500),
        Fault.truncate(),
        Fault.json_as_video(),
        Fault.status(404),
    ),
    "list": (Fault.status(500), Fault.reset_after()),
}
"""Every kind of fault, by the step that it meets."""

ROUNDS = 6


@dataclass
class FaultReport:
    """What became of a board under faults.

    Attributes:
        provider: The provider.
        scenes: The number of scenes.
        faults: The number of planned faults.
        accepted: The jobs that the server accepted.
        failed_there: The jobs that failed at the server, for which one more is right.
        made: The scenes with a take.
        refused: Scenes whose content was refused, which a person rewrites.
        doubtful: Scenes in doubt: the person was told, and nothing was sent again.
        unsure: Those of them whose job the server did accept.
        lost: Other scenes without a take, with their errors.
        doubled: Scenes for which the server accepted more than one job, without being asked for it.
        finished: The scenes with a take after the person asked for doubtful ones anew and rewrote refused ones.
        spent: US dollars in the journal.
        billed: US dollars that the server has billed.
        budget: The board's budget in US dollars.
        unnamed: Errors that were not told with the number of their scene.
    """

    provider: str
    scenes: int = 0
    faults: int = 0
    accepted: int = 0
    failed_there: int = 0
    made: int = 0
    refused: int = 0
    doubtful: int = 0
    unsure: int = 0
    finished: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    spent: float = 0.0
    billed: float = 0.0
    budget: float = 0.0
    unnamed: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """True if nothing was lost or paid twice, the budget kept, every error told, and all made in the end."""
        over = max(self.spent, self.billed) > self.budget + 1e-6
        return not (self.lost or self.doubled or self.unnamed or over) and self.finished == self.scenes


def storm(
    root: Path, narration: Path, provider: str, *, scenes: int, seconds: float, share: float, seed: int
) -> FaultReport:
    """Make a board of scenes of `seconds` while a share of all requests breaks; return what is left."""
    chance, report = random.Random(seed), FaultReport(provider)
    pauses, patience = submission._LIST_PAUSES, submission._LIST_PATIENCE
    submission._LIST_PAUSES, submission._LIST_PATIENCE = (0.0, *[0.2] * 12), 1.0
    try:
        with Sandbox(polls=2) as sandbox, patch.dict(os.environ, sandbox.env):
            report.faults = _plan_faults(sandbox, provider, chance, scenes, share)
            settings = Settings(
                home=root / "home",
                output_dir=root / "out",
                poll_interval=0.02,
                http_timeout=1.0,
                patience=5,
            )
            with VideoGenerationService(provider, settings=settings) as service:
                board = service.storyboard(
                    narration,
                    subtitles=captions(scenes, seconds),
                    provider=provider,
                    resolution="720p",
                    target=seconds,
                ).result(120)
                report.budget = round((board.scenes[1].usd or 1.0) * len(board.scenes), 6)
                for _ in range(ROUNDS):
                    run = board.make(budget=report.budget, at_once=4, unknown_prices=True)
                    run.result(400)
                    report.unnamed += _untold(run)
                _count(report, board, sandbox)
                sandbox.reset()
                _finish(report, board)
    finally:
        submission._LIST_PAUSES, submission._LIST_PATIENCE = pauses, patience
    return report


def _untold(run: BoardRun) -> list[str]:
    """Return the errors of a run that are not told with their scene's name."""
    told = [(text, name) for text, names in run.notes.items() for name in names]
    return [
        f"scene {number}: {error}"
        for number, error in run.errors.items()
        if not any(
            str(error)[:40] in text and f"{name} (".startswith(f"Scene {number} (") for text, name in told
        )
    ]


def _finish(report: FaultReport, board: Storyboard) -> None:
    """Do what a person does who was told: rewrite what was refused, ask anew for what is in doubt, allow its price."""
    for scene in board.scenes:
        if scene.state == "refused":
            scene.prompt = f"a calm sea, {scene.number}"
    doubtful = [scene.number for scene in board.scenes if scene.state == "failed"]
    more = len(doubtful) * (board.scenes[1].usd or 1.0)
    board.make(budget=report.budget + more, at_once=4, unknown_prices=True, anew=doubtful).result(400)
    report.finished = sum(scene.state == "made" for scene in board.scenes)


def _plan_faults(sandbox: Sandbox, provider: str, chance: random.Random, scenes: int, share: float) -> int:
    """Plan the faults of the first requests of each step, at random places, of each kind in turn."""
    planned = 0
    for step, kinds in FAULTS.items():
        requests = scenes * {"create": 2, "poll": 4, "content": 2, "list": 2}[step]
        number = well = 0
        for _ in range(requests):
            if chance.random() < share:
                # Counted from now on, and only requests that succeed count.
                sandbox.fault(step, kinds[number % len(kinds)], provider=provider, after=well)
                number += 1
            else:
                well += 1
        planned += number
    return planned


def _count(report: FaultReport, board: Storyboard, sandbox: Sandbox) -> None:
    report.scenes, report.spent = len(board.scenes), board.spent
    jobs = [job for job in sandbox.jobs if job.provider == report.provider]
    report.accepted = sandbox.accepted(report.provider)
    report.billed = report.accepted * (board.scenes[1].usd or 0.0)
    counts = Counter(job.prompt for job in jobs)
    report.doubled = [prompt for prompt, count in counts.items() if count > 1]
    for scene in board.scenes:
        state = scene.state
        told = "may have accepted" in scene.error
        report.made += state == "made"
        report.refused += state == "refused"
        report.doubtful += told and state == "failed"
        report.unsure += told and state == "failed" and any(scene.words in job.prompt for job in jobs)
        if state not in ("made", "refused") and not told:
            report.lost.append(f"{scene!r}: {scene.error}")
