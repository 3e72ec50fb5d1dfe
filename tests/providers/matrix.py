"""The fault matrix: every way to break, at every step, at every provider, with a spare provider behind it.

A test runs it cell by cell, and `scripts/bench --faults` prints it as a table.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb.config import VideoConfig
from voxweave_nb.errors import VoxweaveError
from voxweave_nb.job import Job, JobReporter
from voxweave_nb.journal import AttemptOutcome, Journal, Requested, RunLedger
from voxweave_nb.media.narration import open_narration
from voxweave_nb.models import JobState
from voxweave_nb.pipeline import submission
from voxweave_nb.pipeline.clip import ClipMaker
from voxweave_nb.pipeline.fallback import Candidates
from voxweave_nb.pipeline.script import ReadScript
from voxweave_nb.providers import http, provider_class
from voxweave_nb.providers.base import Accepted, Availability, Capabilities, Model, Provider, ProviderStatus
from voxweave_nb.providers.pool import ProviderPool
from voxweave_nb.request import VideoRequest
from voxweave_nb.sandbox import Fault, Sandbox
from voxweave_nb.settings import Settings

PROVIDERS = ("openai_sora", "zai", "gateway", "fal", "gemini")
LISTS = "openai_sora"
"""The only provider whose list finds a lost job, or shows that there is none."""

STEPS = ("upload", "create", "poll", "content")
REFUSED = "connection refused"
SETTINGS = Settings(poll_interval=0.02, poll_tries=25, http_timeout=30, patience=5)
IMPATIENT = replace(SETTINGS, http_timeout=0.4)
SLOW = ("read time-out", "slow drip")
"""The faults that are about time; at the others a busy machine must not make an answer late."""

FAULTS: dict[str, tuple[Fault | None, int | None]] = {
    REFUSED: (None, 1),
    "reset before send": (Fault.reset_before(), 1),
    "reset while sending": (Fault.reset_while_sending(), 1),
    "reset after send": (Fault.reset_after(accept=True), 1),
    "read time-out": (Fault.hang(accept=True), 1),
    "429 with Retry-After": (Fault.status(429, retry_after=0.05), 1),
    "500 twice then fine": (Fault.status(500), 2),
    "502 HTML": (Fault.page(502), 1),
    "malformed JSON": (Fault.malformed(), 1),
    "slow drip": (Fault.drip(400_000), 1),
    "truncated body": (Fault.truncate(), 1),
    "JSON as video": (Fault.json_as_video(), 1),
    "404 then fine": (Fault.status(404), 1),
    "401": (Fault.status(401), None),
    "403": (Fault.status(403), None),
    "refused content": (Fault.refuse_content(), None),
}
"""Each fault, and how many requests it meets; None for all."""

PROOF = (400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429, 503, 529)
"""Statuses that prove, in the server's own words, that a submission was not taken."""

ANSWERS: dict[str, Fault] = {
    **{f"answer {status}": Fault.status(status) for status in range(300, 600)},
    **{f"page {status}": Fault.page(status) for status in (503, 529)},
}
"""Every answer to a submission that is not a success, and the pages of a proxy where they mean something else."""

LOSES_THE_ANSWER = ("reset after send", "read time-out", "malformed JSON", "truncated body")
"""The job is accepted, and its id never arrives."""


@dataclass(frozen=True)
class Cell:
    """One fault at one step of one provider.

    Attributes:
        provider: The provider.
        step: The step that breaks.
        fault: The name of the fault.
        taken: True if the server takes the job all the same; only for the answers to a submission.
        listed: False if the provider's list does not answer.
    """

    provider: str
    step: str
    fault: str
    taken: bool = False
    listed: bool = True

    def __str__(self) -> str:
        more = (", taken" if self.taken else "") + ("" if self.listed else ", no list")
        return f"{self.provider}-{self.step}-{self.fault}{more}"

    @property
    def proves(self) -> bool:
        """True if the answer proves that the job was not taken."""
        return self.fault in {f"answer {status}" for status in PROOF}


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        result: `"succeeded"`, `"fell back"`, or the name of the error.
        seen: How many creates the server saw.
        turned_away: How many of them it answered itself with a 429.
        accepted: How many jobs it took.
        lost: Jobs that it took and that no result and no error speaks of.
        said: The error's message, or empty.
        stolen: True if the job of another take was adopted.
    """

    result: str
    seen: int
    turned_away: int
    accepted: int
    lost: tuple[str, ...]
    said: str = ""
    stolen: bool = False

    @property
    def paid_twice(self) -> bool:
        """Whether more than one create got past the door."""
        return self.accepted > 1 or self.seen - self.turned_away > 1


def cells() -> Iterator[Cell]:
    """Every cell that there is: only the gateway has an upload, and only content can be JSON that poses as video."""
    for provider in PROVIDERS:
        for step in STEPS:
            for fault in FAULTS:
                if step == "upload" and provider != "gateway":
                    continue
                if fault == "JSON as video" and step != "content":
                    continue
                yield Cell(provider, step, fault)


def answer_cells() -> Iterator[Cell]:
    """Every answer to a submission: before and after the server took the job, with and without a list."""
    for provider in PROVIDERS:
        for listed in (True, False) if provider == LISTS else (True,):
            for fault in ANSWERS:
                cell = Cell(provider, "create", fault, listed=listed)
                yield cell
                if not cell.proves:
                    yield replace(cell, taken=True)


def expected(cell: Cell) -> str:
    """The right outcome."""
    if cell.fault in ANSWERS:
        return _at_answer(cell)
    if cell.fault == "refused content":
        return "DownloadFailed" if cell.step == "content" else "ContentRefused"
    return {"upload": _at_upload, "create": _at_create, "poll": _at_poll, "content": _at_content}[cell.step](
        cell
    )


def _at_answer(cell: Cell) -> str:
    status = int(cell.fault.split()[1])
    if cell.proves and status in (400, 413, 415, 422):
        return "RequestRefused"
    if cell.proves:
        return "succeeded" if status == 429 else "fell back"
    if cell.provider != LISTS or not cell.listed:
        return "SubmissionInDoubt"
    return "succeeded" if cell.taken else "fell back"


def _at_upload(cell: Cell) -> str:
    falls = cell.fault in (REFUSED, "malformed JSON", "404 then fine", "401", "403")
    return "fell back" if falls else "succeeded"


def _at_create(cell: Cell) -> str:
    if cell.fault in (REFUSED, "404 then fine", "401", "403"):
        return "fell back"
    lists = cell.provider == LISTS
    if cell.fault in LOSES_THE_ANSWER:
        return "succeeded" if lists else "SubmissionInDoubt"
    if cell.fault in ("reset before send", "reset while sending", "500 twice then fine", "502 HTML"):
        return "fell back" if lists else "SubmissionInDoubt"
    return "succeeded"


def _at_poll(cell: Cell) -> str:
    return "JobTimeout" if cell.fault in ("401", "403") else "succeeded"


def _at_content(cell: Cell) -> str:
    return "DownloadFailed" if cell.fault in ("401", "403") else "succeeded"


class Spare(Provider):
    """Makes every picture at once, out of a file."""

    name = "spare"
    capabilities = Capabilities((Model("spare"),), cancel=False, poll_interval=0.01)

    def __init__(self, clip: Path) -> None:
        self._clip = clip

    def availability(self) -> Availability:
        return Availability(True, "spare")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        return ""

    async def submit(self, request: object) -> Accepted:
        return Accepted("spare-1")

    async def status(self, job_id: str) -> ProviderStatus:
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        await asyncio.to_thread(shutil.copyfile, self._clip, to)

    async def cancel(self, job_id: str) -> bool:
        return True


@contextmanager
def short_pauses() -> Iterator[None]:
    """Waits a tenth as long between tries: what is tested is what is tried, not how patiently."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submission, "_LIST_PAUSES", (0.0, *[0.15] * 6))
        patch.setattr(submission, "_LIST_PATIENCE", 0.6)
        patch.setattr(http, "_LONGEST_PAUSE", 0.15)
        yield


class Bench:
    """What all cells share: a narration, a spare clip, and a server for each that runs at the same time."""

    def __init__(self, narration: Path, clip: Path, folder: Path) -> None:
        self._request = VideoRequest(narration, None, VideoConfig(resolution="720p", prompt="a quiet sea"))
        self._narration = open_narration(narration, work=folder, max_seconds=60, max_bytes=10**8)
        self._clip, self._folder = clip, folder
        self._journal = Journal(folder / "home")

    async def run_all(self, chosen: Sequence[Cell], *, at_once: int = 8) -> dict[Cell, Outcome]:
        """Runs cells side by side."""
        found: dict[Cell, Outcome] = {}
        waiting = list(reversed(chosen))

        async def work() -> None:
            sandbox = await asyncio.to_thread(Sandbox(polls=1).start)
            try:
                while waiting:
                    cell = waiting.pop()
                    sandbox.reset()
                    found[cell] = await self.run(cell, sandbox)
            finally:
                await asyncio.to_thread(sandbox.stop)

        with short_pauses():
            await asyncio.gather(*(work() for _ in range(at_once)))
        return found

    async def run(self, cell: Cell, sandbox: Sandbox) -> Outcome:
        """One cell: the way of a job up to its picture, which is checked to be a video."""
        kind: Any = provider_class(cell.provider)
        access = {"api_key": sandbox.key(cell.provider), "base_url": sandbox.base_url(cell.provider)}
        provider = kind(**access, settings=IMPATIENT if cell.fault in SLOW else SETTINGS)
        other = None
        if cell.fault in ANSWERS and cell.provider == LISTS:
            sibling = kind(**access, settings=SETTINGS)
            other = await self._other_take(sibling)
            await sibling.aclose()
        self._break(cell, provider, sandbox)
        job = Job(self._request, provider=provider.name)
        ledger = RunLedger(self._journal, job.id, budgets={})
        settings = replace(SETTINGS, home=self._folder / "home")
        maker = ClipMaker(
            ReadScript(self._narration).brief(self._request, job.id),
            Candidates([provider, Spare(self._clip)]),
            slot_of=ProviderPool(settings).slot,
            settings=settings,
            ledger=ledger,
            reporter=JobReporter(job),
        )
        work = Path(tempfile.mkdtemp(dir=self._folder))
        await self._asked(ledger, job)
        result, said, known = "succeeded", "", set[str | None]()
        try:
            await maker.make(work)
            result = "succeeded" if job.provider == provider.name else "fell back"
            known.add(job.provider_job_id)
        except VoxweaveError as error:
            result, said = type(error).__name__, str(error)
            known.add(getattr(error, "job_id", None))
        finally:
            await provider.aclose()
        known |= self._written_down(job.id)
        return self._outcome(sandbox, result, said, known, other)

    async def _other_take(self, provider: Provider) -> str:
        """Submits another take of the same prompt, which is in the journal and in the provider's list."""
        job = Job(self._request, provider=provider.name)
        ledger = RunLedger(self._journal, job.id, budgets={})
        await self._asked(ledger, job)
        brief = ReadScript(self._narration).brief(self._request, job.id)
        plan = brief.plan_for(provider)
        attempt = await ledger.intend(
            provider=provider.name,
            model=plan.model.name,
            base_url=provider.base_url,
            request_id=job.id,
            usd=None,
        )
        accepted = await provider.submit(brief.request(plan))
        await ledger.settle(attempt, AttemptOutcome.ACCEPTED, job_id=accepted.job_id)
        return accepted.job_id

    async def _asked(self, ledger: RunLedger, job: Job) -> None:
        request = job.request
        asked = Requested(
            narration=request.narration, narration_sha="", seconds=2.0, subtitles=None, config=request.config,
            chain=["it", "spare"], reuse_key="", output_dir=self._folder,
        )  # fmt: skip
        await ledger.request(asked)

    def _written_down(self, run: str) -> set[str | None]:
        found = self._journal.run(run)
        assert found is not None
        return {attempt.job_id for attempt in found.attempts if attempt.outcome == "accepted"}

    def _outcome(
        self, sandbox: Sandbox, result: str, said: str, known: set[str | None], other: str | None
    ) -> Outcome:
        creates = [asked for asked in sandbox.history if asked.step == "create"][other is not None :]
        jobs = [job.id for job in sandbox.jobs if job.id != other]
        told = result == "SubmissionInDoubt"
        lost = () if told else tuple(job for job in jobs if not any(job in (name or "") for name in known))
        away = sum(asked.status == 429 for asked in creates)
        stolen = other is not None and other in known
        return Outcome(result, len(creates), away, len(jobs), lost, said, stolen)

    def _break(self, cell: Cell, provider: Provider, sandbox: Sandbox) -> None:
        if cell.fault in ANSWERS:
            fault, times = replace(ANSWERS[cell.fault], accept=cell.taken), 1
        else:
            fault, times = FAULTS[cell.fault]
        if not cell.listed:
            sandbox.fault("list", Fault.status(404), provider=LISTS, times=None)
        if cell.fault == REFUSED:
            _shut(cell.step, provider, sandbox.closed_url())
        elif cell.fault == "refused content" and cell.step == "poll":
            sandbox.next_job(cell.provider, polls=1, refused=True)
        else:
            assert fault is not None
            sandbox.fault(cell.step, fault, provider=cell.provider, times=times)  # type: ignore[arg-type]


def _shut(step: str, provider: Provider, closed: str) -> None:
    """Makes a verb meet a closed port: an upload or a create always, the others the first time."""
    verb = {"create": "submit", "content": "download", "poll": "status"}.get(step, step)
    call, address = getattr(provider, verb), provider.http.url  # type: ignore[attr-defined]
    left = [10**6 if step in ("upload", "create") else 1]

    async def at_a_closed_port(*args: object, **how: object) -> object:
        def url(path: str) -> str:
            left[0] -= 1
            return closed if left[0] >= 0 else str(address(path))

        provider.http.url = url  # type: ignore[attr-defined]
        try:
            return await call(*args, **how)
        finally:
            provider.http.url = address  # type: ignore[attr-defined]

    setattr(provider, verb, at_a_closed_port)


def wrong(cell: Cell, outcome: Outcome) -> str:
    """What is not as it should be, or empty."""
    faults = []
    if outcome.result != expected(cell):
        faults.append(f"{outcome.result} instead of {expected(cell)}: {outcome.said}")
    if outcome.stolen:
        faults.append("adopted the job of another take")
    if outcome.lost:
        faults.append(f"lost {', '.join(outcome.lost)}")
    if outcome.paid_twice:
        faults.append(
            f"{outcome.seen} creates, {outcome.turned_away} turned away, {outcome.accepted} accepted"
        )
    if cell.fault == REFUSED and cell.step in ("upload", "create") and outcome.seen:
        faults.append("a create was seen behind a closed port")
    return "; ".join(faults)
