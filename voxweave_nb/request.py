"""The request for a video, checked and not yet started."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar, Unpack

from .config import VideoConfig, VideoOptions
from .errors import ConfigError, NarrationError, SubtitleError
from .pasted import is_pasted_text

__all__ = ["VideoRequest", "check_narration", "check_subtitles", "takes_options"]

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The request for a video.

    Attributes:
        narration: The audio file.
        subtitles: A subtitle file, the text of one, or None.
        config: The config of the video.
    """

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig

    @classmethod
    def of(
        cls,
        narration: str | os.PathLike[str],
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Self:
        """Check what a person gave and return the request.

        Raises:
            ConfigError: An option is invalid.
            NarrationError: The narration does not exist or is a folder.
            SubtitleError: The subtitle file does not exist.
        """
        return cls(check_narration(narration), check_subtitles(subtitles), VideoConfig.of(config, **changes))


def check_narration(narration: str | os.PathLike[str]) -> Path:
    """Return the path of a narration that exists.

    Raises:
        NarrationError: It does not exist, is a folder, or is not a path.
    """
    if not isinstance(narration, (str, os.PathLike)) or not str(narration).strip():
        raise NarrationError(f"The narration is {narration!r}; give the path of an audio file.")
    path = Path(narration).expanduser()
    if path.is_dir():
        raise NarrationError(f"The narration {path} is a folder; give the path of an audio file.", path=path)
    if not path.exists():
        raise NarrationError(
            f"There is no narration {str(path)!r} (looked in {Path.cwd()}). Check the path; it is read on the machine "
            "where the kernel runs.",
            path=path,
        )
    return path


def check_subtitles(subtitles: str | os.PathLike[str] | None) -> Path | str | None:
    """Return a subtitle file that exists, a text (of one, or a transcript), or None for none.

    Raises:
        SubtitleError: The file does not exist, or the value is neither a path nor text.
    """
    if subtitles is None or (isinstance(subtitles, str) and not subtitles.strip()):
        return None
    if isinstance(subtitles, str) and is_pasted_text(subtitles):
        return subtitles
    if not isinstance(subtitles, (str, os.PathLike)):
        raise SubtitleError(
            f"The subtitles are {type(subtitles).__name__}; give a path or the text of a file."
        )
    path = Path(subtitles).expanduser()
    if not _is_file(path):
        raise SubtitleError(
            f"There is no subtitle file {str(path)!r} (looked in {Path.cwd()}). Check the path, or give the text of a "
            "file, with its line breaks.",
            path=path,
        )
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name is too long
        return False


def takes_options(options: type) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a method that ends in `**changes: Unpack[...]` of a TypedDict, given as `options`.

    Completion in notebooks reads signatures at run time, where `**changes` shows nothing: this spells the options out.
    Surplus positional arguments get a sentence instead of Python's TypeError.
    """

    def decorate(method: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(method)
        named = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        given = {each.name for each in named}
        spelled_out = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=None)
            for name, annotation in options.__annotations__.items()
            if name not in given
        ]
        positional = [each for each in named if each.kind is each.POSITIONAL_OR_KEYWORD]

        @functools.wraps(method)
        def checked(*args: P.args, **options: P.kwargs) -> T:
            if len(args) > len(positional):
                raise ConfigError(_too_many(method.__name__, positional, args))
            return method(*args, **options)

        checked.__signature__ = signature.replace(parameters=[*named, *spelled_out])  # type: ignore[attr-defined]
        return checked

    return decorate


def _too_many(name: str, positional: list[inspect.Parameter], args: tuple[Any, ...]) -> str:
    own = [each.name for each in positional if each.name != "self"]
    given = args[len(positional) - len(own) :]
    shown = [repr(os.fspath(value) if isinstance(value, os.PathLike) else value) for value in given]
    first = ", ".join(shown[: len(own)])
    keyword = "subtitles" if "narration" in own else "config"
    return (
        f"{name}() takes only {' and '.join(own)} by position; name the others, such as "
        f"{name}({first}, {keyword}={shown[len(own)]})."
    )
