"""Races of real processes over one journal: `python -m tests.journal.races [ROUNDS]` prints the failures of each.

In each round all processes do the same at once: open a damaged journal, take and finish a run that was left, or open a
journal that does not exist yet.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

from voxweave_nb.journal import Journal, RunState

from .rows import accept, ask

DAMAGE = b"this is no database at all, but a long enough text" * 100
PATIENCE = 120  # seconds that a process waits for the others of its round

Race = Callable[[Path, int, Barrier], str]
"""Returns what one process has done in a round; it calls the barrier where the processes are to meet."""


def set_aside(home: Path, process: int, meet: Barrier) -> str:
    """Open a damaged journal, and write a run into its successor."""
    if process == 0:
        home.mkdir()
        (home / "journal.sqlite3").write_bytes(DAMAGE)
    meet.wait(PATIENCE)
    journal = Journal(home)
    ask(journal, f"run-{process}")
    meet.wait(PATIENCE)
    journal.close()
    return "opened"


def after_set_aside(home: Path, did: list[str]) -> str:
    """Return what went wrong: the damaged file is kept once, and every run is in the new journal."""
    kept = [path.read_bytes() == DAMAGE for path in home.glob("damaged-*-journal.sqlite3")]
    journal = Journal(home)
    runs = len(journal.runs())
    journal.close()
    return "" if kept == [True] and runs == len(did) else f"kept {kept}, {runs} of {len(did)} runs"


def take_and_finish(home: Path, process: int, meet: Barrier) -> str:
    """List the runs that were left, then take each and finish it, or leave it late."""
    if process == 0:
        journal = Journal(home)
        ask(journal)
        accept(journal)
        journal.end("run-1", RunState.LATE)
        journal.close()
    meet.wait(PATIENCE)
    journal = Journal(home)
    listed = journal.resumable()
    meet.wait(PATIENCE)
    did = ""
    for run in listed:
        if journal.take(run.id):
            did = "finished" if process % 2 else "late"
            journal.end(run.id, RunState(did), result={"path": "video.mp4"} if process % 2 else None)
    meet.wait(PATIENCE)
    journal.close()
    return did


def after_take_and_finish(home: Path, did: list[str]) -> str:
    """Return what went wrong: a run is finished once, and stays so."""
    journal = Journal(home)
    run, found = journal.run("run-1"), journal.finished_like("key")
    journal.close()
    assert run is not None
    finished = did.count("finished")
    fine = finished <= 1 and (run.state is RunState.FINISHED) == (finished == 1) == (found is not None)
    return "" if fine else f"finished {finished} times, then {run.state.value}"


def open_fresh(home: Path, process: int, meet: Barrier) -> str:
    """Open a journal that does not exist yet, and write a run into it."""
    meet.wait(PATIENCE)
    journal = Journal(home)
    ask(journal, f"run-{process}")
    journal.close()
    return "opened"


def after_open_fresh(home: Path, did: list[str]) -> str:
    """Return what went wrong: every process has opened it, and every run is there."""
    journal = Journal(home)
    runs = len(journal.runs())
    journal.close()
    return "" if runs == len(did) else f"{runs} of {len(did)} runs"


RACES: dict[str, tuple[Race, Callable[[Path, list[str]], str], int]] = {
    "set aside": (set_aside, after_set_aside, 4),
    "take and finish": (take_and_finish, after_take_and_finish, 4),
    "fresh opening": (open_fresh, after_open_fresh, 8),
}
"""Each race, its check, and its number of processes."""


def _run(race: Race, process: int, base: Path, rounds: int, meet: Barrier, results: object) -> None:
    for number in range(rounds):
        try:
            meet.wait(PATIENCE)
            did = race(base / str(number), process, meet)
        except threading.BrokenBarrierError:  # another process has failed, and said so
            return
        except Exception as error:  # noqa: BLE001  any error is a failure of the round
            did = f"error: {type(error).__name__}: {error}"
            meet.abort()
        results.put((number, did))  # type: ignore[attr-defined]
        if did.startswith("error"):
            return


def failures(name: str, rounds: int) -> list[str]:
    """Run a race; return one line for each round that went wrong."""
    race, check, processes = RACES[name]
    wrong = []
    left = rounds
    while left > 0:
        found, done = _batch(race, check, processes, left)
        wrong += found
        left -= done
    return wrong


def _batch(
    race: Race, check: Callable[[Path, list[str]], str], processes: int, rounds: int
) -> tuple[list[str], int]:
    """Run rounds until the first error; return the failures and the number of rounds."""
    context = multiprocessing.get_context("spawn")
    meet, results = context.Barrier(processes), context.SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        workers = [
            context.Process(target=_run, args=(race, number, base, rounds, meet, results))
            for number in range(processes)
        ]
        for worker in workers:
            worker.start()
        did: dict[int, list[str]] = {}
        while any(worker.is_alive() for worker in workers) or not results.empty():
            if results.empty():
                time.sleep(0.02)
                continue
            number, what = results.get()
            did.setdefault(number, []).append(what)
        wrong = []
        for number, each in sorted(did.items()):
            errors = [what for what in each if what.startswith("error")]
            if errors or len(each) < processes:
                wrong.append(f"round {number}: {errors or each}")
            elif found := check(base / str(number), each):
                wrong.append(f"round {number}: {found}")
        return wrong, max(1, len(did))


def main() -> int:
    """Run every race; return 1 if a round of any went wrong."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    names = sys.argv[2:] or list(RACES)
    total = 0
    for name in names:
        began = time.monotonic()
        wrong = failures(name, rounds)
        total += len(wrong)
        print(
            f"{name}: {rounds} rounds of {RACES[name][2]} processes, {len(wrong)} failures "
            f"({time.monotonic() - began:.0f} s)",
            *wrong[:3],
            sep="\n  ",
            flush=True,
        )
    return int(total > 0)


if __name__ == "__main__":
    raise SystemExit(main())
