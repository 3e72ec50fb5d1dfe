"""Output in a terminal or a file, and a finished video as text, as JSON and as an HTML page."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..errors import printable

if TYPE_CHECKING:
    from ..result import GeneratedVideo

__all__ = ["as_json", "as_text", "is_closed_pipe", "show", "silence", "writable", "write_page"]


def is_closed_pipe(error: OSError) -> bool:
    """Return True if an error means that the reader of a pipe, such as `head`, has gone."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def silence(stream: TextIO) -> None:
    """Send to nowhere what is written to a standard stream from now on, if its reader has gone."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def show(text: object, *, to: TextIO | None = None) -> None:
    """Print a text as one that `writable` returns.

    Args:
        text: The text; it may quote a server.
        to: The stream; None for standard output.
    """
    stream = sys.stdout if to is None else to
    stream.write(writable(f"{text}\n", stream))
    stream.flush()


def writable(text: str, stream: TextIO) -> str:
    """Return a text without control characters, and with escapes for what the stream's encoding does not have."""
    encoding = stream.encoding or "utf-8"  # an encoding of an old Windows has few characters
    return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def as_text(video: GeneratedVideo, *, told: Sequence[str] = ()) -> str:
    """Return the warnings and, as the last line, the path of the video.

    Args:
        video: The video.
        told: Warnings that a progress bar has printed already; they are left out.
    """
    untold = (f"warning: {warning}" for warning in video.warnings if warning not in told)
    return printable("\n".join([*untold, str(video.path)]))


def as_json(video: GeneratedVideo, **more: str) -> str:
    """Return the facts about a video as a JSON object.

    Args:
        video: The video.
        **more: Further members.
    """
    provenance = video.provenance
    facts = {
        "path": str(video.path),
        "captions": str(video.captions) if video.captions else None,
        "poster": str(video.poster) if video.poster else None,
        "duration": round(video.duration, 3),
        "width": video.width,
        "height": video.height,
        "size": video.size,
        "subtitle_mode": video.subtitle_mode.value,
        "provider": provenance.provider,
        "model": provenance.model,
        "job_id": provenance.job_id,
        "usd": provenance.usd,
        "declined": dict(provenance.declined),
        "config": repr(provenance.config),
        "warnings": list(video.warnings),
        **more,
    }
    # The escapes of JSON, not those of `writable`, which JSON does not have.
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return json.dumps(facts, indent=2, ensure_ascii=encoding != "utf8")


def write_page(video: GeneratedVideo) -> Path:
    """Write an HTML page that plays the video, beside it, and return its path."""
    from ..inline import video_page

    page = video.path.with_suffix(".html")
    page.write_text(video_page(video), encoding="utf-8", newline="\n")
    return page
