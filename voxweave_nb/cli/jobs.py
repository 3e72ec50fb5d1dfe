"""The commands that read the journal: `jobs` and `spend`."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import time
from typing import TYPE_CHECKING

from ..errors import ConfigError, JobCanceled, VoxweaveError
from .bar import watch
from .output import as_text, show

if TYPE_CHECKING:
    from ..service import VideoGenerationService
    from .options import Commands

__all__ = ["add_commands"]

_DAY = 86_400  # seconds


def add_commands(commands: Commands) -> None:
    """Add `jobs` and `spend`."""
    jobs = commands.add_parser(
        "jobs",
        help="list past jobs; resume, cancel or delete them",
        description="List the newest jobs in the journal, or do one of the following with them.",
    )
    action = jobs.add_mutually_exclusive_group()
    action.add_argument(
        "--resume", metavar="ID", nargs="?", const="", help="resume one unfinished job, or all without an ID"
    )
    action.add_argument("--show", metavar="ID", help="show everything the journal knows about one job")
    action.add_argument("--cancel", metavar="ID", help="cancel one unfinished job, at its provider too")
    action.add_argument(
        "--prune",
        metavar="DAYS",
        type=float,
        help="delete jobs that ended more than DAYS days ago from the journal, with their clips and cost",
    )
    jobs.add_argument(
        "--most", metavar="COUNT", type=int, default=20, help="length of the list (default: 20)"
    )
    jobs.set_defaults(run=_jobs)
    spend = commands.add_parser(
        "spend",
        help="show the cost per day and provider",
        description="Show the cost per day and provider, in US dollars.",
    )
    spend.add_argument(
        "--start-anew",
        action="store_true",
        help="let budgets count from now on, after a damaged journal; until then they refuse paid work",
    )
    spend.set_defaults(run=_spend)


def _jobs(args: argparse.Namespace) -> int:
    from ..runtime import run  # imports asyncio, which takes longer than the whole parser
    from ..service import VideoGenerationService

    service = VideoGenerationService.local()
    if args.resume is not None:
        return _resume(service, args.resume)
    if args.cancel is not None:
        show(run(service.cancel(args.cancel)))
    elif args.prune is not None:
        removed = service.journal.prune(before=time.time() - args.prune * _DAY)
        show(f"Deleted {removed} {'job' if removed == 1 else 'jobs'} from the journal.")
    elif args.show is not None:
        _show(service, args.show)
    else:
        _list(service, args.most)
    return 0


def _resume(service: VideoGenerationService, job_id: str) -> int:
    """Resume one job, or all for an empty id; return 1 if any of them failed."""
    jobs = [service.resume(job_id)] if job_id else service.resume()
    if not jobs:
        show(_nothing_to_resume(service))
    failed = 0
    for job in jobs:
        try:
            show(as_text(watch(job), told=job.warnings))
        except JobCanceled:
            raise  # an interrupt ends the command, not only this job
        except VoxweaveError as error:
            show(f"{job.id}: {error}", to=sys.stderr)
            failed += 1
    return int(failed > 0)


def _nothing_to_resume(service: VideoGenerationService) -> str:
    unseen = service.perhaps_running()
    if not unseen:
        return "No unfinished jobs: there is nothing to resume."
    jobs = "1 job" if len(unseen) == 1 else f"{len(unseen)} jobs"
    seconds = math.ceil(max(run.lapses_in or 0 for run in unseen))
    return (
        f"Nothing to resume yet: {jobs} may still be running in a process that cannot be seen from here. If it has "
        f"ended, try again in {seconds} s."
    )


def _show(service: VideoGenerationService, job_id: str) -> None:
    from .runs_table import run_page

    run = service.journal.run(job_id)
    if run is None:
        raise ConfigError(f"The journal has no job {job_id!r}; `voxweave-nb jobs` lists them.")
    show(run_page(run, service.journal.steps(run.id)))


def _list(service: VideoGenerationService, most: int) -> None:
    from .runs_table import runs_table

    show(runs_table(service.history(max(1, most)), width=shutil.get_terminal_size().columns))


def _spend(args: argparse.Namespace) -> int:
    from ..service import VideoGenerationService

    service = VideoGenerationService.local()
    show(service.start_budget_anew() if args.start_anew else service.spend())
    return 0
