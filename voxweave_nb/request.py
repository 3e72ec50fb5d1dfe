"""The request for a video, checked and not yet started."""

from __future__ import annotations

import difflib
import functools
import inspect
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar, Unpack

from .awaiting import tells_to_await
from .config import VideoConfig, VideoOptions
from .errors import ConfigError, NarrationError, SubtitleError
from .inputs import (
    NarrationLike,
    SubtitlesLike,
    clean_path,
    exists,
    narration_path,
    near_file,
    subtitles_source,
)
from .kept_files import KeptFiles
from .pasted import is_pasted_text
from .validation import did_you_mean, shown
from .written import Script

__all__ = ["VideoRequest", "check_narration", "check_subtitles", "takes_options"]

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """The request for a video.

    Attributes:
        narration: The audio file.
        subtitles: A subtitle file, the text of one, `"auto"` for what a recogniser hears, or None.
        config: The config of the video.
        script: The text that `narration` is spoken from, if it is: the file and its subtitles may not exist yet.
    """

    narration: Path
    subtitles: Path | str | None
    config: VideoConfig
    script: Script | None = None

    def __setstate__(self, state: list[Any]) -> None:
        """Open a pickle, also one of a release whose requests had no `script`."""
        for field, value in itertools.zip_longest(fields(self), state):
            object.__setattr__(self, field.name, value)

    @classmethod
    def of(
        cls,
        narration: NarrationLike | Script,
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        *,
        kept: KeptFiles | None = None,
        **changes: Unpack[VideoOptions],
    ) -> Self:
        """Check what a person gave and return the request.

        Args:
            narration: The narration, in any form of the table in `inputs.py`, or the script that it is spoken from,
                whose voice is named.
            subtitles: The subtitles, likewise; None for those that come with a narration, which an empty text leaves
                out.
            config: The config of the video.
            kept: The private folder for the image, and for what is not a file yet; None for the default one.
            **changes: Fields of `VideoConfig` that win over `config`.

        Raises:
            ConfigError: An option is invalid.
            NarrationError: The narration does not exist, is a folder, or is in no known form.
            SubtitleError: The subtitle file does not exist, or the subtitles are in no known form.
        """
        options = VideoConfig.of(config, **changes)  # first: it writes no file
        files = kept or KeptFiles()
        if isinstance(narration, Script):
            spoken = files.folder / narration.file_name
            own = spoken.with_suffix(".vtt") if subtitles is None else check_subtitles(subtitles, kept)
            return cls(spoken, own, options.keep_image(files), narration)
        if subtitles is None and callable(written := getattr(narration, "subtitles_text", None)):
            subtitles = str(written())
        narration, subtitles = check_narration(narration, kept), check_subtitles(subtitles, kept)
        return cls(narration, subtitles, options.keep_image(files))


def check_narration(narration: NarrationLike, kept: KeptFiles | None = None) -> Path:
    """Return the path of a narration that exists; one that is given as bytes or samples is kept as a file.

    Raises:
        NarrationError: It does not exist, is a folder, or is in no known form.
    """
    if isinstance(narration, Script):
        raise NarrationError(
            "A Script is spoken by submit() alone; speak it first: talk = await service.speak(text)."
        )
    path = narration_path(narration, kept)
    if not exists(path):
        raise NarrationError(
            f"There is no narration {_short(path)!r}{_looked_in(path)}. Check the path; it is read on the machine "
            f"where the kernel runs.{near_file(path)}",
            path=path,
        )
    if path.is_dir():
        raise NarrationError(
            f"The narration {_short(path)} is a folder; give the path of an audio file.", path=path
        )
    return path


def check_subtitles(subtitles: SubtitlesLike | None, kept: KeptFiles | None = None) -> Path | str | None:
    """Return a subtitle file that exists, a text (of one, or a transcript), `"auto"`, or None for none.

    Raises:
        SubtitleError: The file does not exist, or the value is in no known form.
    """
    source = subtitles_source(subtitles, kept)
    if source is None or (isinstance(source, str) and not source.strip()):
        return None
    if isinstance(source, str) and is_pasted_text(source):
        return source
    if source == "auto" and not Path("auto").is_file():
        return source  # what a recogniser hears
    path = clean_path(source, SubtitleError)
    if not (exists(path) and path.is_file()):
        raise SubtitleError(
            f"There is no subtitle file {_short(path)!r}{_looked_in(path)}. Check the path, or give the text of a "
            f"file, with its line breaks.{near_file(path)}",
            path=path,
        )
    return path


def _short(path: Path, most: int = 70) -> str:
    text = str(path)
    return text if len(text) <= most else f"{text[:20]}…{text[-most + 21 :]}"


def _looked_in(path: Path) -> str:
    return "" if path.is_absolute() else f" (looked in {_short(Path.cwd(), 60)})"


def takes_options(options: type) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a method that ends in `**changes: Unpack[...]` of a TypedDict, given as `options`.

    Completion in notebooks reads signatures at run time, where `**changes` shows nothing: this spells the options out.
    Surplus positional arguments get a sentence instead of Python's TypeError, and so does a forgotten `await`.
    """

    def decorate(method: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(method)
        begin: Callable[P, Any] = tells_to_await(method) if inspect.iscoroutinefunction(method) else method
        named = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        given = {each.name for each in named}
        spelled_out = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=None)
            for name, annotation in options.__annotations__.items()
            if name not in given
        ]
        positional = [each for each in named if each.kind is each.POSITIONAL_OR_KEYWORD]
        known = {
            name: name in VideoOptions.__annotations__
            for name in (*given - {"self"}, *options.__annotations__)
        }

        @functools.wraps(method)
        def checked(*args: P.args, **options: P.kwargs) -> T:
            if len(args) > len(positional):
                raise ConfigError(_too_many(method.__name__, positional, args))
            for name in options.keys() - known.keys():
                near = difflib.get_close_matches(name, known, n=1)
                if near and not known[near[0]]:  # VideoConfig answers for its own fields
                    raise ConfigError(
                        f"{method.__name__}() has no option {shown(name)}.{did_you_mean(name, known)}"
                    )
            result: T = begin(*args, **options)
            return result

        checked.__signature__ = signature.replace(parameters=[*named, *spelled_out])  # type: ignore[attr-defined]
        return checked

    return decorate


def _too_many(name: str, positional: list[inspect.Parameter], args: tuple[Any, ...]) -> str:
    own = [each.name for each in positional if each.name != "self"]
    given = args[len(positional) - len(own) :]
    words = [shown(os.fspath(value) if isinstance(value, os.PathLike) else value, 100) for value in given]
    first = ", ".join(words[: len(own)])
    keyword = "subtitles" if "narration" in own else "config"
    return (
        f"{name}() takes only {' and '.join(own)} by position; name the others, such as "
        f"{name}({first}, {keyword}={words[len(own)]})."
    )
