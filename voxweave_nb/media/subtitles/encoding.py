"""Decoding subtitle files: the encoding is detected, with a warning if it was a guess."""

from __future__ import annotations

import codecs
import contextlib
import re
from pathlib import Path

from ...errors import SubtitleError
from .guess import guess_text

__all__ = ["EXPECTED", "LARGEST", "decode_text", "is_other_kind"]

LARGEST = 5_000_000
"""Largest subtitle file, in bytes."""

EXPECTED = "SubRip (.srt), WebVTT (.vtt) or SubStation (.ass, .ssa) was expected."

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_OTHER_KINDS = {
    rb"\x89PNG": "a PNG image",
    rb"\xff\xd8\xff": "a JPEG image",
    rb"GIF8[79]a": "a GIF image",
    rb"RIFF.{4}WEBP": "a WebP image",
    rb"%PDF-": "a PDF document",
    rb"\{\\rtf": "an RTF document, not plain text",
    rb"PK\x03\x04": "a ZIP archive or an office document",
    rb"\x1f\x8b": "a gzip archive",
    rb"Rar!\x1a": "a RAR archive",
    rb"7z\xbc\xaf": "a 7-Zip archive",
    rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]": "an MP3 file",
    rb"fLaC\x00": "a FLAC file",
    rb"OggS\x00": "an Ogg file",
    rb"RIFF.{4}WAVE": "a WAV file",
    rb"RIFF.{4}AVI ": "an AVI video",
    rb"\x1aE\xdf\xa3": "a WebM or Matroska video",
    rb"\x00.{3}ftyp": "an MP4 or MOV video",
}
"""Patterns at the beginning of files that are given as subtitles by mistake, with their names."""

_LONGEST_START = 16
"""Bytes from the beginning of a file that these patterns look at."""

_WIDE = {
    "utf-16-le": re.compile(rb"(?:..)*?[0-9]\x00:\x00[0-9]\x00", re.DOTALL),
    "utf-16-be": re.compile(rb"(?:..)*?\x00[0-9]\x00:\x00[0-9]", re.DOTALL),
}
"""Patterns of UTF-16 without byte order mark: zero bytes beside the digits of the first time stamp."""


def decode_text(source: Path | str, encoding: str | None) -> tuple[str, str, list[str]]:
    """Return the text with plain newlines, the encoding's name, and a warning if it was guessed.

    Args:
        source: A file, or pasted text.
        encoding: The file's encoding; None detects it.

    Raises:
        SubtitleError: The file is missing, too large, of another kind, or not text.
    """
    if isinstance(source, str):
        _check_size(len(source), "The pasted text", None)
        return _with_plain_newlines(source), "utf-8", []
    content = _content(source)
    if what := _other_kind(content):
        raise SubtitleError(f"The subtitles {source.name} are {what}. {EXPECTED}", path=source)
    if encoding is None:
        text, encoding, warnings = _detected(content, source)
    else:
        text, warnings = _decoded_as(content, encoding, source), []
    return _with_plain_newlines(text), encoding, warnings


def is_other_kind(path: Path) -> bool:
    """Return True for a file of a known kind that is not text, such as a WAV file; False if it cannot be read."""
    with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
        return _other_kind(file.read(_LONGEST_START)) is not None
    return False


def _content(path: Path) -> bytes:
    content = b""
    try:
        size = path.stat().st_size
        if 0 < size <= LARGEST:
            content = path.read_bytes()
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SubtitleError(f"The subtitles {path} cannot be read ({why}). {EXPECTED}", path=path) from error
    _check_size(size, f"The subtitle file {path.name}", path)
    return content


def _check_size(size: int, what: str, path: Path | None) -> None:
    if size > LARGEST:
        raise SubtitleError(
            f"{what} has {size / 1e6:.1f} MB; the limit is {LARGEST / 1e6:.0f} MB.", path=path
        )
    if size == 0:
        raise SubtitleError(f"{what} is empty. {EXPECTED}", path=path)


def _other_kind(content: bytes) -> str | None:
    return next((what for start, what in _OTHER_KINDS.items() if re.match(start, content, re.DOTALL)), None)


def _decoded_as(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except (LookupError, ValueError) as error:
        raise SubtitleError(
            f"The subtitles {path.name} are not in {encoding} ({error}). Leave the encoding out to have it "
            "detected.",
            path=path,
        ) from error


def _detected(content: bytes, path: Path) -> tuple[str, str, list[str]]:
    name = _unicode_form(content)
    try:
        return content.decode(name), name, []
    except UnicodeError:
        text, name = _damaged_unicode_form(content, name) or guess_text(content) or (None, name)
    if text is None:
        raise SubtitleError(f"The subtitles {path.name} are not text. {EXPECTED}", path=path)
    if name.startswith("utf"):
        return (
            text,
            name,
            [f"The subtitles {path.name} are damaged: some letters were lost and are shown as �."],
        )
    guess = f"are not in UTF-8 and were read as {name}; if letters look wrong, save them as UTF-8."
    return text, name, [f"The subtitles {path.name} {guess}"]


def _unicode_form(content: bytes) -> str:
    """Return the Unicode encoding that the bytes would be in, if they are Unicode."""
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    return marked or next((name for name, time in _WIDE.items() if time.match(content[:4000])), "utf-8")


def _damaged_unicode_form(content: bytes, name: str) -> tuple[str, str] | None:
    """Decode Unicode with a few broken letters, such as a file cut in two; None if too many are broken."""
    text = content.decode(name, "replace")
    broken = text.count("\ufffd")
    sound = sum(not character.isascii() for character in text) - broken
    if "\x00" in text or broken * 10 > (sound if name.startswith("utf-8") else len(text)):
        return None
    return text, name


def _with_plain_newlines(text: str) -> str:
    """Return text with plain newlines, doubled ones included, and without noncharacters and lone surrogates."""
    bare = re.sub("[\x00\ufeff\ufffe\uffff]", "", text)
    lines = bare.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\ud800-\udfff]", "\ufffd", lines)
