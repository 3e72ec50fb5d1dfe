"""A lab whose process is killed at random moments, again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.pipeline import submission
from voxweave_nb.sandbox import Sandbox

PROVIDER = "openai_sora"
VARIANTS = 12


@contextmanager
def short_looks() -> Iterator[None]:
    """Where an answer was lost, the provider's list is asked for a second, not for a minute."""
    with patch.multiple(submission, _LIST_PAUSES=(0.0, *[0.2] * 12), _LIST_PATIENCE=1.0):
        yield


def open_lab(root: Path, narration: Path) -> PromptLab:
    """Open the lab, with its grid."""
    settings = Settings(home=root / "home", output_dir=root / "out", poll_interval=0.02, http_timeout=5.0)
    service = VideoGenerationService(PROVIDER, settings=settings)
    lab = PromptLab(
        "harbour",
        narration,
        base={"resolution": "720p", "model": "sora-2-pro", "fps": 10},
        service=service,
        folder=root / "labs",
        rater="me",
    )
    lab.grid("a {harbour|forest|city} at {dawn|noon|dusk|night}")
    return lab


def work(root: Path, narration: Path) -> None:
    """Run the lab and vote all the time; each vote is printed once it is kept."""
    lab = open_lab(root, narration)
    run = lab.run(at_once=3)
    chance = random.Random(os.getpid())
    while True:
        left, right = chance.sample(lab.variants, 2)
        print(lab.vote(left, right, chance.choice(["left", "right", "tie"])).id, flush=True)
        if run.done():
            break
    while True:  # until it is killed
        time.sleep(1)


@dataclass
class KillReport:
    """What became of a lab under kills.

    Attributes:
        kills: The number of killed processes.
        accepted: The jobs that the server accepted.
        made: The variants with a video at the end.
        doubled: Variants that the server accepted more than once.
        doubtful: Variants whose answer was lost and whose job cannot be told from others in the provider's list: the
            person was told, and nothing was sent again.
        lost: Other variants that have no video at the end, with their errors.
        votes_kept: Votes that were reported as kept.
        votes_lost: Those of them that are not there at the end.
    """

    kills: int = 0
    accepted: int = 0
    made: int = 0
    doubled: list[str] = field(default_factory=list)
    doubtful: int = 0
    lost: list[str] = field(default_factory=list)
    votes_kept: int = 0
    votes_lost: int = 0

    @property
    def well(self) -> bool:
        """True if nothing was lost and nothing paid twice."""
        return not (self.doubled or self.lost or self.votes_lost)


def massacre(root: Path, narration: Path, *, kills: int, seed: int) -> KillReport:
    """Kill a lab's process `kills` times, then let one finish; return what is left."""
    chance, report, votes = random.Random(seed), KillReport(), set[str]()
    with Sandbox(seconds=0.4) as sandbox:
        environment = {**os.environ, **sandbox.env, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "tests.lab.kill", str(root), str(narration)]
        for _ in range(kills):
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                votes.add(process.stdout.readline().strip())  # the lab is open, and the run has begun
                time.sleep(chance.uniform(0, 0.6))
                process.send_signal(signal.SIGKILL)
                votes |= {line.strip() for line in process.stdout if line.endswith("\n")}
            report.kills += 1
        with short_looks(), patch.dict(os.environ, sandbox.env):
            lab = open_lab(root, narration)
            # A submission in doubt is settled by a later one in the provider's list; then it can be sent.
            for _ in range(3):
                lab.run(at_once=4).result(240)
        report.accepted = sandbox.accepted(PROVIDER)
        sent = Counter(job.prompt for job in sandbox.jobs)
        report.doubled = [prompt for prompt, count in sent.items() if count > 1]
        report.made = sum(each.state == "made" for each in lab.variants)
        for each in lab.variants:
            told = "may have accepted" in each.error
            report.doubtful += told
            report.lost += [] if told or each.state == "made" else [str(each)]
        report.votes_kept = len(votes)
        report.votes_lost = len(votes - {each.id for each in lab.votes})
    return report


if __name__ == "__main__":
    with short_looks():
        work(Path(sys.argv[1]), Path(sys.argv[2]))
