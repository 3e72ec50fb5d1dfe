"""What a lab keeps: variants, votes, ratings and flags, each one line of a file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from ..config import VideoConfig
from ..errors import ConfigError

__all__ = [
    "JUDGE",
    "ME",
    "Choice",
    "Flag",
    "Judgement",
    "Made",
    "Rating",
    "Source",
    "Variant",
    "Vote",
    "content_id",
    "is_judge",
    "parse_choice",
]

JUDGE = "judge:"
"""The beginning of a rater's name that is a model's, such as `judge:gpt-4o`; the names of people do not begin so."""

ME = "me"
"""The rater's name of a person whose name is not known."""


class Choice(StrEnum):
    """The outcome of a duel."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BOTH_BAD = "bad"

    @property
    def points(self) -> float:
        """The left variant's share of the vote, from 0 to 1. Two bad ones say no more about their order than a tie."""
        return {Choice.LEFT: 1.0, Choice.RIGHT: 0.0}.get(self, 0.5)


def content_id(prefix: str, *parts: Any) -> str:
    """Return a short name that is the same for the same content: a letter and 12 hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return prefix + hashlib.sha256(text.encode()).hexdigest()[:12]


def is_judge(rater: str) -> bool:
    """Return True for the name of a model that judges, False for a person's."""
    return rater.startswith(JUDGE)


@dataclass(frozen=True, slots=True)
class Source:
    """The narration and subtitles of a variant.

    Attributes:
        narration: The SHA-256 of the narration, in hexadecimal.
        subtitles: The SHA-256 of the subtitles' content, or empty.
    """

    narration: str
    subtitles: str = ""


@dataclass(frozen=True)
class Variant:
    """One video to compare: its options, and the choices that led to them.

    Attributes:
        id: A name made from its content: the same options and narration give the same id in every lab.
        options: The fields of its `VideoConfig` that differ from the defaults.
        axes: Its choices by axis, such as `{"place": "harbour", "style": "anime"}`.
        source: Its narration and subtitles.
        note: A remark by the person who added it.
        at: The time of adding, in seconds since 1970.
    """

    id: str
    options: Mapping[str, Any]
    axes: Mapping[str, Any]
    source: Source
    note: str = ""
    at: float = 0.0

    @classmethod
    def of(
        cls, config: VideoConfig, axes: Mapping[str, Any], source: Source, *, note: str = "", at: float = 0.0
    ) -> Self:
        """Return the variant of a config; its id follows from the config and the source."""
        options = config.as_dict()
        return cls(
            content_id("v", config.as_content(), source.narration, source.subtitles),
            options,
            dict(axes),
            source,
            note,
            at,
        )

    @property
    def config(self) -> VideoConfig:
        """The options as a `VideoConfig`."""
        return VideoConfig.of(self.options)

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        return {
            "kind": "variant",
            "id": self.id,
            "options": dict(self.options),
            "axes": dict(self.axes),
            "narration": self.source.narration,
            "subtitles": self.source.subtitles,
            "note": self.note,
            "at": self.at,
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a variant from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        return cls(
            _text(line, "id"),
            _mapping(line, "options"),
            _mapping(line, "axes"),
            Source(_text(line, "narration"), _text(line, "subtitles", "")),
            _text(line, "note", ""),
            _number(line, "at", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A variant's finished or failed run.

    Attributes:
        variant: The variant's id.
        run: The run's id in the journal of the person who made it.
        video: The values of `GeneratedVideo.as_dict`, with paths relative to the lab's folder; None if it failed.
        usd: The price in US dollars, or None if unknown.
        error: The reason of a failure, in a sentence, or empty.
        refused: The provider refused the content.
        at: The time, in seconds since 1970.
    """

    variant: str
    run: str = ""
    video: Mapping[str, Any] | None = None
    usd: float | None = None
    error: str = ""
    refused: bool = False
    at: float = 0.0

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        return {"kind": "made", **{each.name: getattr(self, each.name) for each in fields(self)}}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a record from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        return cls(
            _text(line, "variant"),
            _text(line, "run", ""),
            _mapping(line, "video") if line.get("video") is not None else None,
            _number(line, "usd", 0.0) if line.get("usd") is not None else None,
            _text(line, "error", ""),
            line.get("refused") is True,
            _number(line, "at", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Vote:
    """One comparison of two variants.

    Attributes:
        id: A name made from its content.
        left: The id of the variant on the left.
        right: The id of the variant on the right.
        choice: The outcome.
        rater: The person, or the model, that voted.
        shown: The time in seconds for which both were shown.
        blind: The labels were hidden.
        at: The time, in seconds since 1970.
    """

    id: str
    left: str
    right: str
    choice: Choice
    rater: str = ME
    shown: float = 0.0
    blind: bool = False
    at: float = 0.0

    @classmethod
    def of(cls, left: str, right: str, choice: Choice, **more: Any) -> Self:
        """Return a vote; its id follows from its content."""
        vote = cls("", left, right, choice, **more)
        rest = (vote.left, vote.right, vote.choice, vote.rater, vote.shown, vote.blind, vote.at)
        return cls(content_id("d", *rest), *rest)

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        return {"kind": "vote", **{each.name: getattr(self, each.name) for each in fields(self)}}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a vote from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        return cls(
            _text(line, "id"),
            _text(line, "left"),
            _text(line, "right"),
            Choice(_text(line, "choice")),
            _text(line, "rater", ME),
            _number(line, "shown", 0.0),
            line.get("blind") is True,
            _number(line, "at", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of a judge to one order of two videos; two of them make a vote.

    Attributes:
        id: A name made from the videos in their order, the rater and the rubric.
        first: The id of the variant that was shown first.
        second: The id of the other one.
        rater: The judge.
        rubric: The SHA-256 of its rubric, the first 12 hexadecimal digits.
        answer: `"first"`, `"second"`, `"tie"`, or empty if the answer could not be read.
        text: The answer as it was given; its first 500 characters.
        usd: Its price in US dollars, or None if unknown.
        at: The time, in seconds since 1970.
    """

    id: str
    first: str
    second: str
    rater: str
    rubric: str
    answer: str = ""
    text: str = ""
    usd: float | None = None
    at: float = 0.0

    @staticmethod
    def id_of(first: str, second: str, rater: str, rubric: str) -> str:
        """Return the id of the answer to one order of two videos."""
        return content_id("j", first, second, rater, rubric)

    @property
    def winner(self) -> str:
        """The id of the better variant, or empty for a tie and for an answer that could not be read."""
        return {"first": self.first, "second": self.second}.get(self.answer, "")

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        return {"kind": "judgement", **{each.name: getattr(self, each.name) for each in fields(self)}}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a record from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        answer = _text(line, "answer", "")
        if answer not in ("", "first", "second", "tie"):
            raise ValueError(f"answer is {answer!r}")
        return cls(
            _text(line, "id"),
            _text(line, "first"),
            _text(line, "second"),
            _text(line, "rater"),
            _text(line, "rubric"),
            answer,
            _text(line, "text", ""),
            _number(line, "usd") if line.get("usd") is not None else None,
            _number(line, "at", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Rating:
    """One person's opinion of one variant; a newer one of the same person replaces the fields that it gives.

    Attributes:
        variant: The variant's id.
        thumb: True for up, False for down, None for neither.
        stars: 1 to 5, or None.
        note: A remark, or None.
        rater: The person.
        cleared: The fields that were taken back.
        at: The time, in seconds since 1970.
    """

    variant: str
    thumb: bool | None = None
    stars: int | None = None
    note: str | None = None
    rater: str = ME
    cleared: tuple[str, ...] = ()
    at: float = 0.0

    def updated(self, newer: Rating) -> Rating:
        """Return this rating with the fields of a newer one."""

        def pick(name: str) -> Any:
            if name in newer.cleared:
                return None
            value = getattr(newer, name)
            return getattr(self, name) if value is None else value

        return Rating(
            self.variant, pick("thumb"), pick("stars"), pick("note"), self.rater, (), max(self.at, newer.at)
        )

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"kind": "rating", **values, "cleared": list(self.cleared)}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a rating from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        thumb, stars, note = line.get("thumb"), line.get("stars"), line.get("note")
        if thumb is not None and not isinstance(thumb, bool):
            raise ValueError(f"thumb is {thumb!r}")
        if stars is not None and stars not in (1, 2, 3, 4, 5):
            raise ValueError(f"stars is {stars!r}")
        if note is not None and not isinstance(note, str):
            raise ValueError(f"note is {note!r}")
        cleared = line.get("cleared", [])
        if not isinstance(cleared, list) or not set(cleared) <= {"thumb", "stars", "note"}:
            raise ValueError(f"cleared is {cleared!r}")
        return cls(
            _text(line, "variant"),
            thumb,
            stars,
            note,
            _text(line, "rater", ME),
            tuple(cleared),
            _number(line, "at", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a video that a person may want to know before looking; never a judgement.

    Attributes:
        variant: The variant's id.
        name: The check, such as `"frozen"`.
        value: What was measured, in the check's own unit.
        text: The same in words, such as `"frozen for 3.0 s"`.
        version: The version of the checks.
    """

    variant: str
    name: str
    value: float
    text: str
    version: int = 1

    def as_line(self) -> dict[str, Any]:
        """Return plain values for the file."""
        return {"kind": "flag", **{each.name: getattr(self, each.name) for each in fields(self)}}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Return a flag from plain values.

        Raises:
            ValueError: A value is missing or of another type.
        """
        return cls(
            _text(line, "variant"),
            _text(line, "name"),
            _number(line, "value"),
            _text(line, "text", ""),
            int(_number(line, "version", 1.0)),
        )


def parse_choice(value: object) -> Choice:
    """Return a choice given as text.

    Raises:
        ConfigError: The text is not a choice.
    """
    try:
        return Choice(value)  # type: ignore[arg-type]
    except ValueError:
        known = ", ".join(repr(each.value) for each in Choice)
        raise ConfigError(f"The choice is {value!r}; give one of {known}.") from None


def _text(line: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = line.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r}")  # noqa: TRY004  one kind of error for every broken line
    return value


def _number(line: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = line.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}")
    return float(value)


def _mapping(line: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = line.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {value!r}")  # noqa: TRY004  one kind of error for every broken line
    return value
