"""What a lab's videos folder could do without: the videos of dropped variants, and files that nothing refers to.

A file is removed only if the lab or the journal has a record that it was made here, if it is an ordinary file in the
lab's own videos folder, and if no variant of the lab refers to it. The journal's runs, and what they cost, stay.
"""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from ..journal import Run, RunState
from ..models import dollars
from ..renditions import renditions_of
from .folder import LabFolder
from .records import Variant
from .report import table_html
from .videos import stored_files

__all__ = ["Prunable", "Pruning", "remove", "to_prune"]

# Another kernel records a video some seconds after its run has finished, once it was checked.
_SETTLED = 600.0


@dataclass(frozen=True, slots=True)
class Prunable:
    """A video that could be removed, with the files beside it.

    Attributes:
        files: The files, the video last: what is left after a crash is found again.
        size: Their size in bytes.
        usd: The price of the video in US dollars, 0 if it was free, or None if unknown.
        why: `"dropped"` for a dropped variant's newest video, `"orphan"` for any other one.
        variant: The id of the variant that it was made for, or empty.
    """

    files: tuple[Path, ...]
    size: int
    usd: float | None
    why: str
    variant: str = ""

    def __str__(self) -> str:
        price = "unknown price" if self.usd is None else dollars(self.usd) if self.usd else "free"
        return f"{self.files[-1].name} ({self.why}, {_size(self.size)}, {price})"


class Pruning(Sequence[Prunable]):
    """What could be removed, or was; a notebook shows it as a table.

    Args:
        videos: The videos.
        removed: They were removed.
        notes: Sentences about what was left alone.
    """

    def __init__(
        self, videos: Sequence[Prunable], *, removed: bool = False, notes: Sequence[str] = ()
    ) -> None:
        self._videos, self.removed, self.notes = tuple(videos), removed, tuple(notes)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self._videos)

    @property
    def usd(self) -> float:
        """The price of all videos in US dollars, as far as it is known: making them anew costs it once more."""
        return sum(each.usd or 0.0 for each in self._videos)

    @overload
    def __getitem__(self, index: int) -> Prunable: ...

    @overload
    def __getitem__(self, index: slice) -> Pruning: ...

    def __getitem__(self, index: int | slice) -> Prunable | Pruning:
        if isinstance(index, slice):
            return Pruning(self._videos[index], removed=self.removed, notes=self.notes)
        return self._videos[index]

    def __len__(self) -> int:
        return len(self._videos)

    def __str__(self) -> str:
        return "\n".join([self._title, *(f"  {each}" for each in self), *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = [
            [
                each.files[-1].name,
                each.variant,
                each.why,
                str(len(each.files)),
                _size(each.size),
                "unknown" if each.usd is None else f"{each.usd:.2f}" if each.usd else "free",
            ]
            for each in self
        ]
        return table_html(self._title, ["video", "variant", "why", "files", "size", "US $"], rows, self.notes)

    @property
    def _title(self) -> str:
        if not self._videos:
            return "Nothing was removed." if self.removed else "Nothing to remove."
        count = f"{len(self)} video{'s' * (len(self) != 1)} with {_size(self.size)}"
        paid = f", which cost {dollars(self.usd)}" if self.usd else ""
        if self.removed:
            return f"Removed {count}{paid}."
        return f"{count}{paid} could be removed. Nothing is removed before prune(sure=True)."


def to_prune(folder: LabFolder, runs: Sequence[Run], *, running: Iterable[str] = ()) -> Pruning:
    """Return what could be removed; nothing is.

    Args:
        folder: The lab's folder.
        runs: The runs of its group in the journal.
        running: The ids of variants that this kernel is making.
    """
    folder.refresh()
    if folder.videos.is_symlink():
        return Pruning(
            [], notes=[f"{folder.videos} is a link to another folder, in which nothing is removed."]
        )
    kept = [each for key, each in folder.variants.items() if key not in folder.dropped]
    busy = {*running, *_being_made(folder, runs)}
    needed = [*kept, *(folder.variants[each] for each in busy & folder.dropped)]
    used = _used(folder, [each.id for each in needed])
    found: list[Prunable] = []
    for record in _records(folder, runs, needed):
        files = [each for each in _files(record.paths) if each not in used and _is_ours(each, folder.videos)]
        used |= set(files)
        if files:
            size = sum(each.lstat().st_size for each in files)
            found.append(Prunable((*files[1:], files[0]), size, record.usd, record.why, record.variant))
    waiting = len(busy & folder.dropped)
    left = (
        f"{waiting} dropped variant{'s are' if waiting != 1 else ' is'} being made: nothing of it is removed."
    )
    return Pruning(found, notes=[left] if waiting else [])


def remove(pruning: Pruning) -> Pruning:
    """Remove the files; return what is gone, with a sentence for each file that could not be removed."""
    gone, problems = [], list(pruning.notes)
    for each in pruning:
        failed = [problem for path in each.files if (problem := _remove(path))]
        problems += failed
        if not failed:
            gone.append(each)
    return Pruning(gone, removed=True, notes=problems)


def _remove(path: Path) -> str:
    """Remove a file; return why it cannot be, or an empty text."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return f"{path.name} could not be removed: {error.strerror or error}."
    return ""


@dataclass(frozen=True, slots=True)
class _Record:
    """A video that was made here once: its files, the video first."""

    paths: tuple[Path, ...]
    variant: str
    usd: float | None
    why: str


def _records(folder: LabFolder, runs: Sequence[Run], needed: Sequence[Variant]) -> Iterator[_Record]:
    """Yield every video with a record that it was made here, whoever uses it."""
    for made in folder.recorded.values():
        assert made.video is not None  # only videos are recorded
        newest = folder.made.get(made.variant) is made and made.variant in folder.dropped
        paths = tuple(folder.path / path for path in stored_files(made.video))
        yield _Record(paths, made.variant, made.usd, "dropped" if newest else "orphan")
    wanted = {_content(each.options, each.source.narration) for each in needed}
    for run in runs:
        # A finished video of a needed variant that was not recorded: a run of the lab takes it.
        if run.result.get("path") and _content(run.config.as_dict(), run.narration_sha) not in wanted:
            yield _Record(tuple(map(Path, stored_files(run.result))), "", run.usd, "orphan")


def _being_made(folder: LabFolder, runs: Sequence[Run]) -> set[str]:
    """Return the ids of variants that a living process makes, or has made a moment ago."""
    recent = time.time() - _SETTLED
    recorded = {made.run for made in folder.recorded.values()}
    active = {
        _content(run.config.as_dict(), run.narration_sha)
        for run in runs
        if run.held
        or run.lapses_in is not None
        or (run.state is RunState.FINISHED and run.updated > recent and run.id not in recorded)
    }
    return {
        each.id
        for each in folder.variants.values()
        if _content(each.options, each.source.narration) in active
    }


def _content(options: Mapping[str, Any], narration: str) -> str:
    image = options.get("image")
    if isinstance(image, Mapping):  # a run names its own copy
        options = {**options, "image": image.get("sha256")}
    return json.dumps([dict(options), narration], sort_keys=True, default=str)


def _used(folder: LabFolder, variants: Iterable[str]) -> set[Path]:
    """Return all files of the newest videos of some variants."""
    made = [folder.made[each] for each in variants if each in folder.made]
    return {
        file
        for each in made
        if each.video is not None
        for file in _files(tuple(folder.path / path for path in stored_files(each.video)))
    }


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return a video's files, with those beside it that have no record of their own: subtitles and renditions."""
    video, *others = [path.parent.resolve() / path.name for path in paths]
    return list(dict.fromkeys([video, *others, video.with_suffix(".srt"), *renditions_of(video)]))


def _is_ours(path: Path, videos: Path) -> bool:
    """Return whether a path is an ordinary file directly in the videos folder, which no link leads out of."""
    try:
        return path.parent == videos.resolve() and stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"
