"""The journal's rows as values: runs, attempts, groups, and what was spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..models import VideoProvider

__all__ = [
    "INTERRUPTED",
    "Attempt",
    "AttemptOutcome",
    "Group",
    "Requested",
    "Run",
    "RunState",
    "Spend",
    "SpendRow",
]


INTERRUPTED = "Interrupted before the video was ready."
"""The message of a run that ended with its process or the wait for it, without anybody who canceled it."""


class RunState(StrEnum):
    """The state of a run. The values are what the journal stores: never change one without a migration."""

    REQUESTED = "requested"
    """Nothing was accepted yet."""
    ACCEPTED = "accepted"
    """A provider has accepted the job."""
    DOWNLOADED = "downloaded"
    """The clip is on disk; the video is not finished."""
    FINISHED = "finished"
    """The video is on disk."""
    FAILED = "failed"
    """It ended without a video, and nothing is left to resume."""
    CANCELED = "canceled"
    """The person stopped it."""
    IN_DOUBT = "ambiguous"
    """The submission's answer never came: the provider may have accepted and billed it."""
    LATE = "late"
    """The job outlasted the deadline and may still finish at the provider."""
    ABANDONED = "abandoned"
    """The person stopped it after the process that worked on it had ended."""

    @property
    def ended(self) -> bool:
        """True when nothing of the run can be resumed."""
        return self in (RunState.FINISHED, RunState.FAILED, RunState.CANCELED, RunState.ABANDONED)

    @property
    def resumable(self) -> bool:
        """True when a run in this state can be resumed, once something was submitted for it."""
        return not self.ended


class AttemptOutcome(StrEnum):
    """The outcome of a submission. The values are what the journal stores, as in `RunState`."""

    SENT = "sent"
    """No answer yet."""
    ACCEPTED = "accepted"
    """The provider has accepted the job, and may bill it."""
    REFUSED = "refused"
    """The provider has certainly not accepted it."""
    IN_DOUBT = "ambiguous"
    """The answer never came: the provider may have accepted and billed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """The request of a video, as it is written into the journal.

    Attributes:
        narration: The audio file.
        narration_sha: The SHA-256 of that file, in hexadecimal.
        seconds: The narration's length in seconds.
        subtitles: A subtitle file, the text of one, or None.
        config: The video's configuration.
        chain: The providers' names, in the order in which they are tried.
        reuse_key: A hash that is the same for identical requests.
        output_dir: The folder for the finished video.
        group: The id of the group that the run belongs to, or None.
    """

    narration: Path
    narration_sha: str
    seconds: float
    subtitles: Path | str | None
    config: VideoConfig
    chain: Sequence[str]
    reuse_key: str
    output_dir: Path
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submission to a provider, written down before it is sent.

    Attributes:
        id: The attempt's number in the journal.
        at: When it was written down, in seconds since 1970.
        provider: The provider's name.
        model: The requested model, or None for the provider's default.
        base_url: The provider's address, without user, password and query.
        request_id: The id that this package gave the request.
        usd: The estimated price in US dollars, 0 when it is free, None when it is not known.
        usd_actual: The cost in US dollars that the provider reported, or None.
        outcome: What became of the submission.
        job_id: The provider's id of the job, or None.
        clip: The downloaded clip, or None.
        clip_sha: The SHA-256 of the clip, in hexadecimal.
        message: The provider's last message.
        scene: The storyboard's scene that the clip is for; None when the video is a single scene.
    """

    id: int
    at: float
    provider: str
    model: str | None
    base_url: str | None
    request_id: str
    usd: float | None
    usd_actual: float | None
    outcome: AttemptOutcome
    job_id: str | None
    clip: Path | None
    clip_sha: str | None
    message: str
    scene: str | None = None

    @property
    def cost(self) -> float | None:
        """US dollars: the provider's figure, else the estimate; None when neither is known."""
        return self.usd if self.usd_actual is None else self.usd_actual


@dataclass(frozen=True, slots=True)
class Run:
    """A requested video and everything that was done for it.

    Attributes:
        id: The job's id in this package.
        created: When it was requested, in seconds since 1970.
        updated: When its state changed last, in seconds since 1970.
        state: The run's state.
        narration: The audio file.
        narration_sha: The SHA-256 of that file when it was requested.
        seconds: The narration's length in seconds.
        subtitles: A subtitle file, the text of one, or None.
        config: The requested configuration.
        chain: The providers' names, in the order in which they were to be tried.
        output_dir: The folder for the finished video.
        result: The finished video as plain values (`GeneratedVideo.as_dict`); empty until then.
        message: The last message on it.
        held: True while a living process works on it.
        attempts: All submissions for it, oldest first.
        group: The id of the group that it belongs to, or None.
        reuse_key: The hash that is the same for identical requests; of a storyboard's take, that of its scene too.
        lapses_in: Seconds after which it counts as left if the process that holds it shows no further sign of life.
            None if that process can be seen from here, or none holds it.
    """

    id: str
    created: float
    updated: float
    state: RunState
    narration: Path
    narration_sha: str
    seconds: float
    subtitles: Path | str | None
    config: VideoConfig
    chain: tuple[str, ...]
    output_dir: Path
    result: Mapping[str, Any]
    message: str
    held: bool
    attempts: tuple[Attempt, ...] = field(default=())
    group: str | None = None
    lapses_in: float | None = None
    reuse_key: str = ""

    @property
    def attempt(self) -> Attempt | None:
        """The last attempt that was not refused, or None."""
        return next((one for one in reversed(self.attempts) if _counts(one)), None)

    @property
    def scene(self) -> str | None:
        """The id of the storyboard's scene that it makes a take for; None for a video."""
        return self.attempt.scene if self.attempt else None

    @property
    def provider(self) -> str:
        """The provider of the last attempt that was not refused; before that the first of the chain."""
        return self.attempt.provider if self.attempt else self.chain[0]

    @property
    def usd(self) -> float | None:
        """US dollars that were spent or are in doubt; None when a price is not known."""
        costs = [one.cost for one in self.attempts if _counts(one)]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def resumable(self) -> bool:
        """True when a provider has, or may have, accepted a job that no living process works on."""
        return self.state.resumable and self.attempt is not None and not self.held and not self.lost

    @property
    def lost(self) -> bool:
        """True when the local renderer was making the clip in a process that has ended: nothing of it is left."""
        unmade = self.state in (RunState.REQUESTED, RunState.ACCEPTED)
        return unmade and not self.held and self.provider == VideoProvider.LOCAL

    @property
    def interrupted(self) -> bool:
        """True when the work on it was killed or interrupted before anything was made that could be resumed."""
        left = self.state is RunState.REQUESTED and not self.held
        return left or self.lost or (self.state is RunState.CANCELED and self.message == INTERRUPTED)


def _counts(attempt: Attempt) -> bool:
    return attempt.outcome is not AttemptOutcome.REFUSED


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that belong together and share a budget: a lab or a board.

    Attributes:
        id: The group's id.
        kind: `"lab"` or `"board"`.
        name: The person's name for it.
        created: When it was opened first, in seconds since 1970.
        budget: US dollars for its whole life, or None for no limit.
    """

    id: str
    kind: str
    name: str
    created: float
    budget: float | None


@dataclass(frozen=True, slots=True)
class SpendRow:
    """The spend of one day at one provider.

    Attributes:
        day: The date in UTC, `YYYY-MM-DD`.
        provider: The provider's name.
        jobs: The number of submissions that were accepted, or may have been.
        usd: Their known cost in US dollars: the provider's figure, else the estimate.
        in_doubt: The number of them that may or may not have been accepted.
        unknown: The number of them without a known price.
    """

    day: str
    provider: str
    jobs: int
    usd: float
    in_doubt: int
    unknown: int


@dataclass(frozen=True)
class Spend:
    """The spend per day and provider; prints as a table.

    Attributes:
        rows: One row per day and provider, newest day first.
        lost: The damaged or removed journals whose spend is not known, and not in the rows.
    """

    rows: Sequence[SpendRow]
    lost: tuple[str, ...] = ()

    @property
    def usd(self) -> float:
        """The total in US dollars."""
        return sum(row.usd for row in self.rows)

    def to_frame(self) -> Any:
        """Return the rows as a pandas data frame.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

        names = ("day", "provider", "jobs", "usd", "in_doubt", "unknown")
        return pd.DataFrame(
            [{name: getattr(row, name) for name in names} for row in self.rows], columns=names
        )

    def __str__(self) -> str:
        return "\n".join([*self._table(), *self._warning()])

    def _table(self) -> list[str]:
        if not self.rows:
            return ["Nothing was spent: the journal holds no paid submission."]
        total = _line("", "all", str(sum(row.jobs for row in self.rows)), f"{self.usd:.2f}", "")
        lines = [
            _line(row.day, row.provider, str(row.jobs), f"{row.usd:.2f}", _remarks(row)) for row in self.rows
        ]
        return [_line("day", "provider", "jobs", "USD", ""), *lines, total]

    def _warning(self) -> list[str]:
        if not self.lost:
            return []
        return [
            "",
            "Not counted, because it is not known: the spend in",
            *(f"  {name}" for name in self.lost),
            "Until you start the budget anew, paid work under a budget is refused:",
            "  service.start_budget_anew(), or `voxweave-nb spend --start-anew`.",
        ]

    def __repr__(self) -> str:
        return str(self)


def _line(*cells: str) -> str:
    day, provider, jobs, usd, remarks = cells
    return f"{day:<10}  {provider:<14} {jobs:>5} {usd:>10}  {remarks}".rstrip()


def _remarks(row: SpendRow) -> str:
    return ", ".join(_nonzero([(row.in_doubt, "in doubt"), (row.unknown, "of unknown price")]))


def _nonzero(pairs: Iterable[tuple[int, str]]) -> list[str]:
    return [f"{count} {what}" for count, what in pairs if count]
