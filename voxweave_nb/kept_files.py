"""Files for what a person gives as bytes: kept by their hash in a private folder, so that a run can be resumed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Self

from .errors import NarrationError

__all__ = ["BLOCK", "KeptFiles", "blocks_of", "default_home"]

BLOCK = 1_000_000
"""Bytes that are read and written at a time."""

_FOLDER = "inputs"
_KEPT_SECONDS = 90 * 24 * 3600.0
_MOST_BYTES = 512_000_000

_SIGNATURES = (
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"ID3|\xff[\xe2-\xfb]"), ".mp3"),
    (re.compile(rb"\xff[\xf0-\xf9]"), ".aac"),
    (re.compile(rb"OggS"), ".ogg"),
    (re.compile(rb"fLaC"), ".flac"),
    (re.compile(rb"....ftyp", re.DOTALL), ".m4a"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
    (re.compile(rb"\x89PNG"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
)


def default_home() -> Path:
    """Return the folder of the journal and of kept files: `VOXWEAVE_HOME`, else the user's data folder."""
    if chosen := os.environ.get("VOXWEAVE_HOME", "").strip():
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("voxweave_nb", appauthor=False)


class KeptFiles:
    """Keeps bytes as files that only this user can read; the same bytes are kept once.

    A file that was not given again for 90 days is removed when another one is kept.

    Args:
        home: The folder of the journal.
        most: Largest file in bytes.
    """

    def __init__(self, home: Path | None = None, most: int = _MOST_BYTES) -> None:
        self.folder = (home or default_home()) / _FOLDER
        self.most = most

    @classmethod
    def of(cls, settings: Any) -> Self:
        """Return the files of a service with these settings."""
        return cls(settings.home, settings.max_narration_bytes)

    def keep(self, blocks: Iterable[bytes | memoryview], *, name: str, what: str = "narration") -> Path:
        """Write blocks of bytes to a file and return it; memory is flat in its size.

        Args:
            blocks: The bytes.
            name: The name that the person knows it by; its beginning and ending are those of the file.
            what: What it is, for error messages.

        Raises:
            NarrationError: There are no bytes, more than `most`, or they cannot be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_old()
            with self._new_file() as (file, path):
                digest, head = self._write(blocks, file, what)
                file.close()
                kept = self.folder / f"{_stem(name)}-{digest[:16]}{_ending(name, head)}"
                path.replace(kept)
        except OSError as error:
            raise NarrationError(
                f"The {what} cannot be kept in {self.folder} ({error.strerror or error}). Make room there, or set "
                "VOXWEAVE_HOME to another folder."
            ) from error
        return kept

    @contextlib.contextmanager
    def _new_file(self) -> Iterator[tuple[IO[bytes], Path]]:
        number, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        with os.fdopen(number, "wb") as file:
            try:
                yield file, Path(name)
            finally:
                file.close()
                Path(name).unlink(missing_ok=True)

    def _write(self, blocks: Iterable[bytes | memoryview], file: IO[bytes], what: str) -> tuple[str, bytes]:
        """Write the blocks; return the SHA-256 and the first bytes."""
        digest, size, head = hashlib.sha256(), 0, b""
        for block in blocks:
            size += len(block)
            if size > self.most:
                setting = "" if what == "image" else ", or raise max_narration_bytes in Settings"
                raise NarrationError(
                    f"The {what} has more than {self.most / 1e6:,.0f} MB, which is the limit. Give a compressed file"
                    f"{setting}."
                )
            head = head or bytes(block[:16])
            digest.update(block)
            file.write(block)
        if not size:
            raise NarrationError(f"The {what} is empty (0 bytes); give a file with something in it.")
        return digest.hexdigest(), head

    def _remove_old(self) -> None:
        before = time.time() - _KEPT_SECONDS
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()


def blocks_of(data: bytes | bytearray | memoryview | IO[bytes]) -> Iterator[bytes | memoryview]:
    """Yield the bytes of an object or of an open file, from its beginning; the file's position is restored."""
    if isinstance(data, bytes | bytearray | memoryview):
        view = memoryview(data).cast("B")
        for start in range(0, len(view), BLOCK):
            yield view[start : start + BLOCK]
        return
    with _from_beginning(data):
        while block := data.read(BLOCK):
            yield block


@contextlib.contextmanager
def _from_beginning(file: IO[bytes]) -> Iterator[None]:
    """Read a file from its beginning, if it can be sought: a buffer that was just written stands at its end."""
    if not getattr(file, "seekable", lambda: False)():
        yield
        return
    position = file.tell()
    file.seek(0)
    try:
        yield
    finally:
        file.seek(position)


def _stem(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", Path(name).stem)[:40].strip("-") or "narration"


def _ending(name: str, head: bytes) -> str:
    suffix = Path(name).suffix.lower()
    if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix):
        return suffix
    return next((ending for pattern, ending in _SIGNATURES if pattern.match(head)), "")
