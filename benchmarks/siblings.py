"""Many takes of one prompt under faults: none adopts the job of another one, and none deletes it.

It measures no time. In each round several processes share a journal and submit takes of the same prompt to one server,
which breaks every second submission in a random way: before or after it has taken the job, with or without an answer,
at once or slowly. A third of the takes are cancelled. It fails if a take ends with the job of another take, if a job
is deleted that another take holds, or if a job that the server took is in nobody's journal, and nobody was told.

`scripts/bench --siblings`, or `python benchmarks/siblings.py [ROUNDS]`
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conftest import write_narration
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.journal import AttemptOutcome, Journal
from voxweave_nb.pipeline import submission
from voxweave_nb.sandbox import Fault, Sandbox

PROCESSES, TAKES = 3, 8
NAME = "openai_sora"
FAULTS = {
    "500": Fault.status(500),
    "500, taken": Fault.status(500, accept=True),
    "502 page": Fault.page(502),
    "502 page, taken": Fault.page(502, accept=True),
    "reset": Fault.reset_after(accept=False),
    "reset, taken": Fault.reset_after(accept=True),
    "no answer": Fault.hang(accept=False),
    "no answer, taken": Fault.hang(accept=True),
    "malformed": Fault.malformed(),
    "slow answer": Fault.delay(0.6),
    "rate limit": Fault.status(429, retry_after=0.1),
}


def take_all(home: Path, narration: Path, env: Mapping[str, str], seed: int) -> None:
    """Submit takes of one prompt, cancel some of them, and wait for the others."""
    os.environ.update(env)
    submission._LIST_PAUSES = (0.0, *[0.2] * 12)
    submission._LIST_PATIENCE = 1.0
    settings = Settings(home=home, output_dir=home / "out", poll_interval=0.05, http_timeout=1.5)
    service = VideoGenerationService(NAME, settings=settings)
    chance = random.Random(seed)

    async def one() -> None:
        await asyncio.sleep(chance.uniform(0, 1.0))
        job = service.submit(narration, resolution="720p", fps=10, prompt="a quiet sea")
        if chance.random() < 1 / 3:
            await asyncio.sleep(chance.uniform(0, 1.2))
            job.cancel()
        await asyncio.gather(job, return_exceptions=True)

    async def every() -> None:
        await asyncio.gather(*(one() for _ in range(TAKES)))

    asyncio.run(every())
    service.close()


def play(number: int, narration: Path, folder: Path, tally: Counter[str]) -> list[str]:
    """Play one round; return what went wrong."""
    chance = random.Random(number)
    home = folder / str(number)
    with Sandbox(polls=20, self_hosted=True) as server:
        for _ in range(PROCESSES * TAKES // 2):
            fault = chance.choice(sorted(FAULTS))
            tally[fault] += 1
            server.fault("create", FAULTS[fault], provider=NAME, after=chance.randrange(2))
        spawn = multiprocessing.get_context("spawn")
        processes = [
            spawn.Process(target=take_all, args=(home, narration, server.env, number * PROCESSES + one))
            for one in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return judge(server, Journal(home), tally)


def judge(server: Sandbox, journal: Journal, tally: Counter[str]) -> list[str]:
    """Compare what the server did with what the journal says; return what went wrong."""
    held: dict[str, list[str]] = {}
    doubts = 0
    states = {}
    for run in journal.runs(limit=2 * PROCESSES * TAKES):
        states[run.id] = str(run.state)
        tally[f"ended {run.state}"] += 1
        for attempt in run.attempts:
            doubts += attempt.outcome in (AttemptOutcome.IN_DOUBT, AttemptOutcome.SENT)
            if attempt.job_id is not None:
                held.setdefault(attempt.job_id, []).append(run.id)
    wrong = [f"stolen: {job} is held by {', '.join(runs)}" for job, runs in held.items() if len(runs) > 1]
    tally["jobs taken"] += len(server.jobs)
    deleted = {asked.job_id for asked in server.history if asked.step == "cancel" and asked.status == 200}
    tally["jobs deleted"] += len(deleted)
    for job in deleted:
        if [states[run] for run in held.get(str(job), [])] != ["canceled"]:
            wrong.append(f"deleted: {job}, held by {[(run, states[run]) for run in held.get(str(job), [])]}")
    unheld = [job.id for job in server.jobs if job.id not in held]
    tally["jobs in doubt"] += len(unheld)
    if len(unheld) > doubts:
        wrong.append(f"lost: {len(unheld)} jobs are in no journal, and only {doubts} takes are in doubt")
    journal.close()
    return wrong


def main() -> int:
    """Play the rounds and print the table; return 1 if a job was stolen, deleted or lost."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        narration = write_narration(Path(folder) / "talk.wav")
        for number in range(rounds):
            wrong += play(number, narration, Path(folder), tally)
    print(f"{rounds} rounds of {PROCESSES} processes with {TAKES} takes of one prompt each")
    for what, count in sorted(tally.items()):
        print(f"  {what:<24}{count:>6}")
    kinds = Counter(what.partition(":")[0] for what in wrong)
    print(f"{kinds['stolen']} stolen, {kinds['deleted']} deleted, {kinds['lost']} lost")
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
