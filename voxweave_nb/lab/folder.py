"""A lab on disk: what it is for, its variants, votes and flags, and its videos.

```
voxweave_lab/harbour/
    lab.json          what the lab is for: narration, subtitles, base config
    variants.jsonl    variants added and dropped, and what became of each
    votes.jsonl       votes and ratings, and votes taken back
    flags.jsonl       what the checks found
    judgements.jsonl  what judges answered, two answers for a vote
    videos/           the finished videos with their captions and posters
```

The files of lines are only appended to, and every id follows from the content: two people's folders merge by
joining their lines, and two kernels may write to one folder.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .lines import LineFile
from .records import Flag, Judgement, Made, Rating, Source, Variant, Vote
from .videos import restored

__all__ = ["LabFolder", "Purpose"]

SCHEMA = 1
_LINE_FILES = ("variants", "votes", "flags", "judgements")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a lab is for, as `lab.json` keeps it.

    Attributes:
        group: The id of the lab's group in the journal, which its budget is for.
        narration: The path of the narration, as it was given.
        subtitles: The path of the subtitles, or empty.
        source: The content of both.
        base: The options that all new variants start from.
        created: The time, in seconds since 1970.
    """

    group: str
    narration: str
    subtitles: str
    source: Source
    base: Mapping[str, Any]
    created: float

    @classmethod
    def new(cls, narration: str, subtitles: str, source: Source, base: Mapping[str, Any]) -> Purpose:
        """Return the purpose of a new lab."""
        return cls(f"lab-{secrets.token_hex(8)}", narration, subtitles, source, dict(base), time.time())


@dataclass(slots=True)
class LabFolder:
    """The content of a lab's folder, in memory.

    Attributes:
        path: The folder.
        variants: All variants by id, also dropped ones, in the order of their adding.
        dropped: The ids of dropped variants.
        made: The newest result of each variant that has one.
        votes: The votes by id, without those taken back.
        ratings: The opinions by rater and variant.
        flags: The findings of the checks by variant and name.
        judgements: The answers of judges by id.
        recorded: Every video that was ever recorded, by its path in the folder; also those that a newer one replaced.
        listeners: Called after each change, also one by another program, on the thread that has read it.
    """

    path: Path
    variants: dict[str, Variant] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    made: dict[str, Made] = field(default_factory=dict)
    votes: dict[str, Vote] = field(default_factory=dict)
    ratings: dict[tuple[str, str], Rating] = field(default_factory=dict)
    flags: dict[str, dict[str, Flag]] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    recorded: dict[str, Made] = field(default_factory=dict)
    listeners: list[Callable[[], None]] = field(default_factory=list, repr=False, compare=False)
    _undone: set[str] = field(default_factory=set)
    _files: dict[str, LineFile] = field(default_factory=dict)
    _readers: dict[str, Callable[[dict[str, Any]], None]] = field(
        default_factory=dict, repr=False, compare=False
    )
    # Jobs end on several threads.
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._files = {name: LineFile(self.path / f"{name}.jsonl") for name in _LINE_FILES}
        # Made once: a large lab has many thousand lines.
        self._readers = {
            "variant": self._take_variant,
            "drop": lambda line: self.dropped.add(str(line["id"])),
            "made": self._take_made,
            "vote": self._take_vote,
            "undo": self._take_undo,
            "rating": self._take_rating,
            "flag": self._take_flag,
            "judgement": self._take_judgement,
        }

    @property
    def videos(self) -> Path:
        """The folder of the finished videos."""
        return self.path / "videos"

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each line that could not be read."""
        found = [sentence for file in self._files.values() for sentence in file.damaged]
        return tuple(found + [half for file in self._files.values() if (half := file.half_line())])

    def purpose(self) -> Purpose | None:
        """Return what the lab is for, or None for a new folder.

        Raises:
            ConfigError: `lab.json` is damaged, or written by a newer version.
        """
        path = self.path / "lab.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _damaged(path, str(error)) from error
        if not isinstance(values, dict):
            raise _damaged(path, "it is not an object")
        if isinstance(values.get("schema"), int) and values["schema"] > SCHEMA:
            raise ConfigError(f"{path} was written by a newer voxweave_nb. Update this one to open the lab.")
        try:
            source = Source(values["narration_sha256"], values["subtitles_sha256"])
            texts = (values["group"], values["narration"], values["subtitles"])
            base, created = dict(values["base"]), float(values["created"])
            if not all(isinstance(each, str) for each in (*texts, source.narration, source.subtitles)):
                raise TypeError("a text is missing")
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, str(error)) from error
        return Purpose(*texts, source, base, created)

    def save_purpose(self, purpose: Purpose) -> None:
        """Write `lab.json`, in one step.

        Raises:
            ConfigError: The folder cannot be written.
        """
        values = {
            "schema": SCHEMA,
            "group": purpose.group,
            "narration": purpose.narration,
            "narration_sha256": purpose.source.narration,
            "subtitles": purpose.subtitles,
            "subtitles_sha256": purpose.source.subtitles,
            "base": dict(purpose.base),
            "created": purpose.created,
        }
        path = self.path / "lab.json"
        temporary = path.with_name(f"lab.json.{os.getpid()}.partial")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(values, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise ConfigError(f"The lab {self.path} cannot be written: {error.strerror or error}.") from error

    def refresh(self) -> bool:
        """Read what was added since the last time, also by others; return whether there was anything.

        Raises:
            ConfigError: A file cannot be read.
        """
        found = self._read_new()
        if found:
            self.notify()
        return found

    def notify(self) -> None:
        """Call the listeners."""
        for listener in list(self.listeners):
            listener()

    def add(self, variants: Iterable[Variant]) -> list[Variant]:
        """Add variants, or bring dropped ones back; return those that are new."""
        self.refresh()
        new = {each.id: each for each in variants if each.id not in self.variants or each.id in self.dropped}
        self._write("variants", [each.as_line() for each in new.values()])
        return list(new.values())

    def drop(self, ids: Iterable[str]) -> None:
        """Leave variants out of the lab. Their videos and votes stay."""
        now = time.time()
        self._write("variants", [{"kind": "drop", "id": each, "at": now} for each in ids])

    def record(self, made: Made) -> None:
        """Keep what became of a variant."""
        self._write("variants", [made.as_line()])

    def vote(self, *votes: Vote) -> None:
        """Keep votes."""
        self._write("votes", [each.as_line() for each in votes])

    def undo(self, vote: str) -> None:
        """Take a vote back."""
        self._write("votes", [{"kind": "undo", "id": vote, "at": time.time()}])

    def rate(self, rating: Rating) -> None:
        """Keep a rating."""
        self._write("votes", [rating.as_line()])

    def flag(self, flags: Iterable[Flag]) -> None:
        """Keep what the checks found."""
        self._write("flags", [each.as_line() for each in flags])

    def judge(self, judgement: Judgement) -> None:
        """Keep a judge's answer."""
        self._write("judgements", [judgement.as_line()])

    def merge(self, other: LabFolder) -> dict[str, int]:
        """Add another lab's variants, votes, ratings and flags; return how many of each kind were new."""
        self.refresh()
        other.refresh()
        variants = [each for key, each in other.variants.items() if key not in self.variants]
        made = [each for key, each in other.made.items() if key not in self.made]
        votes = [
            each for key, each in other.votes.items() if key not in self.votes and key not in self._undone
        ]
        ratings = [each for key, each in other.ratings.items() if self.ratings.get(key) != each]
        flags = [
            flag for key, found in other.flags.items() if key not in self.flags for flag in found.values()
        ]
        judgements = [each for key, each in other.judgements.items() if key not in self.judgements]
        self._write("judgements", [each.as_line() for each in judgements])
        self._write("variants", [each.as_line() for each in variants] + [each.as_line() for each in made])
        self._write("votes", [each.as_line() for each in votes] + [each.as_line() for each in ratings])
        self._write("flags", [each.as_line() for each in flags])
        return {"variants": len(variants), "videos": len(made), "votes": len(votes), "ratings": len(ratings)}

    def _write(self, name: str, lines: list[dict[str, Any]]) -> None:
        """Append lines to a file, then read them and whatever others have written."""
        with self._lock:
            self._files[name].append(lines)
            found = self._read_new()
        if found:
            self.notify()

    def _read_new(self) -> bool:
        with self._lock:
            lines = [(file, line) for file in self._files.values() for line in file.read_new()]
            for file, line in lines:
                self._take(file, line)
            return bool(lines)

    def _take(self, file: LineFile, line: dict[str, Any]) -> None:
        number = line.pop("_line")
        reader = self._readers.get(str(line.get("kind")))
        if reader is None:
            file.report(number, f"has the unknown kind {str(line.get('kind'))[:40]!r}")
            return
        try:
            reader(line)
        except (KeyError, TypeError, ValueError) as error:
            file.report(number, f"is damaged ({str(error)[:80]})")

    def _take_variant(self, line: dict[str, Any]) -> None:
        variant = Variant.from_line(line)
        self.variants.setdefault(variant.id, variant)
        self.dropped.discard(variant.id)

    def _take_made(self, line: dict[str, Any]) -> None:
        made = Made.from_line(line)
        if made.video is not None:
            restored(made.video, self.path, embed_limit=0)  # a damaged record is left out here, not met later
            self.recorded[str(made.video["path"])] = made
        earlier = self.made.get(made.variant)
        # A failure does not hide a video.
        if earlier is None or made.video is not None or earlier.video is None:
            self.made[made.variant] = made

    def _take_vote(self, line: dict[str, Any]) -> None:
        vote = Vote.from_line(line)
        if vote.left == vote.right:
            raise ValueError("both sides are the same")
        if vote.id not in self._undone:
            self.votes[vote.id] = vote

    def _take_undo(self, line: dict[str, Any]) -> None:
        self._undone.add(str(line["id"]))
        self.votes.pop(str(line["id"]), None)

    def _take_rating(self, line: dict[str, Any]) -> None:
        rating = Rating.from_line(line)
        key = (rating.rater, rating.variant)
        self.ratings[key] = self.ratings.get(key, Rating(rating.variant, rater=rating.rater)).updated(rating)

    def _take_flag(self, line: dict[str, Any]) -> None:
        flag = Flag.from_line(line)
        self.flags.setdefault(flag.variant, {})[flag.name] = flag

    def _take_judgement(self, line: dict[str, Any]) -> None:
        judgement = Judgement.from_line(line)
        self.judgements[judgement.id] = judgement


def _damaged(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"{path} is damaged: {reason}. The variants and votes beside it are not; restore the file from a copy, or move "
        "it away and open the lab anew with the same narration."
    )
