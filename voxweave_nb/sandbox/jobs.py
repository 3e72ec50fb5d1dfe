"""The sandbox's jobs, which advance by time or by number of polls."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Job", "JobStatus", "Jobs", "SandboxJob", "Script", "State"]

State = Literal["queued", "running", "completed", "failed", "canceled"]


@dataclass(frozen=True)
class SandboxJob:
    """A job that was accepted; a real provider would bill it.

    Attributes:
        provider: The provider's name.
        id: The job's id.
        model: The requested model.
        prompt: The prompt.
        size: The requested width and height, in pixels.
        seconds: The requested length, in seconds.
        created_at: Time of the submission, in seconds since the epoch.
        state: Its current state.
        fetched: Number of complete downloads of its video; ranges that add up count as one.
        canceled: True if it was canceled before it finished.
        image: Width and height of its first frame in pixels, or None if none was sent.
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
    image: tuple[int, int] | None = None


@dataclass(frozen=True)
class Script:
    """The scripted behaviour of one job; see `Sandbox.next_job`."""

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
class JobStatus:
    """The answer to a poll.

    Attributes:
        state: The job's state.
        progress: Percent, or the script's own value.
        word: The script's word for the state, or None for the protocol's.
    """

    state: State
    progress: Any
    word: str | None = None


@dataclass
class Job:
    """A job; changed only on the server's thread."""

    provider: str
    id: str
    model: str
    prompt: str
    size: tuple[int, int]
    seconds: float
    script: Script
    image: tuple[int, int] | None = None
    details: dict[str, Any] = field(default_factory=dict)
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
        """The finished share of the job, 0 to 1."""
        if self.script.polls is not None:
            return min(1.0, self._polled / self.script.polls) if self.script.polls else 1.0
        elapsed = time.monotonic() - self._started
        return min(1.0, elapsed / self.script.seconds) if self.script.seconds > 0 else 1.0

    @property
    def state(self) -> State:
        """The current state."""
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
        """True once the job has completed, failed or been canceled."""
        return self.state in ("completed", "failed", "canceled")

    @property
    def ready(self) -> bool:
        """True if its video can be downloaded."""
        return self.state == "completed" and not self.script.expired and not self.deleted

    def poll(self) -> JobStatus:
        """Count a poll and return the status after it."""
        number, self._polled = self._polled, self._polled + 1
        return self.status(number)

    def status(self, number: int | None = None) -> JobStatus:
        """Return the status; the script may override it for the poll of a number, counted from 0."""
        state, share = self.state, self.share
        if state not in ("queued", "running") and self.finished_at is None:
            self.finished_at = time.time()
        progress: Any = {"queued": 0, "completed": 100}.get(state, min(99, int(share * 100)))
        word = None
        if number is not None and number < len(self.script.progress):
            progress = self.script.progress[number]
        if number is not None and number < len(self.script.statuses):
            word = self.script.statuses[number]
        return JobStatus(state, progress, word)

    def cancel(self) -> bool:
        """Cancel the job.

        Returns:
            False if it was over already.
        """
        if self.over:
            return False
        self.canceled, self.finished_at = True, time.time()
        return True

    def sent(self, start: int, count: int, size: int) -> None:
        """Record that bytes of its video were sent; bytes without a gap up to the end count as one download."""
        if start <= self._sent:
            self._sent = max(self._sent, start + count)
        if self._sent >= size:
            self._sent = 0
            self.fetched += 1

    def snapshot(self) -> SandboxJob:
        """Return a read-only copy for tests."""
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
            image=self.image,
        )


class Jobs:
    """All jobs by id, and the scripts of future jobs."""

    def __init__(self, default: Script) -> None:
        self._default = default
        self._jobs: dict[str, Job] = {}
        self._scripts: dict[str, deque[Script]] = {}

    def plan(self, provider: str, script: Script) -> None:
        """Queue a script for a provider's next job without one."""
        self._scripts.setdefault(provider, deque()).append(script)

    def accept(self, provider: str, id: str, **facts: Any) -> Job:
        """Accept a job."""
        planned = self._scripts.get(provider)
        script = planned.popleft() if planned else self._default
        self._jobs[id] = job = Job(provider, id, script=script, **facts)
        return job

    def find(self, provider: str, id: str) -> Job | None:
        """Return a job, or None if it is unknown or deleted."""
        job = self._jobs.get(id)
        return job if job is not None and job.provider == provider and not job.deleted else None

    def of(self, provider: str) -> list[Job]:
        """Return a provider's jobs that are not deleted, the oldest first."""
        return [job for job in list(self._jobs.values()) if job.provider == provider and not job.deleted]

    def all(self) -> tuple[SandboxJob, ...]:
        """Return all accepted jobs, the oldest first."""
        return tuple(job.snapshot() for job in list(self._jobs.values()))

    def clear(self) -> None:
        """Remove all jobs and scripts."""
        self._jobs = {}
        self._scripts = {}
