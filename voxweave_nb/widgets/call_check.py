"""The check of the panel's arguments, which answers a wrong call with the right one."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

from ..config import VideoConfig
from ..errors import ConfigError
from ..providers import registered
from ..service import VideoGenerationService

__all__ = ["check_arguments"]

_KEYWORDS = ("service", "narration", "subtitles", "config", *(field.name for field in fields(VideoConfig)))


def check_arguments(
    service: object, extra_positional: Sequence[object], extra_keywords: Iterable[str]
) -> None:
    """Check that a call of `VideoPanel` has a service first, if any, and only keywords that exist.

    Args:
        service: The first argument.
        extra_positional: The positional arguments after it.
        extra_keywords: The names of the keyword arguments that the panel does not declare itself.

    Raises:
        ConfigError: An argument is in the wrong place or unknown; the message shows the right call.
    """
    has_service = isinstance(service, VideoGenerationService)
    misplaced = [*([] if service is None or has_service else [service]), *extra_positional]
    if misplaced:
        call = ", ".join([*(["service"] if has_service else []), *_as_keywords(misplaced)])
        got = ", ".join(map(_shown, misplaced))
        raise ConfigError(
            f"VideoPanel takes a VideoGenerationService and keywords, not {got}; write VideoPanel({call})."
        )
    if unknown := [name for name in extra_keywords if name not in _KEYWORDS]:
        raise ConfigError(
            f"VideoPanel has no keyword {', '.join(map(_with_suggestion, unknown))}. "
            f"Its keywords are: {', '.join(_KEYWORDS)}."
        )


def _as_keywords(values: Iterable[object]) -> Iterator[str]:
    """Yield `name=value` for each misplaced argument, by what the value looks like."""
    paths = iter(("narration", "subtitles"))
    for value in values:
        if isinstance(value, str) and value in registered():
            yield f"provider={value!r}"
        elif isinstance(value, VideoConfig | Mapping):
            yield f"config={value!r}"
        elif isinstance(value, str | os.PathLike) and (name := next(paths, None)):
            yield f"{name}={_shown(value)}"


def _shown(value: object) -> str:
    return repr(os.fspath(value) if isinstance(value, os.PathLike) else value)


def _with_suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, _KEYWORDS, n=1)
    return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)
