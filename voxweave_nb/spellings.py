"""Other ways to write the values of options: `"1920x1080"`, `"Full HD"`, `"portrait"`, `".mp4"`, `"openai"`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

__all__ = ["NEAR", "SAME", "plain", "provider_name", "ratio_of", "size_of"]

SAME: Mapping[str, Mapping[str, str]] = {
    "VideoStyle": {"three_d": "3d", "three-d": "3d", "cyber punk": "cyberpunk", "cyber-punk": "cyberpunk"},
    "VideoResolution": {
        "hd": "720p", "hd ready": "720p", "full hd": "1080p", "fullhd": "1080p", "full-hd": "1080p",
        "full_hd": "1080p", "fhd": "1080p", "uhd": "4k", "ultra hd": "4k", "ultrahd": "4k", "4k uhd": "4k",
    },
    "VideoAspect": {
        "landscape": "16:9", "horizontal": "16:9", "wide": "16:9", "widescreen": "16:9",
        "portrait": "9:16", "vertical": "9:16", "tall": "9:16", "upright": "9:16", "square": "1:1",
    },
    "VideoFormat": {"video/mp4": "mp4", "video/quicktime": "mov", "quicktime": "mov", "video/webm": "webm"},
    "SubtitleMode": {
        "burned": "burn", "burnt": "burn", "burn-in": "burn", "burn in": "burn", "off": "none", "no": "none",
        "false": "none",
    },
}  # fmt: skip
"""By the name of an enum: other ways to write its values, in lower case."""

NEAR: Mapping[str, Mapping[str, str]] = {
    "VideoStyle": {
        "photorealistic": "realistic", "photo": "realistic", "documentary": "realistic", "nature": "realistic",
        "film": "cinematic", "movie": "cinematic", "cartoon": "anime", "manga": "anime", "neon": "cyberpunk",
        "science": "biotech", "medical": "biotech", "explainer": "educational",
    },
    "VideoFormat": {"m4v": "mp4", "h264": "mp4", "h.264": "mp4", "avi": "mp4", "gif": "mp4", "mkv": "webm"},
    "VideoQuality": {
        "high": "fine", "best": "fine", "medium": "standard", "normal": "standard", "low": "draft", "preview": "draft",
    },
    "SubtitleMode": {
        "hard": "burn", "hardsub": "burn", "open": "burn", "closed": "soft", "track": "soft", "true": "soft",
        "file": "sidecar", "srt": "sidecar", "vtt": "sidecar",
    },
}  # fmt: skip
"""By the name of an enum: the value that a person may have meant."""

_PROVIDERS = {
    "openai": "openai_sora", "openai-sora": "openai_sora", "openai sora": "openai_sora", "sora": "openai_sora",
    "sora-2": "openai_sora", "z.ai": "zai", "z_ai": "zai", "zhipu": "zai", "fal.ai": "fal", "google": "gemini",
    "veo": "gemini",
}  # fmt: skip

_PROVIDER_GROUP = "voxweave_nb.providers"

_LONGEST = 100
"""Characters of a value that can be an option."""

_NUMBER = r"(\d{1,5}(?:\.\d{1,4})?)"
_PAIR = re.compile(rf"{_NUMBER}\s*[x×*:/]\s*{_NUMBER}")
_SIZE = re.compile(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})")


def plain(value: Any) -> str:
    """Return the value of an option as stripped text in lower case: a name, a number, or a pair of numbers.

    Anything else becomes an empty text, which no option has.
    """
    if isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(each, int) for each in value):
        return f"{value[0]}x{value[1]}"
    if not isinstance(value, (str, int, float)):
        return ""
    words = str(value)[: _LONGEST + 1].strip().lower()
    return words.lstrip(".") if len(words) <= _LONGEST else ""


def size_of(words: str) -> tuple[int, int] | None:
    """Return the width and height in pixels that `1920x1080` names, or None."""
    match = _SIZE.fullmatch(words)
    return (int(match[1]), int(match[2])) if match else None


def ratio_of(words: str) -> float | None:
    """Return the ratio of width to height that `16:9`, `16/9`, `1920x1080` or `1.78` names, or None."""
    if match := _PAIR.fullmatch(words):
        width, height = float(match[1]), float(match[2])
        return width / height if width and height else None
    return float(words) if re.fullmatch(r"\d{0,2}\.\d{1,20}", words) and float(words) else None


def provider_name(name: str) -> str:
    """Return the name of the built-in provider that a name such as `"openai"` stands for, else the name.

    An installed plug-in of that name wins.
    """
    built_in = _PROVIDERS.get(name.strip().lower())
    if built_in is None or any(point.name == name for point in entry_points(group=_PROVIDER_GROUP)):
        return name
    return built_in
