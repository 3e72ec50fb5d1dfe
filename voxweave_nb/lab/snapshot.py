"""A variant as it is now, for a person: its options, its state, its video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config import VideoConfig
from ..result import GeneratedVideo
from .folder import LabFolder
from .records import Flag, Variant
from .videos import restored

__all__ = ["LabVariant", "snapshot"]


@dataclass(frozen=True, slots=True, repr=False)
class LabVariant:
    """One variant as it is now: a snapshot.

    Attributes:
        id: Its id; `lab.rate` and the others take it, or its first characters.
        config: Its options.
        axes: Its choices by axis.
        state: `"made"`, `"running"`, `"to make"`, `"failed"`, `"refused"`, or `"gone"` if its file was removed.
        video: The finished video, or None.
        usd: Its price in US dollars, or None if unknown or not made.
        error: The reason of a failure, or empty.
        flags: What the checks found.
        note: The remark of the person who added it.
    """

    id: str
    config: VideoConfig
    axes: Mapping[str, Any]
    state: str
    video: GeneratedVideo | None
    usd: float | None
    error: str
    flags: tuple[Flag, ...]
    note: str

    def __str__(self) -> str:
        axes = ", ".join(f"{name}={value}" for name, value in self.axes.items())
        return f"{self.id} ({axes or self.config.prompt[:60]}): {self.error or self.state}"

    def __repr__(self) -> str:
        return f"<LabVariant {self}>"


def snapshot(variant: Variant, folder: LabFolder, *, running: bool, embed_limit: int) -> LabVariant:
    """Return a variant as it is now.

    Args:
        variant: The variant.
        folder: The lab's folder.
        running: A job of this kernel makes it now.
        embed_limit: The largest video that is embedded in a notebook, in bytes.
    """
    made = folder.made.get(variant.id)
    video = None
    if made is not None and made.video is not None:
        found = restored(made.video, folder.path, embed_limit=embed_limit)
        video = found if found.path.is_file() else None
    state = "to make"
    if running:
        state = "running"
    elif video is not None:
        state = "made"
    elif made is not None:
        state = "refused" if made.refused else "failed" if made.error else "gone"
    return LabVariant(
        id=variant.id,
        config=variant.config,
        axes=variant.axes,
        state=state,
        video=video,
        usd=made.usd if made is not None else None,
        error=made.error if made is not None and video is None else "",
        flags=tuple(folder.flags.get(variant.id, {}).values()),
        note=variant.note,
    )
