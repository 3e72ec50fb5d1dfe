"""Completion of a line of options, for the magics: options, their values, files, variables."""

from __future__ import annotations

import argparse
import itertools
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from ..models import (
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoQuality,
    VideoResolution,
    VideoStyle,
)

__all__ = ["complete_options", "values_of"]

_ENUMS: Mapping[str, type[StrEnum]] = {
    "style": VideoStyle,
    "resolution": VideoResolution,
    "aspect": VideoAspect,
    "format": VideoFormat,
    "quality": VideoQuality,
    "subtitle_mode": SubtitleMode,
    "subtitle_look": SubtitleLook,
    "mode": SubtitleMode,
    "look": SubtitleLook,
}
_FIXED = {
    "on_doubt": ["stop", "next"],
    "on_interrupt": ["detach", "cancel"],
    "transition": ["cut", "dissolve"],
}
_ENDINGS = {
    "audio": (".mp3", ".wav", ".m4a", ".ogg", ".opus", ".flac", ".aac", ".webm", ".mp4", ".mov", ".mkv"),
    "subtitles": (".srt", ".vtt", ".ass", ".ssa", ".txt"),
    "image": (".png", ".jpg", ".jpeg", ".webp"),
    "output_dir": (),
}
_MOST_FILES = 500


def complete_options(
    line: str, parser: argparse.ArgumentParser, variables: Iterable[str] = ()
) -> tuple[str, list[str]]:
    """Return the last word of a line and what it can become.

    Args:
        line: The options before the cursor.
        parser: Their parser.
        variables: Names that are offered as a narration.
    """
    words = re.findall(r"""(?:"[^"]*"?|'[^']*'?|\\.|[^\s"'\\])+""", line)
    word = words[-1] if words and not line[-1:].isspace() else ""
    before = words[:-1] if word else words
    option, equals, typed = word.partition("=")
    if equals and (field := _field_of(option, parser)):
        return typed, _complete_value(field, typed, before, variables)
    if before and (field := _field_of(before[-1], parser)):
        return word, _complete_value(field, word, before, variables)
    if word and not word.startswith("-"):
        return word, []
    given = {each.partition("=")[0] for each in before}
    flags = [flag for flag in parser._option_string_actions if flag.startswith("--") and flag not in given]
    return word, [flag for flag in flags if flag.startswith(word)]


def values_of(field: str) -> list[str]:
    """Return the values of an option of a video; empty if it can have any."""
    if field in _ENUMS:
        return [member.value for member in _ENUMS[field]]
    if field == "provider":
        from ..providers import registered

        return list(registered())
    return _models() if field == "model" else _FIXED.get(field, [])


def _models(provider: str | None = None) -> list[str]:
    """Return the models of one provider, or of all."""
    from ..providers import BUILT_IN, provider_class

    names = [provider] if provider in BUILT_IN else sorted(BUILT_IN - {"local"})
    models = [model.name for name in names for model in provider_class(name).capabilities.models]
    return list(dict.fromkeys(models))


def _field_of(flag: str, parser: argparse.ArgumentParser) -> str | None:
    """Return the field of an option that takes a value, or None."""
    action = parser._option_string_actions.get(flag)
    return action.dest if action is not None and action.nargs != 0 else None


def _complete_value(field: str, typed: str, before: Sequence[str], variables: Iterable[str]) -> list[str]:
    if field in _ENDINGS:
        named = [name for name in variables if typed and name.startswith(typed)] if field == "audio" else []
        return [*named, *_files(typed, _ENDINGS[field])]
    if field == "model":
        named = [after for flag, after in itertools.pairwise(before) if flag == "--provider"]
        return _starting(typed, _models(named[-1] if named else None))
    if field == "provider":  # one, or several with commas
        head, comma, last = typed.rpartition(",")
        return [f"{head}{comma}{name}" for name in _starting(last, values_of(field))]
    return _starting(typed, values_of(field))


def _starting(typed: str, values: Iterable[str]) -> list[str]:
    return [value for value in values if value.startswith(typed.strip("\"'").lower())]


def _files(typed: str, endings: tuple[str, ...]) -> list[str]:
    """Return the folders and files that a typed path can become; files of other endings if there are no others."""
    quote = typed[:1] if typed[:1] in ("'", '"') else ""
    plain: Callable[[str], str] = lambda text: text if quote else re.sub(r"\\(.)", r"\1", text)  # noqa: E731
    folder, name = os.path.split(plain(typed.removeprefix(quote).removesuffix(quote) if quote else typed))
    head = typed[: typed.rfind("/") + 1] or quote
    try:
        with os.scandir(Path(folder).expanduser() if folder else ".") as entries:
            found = [
                (entry.name, entry.is_dir()) for entry, _ in zip(entries, range(_MOST_FILES), strict=False)
            ]
    except OSError:
        return []
    shown = sorted(
        each for each in found if each[0].startswith(name) and (name or not each[0].startswith("."))
    )
    wanted = [each for each in shown if each[1] or each[0].lower().endswith(endings)]
    if endings and not any(not is_folder for _, is_folder in wanted):
        wanted = shown
    return [head + _escaped(each, quote) + ("/" if is_folder else "") for each, is_folder in wanted]


def _escaped(name: str, quote: str) -> str:
    return name if quote else re.sub(r"([\s\"'\\()&;])", r"\\\1", name)
