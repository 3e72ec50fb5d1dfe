"""A board whose process is killed at random moments, again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.pipeline import submission
from voxweave_nb.sandbox import Sandbox
from voxweave_nb.storyboard.board import Storyboard

PROVIDERS = ("openai_sora", "zai")
"""One with a list in which lost jobs are found, and one with prices."""

SCENES = 12
BUDGET = 2.4
"""US dollars: what twelve clips of zai cost."""


def captions(scenes: int, seconds: float = 4.0) -> str:
    """Return a subtitle file with a sentence for each scene; each has words of its own, so that prompts differ."""
    blocks = []
    for number in range(scenes):
        start, end = number * seconds, (number + 1) * seconds
        times = f"{_time(start + 0.1)} --> {_time(end - 0.1)}"
        blocks.append(f"{number + 1}\n{times}\nSentence number {number + 1} is spoken here.\n")
    return "\n".join(blocks)


def _time(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{thousandths:03d}"


def open_board(root: Path, narration: Path, provider: str) -> Storyboard:
    """Plan the board, or open it again."""
    # The provider's list is asked for a minute where an answer was lost.
    submission._LIST_PAUSES = (0.0, *[0.2] * 12)
    submission._LIST_PATIENCE = 1.0
    settings = Settings(home=root / "home", output_dir=root / "out", poll_interval=0.02, http_timeout=5.0)
    service = VideoGenerationService(provider, settings=settings)
    work = service.storyboard(
        narration, subtitles=captions(SCENES), provider=provider, resolution="720p", target=4.0
    )
    return work.result(60)


def work(root: Path, narration: Path, provider: str) -> None:
    """Make the board; the word is printed once it has begun."""
    board = open_board(root, narration, provider)
    run = board.make(budget=BUDGET, at_once=3, unknown_prices=True)
    print("begun", flush=True)
    run.result(240)
    while True:  # until it is killed
        time.sleep(1)


@dataclass
class KillReport:
    """What became of a board under kills.

    Attributes:
        kills: The number of killed processes.
        accepted: The jobs that the server accepted.
        made: The scenes with a take at the end.
        scenes: The number of scenes.
        doubled: Scenes that the server accepted more than once.
        doubtful: Scenes whose answer was lost and whose job cannot be told from others in the provider's list: the
            person was told, and nothing was sent again.
        finished: The scenes with a take after the person asked for those anew.
        lost: Other scenes that have no take at the end, with their errors.
        spent: US dollars in the journal.
        billed: US dollars that the server has billed, at the board's price of a take.
        half: Files in the folder of the takes that are not complete takes of the board.
    """

    kills: int = 0
    accepted: int = 0
    made: int = 0
    scenes: int = 0
    doubled: list[str] = field(default_factory=list)
    doubtful: int = 0
    finished: int = 0
    lost: list[str] = field(default_factory=list)
    spent: float = 0.0
    billed: float = 0.0
    half: list[str] = field(default_factory=list)

    @property
    def over_budget(self) -> bool:
        """True if more was billed than the budget."""
        return max(self.spent, self.billed) > BUDGET + 1e-6

    @property
    def well(self) -> bool:
        """True if nothing was lost, nothing paid twice, the budget kept, and all made in the end."""
        kept = not (self.doubled or self.lost or self.half or self.over_budget)
        return kept and self.finished == self.scenes


def massacre(root: Path, narration: Path, provider: str, *, kills: int, seed: int) -> KillReport:
    """Kill a board's process `kills` times, then let one finish; return what is left."""
    chance, report = random.Random(seed), KillReport()
    with Sandbox(seconds=0.4) as sandbox:
        environment = {**os.environ, **sandbox.env, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "tests.storyboard.kill", str(root), str(narration), provider]
        for _ in range(kills):
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                process.stdout.readline()  # the making has begun
                time.sleep(chance.uniform(0, 0.6))
                process.send_signal(signal.SIGKILL)
            report.kills += 1
        with patch.dict(os.environ, sandbox.env):
            board = open_board(root, narration, provider)
            # A submission in doubt is settled by a later one in the provider's list; then it can be sent.
            for _ in range(3):
                board.make(at_once=4, unknown_prices=True).result(240)
            report.accepted = sandbox.accepted(provider)
            sent = Counter(job.prompt for job in sandbox.jobs)
            report.doubled = [prompt for prompt, count in sent.items() if count > 1]
            _count(report, board)
            doubtful = [scene.number for scene in board.scenes if scene.state != "made"]
            more = BUDGET + len(doubtful) * (board.scenes[1].usd or 0.0)
            board.make(budget=more, anew=doubtful, unknown_prices=True).result(240)
            report.finished = sum(scene.state == "made" for scene in board.scenes)
    return report


def _count(report: KillReport, board: Storyboard) -> None:
    takes = {take.file for scene in board.scenes for take in scene.takes}
    report.scenes = len(board.scenes)
    report.spent, report.billed = board.spent, report.accepted * (board.scenes[1].usd or 0.0)
    for scene in board.scenes:
        told = "may have accepted" in scene.error
        report.doubtful += told and scene.state != "made"
        report.made += scene.state == "made"
        report.lost += [] if told or scene.state == "made" else [f"{scene!r}: {scene.error}"]
    visible = {path.name for path in board.folder.takes.iterdir() if not path.name.startswith(".")}
    report.half = sorted(visible - takes)


if __name__ == "__main__":
    work(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
