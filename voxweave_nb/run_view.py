"""The progress of many jobs in one run, and the view of it that notebook and terminal show like that of a job."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from .models import JobEvent, JobState, dollars

__all__ = ["RunProgress", "RunView", "sentences"]


@dataclass(frozen=True, slots=True, repr=False)
class RunProgress:
    """The state of a run.

    Attributes:
        total: The number of what it makes, such as variants or scenes.
        made: Those that are there, new or from before.
        failed: Those that failed, were refused, or are over the budget.
        running: Those that are being made now.
        fraction: The progress of the whole, 0 to 1; each counts by the seconds that it takes.
        usd: US dollars that this run has spent so far, as far as prices are known.
        message: The newest message.
        state: The state of the run; it succeeds also if some of them failed.
        elapsed: Seconds since it began.
        remaining: Estimated seconds left, or None before there is an estimate.
    """

    noun: ClassVar[str] = "parts"
    total: int
    made: int = 0
    failed: int = 0
    running: int = 0
    fraction: float = 0.0
    usd: float = 0.0
    message: str = ""
    state: JobState = JobState.RUNNING
    elapsed: float = 0.0
    remaining: float | None = None

    def __str__(self) -> str:
        parts = [f"{self.made} of {self.total} made", f"{self.failed} failed" if self.failed else ""]
        parts += [f"{self.running} running" if self.running else "", dollars(self.usd) if self.usd else ""]
        return ", ".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class _Followed(Protocol):
    """The part of a run that a view needs."""

    @property
    def progress(self) -> RunProgress: ...

    @property
    def notes(self) -> Mapping[str, Sequence[str]]: ...

    def listen(self, listener: Callable[[RunProgress], None]) -> Callable[[], None]: ...

    def cancel(self) -> bool: ...

    def done(self) -> bool: ...


class RunView:
    """A run in the words of a job, for all that shows jobs.

    Args:
        run: The run.

    Attributes:
        staged: False: a run has no stages.
        video: None: a run has many.
    """

    staged = False
    video = None

    def __init__(self, run: _Followed) -> None:
        self._run = run

    @property
    def state(self) -> JobState:
        """The state."""
        return self._run.progress.state

    @property
    def message(self) -> str:
        """The number of made variants and their cost so far; of a run that ended early, the reason."""
        progress = self._run.progress
        failed = progress.state in (JobState.FAILED, JobState.CANCELED) and progress.message
        return progress.message if failed else str(progress)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The errors and warnings of all parts, each once."""
        return sentences(self._run.notes, self._run.progress.noun)

    @property
    def last_event(self) -> JobEvent:
        """The state as an event of a job."""
        return _event(self._run.progress, self.message)

    def done(self) -> bool:
        """Return True once the run has ended."""
        return self._run.done()

    def cancel(self) -> bool:
        """Cancel the run; return False if it had ended."""
        return self._run.cancel()

    def listen(self, listener: Callable[[JobEvent], None]) -> Callable[[], None]:
        """Call `listener` with events of a job; return a function that ends the listening."""
        told, words = 0, ""

        def follow(progress: RunProgress) -> None:
            nonlocal told, words
            notes = self._run.notes
            for text, names in list(notes.items())[told:]:
                running = replace(progress, state=JobState.RUNNING)
                listener(_event(running, sentences({text: names}, progress.noun)[0], "warning"))
            told = len(notes)
            # Each line stays in a log: only what has changed for good is a message.
            count = f"{progress.made}{progress.failed}{progress.usd}"
            changed, words = count != words, count
            ended = progress.state.final
            listener(
                _event(progress, self.message if changed or ended else "", "state" if ended else "progress")
            )

        return self._run.listen(follow)


def sentences(notes: Mapping[str, Sequence[str]], noun: str) -> tuple[str, ...]:
    """Return errors and warnings with the parts that have them.

    Args:
        notes: The names of parts by error or warning; one of the whole run has none.
        noun: The word for several parts, such as `"variants"`.
    """
    return tuple(f"{_who(names, noun)}{text}" for text, names in notes.items())


def _who(names: Sequence[str], noun: str) -> str:
    if len(names) < 2:
        return "".join(f"{name}: " for name in names)
    # A name is a list with commas itself.
    more = "; ..." if names[3:] else ""
    return f"{len(names)} {noun} ({'; '.join(names[:3])}{more}): "


def _event(progress: RunProgress, message: str, kind: str = "progress") -> JobEvent:
    return JobEvent(
        kind=kind,  # type: ignore[arg-type]  # one of its words
        state=progress.state,
        stage=None,
        progress=100 * progress.fraction,
        message=message,
        at=time.time(),
        elapsed=progress.elapsed,
        remaining=progress.remaining,
    )
