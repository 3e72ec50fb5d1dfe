"""A narration, subtitles and an image in every form that a person gives them, as a file or a text.

| narration | subtitles |
| --- | --- |
| a path, with quotes or as `file://` | a path, with quotes or as `file://` |
| bytes, an open file, a `FileUpload`'s value | bytes, an open file |
| `(rate, samples)` with an array | a list of `(start, end, text)`, of cues, or of segments |
| `IPython.display.Audio`, `AudioInput` | the text of a file |
| `Speech`, with its captions | `Captions`, `Speech` |

An image is a path, bytes, an open file, a `FileUpload`'s value, or a PIL image.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

from .errors import ConfigError, NarrationError, SubtitleError
from .kept_files import KeptFiles, blocks_of
from .sample_arrays import is_array, wav_blocks
from .timecode import parse_time, webvtt_time
from .validation import did_you_mean, shown

__all__ = [
    "ImageLike",
    "NarrationLike",
    "SubtitlesLike",
    "clean_path",
    "exists",
    "image_path",
    "is_address",
    "is_narration",
    "named_path",
    "narration_path",
    "near_file",
    "subtitles_source",
    "unquoted",
]


class _HasNarration(Protocol):
    def narration(self) -> Path: ...


class _HasSubtitles(Protocol):
    def subtitles_text(self) -> str: ...


class _HasData(Protocol):
    data: Any


class _PilImage(Protocol):
    mode: Any
    size: Any

    def save(self, fp: Any, format: str | None = None) -> None: ...


NarrationLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | tuple[Any, Any] | Mapping[str, Any]"
    " | _HasNarration | _HasData"
)
"""What is accepted as a narration."""

SubtitlesLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | IO[Any] | Sequence[Any] | Mapping[str, Any] | _HasSubtitles"
)
"""What is accepted as subtitles."""

ImageLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Mapping[str, Any] | _PilImage"
)
"""What is accepted as an image."""

_InputError: TypeAlias = "type[NarrationError | SubtitleError | ConfigError]"
_NAMES: dict[_InputError, str] = {SubtitleError: "subtitle file", ConfigError: "image"}

_EXPECTED = "give the path of an audio file, its bytes, or (rate, samples)"
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»"}
_ADDRESS = re.compile(r"(?!file:)([a-z][a-z0-9+.-]{1,12}):/+", re.IGNORECASE)
_LONGEST_PATH = 4096
_MOST_NAMES = 2_000
_KINDS = {
    **dict.fromkeys((".srt", ".vtt", ".ass", ".ssa"), "captions"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"), "image"),
}
"""The kind of a file by its ending; one of another ending may be a narration."""


def clean_path(text: str | os.PathLike[str], kind: _InputError = NarrationError, what: str = "") -> Path:
    """Return the path that a text names, see `named_path`.

    Args:
        text: The path, as a person gave it.
        kind: The error to raise.
        what: The name of what it is the path of, for the error; by default that of the kind.

    Raises:
        NarrationError: The text is the address of a page, too long for a path, or no text at all.
    """
    what = what or _NAMES.get(kind, "narration")
    if not isinstance(text, str | os.PathLike):
        raise kind(f"The {what} is {shown(text)}; give a path.")
    words = os.fspath(text)
    path = named_path(words)
    if exists(path):
        return path
    bare = unquoted(words)
    if match := _ADDRESS.match(bare):
        raise kind(
            f"The {what} is an address ({shown(bare)}), and {match[1].lower()} is not fetched. Download the file, and "
            "give its path."
        )
    if len(words) > _LONGEST_PATH or "\0" in words:
        raise kind(
            f"The {what} is a text of {len(words):,} characters, which cannot be a path; give the path of a file."
        )
    return path


def named_path(text: str) -> Path:
    """Return the path that a text names: without quotes, blanks and `file://`, and with the home folder for `~`.

    A file of exactly that name comes first. Nothing is raised: the path may be one that no file can have.
    """
    if exists(path := _with_home(text)):
        return path
    bare = unquoted(text)
    if re.match(r"file:/", bare, re.IGNORECASE):
        return _from_file_url(bare)
    plain = _with_home(bare)
    # A terminal pastes a dropped file's path with its blanks escaped.
    unescaped = _with_home(re.sub(r"\\([ '\"()&])", r"\1", bare))
    return unescaped if not exists(plain) and exists(unescaped) else plain


def unquoted(text: str) -> str:
    """Return a text without blanks and quotes around it."""
    bare = text.strip()
    while len(bare) > 1 and _QUOTES.get(bare[0]) == bare[-1]:
        bare = bare[1:-1].strip()
    return bare


def is_address(text: str) -> bool:
    """Return True for an address such as https://example.org/talk.mp3; file:// addresses are paths."""
    return bool(_ADDRESS.match(unquoted(text)))


def exists(path: Path) -> bool:
    """Return True if there is such a file or folder; False also for what cannot be a path."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def near_file(path: Path, kind: str | None = None) -> str:
    """Return a sentence with a similar name in the folder of a missing file, or an empty text.

    Args:
        path: The missing file.
        kind: `"narration"`, `"captions"` or `"image"`: files that are clearly of another kind are not suggested. None
            takes the kind from the path's ending.
    """
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(entry.name for entry, _ in zip(entries, range(_MOST_NAMES), strict=False))
    except OSError:
        return ""
    wanted = kind or (_kind_of(path.name) if path.suffix else None)
    names = [name for name in names if wanted in (None, _kind_of(name))]
    same = [name for name in names if Path(name).stem.lower() == path.stem.lower()]
    hint = did_you_mean(path.name, names, same[0] if same else None)
    return hint if len(hint) < 90 else ""


def narration_path(narration: Any, kept: KeptFiles | None = None) -> Path:
    """Return the file of a narration in any form; what is not a file yet is kept as one.

    Args:
        narration: See the module's table.
        kept: The private folder; None for the default one.

    Raises:
        ConfigError: An `AudioInput` has no narration yet.
        NarrationError: It is in no form of the table, empty, or over the limit.
    """
    kept = kept or KeptFiles()
    if isinstance(narration, str | os.PathLike):
        if not os.fspath(narration).strip():
            raise NarrationError(f"The narration is an empty text; {_EXPECTED}.")
        return clean_path(narration)
    if callable(getattr(narration, "narration", None)):
        return Path(narration.narration())
    if _is_display_audio(narration):
        return _audio_path(narration, kept)
    if isinstance(narration, tuple | list) and len(narration) == 2 and any(map(_has_length, narration)):
        return kept.keep(wav_blocks(narration, kept.most), name="samples.wav")
    return _kept_path(_uploaded(narration), kept, NarrationError, f"{_EXPECTED}")


def is_narration(value: Any) -> bool:
    """Return True for an object, not a text, that is a narration in some form."""
    if isinstance(value, str):
        return False
    pair = isinstance(value, tuple | list) and len(value) == 2 and any(map(_has_length, value))
    return (
        pair
        or isinstance(value, os.PathLike | bytes | bytearray | io.BufferedIOBase)
        or (not isinstance(value, type) and callable(getattr(value, "narration", None)))
        or _is_display_audio(value)
    )


def subtitles_source(subtitles: Any, kept: KeptFiles | None = None) -> str | os.PathLike[str] | None:
    """Return subtitles in any form as a path, a text, or None; a path and a text are returned as they are.

    Raises:
        SubtitleError: They are in no form of the module's table.
    """
    if subtitles is None or isinstance(subtitles, str | os.PathLike):
        return subtitles
    if callable(written := getattr(subtitles, "subtitles_text", None)):
        return str(written())
    segments = subtitles.get("segments") if isinstance(subtitles, Mapping) else subtitles
    if isinstance(segments, list | tuple) and not _uploads(segments):
        return "".join(_webvtt(segments)) if segments else None
    if isinstance(subtitles, io.TextIOBase) and not hasattr(subtitles, "buffer"):
        return subtitles.getvalue() if isinstance(subtitles, io.StringIO) else subtitles.read()
    expected = "give a path, the text of a file, or a list of (start, end, text)"
    return _kept_path(_uploaded(subtitles), kept or KeptFiles(), SubtitleError, expected)


def image_path(image: Any, kept: KeptFiles) -> Path:
    """Return the file of an image in any form; what is not a file yet is kept as one.

    Args:
        image: A path, bytes, an open file, a `FileUpload`'s value, or a PIL image.
        kept: The private folder.

    Raises:
        ConfigError: It is in none of these forms, a URL, empty, or over the limit.
    """
    expected = "give the path of an image, its bytes, or a PIL image"
    if isinstance(image, str | os.PathLike):
        if not os.fspath(image).strip():
            raise ConfigError(f"The image is an empty text; {expected}.")
        return clean_path(image, ConfigError)
    if not isinstance(image, type) and all(hasattr(image, name) for name in ("save", "mode", "size")):
        return _kept_path(_png_of(image), kept, ConfigError, expected)
    return _kept_path(_uploaded(image), kept, ConfigError, expected)


def _png_of(image: _PilImage) -> tuple[bytes, str]:
    """Return a PIL image as a PNG, and the name of its file; the same pixels give the same bytes."""
    buffer = io.BytesIO()
    try:
        image.save(buffer, format="PNG")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"The image cannot be saved as PNG ({error}). Convert it first, with image.convert('RGB')."
        ) from error
    return buffer.getvalue(), Path(str(getattr(image, "filename", "") or "image")).stem + ".png"


def _kind_of(name: str) -> str:
    return _KINDS.get(Path(name).suffix.lower(), "narration")


def _with_home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~name of a person who is not known here
        return Path(text)


def _from_file_url(url: str) -> Path:
    from urllib.request import url2pathname

    rest = re.sub(r"^file:(?://(?:localhost)?(?=/)|//)?", "", url, flags=re.IGNORECASE)
    return Path(url2pathname(rest))


def _kept_path(value: Any, kept: KeptFiles, kind: _InputError, expected: str) -> Path:
    """Return the file that bytes or an open file are kept as."""
    what = "subtitles" if kind is SubtitleError else _NAMES.get(kind, "narration")
    verb = "are" if kind is SubtitleError else "is"
    value, name = value if isinstance(value, tuple) else (value, "")
    value = getattr(value, "buffer", value) if isinstance(value, io.TextIOBase) else value
    if isinstance(value, bytes) and (named := _named_by(value)):
        return named
    if is_array(value) and kind is not ConfigError:
        raise kind(
            f"The {what} {verb} {shown(value)} without a sample rate; give (rate, samples), such as (16000, samples)."
        )
    is_file = callable(getattr(value, "read", None)) and not isinstance(value, io.TextIOBase)
    if not is_file and not isinstance(value, bytes | bytearray | memoryview):
        raise kind(f"The {what} {verb} {shown(value)}; {expected}.")
    name = str(name or getattr(value, "name", "") or "") if not isinstance(value, memoryview) else name
    ending = {SubtitleError: "captions.srt", ConfigError: "image"}.get(kind, "narration")
    try:
        return kept.keep(_read(value, kind, what), name=Path(name).name or ending, what=what)
    except NarrationError as error:
        raise kind(str(error)) from error


def _read(value: Any, kind: _InputError, what: str) -> Iterator[bytes | memoryview]:
    try:
        for block in blocks_of(value):
            if not isinstance(block, bytes | memoryview):
                raise kind(f"The {what} is a file that was opened for text; open it with 'rb'.")
            yield block
    except ValueError as error:
        if isinstance(error, kind):
            raise
        raise kind(f"The {what} is a file that cannot be read ({error}); open it with 'rb'.") from error


def _named_by(value: bytes) -> Path | None:
    """Return the existing file that short bytes name, or None."""
    if len(value) > 1024 or b"\0" in value:
        return None
    path = Path(os.fsdecode(value))
    return path if value and exists(path) else None


def _uploads(value: Any) -> bool:
    """Return True for the value of an ipywidgets `FileUpload`."""
    return bool(value) and all(isinstance(each, Mapping) and "content" in each for each in value)


def _uploaded(value: Any) -> Any:
    """Return the bytes and the name of a file in the value of a `FileUpload`, else the value."""
    if isinstance(value, tuple | list) and len(value) == 1 and _uploads(value):
        value = value[0]
    if isinstance(value, Mapping) and "content" in value:
        return value["content"], str(value.get("name", ""))
    # The array of samples has no rate, or a rate no samples.
    return value if not isinstance(value, tuple) else list(value)


def _is_display_audio(value: Any) -> bool:
    display = sys.modules.get("IPython.lib.display")
    return display is not None and isinstance(value, display.Audio)


def _audio_path(audio: Any, kept: KeptFiles) -> Path:
    """Return the file of an `IPython.display.Audio`."""
    if audio.data:
        return kept.keep(
            blocks_of(audio.data), name="audio.wav" if audio.mimetype == "audio/wav" else "audio"
        )
    if audio.filename:
        return clean_path(audio.filename)
    raise NarrationError(
        f"The narration is the address {shown(audio.url)}, which is not fetched. Download the file."
    )


def _has_length(value: Any) -> bool:
    return is_array(value) or isinstance(value, list) or (isinstance(value, tuple) and len(value) > 2)


def _webvtt(cues: Sequence[Any]) -> Iterator[str]:
    """Yield the text of a WebVTT file."""
    yield "WEBVTT\n\n"
    for number, cue in enumerate(cues, 1):
        start, end, text = _cue_parts(cue, number)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        words = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if words:
            # An override of SubStation Alpha would be dropped.
            yield f"{webvtt_time(start)} --> {webvtt_time(end)}\n{words.replace('{', '&#123;')}\n\n"


def _cue_parts(cue: Any, number: int) -> tuple[float, float, str]:
    expected = "expected (start, end, text) with times in seconds"
    if isinstance(cue, Mapping):
        parts = [cue.get(name) for name in ("start", "end", "text")]
    elif hasattr(cue, "start") and hasattr(cue, "end") and hasattr(cue, "text"):
        parts = [cue.start, cue.end, cue.text]
    else:
        parts = list(cue) if isinstance(cue, tuple | list) else []
    if len(parts) != 3 or not isinstance(parts[2], str):
        raise SubtitleError(f"Cue {number} is {shown(cue)}; {expected}.")
    start, end = (_seconds(part) for part in parts[:2])
    if start is None or end is None:
        raise SubtitleError(
            f"Cue {number} has the times {shown(parts[0])} and {shown(parts[1])}; {expected}."
        )
    return start, end, parts[2]


def _seconds(value: Any) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return parse_time(value)
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if abs(seconds) < 1e9 else None
