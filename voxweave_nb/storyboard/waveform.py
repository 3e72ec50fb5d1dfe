"""The waveform of a board's narration, decoded once and kept in the board."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .folder import BoardFolder

__all__ = ["peaks_of"]

_PEAKS = 1000


def peaks_of(folder: BoardFolder, narration: Path, sha: str) -> list[int]:
    """Return about a thousand peaks of a narration, 0 to 100.

    Args:
        folder: The board's folder.
        narration: The narration's file.
        sha: The SHA-256 that it had when the board was made.

    Raises:
        NarrationError: It cannot be decoded.
    """
    kept = folder.path / "cache" / f"peaks-{sha[:16]}.json"
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(kept.read_text(encoding="utf-8"))
        if isinstance(found, list) and found and all(isinstance(each, int) for each in found):
            return found
    from ..media.peaks import shape_of

    peaks = list(shape_of(narration, bins=_PEAKS).peaks)
    with contextlib.suppress(OSError):  # decoded anew the next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f".{kept.name}.{os.getpid()}.partial")
        partial.write_text(json.dumps(peaks), encoding="utf-8", newline="\n")
        partial.replace(kept)
    return peaks
