"""Decoding of answers with a limit on what comes out: bytes from a compressed body, values from JSON; and its writing.

Every request asks for `identity`. A server that compresses nevertheless is understood, but a few kilobytes may become
gigabytes: the output is produced in small pieces, so that the limit holds before the memory is used.
"""

from __future__ import annotations

import functools
import importlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import printable

__all__ = [
    "LONGEST_ANSWER",
    "Undecodable",
    "decode_answer",
    "decoded",
    "json_as_bytes",
    "parse_object",
    "text_of",
]

LONGEST_ANSWER = 64_000_000
"""Largest answer apart from downloads, in bytes; a video as base64 text is the largest known."""

_STEP = 1 << 16
"""Bytes that one step of a decoder may take in, or put out."""

_MOST_VALUES = 1_000_000
"""Largest number of values in a JSON answer. The longest known has a few hundred."""

_IDS = ("id", "job_id", "request_id", "task_id", "name")
"""The fields of an answer in which servers send the id of a job."""

Step = Callable[[bytes], Iterator[bytes]]


class Undecodable(Exception):
    """Raised for a body that is too large, damaged, or in an unknown or chained encoding.

    The message is the rest of a sentence that begins with the body: "is damaged".
    """


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the decoded pieces of a body, each small, as far as they are asked for.

    Args:
        pieces: The body.
        encoding: The header `Content-Encoding`; may be empty.

    Raises:
        Undecodable: The encoding is unknown or chained, or the body is damaged.
    """
    step = _decoder(encoding)
    for piece in pieces:
        for start in range(0, len(piece), _STEP):
            yield from step(piece[start : start + _STEP])


def decode_answer(content: bytes, encoding: str) -> bytes:
    """Return a decoded body of at most `LONGEST_ANSWER` bytes.

    Raises:
        Undecodable: It is larger, in an unknown or chained encoding, or damaged.
    """
    if not _codings(encoding):
        return content
    out = bytearray()
    for piece in decoded([content], encoding):
        out += piece
        if len(out) > LONGEST_ANSWER:
            raise Undecodable(f"is more than {LONGEST_ANSWER / 1e6:.0f} MB after decoding ({encoding})")
    return bytes(out)


def text_of(content: bytes) -> str:
    """Return a body as text: in UTF-16 or UTF-32 where its first bytes show that, else in UTF-8."""
    return content.decode(json.detect_encoding(content), "replace")


def parse_object(content: bytes, clean: Callable[[str], str]) -> dict[str, Any] | None:
    """Return the JSON object that a body holds, or None. Lone surrogates in it become question marks.

    Args:
        content: The body.
        clean: Applied to every text in the object, the names included. The id of a job stays exactly as it is, since
            the job is asked for by it, unless a key is in it.
    """
    # Parsing holds the interpreter lock: 64 MB of small values would take seconds and gigabytes.
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        return None
    try:
        text = text_of(content)
        data = json.loads(text)
        if "\\ud" in text.lower():  # a cut text may contain half a pair, which SQLite rejects
            data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
        if not isinstance(data, dict):
            return None
        ids = {name: _exact(data.pop(name), clean) for name in _IDS if isinstance(data.get(name), str)}
        return {**_each_text(data, clean), **ids}
    except (ValueError, RecursionError):
        return None


def json_as_bytes(options: dict[str, Any]) -> dict[str, Any]:
    """Return a request's options with `content` in place of `json`.

    Raises:
        ValueError: The JSON holds NaN or half of a character, which httpx would send before its version 0.28.
        TypeError: It holds an object that JSON cannot express.
    """
    if options.get("json") is None:
        return options
    text = json.dumps(options["json"], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return {**{name: value for name, value in options.items() if name != "json"}, "content": text.encode()}


def _exact(text: str, clean: Callable[[str], str]) -> str:
    cleaned = clean(text)
    return text if cleaned == printable(text) else cleaned


def _each_text(data: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, list):
        return [_each_text(item, clean) for item in data]
    if isinstance(data, dict):
        return {clean(name): _each_text(value, clean) for name, value in data.items()}
    return data


def _codings(encoding: str) -> list[str]:
    """Return the codings of the header, without those that change nothing."""
    names = (name.strip().lower() for name in encoding.split(","))
    return [name for name in names if name not in ("", "identity")]


def _decoder(encoding: str) -> Step:
    """Return a function that decodes the next piece of a body."""
    codings = _codings(encoding)
    if not codings:
        return lambda piece: iter((piece,))
    makers = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
    if len(codings) > 1 or codings[0] not in makers:
        raise Undecodable(f"has the content encoding {encoding[:100]!r}, which was not asked for")
    try:
        return makers[codings[0]]()
    except (ImportError, AttributeError):
        raise Undecodable(
            f"has the content encoding {codings[0]!r}, which was not asked for and cannot be decoded here"
        ) from None


def _gzip() -> Step:
    detect, window = 32, 15  # zlib's and gzip's header, the largest window
    return functools.partial(_inflate, zlib.decompressobj(wbits=detect + window))


def _deflate() -> Step:
    # "deflate" means zlib's format (RFC 9110, 8.4.1.2), but some servers send it without the header.
    coder: Any = None

    def step(piece: bytes) -> Iterator[bytes]:
        nonlocal coder
        if coder is None and piece:
            with_header = piece[0] & 0x0F == 8 and len(piece) > 1 and int.from_bytes(piece[:2]) % 31 == 0
            coder = zlib.decompressobj(wbits=15 if with_header else -15)
        return _inflate(coder, piece)

    return step


def _inflate(coder: Any, piece: bytes) -> Iterator[bytes]:
    try:
        while piece and not coder.eof:
            yield coder.decompress(piece, _STEP)
            piece = coder.unconsumed_tail
    except zlib.error as error:
        raise Undecodable(f"is damaged ({error})") from None


def _brotli() -> Step:
    library = importlib.import_module("brotli")
    coder: Any = library.Decompressor()
    coder.can_accept_more_data  # noqa: B018  an AttributeError before release 1.2, which has no limit

    def step(piece: bytes) -> Iterator[bytes]:
        try:
            while not coder.is_finished() and (piece or not coder.can_accept_more_data()):
                yield coder.process(piece, output_buffer_limit=_STEP)
                piece = b""
        except library.error as error:
            raise Undecodable(f"is damaged ({error})") from None

    return step


def _zstd() -> Step:
    try:
        library = importlib.import_module("compression.zstd")  # from Python 3.14 on
    except ImportError:
        library = importlib.import_module("backports.zstd")
    coder: Any = library.ZstdDecompressor()

    def step(piece: bytes) -> Iterator[bytes]:
        try:
            while not coder.eof and (piece or not coder.needs_input):
                yield coder.decompress(piece, _STEP)
                piece = b""
        except library.ZstdError as error:
            raise Undecodable(f"is damaged ({error})") from None

    return step
