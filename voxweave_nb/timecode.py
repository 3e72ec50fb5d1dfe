"""Times as text: the time stamps of subtitle formats, and the times that a person types or reads.

| written as | example | format with | parse with |
| --- | --- | --- | --- |
| SubRip | `00:01:02,500` | `srt_time` | `parse_time`, `parse_range` |
| WebVTT | `00:01:02.500` | `webvtt_time` | `parse_time`, `parse_range` |
| SubStation Alpha | `0:01:02.50` | `ass_time` | `parse_time` |
| for people | `1:02`, `1:00:02`, `62.5` | `clock` | `parse_time` |

All times are seconds, as floats.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["ass_time", "clock", "parse_range", "parse_time", "srt_time", "webvtt_time"]

# Lenient on purpose: subtitle files in the wild have spaces after colons, and `.`, `;` or `:` for the comma.
_TIME = r"(-)?(?:(\d{1,4}): ?)?(\d{1,3}): ?(\d{1,2})(?:[,.;:] ?(\d{1,9}))?"
_ONE_TIME = re.compile(rf"\s*{_TIME}\s*")
_BARE_SECONDS = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*")
_RANGE = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?", re.DOTALL)
_LOOSE_RANGE = re.compile(rf"\s*{_TIME}\s*(?:[-–—]{{1,3}}\s?(?:>|&gt;)|[→⇒])\s*{_TIME}(?:\s.*)?", re.DOTALL)


def parse_time(text: str) -> float | None:
    """Parse one time: `1:02`, `1:02.5`, `62.5`, or the stamp of any subtitle format.

    Hours and fractions are optional, and a minus sign makes the time negative.

    Returns:
        Seconds, or None if the text is not a time.
    """
    if match := _ONE_TIME.fullmatch(text):
        return _seconds(match.groups())
    bare = _BARE_SECONDS.fullmatch(text)
    return float(bare[1]) if bare else None


def parse_range(line: str, *, loose: bool = False) -> tuple[float, float] | None:
    """Parse the timing line of a cue, such as `00:01.200 --> 00:02.500 align:start`.

    Text after the second time is ignored.

    Args:
        line: One line of a subtitle file.
        loose: Also accept the arrows of damaged files: `->`, `-- >`, `–>`, `→`, `--&gt;`.

    Returns:
        Start and end in seconds, or None if the line is not a timing line.
    """
    match = (_LOOSE_RANGE if loose else _RANGE).fullmatch(line)
    if match is None:
        return None
    groups = match.groups()
    return _seconds(groups[:5]), _seconds(groups[5:])


def _seconds(groups: Sequence[str | None]) -> float:
    """Add up the groups of `_TIME`."""
    minus, hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    # Some programs round 999.6 milliseconds to `,1000`.
    part = 1.0 if fraction == "1000" else float(f"0.{fraction}") if fraction else 0.0
    time = whole + part
    return -time if minus else time


def srt_time(seconds: float) -> str:
    """Format a time for SubRip, `hh:mm:ss,mmm`; a negative time becomes zero."""
    return webvtt_time(seconds).replace(".", ",")


def webvtt_time(seconds: float) -> str:
    """Format a time for WebVTT, `hh:mm:ss.mmm`; a negative time becomes zero."""
    rest, milliseconds = divmod(max(0, round(seconds * 1000)), 1000)
    hours, minutes, rest = _split(rest)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}.{milliseconds:03d}"


def ass_time(seconds: float) -> str:
    """Format a time for SubStation Alpha, `h:mm:ss.cc`; a negative time becomes zero."""
    rest, hundredths = divmod(max(0, round(seconds * 100)), 100)
    hours, minutes, rest = _split(rest)
    return f"{hours}:{minutes:02d}:{rest:02d}.{hundredths:02d}"


def clock(seconds: float) -> str:
    """Format a time for people in whole seconds, rounded down: `1:02`, or `1:00:02` from one hour on."""
    hours, minutes, rest = _split(int(max(0.0, seconds)))
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _split(seconds: int) -> tuple[int, int, int]:
    """Return hours, minutes and seconds."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, rest
