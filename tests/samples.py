"""A finished video, and values saved by earlier releases, which must still open."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path
from typing import Any

from voxweave_nb import Cue, GeneratedVideo, Provenance, SubtitleMode, VideoConfig

SAVED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "saved_by_0_1_0_dev0.json").read_text(encoding="utf-8")
)

OPTIONS: dict[str, Any] = {
    "style": "anime", "resolution": "4k", "aspect": "9:16", "format": "webm", "quality": "fine",
    "prompt": "rain on glass, größer", "subtitle_mode": "burn", "subtitle_look": "outline", "provider": "zai",
    "model": "cogvideox-3", "seed": 7, "seconds": 8.0, "fps": 24, "title": "Rain", "reduce_motion": True,
    "extra": {"camera_fixed": True, "steps": [1, 2]},
}  # fmt: skip
"""The options of the saved config."""


def unpickle(name: str) -> Any:
    """Return a saved pickle's value."""
    return pickle.loads(base64.b64decode(SAVED["pickles"][name]))


def finished_video(folder: Path) -> GeneratedVideo:
    """Write the files of a finished video, with captions and a poster."""
    folder.mkdir()
    (folder / "a b.mp4").write_bytes(b"\x00" * 1000)
    (folder / "a b.vtt").write_bytes(b"WEBVTT\n")
    (folder / "a b.jpg").write_bytes(b"\xff\xd8\xff")
    return GeneratedVideo(
        path=folder / "a b.mp4",
        captions=folder / "a b.vtt",
        poster=folder / "a b.jpg",
        duration=12.5,
        width=1280,
        height=720,
        subtitle_mode=SubtitleMode.SOFT,
        provenance=Provenance("local", None, "1", VideoConfig(prompt="a slow dawn"), "talk.mp3", 0.0, 3.0),
        cues=(Cue(0, 1, "first\nline"), Cue(65, 66, "second")),
    )
