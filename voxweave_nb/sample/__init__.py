"""A narration of about 20 seconds with exact captions, so that everything can be tried without a file at hand.

Spoken by the public-domain (CC0) Piper voice "joe"; `scripts/make_sample.py` made it.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["SAMPLE_PROMPT", "SAMPLE_SECONDS", "sample_narration", "sample_subtitles"]

SAMPLE_PROMPT = "The deep sea glows at night"
"""A prompt that goes with the narration."""

SAMPLE_SECONDS = 20.3
"""How long the narration is."""


def sample_narration() -> Path:
    """The narration: AAC, mono."""
    return Path(__file__).parent / "narration.m4a"


def sample_subtitles() -> Path:
    """Its captions: SubRip, one cue a sentence."""
    return Path(__file__).parent / "narration.srt"
