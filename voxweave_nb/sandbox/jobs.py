"""The jobs that the sandbox took, and how each advances: by the clock, or by how often it is asked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Job", "Jobs", "SandboxJob", "Script", "Standing", "State"]

State = Literal["queued", "running", "completed", "failed", "canceled"]


@dataclass(frozen=True)
class SandboxJob:
    """A job that was accepted: with a real provider, one that is paid for.

    Attributes:
        provider: Who took it.
        id: Its id.
        model: The model that was asked for.
        prompt: What was asked for.
        size: The picture that was asked for, in pixels.
        seconds: The length that was asked for.
        created_at: When, in seconds since the epoch.
        state: Where it stands.
        fetched: How often its video went out whole, in one piece or in several.
        canceled: Whether it was stopped before it was done.
    """

    provider: str
    id: str
    model: str
    prompt: str
    size: tuple[int, int]
    seconds: float
    created_at: float
    state: State
    fetched: int
    canceled: bool


@dataclass(frozen=True)
class Script:
    """How one job behaves; see `Sandbox.next_job`."""

    polls: int | None = None
    seconds: float = 1.0
    progress: Sequence[Any] = ()
    statuses: Sequence[str] = ()
    fails: str | None = None
    refused: bool = False
    expired: bool = False
    size: tuple[int, int] | None = None
    also: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """What a poll is told.

    Attributes:
        state: Where the job stands.
        progress: Percent, or whatever the script says instead.
        word: The script's word for the state, if it has one.
    """

    state: State
    progress: Any
    word: str | None = None


@dataclass
class Job:
    """A job at work. Only the server's thread changes it."""

    provider: str
    id: str
    model: str
    prompt: str
    size: tuple[int, int]
    seconds: float
    script: Script
    about: dict[str, Any] = field(default_factory=dict)
    created_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    fetched: int = 0
    canceled: bool = False
    deleted: bool = False
    _polled: int = 0
    _sent: int = 0
    _started: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.script.polls is not None:
            return min(1.0, self._polled / self.script.polls) if self.script.polls else 1.0
        elapsed = time.monotonic() - self._started
        return min(1.0, elapsed / self.script.seconds) if self.script.seconds > 0 else 1.0

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.canceled:
            return "canceled"
        if self.share < 1:
            return "queued" if self._waiting else "running"
        return "failed" if self.script.fails or self.script.refused else "completed"

    @property
    def _waiting(self) -> bool:
        if self.script.polls is None:
            return self.share < 0.1
        return self._polled <= (1 if self.script.polls >= 3 else 0)

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("completed", "failed", "canceled")

    @property
    def ready(self) -> bool:
        """Whether there is a video to be had."""
        return self.state == "completed" and not self.script.expired and not self.deleted

    def poll(self) -> Standing:
        """Counts a poll and says how the job stands then."""
        number, self._polled = self._polled, self._polled + 1
        return self.standing(number)

    def standing(self, number: int | None = None) -> Standing:
        """How it stands, in the script's words where that has any for the poll of this number, from 0."""
        state, share = self.state, self.share
        if state not in ("queued", "running") and self.finished_at is None:
            self.finished_at = time.time()
        progress: Any = {"queued": 0, "completed": 100}.get(state, min(99, int(share * 100)))
        word = None
        if number is not None and number < len(self.script.progress):
            progress = self.script.progress[number]
        if number is not None and number < len(self.script.statuses):
            word = self.script.statuses[number]
        return Standing(state, progress, word)

    def cancel(self) -> bool:
        """Stops it.

        Returns:
            Whether there was anything left to stop.
        """
        if self.over:
            return False
        self.canceled, self.finished_at = True, time.time()
        return True

    def sent(self, start: int, count: int, size: int) -> None:
        """Notes that bytes of its video went out; what goes out without a gap to the end counts as one fetch."""
        if start <= self._sent:
            self._sent = max(self._sent, start + count)
        if self._sent >= size:
            self._sent = 0
            self.fetched += 1

    def snapshot(self) -> SandboxJob:
        """What a test may know of it."""
        return SandboxJob(
            provider=self.provider,
            id=self.id,
            model=self.model,
            prompt=self.prompt,
            size=self.size,
            seconds=self.seconds,
            created_at=self.created_at,
            state=self.state,
            fetched=self.fetched,
            canceled=self.canceled,
        )


class Jobs:
    """All jobs, by their ids, and the scripts for those to come."""

    def __init__(self, usual: Script) -> None:
        self._usual = usual
        self._jobs: dict[str, Job] = {}
        self._scripts: dict[str, deque[Script]] = {}

    def plan(self, provider: str, script: Script) -> None:
        """Says how the next job of a provider behaves that has no script yet."""
        self._scripts.setdefault(provider, deque()).append(script)

    def accept(self, provider: str, id: str, **facts: Any) -> Job:
        """Takes a job."""
        planned = self._scripts.get(provider)
        script = planned.popleft() if planned else self._usual
        self._jobs[id] = job = Job(provider, id, script=script, **facts)
        return job

    def find(self, provider: str, id: str) -> Job | None:
        """A job that is still known, or None."""
        job = self._jobs.get(id)
        return job if job is not None and job.provider == provider and not job.deleted else None

    def of(self, provider: str) -> list[Job]:
        """A provider's jobs that are still known, the oldest first."""
        return [job for job in list(self._jobs.values()) if job.provider == provider and not job.deleted]

    def all(self) -> tuple[SandboxJob, ...]:
        """Every job that was ever taken, the oldest first."""
        return tuple(job.snapshot() for job in list(self._jobs.values()))

    def clear(self) -> None:
        """Forgets jobs and scripts."""
        self._jobs = {}
        self._scripts = {}
