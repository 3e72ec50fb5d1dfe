"""A judge whose process is killed at a named moment: `python -m tests.lab.judge_kill ROOT NARRATION POINT TIMES`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.systems import KILL
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.journal import failpoints
from voxweave_nb.lab.folder import LabFolder
from voxweave_nb.lab.judging import JudgeRun
from voxweave_nb.lab.prompt_lab import PromptLab

PRICE = 0.01
SERVER_ANSWERS = "the server answers"
"""The moment at which the test kills the process; it comes at no point of the process's own."""
DEATHS = [
    # the moment, the n-th time that it is reached; True if an answer is lost, which is then in doubt
    ("after the intent", 2, True),
    (SERVER_ANSWERS, 3, True),
    ("before the answer is kept", 2, True),
    ("after the answer", 2, False),
    ("after acceptance", 1, False),
    ("before the vote", 1, False),
]


def open_lab(root: Path, narration: Path) -> PromptLab:
    """Open the lab."""
    settings = Settings(home=root / "home", output_dir=root / "out")
    service = VideoGenerationService.local(settings=settings)
    return PromptLab("harbour", narration, service=service, folder=root / "labs", rater="me")


def judge(lab: PromptLab) -> JudgeRun:
    """Let the judge compare every pair."""
    return lab.judge(None, "Which is brighter?", model="vision-1", comparisons=99, at_once=1, usd=PRICE)


def _dying(point: str, times: int) -> Callable[[str], None]:
    left = [times]

    def reach(name: str) -> None:
        if name == point:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), KILL)

    return reach


def _announce(name: str, reach: Callable[[str], None], before: str, after: str) -> None:
    """Reach a point before and after a method of the folder."""
    original = getattr(LabFolder, name)

    def announced(folder: LabFolder, *values: Any) -> None:
        reach(before)
        original(folder, *values)
        reach(after)

    setattr(LabFolder, name, announced)


if __name__ == "__main__":
    die = _dying(sys.argv[3], int(sys.argv[4]))
    failpoints.listeners.append(die)
    _announce("judge", die, "before the answer is kept", "after the answer is kept")
    _announce("vote", die, "before the vote", "after the vote")
    judge(open_lab(Path(sys.argv[1]), Path(sys.argv[2]))).result(120)
