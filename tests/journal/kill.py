"""The kill test: processes are ended with SIGKILL at any moment, and the next process resumes their runs.

A test runs a short form; `scripts/bench --kill` runs all of it.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from voxweave_nb.errors import MediaError
from voxweave_nb.journal import AttemptOutcome, Journal, RunState, failpoints
from voxweave_nb.media.probe import probe
from voxweave_nb.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PROVIDERS = ("openai_sora", "zai")
"""A provider that lists its jobs, so that a lost submission can be reconciled, and one that does not."""

_LONGEST = 2.2
"""Seconds after its start within which a process is killed; a complete one takes about as long."""


@dataclass(frozen=True)
class Death:
    """The moment of a kill: a failpoint, the n-th time that it is reached, or a number of seconds."""

    point: str = ""
    times: int = 1
    after: float = 0.0

    def __str__(self) -> str:
        return f"{self.point} ({self.times})" if self.point else f"after {self.after:.2f} s"


def at_every_point() -> Iterator[Death]:
    """Yield a kill at each failpoint, with the first job and with the second."""
    for name in failpoints.NAMES:
        yield Death(name, 1)
        yield Death(name, 2)


def at_random(count: int, seed: int) -> Iterator[Death]:
    """Yield kills at random moments."""
    dice = random.Random(seed)
    for _ in range(count):
        yield Death(after=dice.uniform(0.05, _LONGEST))


@dataclass(frozen=True)
class Report:
    """The outcome of all processes.

    Attributes:
        kills: The number of killed processes; the others ended before their moment.
        accepted: The number of jobs that the server accepted.
        delivered: The number of them that became a video.
        in_doubt: The number that the journal reports as possibly accepted, because the answer never came.
        lost: Jobs that the server accepted and the journal does not know.
        doubled: Prompts that were submitted more than once.
        half: Files under a final name that are not a complete video.
        integrity: SQLite's verdict on the journal; "ok" when it is sound.
        open: Runs that are still to be resumed, without being in doubt.
    """

    kills: int
    accepted: int
    delivered: int
    in_doubt: int
    lost: Sequence[str]
    doubled: Sequence[str]
    half: Sequence[str]
    integrity: str
    open: Sequence[str]

    @property
    def well(self) -> bool:
        """True when nothing was lost, paid twice, left half, damaged or left open."""
        return not (self.lost or self.doubled or self.half or self.open) and self.integrity == "ok"

    def table(self) -> str:
        """Return the figures, one per line."""
        rows = {
            "processes killed": self.kills,
            "jobs accepted by the server": self.accepted,
            "delivered as a video": self.delivered,
            "reported as in doubt": self.in_doubt,
            "lost": len(self.lost),
            "submitted twice": len(self.doubled),
            "half files under a final name": len(self.half),
            "left unattended": len(self.open),
            "journal's integrity": self.integrity,
        }
        return "\n".join(f"  {name:<30} {value}" for name, value in rows.items())


def massacre(deaths: Sequence[Death], narration: Path, folder: Path) -> Report:
    """Run a process for each kill, then one that lives to its end."""
    home, out = folder / "home", folder / "out"
    with Sandbox(polls=4) as sandbox:
        kills = 0
        for number, death in enumerate(deaths):
            provider = PROVIDERS[number % len(PROVIDERS)]
            kills += _run(sandbox, home, out, narration, f"scene {number}", provider, death)
        last = _run(sandbox, home, out, narration, "", PROVIDERS[0], Death(after=600))
        assert last == 0, "the last process was to live"
        return _report(sandbox, home, out, kills)


def _run(
    sandbox: Sandbox, home: Path, out: Path, narration: Path, name: str, provider: str, death: Death
) -> int:
    """Run a process; return 1 when it was killed, else 0."""
    command = [
        sys.executable,
        "-m",
        "tests.journal.victim",
        str(home),
        str(out),
        str(narration),
        name,
        provider,
    ]
    command += [death.point, str(death.times)] if death.point else []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **sandbox.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "begun", process.stderr and process.stderr.read()
        killer = threading.Timer(death.after if not death.point else 120.0, process.kill)
        killer.start()
        _, errors = process.communicate(timeout=600)
        killer.cancel()
    assert process.returncode in (0, -9), errors
    return int(process.returncode == -9)


def _report(sandbox: Sandbox, home: Path, out: Path, kills: int) -> Report:
    journal = Journal(home)
    runs = journal.runs(limit=10**6)
    known = {attempt.job_id: run for run in runs for attempt in run.attempts if attempt.job_id}
    doubtful = [run for run in runs if run.state is RunState.IN_DOUBT]
    doubts = Counter(
        attempt.provider
        for run in doubtful
        for attempt in run.attempts
        if attempt.outcome is not AttemptOutcome.REFUSED
    )
    unknown = [job for job in sandbox.jobs if job.id not in known]
    # A job whose id never arrived counts as reported when a run with its prompt is in doubt.
    reported = {run.config.prompt for run in doubtful}
    lost = [job.id for job in unknown if not any(prompt in job.prompt for prompt in reported)]
    # A request that was cut off in its headers has no prompt yet, and no server can accept it.
    creates = [asked.fields.get("prompt") for asked in sandbox.history if asked.step == "create"]
    prompts = Counter(prompt for prompt in creates if prompt is not None)
    delivered = sum(
        1 for job in sandbox.jobs if (run := known.get(job.id)) and run.state is RunState.FINISHED
    )
    waiting = [
        run.id
        for run in runs
        if run.state in (RunState.ACCEPTED, RunState.DOWNLOADED, RunState.LATE)
        or (run.state is RunState.REQUESTED and run.attempt)
    ]
    integrity = sqlite3.connect(journal.path).execute("PRAGMA integrity_check").fetchone()[0]
    journal.close()
    return Report(
        kills=kills,
        accepted=len(sandbox.jobs),
        delivered=delivered,
        in_doubt=sum(doubts.values()),
        lost=lost,
        doubled=[prompt for prompt, count in prompts.items() if count > 1],
        half=[path.name for path in out.glob("*.mp4") if not _is_whole(path)],
        integrity=str(integrity),
        open=waiting,
    )


def _is_whole(path: Path) -> bool:
    try:
        info = probe(path)
    except MediaError:
        return False
    return info.video is not None and info.audio is not None and info.duration > 0.5
