"""The kernel's half of an upload: a file arrives in numbered pieces and is written to the disk in their order.

A notebook's connection closes at a message above 10 MiB, so the page offers a file and sends it in pieces. After each
the kernel answers with the number of the piece that it expects next. Pieces that were lost, doubled, damaged or swapped
on the way are all repaired by that one number:

    page                                        kernel
    begin  id, name, size, modified, piece  ->
                                            <-  received  id, next, ask     written so far
    piece  id, seq, crc, [bytes]            ->
                                            <-  received  id, next          written so far
                                            <-  resend    id, next          a piece was missing or damaged
    ask    id, ask                          ->                              after a silence: what was received?
    end    id, crc                          ->
                                            <-  complete  id, crc
    cancel id                               ->                              discard everything
                                            <-  failed    id, text          for good; everything was discarded
                                            <-  unknown   id                another kernel: begin again

`crc` of a piece is its CRC-32. That of the file is the CRC-32 of its pieces' checksums in order, each as four bytes,
the highest first; both sides compute it. `static/checksum.js` says why CRC-32. An offer of a file with the same name,
size, date and size of pieces resumes an earlier one, so an upload outlives a reloaded page.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import itertools
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environment import front_end
from ..validation import is_reserved_name

__all__ = ["PIECE_BYTES", "ReceivedFile", "Receiver", "piece_message"]

PIECE_BYTES = 4 * 2**20
"""Bytes in a piece: the fastest measured size that leaves room below the 10 MiB of a message.

Pages of VS Code upload in pieces of 1 MiB: there each message passes through an extension, which takes long over large
ones.
"""

_LARGEST_PIECE = 9 * 2**20
_MOST_DAMAGED = 5
_MOST_OPEN = 8
_MOST_ENDED = 100
# Bytes to leave free on the disk for everything else.
_RESERVE = 64 * 2**20
_TRY_AGAIN = "Nothing was kept; try again."

Message = Mapping[str, Any]


@dataclass(frozen=True)
class ReceivedFile:
    """A complete file whose checksum is right.

    Attributes:
        id: The page's name for the upload.
        path: The file on the kernel's disk.
        name: The file's name on the person's machine.
        size: Size in bytes.
    """

    id: str
    path: Path
    name: str
    size: int


@dataclass
class _Upload:
    """An upload in progress; `piece` is a piece's size in bytes, `next` the number of the next piece."""

    id: str
    name: str
    size: int
    piece: int
    modified: int
    path: Path
    next: int = 0
    damaged: int = 0
    crc: int = 0

    @property
    def pieces(self) -> int:
        return -(-self.size // self.piece)

    @property
    def next_length(self) -> int:
        """Bytes in the next piece."""
        return min(self.piece, self.size - self.next * self.piece)

    def discard(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Receiver:
    """Writes the files that a page uploads to the disk, with at most one piece in memory.

    Args:
        folder: Folder for the files; made when the first one arrives.
        max_bytes: Limit for a file's size in bytes.
        on_file: Called with each complete file, before the page is answered.
    """

    def __init__(self, folder: Path, max_bytes: int, on_file: Callable[[ReceivedFile], None]) -> None:
        self._folder, self._max_bytes, self._on_file = folder, max_bytes, on_file
        self._open: dict[str, _Upload] = {}
        self._ended: dict[str, dict[str, Any]] = {}

    @property
    def progress(self) -> float:
        """Received share of the open uploads, 0 to 1."""
        size = sum(upload.size for upload in self._open.values())
        received = sum(min(upload.size, upload.next * upload.piece) for upload in self._open.values())
        return received / size if size else 0.0

    def receive(self, message: Message, buffers: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Act on a message of the page and return the answers; an invalid message has none."""
        kind, id = message.get("kind"), message.get("id")  # noqa: A001  the protocol's own word
        if not isinstance(id, str):
            return []
        if id in self._ended and kind != "cancel":
            return [self._ended[id]]
        if kind == "begin":
            return [self._begin(id, message)]
        upload = self._open.get(id)
        if upload is None:
            return [{"kind": "unknown", "id": id}] if kind in ("piece", "ask", "end") else []
        match kind:
            case "piece":
                return [self._write_piece(upload, message, buffers)]
            case "ask":
                return [_received(upload, message)]
            case "end":
                return [self._end(upload, message)]
            case "cancel":
                self._open.pop(id).discard()
        return []

    def close(self) -> None:
        """Discard the open uploads."""
        for upload in self._open.values():
            upload.discard()
        self._open.clear()

    def _begin(self, id: str, message: Message) -> dict[str, Any]:
        name, size = str(message.get("name") or "narration"), _whole_number(message.get("size"))
        piece, modified = _whole_number(message.get("piece")), _whole_number(message.get("modified"))
        if not 0 < piece <= _LARGEST_PIECE or size <= 0:
            return self._fail(id, f"{name} is empty. Choose another file.")
        if id in self._open:
            return _received(self._open[id], message)
        if size > self._max_bytes:
            most = f"{self._max_bytes / 1e6:,.0f} MB"
            return self._fail(
                id, f"{name} has {size / 1e6:,.0f} MB; at most {most} are allowed. Compress it or cut it."
            )
        same = (name, size, piece, modified)
        for earlier in list(self._open.values()):
            if (earlier.name, earlier.size, earlier.piece, earlier.modified) == same:
                self._open[id] = self._open.pop(earlier.id)
                self._open[id].id = id
                return _received(earlier, message)
        return self._open_upload(id, message, name, size, piece, modified)

    def _open_upload(
        self, id: str, message: Message, name: str, size: int, piece: int, modified: int
    ) -> dict[str, Any]:
        while len(self._open) >= _MOST_OPEN:
            self._open.pop(next(iter(self._open))).discard()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
            if free < size + _RESERVE:
                return self._fail(id, _disk_full(name, self._folder, f"{free / 1e6:,.0f} MB are free"))
            path = Path(tempfile.mkdtemp(dir=self._folder)) / f"{_safe_name(name)}.partial"
            path.touch()
        except OSError as error:
            return self._fail(id, _write_failed(error, name, self._folder))
        upload = self._open[id] = _Upload(id, name, size, piece, modified, path)
        return _received(upload, message)

    def _write_piece(self, upload: _Upload, message: Message, buffers: Sequence[Any]) -> dict[str, Any]:
        seq = message.get("seq")
        if isinstance(seq, int) and seq < upload.next:
            return _received(upload, {})  # sent twice
        if seq != upload.next or upload.next >= upload.pieces:
            return _resend(upload)
        data = _piece_bytes(message, buffers)
        crc = zlib.crc32(data)
        if len(data) != upload.next_length or crc != message.get("crc"):
            return self._count_damaged(upload)
        try:
            with upload.path.open("ab") as file:
                file.write(data)
        except OSError as error:
            return self._fail(upload.id, _write_failed(error, upload.name, self._folder))
        upload.crc = zlib.crc32(crc.to_bytes(4, "big"), upload.crc)
        upload.next, upload.damaged = upload.next + 1, 0
        return _received(upload, {})

    def _count_damaged(self, upload: _Upload) -> dict[str, Any]:
        upload.damaged += 1
        if upload.damaged >= _MOST_DAMAGED:
            return self._fail(
                upload.id, f"A piece of {upload.name} arrived damaged {_MOST_DAMAGED} times. {_TRY_AGAIN}"
            )
        return _resend(upload)

    def _end(self, upload: _Upload, message: Message) -> dict[str, Any]:
        if upload.next < upload.pieces:
            return _resend(upload)
        # The pieces are right one by one; the file may still have changed between those of an earlier page and ours.
        if upload.crc != message.get("crc"):
            return self._fail(upload.id, f"{upload.name} arrived changed: the checksums differ. {_TRY_AGAIN}")
        try:
            path = upload.path.replace(_reserve_path(self._folder, _safe_name(upload.name)))
            upload.path.parent.rmdir()
        except OSError as error:
            return self._fail(upload.id, _write_failed(error, upload.name, self._folder))
        del self._open[upload.id]
        self._on_file(ReceivedFile(upload.id, path, upload.name, upload.size))
        return self._remember({"kind": "complete", "id": upload.id, "crc": upload.crc})

    def _fail(self, id: str, text: str) -> dict[str, Any]:
        if upload := self._open.pop(id, None):
            upload.discard()
        return self._remember({"kind": "failed", "id": id, "text": text})

    def _remember(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep an upload's last answer, which the page requests again if it was lost."""
        self._ended[answer["id"]] = answer
        while len(self._ended) > _MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        return answer


def piece_message(path: Path, message: Message) -> tuple[dict[str, Any], list[bytes]]:
    """Read a piece of a file and return it as a message to the page and its buffers.

    Args:
        path: The file.
        message: The page's request: `seq`, the number of the piece, from 0, where one beyond the end is empty; `bytes`,
            the size of a piece if it is another than `PIECE_BYTES`; `text`, true if the page asks for base64, because
            it drops binary buffers. Where the kernel knows that it does, a piece is always sent so.

    Raises:
        OSError: The file cannot be read.
    """
    seq, size = int(message["seq"]), min(_whole_number(message.get("bytes")) or PIECE_BYTES, _LARGEST_PIECE)
    with path.open("rb") as file:
        file.seek(seq * size)
        data = file.read(size)
    piece: dict[str, Any] = {"seq": seq, "length": len(data)}
    if message.get("text") or not front_end().trusts_buffers:
        return {**piece, "data": base64.b64encode(data).decode("ascii")}, []
    return piece, [data]


def _received(upload: _Upload, message: Message) -> dict[str, Any]:
    """Answer how far an upload is, with the number of the question if there was one."""
    answer = {"kind": "received", "id": upload.id, "next": upload.next}
    return {**answer, "ask": message["ask"]} if "ask" in message else answer


def _resend(upload: _Upload) -> dict[str, Any]:
    return {"kind": "resend", "id": upload.id, "next": upload.next}


def _piece_bytes(message: Message, buffers: Sequence[Any]) -> Any:
    if buffers:
        return memoryview(buffers[0]).cast("B")
    try:
        return base64.b64decode(str(message.get("data") or ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _whole_number(value: object) -> int:
    """Return a number of the page as an integer; 0 for everything that is not a number it can represent exactly."""
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0


def _safe_name(name: str) -> str:
    """Return a file name of at most 123 bytes that every system takes."""
    plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", name).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    short = (
        f"{_first_bytes(stem, 100)}{dot}{_first_bytes(ending, 12)}"
        if stem
        else _first_bytes(plain, 100) or "narration"
    ).rstrip(" .")
    return f"narration-{short}" if is_reserved_name(short) else short


def _first_bytes(text: str, most: int) -> str:
    return text.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")


def _reserve_path(folder: Path, name: str) -> Path:
    """Reserve an unused name in a folder with an empty file: `talk.wav`, `talk-2.wav` and so on."""
    stem, ending = Path(name).stem, Path(name).suffix
    for count in itertools.count(1):
        path = folder / (name if count == 1 else f"{stem}-{count}{ending}")
        with contextlib.suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError


def _write_failed(error: OSError, name: str, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(name, folder, "none is left")
    return f"{name} could not be written to {folder} ({error.strerror or error}). {_TRY_AGAIN}"


def _disk_full(name: str, folder: Path, free: str) -> str:
    return (
        f"There is not enough room for {name} on the kernel's disk ({folder}: {free}). Nothing was kept. Free some "
        "space there, or give another folder with folder=..."
    )
