"""Files in pieces between the page and the kernel: a notebook's connection closes at a message above 10 MiB.

The page offers a file and sends it in numbered pieces; the kernel writes them in order and says after each which one
it waits for. Whatever gets lost, doubled or out of order on the way is mended by that one number:

    page                                        kernel
    begin  id, name, size, modified, piece  ->
                                            <-  have   id, next, ask        what is there already
    piece  id, seq, sha, [bytes]            ->
                                            <-  have   id, next             written up to there
                                            <-  again  id, next             a piece was missing or damaged
    ask    id, ask                          ->                              after a silence: which one do you wait for?
    end    id, sha                          ->
                                            <-  whole  id, sha
    cancel id                               ->                              nothing is kept
                                            <-  failed id, text             for good; nothing is kept
                                            <-  unknown id                  the kernel is another one: begin again

`sha` of a piece is its SHA-256; that of the whole is the SHA-256 of all pieces' digests in order, because a browser's
own SHA-256 cannot be fed bit by bit. Both sides compute both. A file of the same name, size and date goes on where it
was left, which is how an upload outlives a reloaded page.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import hashlib
import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["PIECE", "Receiver", "Whole", "piece_message"]

PIECE = 4 * 2**20
"""Bytes in a piece: measured as the fastest that leaves room below the 10 MiB."""

_LARGEST_PIECE = 9 * 2**20
_MOST_REFUSED = 5
_MOST_OPEN = 8
_SPARE = 64 * 2**20
"""Bytes that are left free on the disk for everybody else."""

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Whole:
    """A file that has arrived, its checksum compared.

    Attributes:
        id: The page's name for the transfer.
        path: Where it is now.
        name: The name that it had on the person's machine.
        size: Bytes.
    """

    id: str
    path: Path
    name: str
    size: int


@dataclass
class _Transfer:
    id: str
    name: str
    size: int
    piece: int
    modified: int
    path: Path
    next: int = 0
    refused: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def pieces(self) -> int:
        return -(-self.size // self.piece)

    def length(self, seq: int) -> int:
        return min(self.piece, self.size - seq * self.piece)

    def drop(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Receiver:
    """Takes files from a page straight to the disk; memory holds one piece.

    Args:
        folder: Where the files go.
        largest: How many bytes a file may have.
        on_whole: Called when a file has arrived, before the page is told.
    """

    def __init__(self, folder: Path, largest: int, on_whole: Callable[[Whole], None]) -> None:
        self._folder, self._largest, self._on_whole = folder, largest, on_whole
        self._open: dict[str, _Transfer] = {}
        self._ended: dict[str, dict[str, Any]] = {}

    @property
    def progress(self) -> float:
        """How much of what was offered is here, 0 to 1."""
        size = sum(transfer.size for transfer in self._open.values())
        here = sum(min(transfer.size, transfer.next * transfer.piece) for transfer in self._open.values())
        return here / size if size else 0.0

    def hear(self, message: Message, buffers: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Takes one message and gives the answers to it; one that makes no sense has none."""
        kind, id = message.get("kind"), message.get("id")  # noqa: A001  the protocol's own word
        if not isinstance(id, str):
            return []
        if id in self._ended and kind != "cancel":
            return [self._ended[id]]
        if kind == "begin":
            return [self._begin(id, message)]
        transfer = self._open.get(id)
        if transfer is None:
            return [{"kind": "unknown", "id": id}] if kind in ("piece", "ask", "end") else []
        match kind:
            case "piece":
                return [self._piece(transfer, message, buffers)]
            case "ask":
                return [_have(transfer, message)]
            case "end":
                return [self._end(transfer, message)]
            case "cancel":
                self._open.pop(id).drop()
        return []

    def close(self) -> None:
        """Forgets what is half here."""
        for transfer in self._open.values():
            transfer.drop()
        self._open.clear()

    # One method for each message

    def _begin(self, id: str, message: Message) -> dict[str, Any]:
        name, size = str(message.get("name") or "narration"), _whole_number(message.get("size"))
        piece, modified = _whole_number(message.get("piece")), _whole_number(message.get("modified"))
        if not 0 < piece <= _LARGEST_PIECE or size <= 0:
            return self._fail(id, f"{name} is empty. Choose another file.")
        if id in self._open:
            return _have(self._open[id], message)
        if size > self._largest:
            most = f"{self._largest / 1e6:,.0f} MB"
            return self._fail(
                id, f"{name} has {size / 1e6:,.0f} MB; at most {most} are taken. Compress or cut it."
            )
        same = (name, size, piece, modified)
        for old in list(self._open.values()):
            if (old.name, old.size, old.piece, old.modified) == same:
                self._open[id] = self._open.pop(old.id)
                self._open[id].id = id
                return _have(old, message)
        return self._make(id, message, name, size, piece, modified)

    def _make(
        self, id: str, message: Message, name: str, size: int, piece: int, modified: int
    ) -> dict[str, Any]:
        while len(self._open) >= _MOST_OPEN:
            self._open.pop(next(iter(self._open))).drop()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
            if free < size + _SPARE:
                return self._fail(id, _full(name, self._folder, f"{free / 1e6:,.0f} MB are free"))
            path = Path(tempfile.mkdtemp(dir=self._folder)) / f"{_safe(name)}.partial"
            transfer = _Transfer(id, name, size, piece, modified, path)
            path.touch()
        except OSError as error:
            return self._fail(id, _words(error, name, self._folder))
        self._open[id] = transfer
        return _have(transfer, message)

    def _piece(self, transfer: _Transfer, message: Message, buffers: Sequence[Any]) -> dict[str, Any]:
        seq = message.get("seq")
        if isinstance(seq, int) and seq < transfer.next:
            return _have(transfer, {})  # a double
        if seq != transfer.next or transfer.next >= transfer.pieces:
            return {"kind": "again", "id": transfer.id, "next": transfer.next}
        data = _bytes(message, buffers)
        digest = hashlib.sha256(data)
        if len(data) != transfer.length(transfer.next) or digest.hexdigest() != message.get("sha"):
            return self._refuse(transfer)
        try:
            with transfer.path.open("ab") as file:
                file.write(data)
        except OSError as error:
            return self._fail(transfer.id, _words(error, transfer.name, self._folder))
        transfer.digest.update(digest.digest())
        transfer.next, transfer.refused = transfer.next + 1, 0
        return _have(transfer, {})

    def _refuse(self, transfer: _Transfer) -> dict[str, Any]:
        transfer.refused += 1
        if transfer.refused >= _MOST_REFUSED:
            return self._fail(
                transfer.id, f"A piece of {transfer.name} arrived damaged {_MOST_REFUSED} times. {_TRY}"
            )
        return {"kind": "again", "id": transfer.id, "next": transfer.next}

    def _end(self, transfer: _Transfer, message: Message) -> dict[str, Any]:
        if transfer.next < transfer.pieces:
            return {"kind": "again", "id": transfer.id, "next": transfer.next}
        sha = transfer.digest.hexdigest()
        if sha != message.get("sha"):
            return self._fail(transfer.id, f"{transfer.name} arrived changed: the checksums differ. {_TRY}")
        try:
            path = transfer.path.replace(_claimed(self._folder, _safe(transfer.name)))
            transfer.path.parent.rmdir()
        except OSError as error:
            return self._fail(transfer.id, _words(error, transfer.name, self._folder))
        del self._open[transfer.id]
        self._on_whole(Whole(transfer.id, path, transfer.name, transfer.size))
        return self._remember({"kind": "whole", "id": transfer.id, "sha": sha})

    def _fail(self, id: str, text: str) -> dict[str, Any]:
        if transfer := self._open.pop(id, None):
            transfer.drop()
        return self._remember({"kind": "failed", "id": id, "text": text})

    def _remember(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Keeps a last word, because the page asks again when it did not hear it."""
        self._ended[answer["id"]] = answer
        while len(self._ended) > 100:
            del self._ended[next(iter(self._ended))]
        return answer


_TRY = "Nothing was kept; try again."


def piece_message(path: Path, seq: int, *, text: bool) -> tuple[dict[str, Any], list[bytes]]:
    """One piece of a file for the page, as a message and its buffers.

    Args:
        path: The file.
        seq: The piece's number, from 0.
        text: Whether the front end loses binary buffers, so that the piece goes as base64.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        file.seek(seq * PIECE)
        data = file.read(PIECE)
    message: dict[str, Any] = {"seq": seq, "length": len(data)}
    if text:
        return {**message, "data": base64.b64encode(data).decode("ascii")}, []
    return message, [data]


def _have(transfer: _Transfer, message: Message) -> dict[str, Any]:
    answer = {"kind": "have", "id": transfer.id, "next": transfer.next}
    return {**answer, "ask": message["ask"]} if "ask" in message else answer


def _bytes(message: Message, buffers: Sequence[Any]) -> Any:
    if buffers:
        return memoryview(buffers[0]).cast("B")
    try:
        return base64.b64decode(str(message.get("data") or ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _whole_number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else 0


def _safe(name: str) -> str:
    """The file's own name, made harmless."""
    plain = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", name).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:12]}" if stem else (plain[:100] or "narration")


def _claimed(folder: Path, name: str) -> Path:
    """A name in a folder that nobody has yet, taken by an empty file."""
    stem, ending = Path(name).stem, Path(name).suffix
    for count in itertools.count(1):
        path = folder / (name if count == 1 else f"{stem}-{count}{ending}")
        with contextlib.suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError


def _words(error: OSError, name: str, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(name, folder, "none is left")
    return f"{name} could not be written to {folder} ({error.strerror or error}). {_TRY}"


def _full(name: str, folder: Path, how: str) -> str:
    return (
        f"There is no room for {name} on the kernel's disk ({folder}: {how}). Nothing was kept. Make room there, or "
        "name another folder with folder=..."
    )
