"""From bytes to text: which encoding subtitles are in, said when it had to be guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

from ...errors import SubtitleError

__all__ = ["LARGEST", "decoded"]

LARGEST = 5_000_000
"""The largest subtitle file, in bytes."""

_LIKELY = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "iso8859_15",
    "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
]  # fmt: skip
"""The encodings that subtitles are really in; left to guess among all, a short file becomes nonsense."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decoded(source: Path | str, encoding: str | None) -> tuple[str, str, list[str]]:
    """The text with plain newlines, the encoding's name, and a warning if it was guessed.

    Raises:
        SubtitleError: The file is missing, too large, or no text.
    """
    if isinstance(source, str):
        _check_size(len(source), "The pasted text", None)
        return _cleaned(source), "utf-8", []
    try:
        size = source.stat().st_size
        _check_size(size, f"The subtitle file {source.name}", source)
        content = source.read_bytes()
    except OSError as error:
        raise SubtitleError(
            f"The subtitles {source} cannot be read ({error.strerror}).", path=source
        ) from error
    return _decode(content, encoding, source)


def _decode(content: bytes, encoding: str | None, path: Path) -> tuple[str, str, list[str]]:
    if encoding is not None:
        try:
            return _cleaned(content.decode(encoding)), encoding, []
        except (LookupError, UnicodeError) as error:
            raise SubtitleError(
                f"The subtitles {path.name} are not in {encoding} ({error}).", path=path
            ) from error
    for name in (*(name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8"):
        try:
            return _cleaned(content.decode(name)), name, []
        except UnicodeError:
            continue
    return _guess(content, path)


def _guess(content: bytes, path: Path) -> tuple[str, str, list[str]]:
    import charset_normalizer

    found = [] if content.count(0) else list(charset_normalizer.from_bytes(content, cp_isolation=_LIKELY))
    # Several often read equally well: the commonest of them is the likeliest.
    best = min(found, key=lambda match: (match.chaos, _LIKELY.index(match.encoding)), default=None)
    if best is None:
        raise SubtitleError(
            f"The subtitles {path.name} are no text. SubRip (.srt), WebVTT (.vtt) or SubStation (.ass) was expected.",
            path=path,
        )
    said = (
        f"The subtitles {path.name} are not in UTF-8 and were read as {best.encoding}; if letters look wrong, save "
        "them as UTF-8."
    )
    return _cleaned(str(best)), best.encoding, [said]


def _check_size(size: int, what: str, path: Path | None) -> None:
    if size > LARGEST:
        raise SubtitleError(
            f"{what} has {size / 1e6:.1f} MB; at most {LARGEST / 1e6:.0f} MB are taken.", path=path
        )
    if size == 0:
        raise SubtitleError(f"{what} is empty.", path=path)


def _cleaned(text: str) -> str:
    return text.lstrip("\ufeff").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
