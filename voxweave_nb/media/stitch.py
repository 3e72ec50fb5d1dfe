"""Stitching: each shot of a film is brought to one form once, then all are joined by stream copy.

A shot has a number of frames, not a length: cuts are rounded from the time since the film's beginning
(`frames_between`), so that they never drift. Each part is kept in a cache by its content: after one shot has changed,
only this one is encoded. Where a shot dissolves into the next, only the frames that overlap are a part of their own.

    made = await stitch([Shot(source=clip, frames=192), ...], Form((1280, 720), 24), cache=folder, work=work)
    await assemble(made, narration, cues, ...)
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import MediaError
from .decode import open_media, whole_packets
from .ffmpeg import find_ffmpeg
from .fitting import SLOWEST, SLOWEST_OWN, Fitted, Shot, fit_shot
from .form import Form
from .probe import VideoStream
from .running import run_ffmpeg

__all__ = [
    "SLOWEST",
    "SLOWEST_OWN",
    "Part",
    "Shot",
    "Stitched",
    "count_frames",
    "frames_between",
    "link_file",
    "link_parts",
    "stitch",
]

_MOST_BYTES = 4_000_000_000  # of a cache
_UNUSED_SECONDS = 24 * 3600.0  # another kernel may be reading what is newer


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the canonical form.

    Attributes:
        path: The file, in the cache.
        frames: The number of frames in it.
        shots: The numbers of the shots that it shows, from 0: one, or two for a dissolve.
    """

    path: Path
    frames: int
    shots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stitched:
    """The parts of a film, ready to be joined by stream copy.

    Attributes:
        parts: The parts in their order.
        form: The form of all of them.
        warnings: Differences from what was asked, in sentences.
        encoded: The number of parts that were not in the cache.
    """

    parts: tuple[Part, ...]
    form: Form
    warnings: tuple[str, ...] = ()
    encoded: int = 0

    @property
    def frames(self) -> int:
        """The number of frames of the film."""
        return sum(part.frames for part in self.parts)

    @property
    def duration(self) -> float:
        """The length of the film in seconds."""
        return self.frames / self.form.fps

    @property
    def stream(self) -> VideoStream:
        """The video stream that the parts will be joined to."""
        codec = "h264" if "libx264" in self.form.encoder else "vp9"
        width, height = self.form.size
        return VideoStream(codec, width, height, float(self.form.fps), "yuv420p", "bt709", self.duration)


@dataclass(frozen=True, slots=True)
class _Job:
    """A part to encode: a span of frames of one fitted shot, or of two that dissolve."""

    shots: tuple[int, ...]
    fitted: tuple[Fitted, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> int:
        return self.spans[0][1] - self.spans[0][0]

    def args(self, form: Form) -> list[str]:
        """Return FFmpeg's arguments, which name the sources `shot-0` and `shot-1`; they are the part's key, too."""
        inputs = [
            word
            for number, fitted in enumerate(self.fitted)
            for word in (*fitted.options, "-i", f"file:shot-{number}")
        ]
        chains = [
            f"[{number}:v:0]{fitted.chain(*span)}"
            for number, (fitted, span) in enumerate(zip(self.fitted, self.spans, strict=True))
        ]
        if len(chains) == 1:
            graph = f"{chains[0]}[out]"
        else:
            base = f"settb=1/{form.fps}"
            blend = f"xfade=transition=fade:duration={self.frames / form.fps:.6f}:offset=0"
            pad = f"tpad=stop_mode=clone:stop={self.frames},trim=end_frame={self.frames},format=yuv420p"
            graph = f"{chains[0]},{base}[a];{chains[1]},{base}[b];[a][b]{blend},{pad}[out]"
        output = ["-map", "[out]", "-an", "-sn", "-dn", "-map_metadata", "-1", "-frames:v", str(self.frames)]
        return [*inputs, "-filter_complex", graph, *output, *form.part]


def frames_between(start: float, end: float, fps: int) -> int:
    """Return the number of frames from one time to another, each rounded from the beginning of the film.

    The sum over scenes that follow each other is exact, and no cut is more than half a frame from its time.

    Args:
        start: Seconds from the beginning of the film.
        end: Likewise.
        fps: Frames per second.
    """
    return round(end * fps) - round(start * fps)


async def stitch(
    shots: Sequence[Shot],
    form: Form,
    *,
    cache: Path,
    work: Path,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Stitched:
    """Bring the shots of a film to one form; what is in the cache already is not encoded again.

    Args:
        shots: The shots in their order.
        form: The form.
        cache: A folder that keeps the parts; it is made if it is missing.
        work: A private folder.
        on_progress: Called with a fraction from 0 to 1.

    Raises:
        MediaError: A source is not a video or an image, is empty, or a part is not as requested.
        FFmpegMissing: No FFmpeg was found.
        FFmpegFailed: FFmpeg ended with an error.
    """
    if not shots:
        raise MediaError("A film needs at least one shot.")
    jobs, warnings = await asyncio.to_thread(_plan, shots, form, work)
    shas = await asyncio.to_thread(_shas, jobs)
    await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
    parts, encoded, done, total = list[Part](), 0, 0, sum(job.frames for job in jobs)
    for job in jobs:
        before, share = done / total, job.frames / total
        path = cache / f"{_key(job, form, shas)}.mp4"
        if not await asyncio.to_thread(_is_whole, path, job.frames):
            await _encode(
                job,
                form,
                path,
                work,
                lambda part, b=before, s=share: on_progress(b + s * part),  # type: ignore[misc]
            )
            encoded += 1
        parts.append(Part(path, job.frames, job.shots))
        done += job.frames
        on_progress(done / total)
    await asyncio.to_thread(_trim_cache, cache, {part.path for part in parts})
    return Stitched(tuple(parts), form, warnings, encoded)


def link_parts(stitched: Stitched, to: Path) -> None:
    """Write the list of a film's parts for FFmpeg's concat demuxer; the parts are linked beside it.

    Args:
        stitched: The parts.
        to: The list's file, in a private folder.
    """
    lines, fps, done = ["ffconcat version 1.0"], stitched.form.fps, 0
    for number, part in enumerate(stitched.parts):
        link = to.with_name(f"part-{number:04}.mp4")
        link_file(part.path, link)
        # The length of a part is said from the beginning of the film: lengths that are rounded would add up.
        begin, done = done, done + part.frames
        lines += [f"file {link.name}", f"duration {round(done / fps, 6) - round(begin / fps, 6):.6f}"]
    to.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def link_file(source: Path, target: Path) -> None:
    """Link a file into a private folder, or copy it where links are not possible."""
    if target.exists() and source.samefile(target):
        return
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError, NotImplementedError):
        target.symlink_to(source.resolve())
        return
    shutil.copyfile(source, target)


def _plan(shots: Sequence[Shot], form: Form, work: Path) -> tuple[list[_Job], tuple[str, ...]]:
    """Return the parts to encode, and the warnings about their shots."""
    turns = _turns(shots)
    after = [*turns[1:], 0]
    # A dissolve lies half before and half after its boundary, so that the film stays as long as its scenes.
    extra = [turn // 2 + later - later // 2 for turn, later in zip(turns, after, strict=True)]
    fitted = [fit_shot(shot, form, work, handles=more) for shot, more in zip(shots, extra, strict=True)]
    jobs = list[_Job]()
    for number, shot in enumerate(shots):
        length, turn = shot.frames + extra[number], turns[number]
        if turn:
            end = shots[number - 1].frames + extra[number - 1]
            pair = (fitted[number - 1], fitted[number])
            jobs.append(_Job((number - 1, number), pair, ((end - turn, end), (0, turn))))
        jobs.append(_Job((number,), (fitted[number],), ((turn, length - after[number]),)))
    return jobs, tuple(warning for one in fitted for warning in one.warnings)


def _turns(shots: Sequence[Shot]) -> list[int]:
    """Return the frames of the dissolve before each shot: as asked, at most half of either shot, 0 for the first."""
    pairs = itertools.pairwise(shots)
    return [0, *(min(new.dissolve, old.frames // 2, new.frames // 2) for old, new in pairs)]


def _shas(jobs: Sequence[_Job]) -> dict[Path, str]:
    found = dict[Path, str]()
    for source in {fitted.source for job in jobs for fitted in job.fitted}:
        with source.open("rb") as file:
            found[source] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _key(job: _Job, form: Form, shas: dict[Path, str]) -> str:
    """Return the part's name in the cache: a hash of all that decides its bytes."""
    said = [find_ffmpeg().version, *job.args(form), *(shas[fitted.source] for fitted in job.fitted)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:40]


def _is_whole(path: Path, frames: int) -> bool:
    """Return True if a part is in the cache with all its frames, and note that it was used."""
    if not path.exists() or count_frames(path) != frames:
        return False
    with contextlib.suppress(OSError):  # a cache that can only be read still serves
        os.utime(path)
    return True


def count_frames(path: Path) -> int:
    """Return the number of frames in a file, decoding none."""
    try:
        with open_media(path) as container:
            return sum(1 for _ in whole_packets(container, *container.streams.video[:1]))
    except MediaError:
        return 0


async def _encode(job: _Job, form: Form, to: Path, work: Path, on_progress: Callable[[float], None]) -> None:
    """Encode a part and move it into the cache once it is complete."""
    for number, fitted in enumerate(job.fitted):
        await asyncio.to_thread(link_file, fitted.source, work / f"shot-{number}")
    made = work / "part.mp4"
    await run_ffmpeg(
        [*job.args(form), f"file:{made.name}"],
        cwd=work,
        timeout=300 + 60 * job.frames / form.fps,
        seconds=job.frames / form.fps,
        on_progress=on_progress,
    )
    found = await asyncio.to_thread(count_frames, made)
    if found != job.frames:
        raise MediaError(f"A part has {found} frames and should have {job.frames}. Please report this.")
    await asyncio.to_thread(_keep, made, to)


def _keep(made: Path, to: Path) -> None:
    """Move a file into the cache, which may be on another file system; it never has its name before it is whole."""
    try:
        made.replace(to)
    except OSError:
        handle, partial = tempfile.mkstemp(prefix=".partial-", dir=to.parent)
        os.close(handle)
        try:
            shutil.copyfile(made, partial)
            Path(partial).replace(to)
        finally:
            Path(partial).unlink(missing_ok=True)
        made.unlink(missing_ok=True)


def _trim_cache(cache: Path, used: set[Path]) -> None:
    """Delete the parts that were not used for longest, until the rest is below the limit."""
    files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in cache.glob("*.mp4"))
    total = sum(size for _, size, _ in files)
    for at, size, path in files:
        if total <= _MOST_BYTES or time.time() - at < _UNUSED_SECONDS:
            return
        if path not in used:
            with contextlib.suppress(OSError):  # open in another process
                path.unlink()
                total -= size
