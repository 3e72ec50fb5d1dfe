"""A provider that answers from a script, at the seam, and a clip maker around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from voxweave_nb import JobState, ProviderUnavailable, Settings, VideoConfig
from voxweave_nb.job import Job, JobReporter
from voxweave_nb.journal import RunLedger
from voxweave_nb.pipeline.clip import ClipBrief, ClipMaker
from voxweave_nb.pipeline.fallback import Candidates
from voxweave_nb.pipeline.submission import AcceptedJob
from voxweave_nb.providers.base import Provider
from voxweave_nb.providers.pool import LastResort, ProviderPool
from voxweave_nb.providers.types import (
    Accepted,
    Availability,
    Capabilities,
    ClipRequest,
    Model,
    ProviderStatus,
)
from voxweave_nb.request import VideoRequest

NARRATION = Path(__file__)
BRIEF = ClipBrief(
    config=VideoConfig(), source=NARRATION, narration=Path("samples"), duration=5.0, request_id="r"
)


class Scripted(Provider):
    """Answers each submission with the next of its answers: an id, an error, or seconds to wait."""

    def __init__(
        self, name: str, *answers: Any, ready: bool = True, at_once: int | None = None, lists: str = ""
    ) -> None:
        self.name = name
        self.capabilities = Capabilities((Model("m", at_once=at_once),), cancel=True, lists=bool(lists))
        self.answers = list(answers) or ["1"]
        self.requests: list[ClipRequest] = []
        self.uploads = 0
        self.canceled: list[str] = []
        self.at_work = self.most_at_work = 0
        self._ready, self._lists = ready, lists

    @property
    def submissions(self) -> int:
        return len(self.requests)

    def availability(self) -> Availability:
        return Availability(self._ready, "has no key: set SOME_KEY")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        self.uploads += 1
        return f"upload-{self.name}"

    async def submit(self, request: ClipRequest) -> Accepted:
        self.requests.append(request)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = "late"
        if isinstance(answer, Exception):
            self.at_work -= 1
            raise answer
        return Accepted(f"{self.name}-{answer}")

    async def status(self, job_id: str) -> ProviderStatus:
        self.at_work -= 1
        return ProviderStatus(JobState.SUCCEEDED)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        raise NotImplementedError

    async def cancel(self, job_id: str) -> bool:
        self.canceled.append(job_id)
        return True

    async def find(self, request: ClipRequest, since: float) -> str | None:
        return self._lists if self._lists != "nothing" else None


def unavailable(name: str, **more: Any) -> ProviderUnavailable:
    return ProviderUnavailable(f"{name} is failing.", provider=name, **more)


class Asked:
    """A clip maker over some providers, with its job and what was said."""

    def __init__(
        self,
        *chain: Provider,
        gone: MutableMapping[str, str] | None = None,
        patience: float = 60.0,
        brief: ClipBrief = BRIEF,
        pool: ProviderPool | None = None,
        ledger: RunLedger | None = None,
        on_doubt: str = "stop",
        last_resort: LastResort | None = None,
    ) -> None:
        settings = Settings(patience=patience, on_doubt=on_doubt)
        self.job = Job(VideoRequest(NARRATION, None, brief.config), provider=chain[0].name)
        reporter = JobReporter(self.job)
        self.candidates = Candidates(
            chain,
            gone=gone,
            model=brief.config.model,
            say=reporter.log,
            warn=reporter.warn,
            last_resort=last_resort,
        )
        self.maker = ClipMaker(
            brief,
            self.candidates,
            slot_of=(pool or ProviderPool(settings)).slot,
            settings=settings,
            ledger=ledger or RunLedger(None, "run", budgets={}),
            reporter=reporter,
        )

    @property
    def said(self) -> list[str]:
        messages: list[str] = []
        self.job.listen(lambda event: messages.append(event.message) if event.kind == "log" else None)()
        return messages

    async def submit(self) -> AcceptedJob:
        return await self.maker.submit()


def ask(*chain: Provider, **how: Any) -> AcceptedJob:
    return asyncio.run(Asked(*chain, **how).submit())
