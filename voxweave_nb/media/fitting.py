"""Fitting a shot to its frames: FFmpeg's inputs and filters that make exactly so many frames of a clip or an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import MediaError
from .ffmpeg import INPUT_OPTIONS, find_ffmpeg
from .form import Form
from .grade import Colors, measure_colors
from .poster import write_png
from .probe import SHORTFALL, VideoStream, probe_shown, video_length
from .stills import open_image, plan_move

__all__ = ["SLOWEST", "SLOWEST_OWN", "Fitted", "Shot", "fit_shot"]

SLOWEST = 1.08
"""The most that a generated clip is slowed down to fill its shot; nobody notices it."""

SLOWEST_OWN = 1.25
"""The most that a person's own clip is slowed down; a clip of 24 frames per second then shows 19."""

_HELD = 2  # frames; so short a stop at a cut is not seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot of a film.

    Attributes:
        source: A video, or an image if `still` is True.
        frames: The number of frames that it fills, at least 1.
        begin: Where in the video it begins, in seconds.
        end: Where in the video it ends at the latest, in seconds; None for the video's end.
        still: True for an image, which is shown with a calm move.
        move: The kind of move of an image: any number; shots that follow each other should have different ones.
        slowest: The most that a video is slowed down to fill the frames, from 1; a shorter one is repeated.
        colors: The colours that the shot is matched to, or None.
        dissolve: The number of frames over which the shot before dissolves into this one; 0 for a cut.
        name: What warnings call it, such as `"Scene 4"`.
    """

    source: Path
    frames: int
    begin: float = 0.0
    end: float | None = None
    still: bool = False
    move: int = 0
    slowest: float = SLOWEST
    colors: Colors | None = None
    dissolve: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A shot that is ready to be encoded.

    Attributes:
        source: The file that FFmpeg reads.
        fps: Frames per second of the form.
        options: FFmpeg's options before that file.
        rate: The filters that make the frames, at the form's rate.
        look: The filters that bring each frame to the form.
        warnings: Differences from what was asked, in sentences.
    """

    source: Path
    fps: int
    options: tuple[str, ...]
    rate: tuple[str, ...]
    look: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def chain(self, first: int, last: int) -> str:
        """Return the filters for the frames from `first` up to, but without, `last`."""
        # Scaling comes last: frames that are not in the span need none.
        span = (f"trim=start_frame={first}:end_frame={last}", "setpts=PTS-STARTPTS", f"fps={self.fps}")
        return ",".join((*self.rate, *span, *self.look))


def fit_shot(shot: Shot, form: Form, work: Path, *, handles: int = 0) -> Fitted:
    """Find out how a shot fills its frames.

    Args:
        shot: The shot.
        form: The form that it is brought to.
        work: A private folder.
        handles: Frames beyond its own that it shows while it dissolves.

    Raises:
        MediaError: The source is not a video, or not an image, or it is empty.
    """
    if shot.frames < 1:
        raise MediaError(
            f"{_name(shot)} has no frames: it is shorter than one frame. Merge it with the next one."
        )
    return _fit_still(shot, form, work, handles) if shot.still else _fit_clip(shot, form, handles)


def _fit_clip(shot: Shot, form: Form, handles: int) -> Fitted:
    stream = probe_shown(shot.source).video
    length = video_length(shot.source)
    if stream is None or not stream.width:
        raise MediaError(f"{shot.source.name} has no video stream; a video file was expected.")
    end = length.seconds if shot.end is None else min(shot.end, length.seconds)
    left = (end - shot.begin) * form.fps  # in frames of the film
    if left < 0.5:
        raise MediaError(
            f"{shot.source.name} ends at {length.seconds:.1f} s, before {_name(shot)} begins in it."
        )
    frames = shot.frames + handles
    slow, repeats = _pace(frames, left, handles + _HELD, shot.slowest)
    warnings = tuple(_clip_warnings(shot, form, length.missing, stream, left, repeats))
    options = ["-fflags", "+discardcorrupt", *(["-stream_loop", "-1"] if repeats else [])]
    if shot.begin:
        # A quarter of a frame before, so that rounding does not lose the first one.
        options += ["-ss", f"{max(0.0, shot.begin - _early(form)):.6f}"]
    if shot.end is not None:
        # Likewise, so that the frame at the end is not shown.
        options += ["-t", f"{end - shot.begin - (0 if shot.begin else _early(form)):.6f}"]
    pace = f"setpts={slow:.6f}*(PTS-STARTPTS)" if slow > 1 else "setpts=PTS-STARTPTS"
    rate = (pace, f"fps={form.fps}", f"tpad=stop_mode=clone:stop={frames}", f"trim=end_frame={frames}")
    look = (*form.filters(stream), *_grade(shot, form))
    return Fitted(shot.source, form.fps, (*INPUT_OPTIONS, *options), rate, look, warnings)


def _early(form: Form) -> float:
    return 0.25 / form.fps


def _pace(frames: int, left: float, held: int, slowest: float) -> tuple[float, bool]:
    """Return by how much a clip of `left` frames is slowed down, and True if it is repeated instead."""
    if left + _HELD >= frames:
        return 1.0, False
    if frames / left <= slowest:
        return frames / left, False
    # While it dissolves, a clip that has ended may stand still.
    if (frames - held) / left <= slowest:
        return max(1.0, (frames - held) / left), False
    return 1.0, True


def _clip_warnings(
    shot: Shot, form: Form, missing: float, stream: VideoStream, left: float, repeats: bool
) -> list[str]:
    found = []
    if missing > SHORTFALL:
        found.append(
            f"{_name(shot)}: the clip was cut off; its file holds only {left / form.fps:.1f} s of it."
        )
    if repeats:
        found.append(
            f"{_name(shot)}: a clip of {left / form.fps:.1f} s is repeated to fill {shot.frames / form.fps:.1f} s."
        )
    if stream.implausible:
        found.append(
            f"{_name(shot)}: the clip's header declares pixels of an implausible shape; they are shown as squares."
        )
    return found


def _fit_still(shot: Shot, form: Form, work: Path, handles: int) -> Fitted:
    pixels = open_image(shot.source)
    height, width = pixels.shape[:2]
    frames = shot.frames + handles
    prepared = work / f"still-{abs(hash(shot.source)):x}.png"
    write_png(pixels, prepared)
    move = plan_move((width, height), form.size, frames / form.fps, shot.move)
    warnings = []
    enlarged = form.size[0] / min(move.first.width, move.last.width)
    if enlarged > 2:
        warnings.append(
            f"{_name(shot)}: the image of {width}x{height} is enlarged {enlarged:.1f} times and will look soft."
        )
    still = "perspective" not in find_ffmpeg().filters
    if still:
        move = replace(move, last=move.first)
        warnings.append(
            f"{_name(shot)}: the image does not move; the FFmpeg here has no filter `perspective`."
        )
    rate = tuple(move.filters(form.size, frames, form.fps, still=still))
    look = ("setsar=1", "format=yuv420p")
    options = ("-protocol_whitelist", "file", "-f", "png_pipe", "-framerate", str(form.fps))
    return Fitted(prepared, form.fps, options, rate, look, tuple(warnings))


def _grade(shot: Shot, form: Form) -> Sequence[str]:
    if shot.colors is None or shot.still:
        return ()
    end = shot.begin + shot.frames / form.fps
    return (measure_colors(shot.source, begin=shot.begin, end=end).grade_to(shot.colors).filter,)


def _name(shot: Shot) -> str:
    return shot.name or shot.source.name
