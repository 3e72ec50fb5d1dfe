"""Flags: what a person may want to know about a video before looking at it, found without a model.

A flag is a warning with a figure, such as "frozen for 3.0 s"; it says nothing about how good a video is. A video in
order has none. The constants here say from when on something deserves a warning, and why; `lab/checks.py` and
`lab/flashes.py` measure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..media.probe import SHORTFALL, video_length
from ..media.survey import LEVEL_SECONDS, Floats, FrameSurvey, SoundSurvey
from ..models import Cue, SubtitleLook
from .checks import CaptionContrast, Cuts, Flicker, Sharpness, Stills
from .flashes import FlashCounter
from .records import Flag

__all__ = ["VERSION", "find_flags"]

VERSION = 1
"""The version of the checks. It grows when the same video may get other flags."""

FROZEN_SECONDS = 2.0
"""Even a calm shot has grain, breath or a moving camera; FFmpeg's `freezedetect` has the same default."""

BLACK_SECONDS = 0.8
"""Fades to black and back, between shots and at the ends, are shorter."""

FLICKER_A_SECOND = 5
"""Light that follows speech changes up to four times a second, which is the pace of syllables."""

EDGE_PIXELS = 3.0
"""The width of edges in frames of at most 640 pixels: one or two in focus, 2.6 if blown up from a third."""

CUT_WINDOW, MOST_CUTS = 5.0, 4
"""Seconds, and cuts in them. A cut a second, for five seconds, is a trailer's pace, not a narration's."""

SILENCE_LEVEL = -50.0
"""In dB of full scale. A finished narration has about -16 dB, and the noise of a quiet room is what remains at -50."""

SILENT_SECONDS = 5.0
"""A speaker's pause is shorter, and so is the end of a video after the last word."""

UNHEARD_SECONDS = 1.0
"""Captions without a sound. One short caption may stand for a sign or a gesture."""

CHARACTERS_A_SECOND = 25.0
"""Guides for subtitles allow 17 to 20, and captions that follow fast clear speech reach 22. Wide letters, such as those
of Chinese and Japanese, count as two."""

LEAST_CONTRAST, LOW_CONTRAST_SECONDS = 3.0, 1.0
"""The contrast ratio that WCAG 2.2 asks of large letters (success criterion 1.4.3), and seconds below it; a flash of
light is shorter."""

_SHORTEST_CAPTION = 12  # characters: a word or two are taken in at a glance


def find_flags(
    video: str | Path,
    *,
    variant: str = "",
    cues: Sequence[Cue] = (),
    look: SubtitleLook = SubtitleLook.BOX,
    burnt: bool = False,
    canceled: Callable[[], bool] = lambda: False,
) -> tuple[Flag, ...]:
    """Decode a video once and return what deserves a warning; none for a video in order.

    Memory is flat in the length of the video, apart from 80 bytes for each second of sound. A minute of 640x360 takes
    about two seconds of CPU time; call it in a thread.

    Args:
        video: The video, upright.
        variant: The id of the variant that the flags belong to.
        cues: The captions; without them, neither their pace nor their contrast is looked at.
        look: How captions are drawn; soft captions have a box in most players.
        burnt: The captions are part of the frames. What is under them is then not looked at for stills and blur.
        canceled: Returns True to stop; called before each packet.

    Raises:
        MediaError: The file is missing, not a video, or has no frame that can be read.
        JobCanceled: `canceled` returned True.
    """
    path, ordered = Path(video), sorted(cues, key=lambda cue: (cue.start, cue.end))
    frames = FrameSurvey(path, canceled=canceled)
    seen = _Seen.new(ordered, look, burnt)
    for frame in frames:
        seen.stills.add(frame)
        seen.flashes.add(frame.time, frame.light)
        seen.flicker.add(frame)
        seen.cuts.add(frame)
        seen.sharpness.add(frame)
        seen.contrast.add(frame)
    sound = SoundSurvey(path, canceled=canceled)
    levels = np.concatenate([np.empty(0, np.float32), *sound])
    # A player keeps the last frame while the sound goes on.
    seen.stills.finish(max(frames.end, len(levels) * LEVEL_SECONDS))
    found = [
        *(_sound_flags(levels, ordered) if sound.present else [("no_sound", 0.0, "no sound track")]),
        *seen.flags(),
        *_pace_flags(ordered),
        *_damage_flags(video_length(path).missing, frames.damaged + sound.damaged),
    ]
    return tuple(Flag(variant, name, value, text, VERSION) for name, value, text in found)


_Found = tuple[str, float, str]
"""The name of a check, the measured value, and words."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The checks of the frames."""

    stills: Stills
    flashes: FlashCounter
    flicker: Flicker
    cuts: Cuts
    sharpness: Sharpness
    contrast: CaptionContrast

    @classmethod
    def new(cls, cues: Sequence[Cue], look: SubtitleLook, burnt: bool) -> _Seen:
        return cls(
            Stills(burnt=burnt),
            FlashCounter(),
            Flicker(),
            Cuts(CUT_WINDOW),
            Sharpness(burnt=burnt),
            CaptionContrast(cues, look, LEAST_CONTRAST),
        )

    def flags(self) -> Iterator[_Found]:
        """Yield what is beyond its threshold."""
        frozen, black, edge = self.stills.frozen, self.stills.black, self.sharpness.edge
        if frozen >= FROZEN_SECONDS:
            yield "frozen", frozen, f"frozen for {frozen:.1f} s"
        if black >= BLACK_SECONDS:
            yield "black", black, f"black for {black:.1f} s"
        if self.flashes.general:
            yield "flashes", self.flashes.general, f"{self.flashes.general} flashes a second"
        if self.flashes.red:
            yield "red_flashes", self.flashes.red, f"{self.flashes.red} red flashes a second"
        if self.flicker.most >= FLICKER_A_SECOND:
            yield "flicker", self.flicker.most, f"flickers {self.flicker.most} times a second"
        if edge >= EDGE_PIXELS:
            yield "blur", edge, f"blurred: the sharpest edges are {edge:.1f} px wide"
        if self.cuts.most > MOST_CUTS:
            yield "cuts", self.cuts.most, f"{self.cuts.most} cuts in {CUT_WINDOW:.0f} s"
        if self.contrast.seconds >= LOW_CONTRAST_SECONDS:
            ratio = self.contrast.lowest
            yield "caption_contrast", ratio, f"captions hard to read: contrast down to {ratio:.1f} : 1"


def _sound_flags(levels: Floats, cues: Sequence[Cue]) -> Iterator[_Found]:
    silent = levels < SILENCE_LEVEL
    if silent.all():
        yield "silent", len(levels) * LEVEL_SECONDS, "no sound is heard"
        return
    unheard = [cue for cue in cues if silent[_places(cue)].all()]
    seconds = sum(cue.end - cue.start for cue in unheard)
    if seconds >= UNHEARD_SECONDS:
        text = f"no sound during {len(unheard)} of {len(cues)} captions ({seconds:.1f} s)"
        yield "silent", seconds, text
        return
    longest = _longest(silent) * LEVEL_SECONDS
    if longest >= SILENT_SECONDS:
        yield "silent", longest, f"silent for {longest:.1f} s"


def _places(cue: Cue) -> slice:
    """Return the levels during a caption."""
    first = int(max(0.0, cue.start) / LEVEL_SECONDS)
    return slice(first, max(first + 1, round(cue.end / LEVEL_SECONDS)))


def _longest(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _pace_flags(cues: Sequence[Cue]) -> Iterator[_Found]:
    long = [cue for cue in cues if _letters(cue.text) >= _SHORTEST_CAPTION and cue.end > cue.start]
    fastest = max((_letters(cue.text) / (cue.end - cue.start) for cue in long), default=0.0)
    if fastest > CHARACTERS_A_SECOND:
        yield "caption_pace", fastest, f"captions too fast: {fastest:.0f} characters a second"


def _letters(text: str) -> int:
    """Return the number of characters of a text with its spaces; wide ones count as two."""
    joined = " ".join(text.split())
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in joined)


def _damage_flags(missing: float, damaged: int) -> Iterator[_Found]:
    if missing >= SHORTFALL:
        yield "damaged", missing, f"damaged: the video ends {missing:.1f} s early"
    elif damaged:
        parts = "a part" if damaged == 1 else f"{damaged} parts"
        yield "damaged", damaged, f"damaged: {parts} could not be decoded"
