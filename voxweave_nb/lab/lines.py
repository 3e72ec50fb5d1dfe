"""Files of JSON lines that several kernels append to, and that no crash damages further than its own last line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigError

__all__ = ["LineFile"]


@dataclass(slots=True)
class LineFile:
    """A file with one JSON object per line. Lines are only ever added.

    Attributes:
        path: The file; it need not exist.
        read_to: The bytes that `read_new` has read.
        damaged: A sentence for each line that could not be read.
    """

    path: Path
    read_to: int = 0
    damaged: list[str] = field(default_factory=list)
    _number: int = 0

    def append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write lines and wait until the disk has them.

        One write adds all of them, at the end of the file at that moment, so that two processes do not mix.

        Raises:
            ConfigError: The file cannot be written.
        """
        text = "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
            for line in lines
        )
        if not text:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:
                _write_all(file.fileno(), self._separator() + text.encode())
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be written: {error.strerror or error}. Nothing that was there is lost."
            ) from error

    def _separator(self) -> bytes:
        """Return a line's end if a crash left half a line at the end of the file."""
        try:
            with self.path.open("rb") as file:
                if file.seek(0, os.SEEK_END) == 0:
                    return b""
                file.seek(-1, os.SEEK_END)
                return b"" if file.read(1) == b"\n" else b"\n"
        except FileNotFoundError:
            return b""

    def read_new(self) -> list[dict[str, Any]]:
        """Return the objects of the lines that were added since the last call.

        A last line without its end is left for later: another process may still be writing it.

        Raises:
            ConfigError: The file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.read_to)
                content = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        end = content.rfind(b"\n") + 1
        self.read_to += end
        return [line for raw in content[:end].split(b"\n")[:-1] if (line := self._parse(raw)) is not None]

    def half_line(self) -> str:
        """Return a sentence about a last line without its end, or an empty text."""
        try:
            size = self.path.stat().st_size
        except OSError:
            return ""
        if size <= self.read_to:
            return ""
        return f"The last line of {self.path.name} is incomplete and was left out."

    def report(self, number: int, problem: str) -> None:
        """Remember that a line is of no use."""
        self.damaged.append(f"Line {number} of {self.path.name} {problem} and was left out.")

    @property
    def number(self) -> int:
        """The number of lines read so far."""
        return self._number

    def _parse(self, raw: bytes) -> dict[str, Any] | None:
        self._number += 1
        if not raw.strip():
            return None
        try:
            line = json.loads(raw)
        except ValueError:
            self.report(self._number, "cannot be read")
            return None
        if not isinstance(line, dict):
            self.report(self._number, "is not an object")
            return None
        line["_line"] = self._number
        return line


def _write_all(handle: int, content: bytes) -> None:
    """Write every byte; a disk that fills up may take only some of them."""
    written = os.write(handle, content)
    while written < len(content):
        written += os.write(handle, content[written:])
