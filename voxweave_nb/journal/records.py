"""What is read out of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..config import VideoConfig

__all__ = ["RESUMABLE", "Create", "Requested", "Run", "Spend", "SpendRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What was asked for, as it is written down.

    Attributes:
        narration: The audio file.
        narration_sha: Its SHA-256, in hexadecimal.
        seconds: Its length.
        subtitles: A subtitle file, the text of one, or None.
        config: What the video shall be.
        chain: The providers, in the order in which they are asked.
        reuse_key: What identical requests have in common.
        output_dir: Where the video is to land.
    """

    narration: Path
    narration_sha: str
    seconds: float
    subtitles: Path | str | None
    config: VideoConfig
    chain: Sequence[str]
    reuse_key: str
    output_dir: Path


@dataclass(frozen=True, slots=True)
class Create:
    """One create that was sent, or was about to be.

    Attributes:
        id: Its number in the journal.
        at: When, in seconds since 1970.
        provider: To whom.
        model: The model that was asked for.
        base_url: Where that provider lived.
        request_id: Our own name of the request.
        usd: The estimate in US dollars, 0 when it is free, None where no price is known.
        usd_actual: What the provider reported, or None.
        outcome: `"sent"` while nothing is known, `"accepted"`, `"refused"` or `"ambiguous"`.
        job_id: The provider's id of the job, or None.
        picture: Where its picture lies, once it was fetched, or None.
        picture_sha: That file's SHA-256.
        words: What the provider said.
    """

    id: int
    at: float
    provider: str
    model: str | None
    base_url: str | None
    request_id: str
    usd: float | None
    usd_actual: float | None
    outcome: str
    job_id: str | None
    picture: Path | None
    picture_sha: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Run:
    """One video that was asked for.

    Attributes:
        id: Our own name of the job.
        created: When it was asked for, in seconds since 1970.
        updated: When it last moved.
        state: `"requested"`, `"accepted"`, `"downloaded"`, `"finished"`, `"failed"`, `"canceled"`, `"ambiguous"`,
            `"late"` (it outlasted the deadline) or `"abandoned"`.
        narration: The audio file.
        narration_sha: Its SHA-256 then.
        seconds: Its length.
        subtitles: A subtitle file, the text of one, or None.
        config: What was asked for.
        chain: The providers, in the order in which they were to be asked.
        output_dir: Where the video was to land.
        result: What came of it, as plain values; empty while nothing did.
        message: The last thing that was said of it.
        held: Whether a living process works on it.
        creates: All creates that were sent for it, oldest first.
    """

    id: str
    created: float
    updated: float
    state: str
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
    creates: tuple[Create, ...] = field(default=())

    @property
    def create(self) -> Create | None:
        """The create that counts: the last one that was not refused, or None."""
        return next((one for one in reversed(self.creates) if one.outcome != "refused"), None)

    @property
    def provider(self) -> str:
        """Who makes or made it; the first of the chain while nobody has taken it."""
        return self.create.provider if self.create else self.chain[0]

    @property
    def usd(self) -> float | None:
        """What it cost or may cost in US dollars; None where no price is known."""
        counted = [one for one in self.creates if one.outcome != "refused"]
        prices = [one.usd if one.usd_actual is None else one.usd_actual for one in counted]
        return None if None in prices else sum(price for price in prices if price is not None)

    @property
    def resumable(self) -> bool:
        """Whether something that was accepted, or may have been, can still be picked up."""
        return self.state in RESUMABLE and self.create is not None and not self.held


RESUMABLE = ("requested", "accepted", "downloaded", "ambiguous", "late")


@dataclass(frozen=True, slots=True)
class SpendRow:
    """One day at one provider.

    Attributes:
        day: The local date, `YYYY-MM-DD`.
        provider: The provider.
        jobs: How many creates were accepted, or may have been.
        usd: Their cost in US dollars as far as it is known: what the provider reported, else the estimate.
        in_doubt: How many of them may or may not have been accepted.
        unknown: How many of them have no known price.
    """

    day: str
    provider: str
    jobs: int
    usd: float
    in_doubt: int
    unknown: int


@dataclass(frozen=True)
class Spend:
    """What was spent, a row per day and provider; printed as a table.

    Attributes:
        rows: Newest day first.
    """

    rows: Sequence[SpendRow]

    @property
    def usd(self) -> float:
        """All of it, in US dollars."""
        return sum(row.usd for row in self.rows)

    def to_frame(self) -> Any:
        """The rows as a pandas data frame.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

        names = ("day", "provider", "jobs", "usd", "in_doubt", "unknown")
        return pd.DataFrame(
            [{name: getattr(row, name) for name in names} for row in self.rows], columns=names
        )

    def __str__(self) -> str:
        if not self.rows:
            return "Nothing was spent: no create is in the journal."
        lines = [_line("day", "provider", "jobs", "USD", "")]
        lines += [
            _line(row.day, row.provider, str(row.jobs), f"{row.usd:.2f}", _remarks(row)) for row in self.rows
        ]
        return "\n".join(
            [*lines, _line("", "all", str(sum(row.jobs for row in self.rows)), f"{self.usd:.2f}", "")]
        )

    def __repr__(self) -> str:
        return str(self)


def _line(*cells: str) -> str:
    day, provider, jobs, usd, remarks = cells
    return f"{day:<10}  {provider:<14} {jobs:>5} {usd:>10}  {remarks}".rstrip()


def _remarks(row: SpendRow) -> str:
    return ", ".join(_counted([(row.in_doubt, "in doubt"), (row.unknown, "of unknown price")]))


def _counted(pairs: Iterable[tuple[int, str]]) -> list[str]:
    return [f"{count} {what}" for count, what in pairs if count]
