"""A board on disk.

```
voxweave_out/talk.board/
    board.json    the scenes with their prompts and takes; replaced in one step, under a lock
    takes/        the clips that were made, each kept for good
    own/          pictures and clips of one's own, copied
```

Every change reads the file, changes it and writes it back while no other process can: two kernels may work on one
board.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import ConfigError
from ..journal import file_sha
from ..outputs import try_lock
from .scene import SceneRecord
from .state import SCHEMA, BoardState

__all__ = ["SUFFIX", "BoardFolder"]

SUFFIX = ".board"

_LOCK_SECONDS = 10.0
"""Longest wait for another process that is changing the board; a change takes milliseconds."""

_LARGEST = 200_000_000
"""Bytes of the largest `board.json` that is read."""


class BoardFolder:
    """A board's folder.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def file(self) -> Path:
        """The file of the board."""
        return self.path / "board.json"

    @property
    def takes(self) -> Path:
        """The folder of the takes."""
        return self.path / "takes"

    @property
    def own(self) -> Path:
        """The folder of one's own pictures and clips."""
        return self.path / "own"

    def is_empty(self) -> bool:
        """Return True if nothing is in the folder but its lock, or the folder does not exist."""
        return not self.path.exists() or not [each for each in self.path.iterdir() if each.name != ".lock"]

    def read(self) -> BoardState | None:
        """Return the board, or None for a folder without one.

        Raises:
            ConfigError: `board.json` is damaged, cannot be read, or was written by a newer release.
        """
        try:
            if self.file.stat().st_size > _LARGEST:
                raise _damaged(self.file, "it is too large")
            values = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise _damaged(self.file, str(error)) from error
        if not isinstance(values, dict):
            raise _damaged(self.file, "it is not an object")
        if isinstance(values.get("schema"), int) and values["schema"] > SCHEMA:
            raise ConfigError(
                f"{self.file} was written by a newer voxweave_nb. Update this one to open the board."
            )
        try:
            return BoardState.from_values(values)
        except (ValueError, ConfigError) as error:
            raise _damaged(self.file, str(error)) from error

    def create(self, state: BoardState) -> bool:
        """Write a new board; return False if the folder has one already.

        Raises:
            ConfigError: The folder cannot be written.
        """
        with self._locked():
            if self.file.exists():
                return False
            self._write(state)
            return True

    def change(self, edit: Callable[[BoardState], BoardState]) -> BoardState:
        """Apply an edit to the board as it is on disk now, and return the board after it.

        Args:
            edit: Returns the changed board; an error that it raises leaves everything as it was.

        Raises:
            ConfigError: The board is gone, damaged, or cannot be written.
        """
        with self._locked():
            now = self.read()
            if now is None:
                raise ConfigError(f"The board {self.path} is gone: {self.file.name} is not there any more.")
            after = edit(now)
            if after != now:
                after = replace(after, revision=now.revision + 1)
                self._write(after)
            return after

    def keep(self, source: Path) -> str:
        """Copy a file of the person's own into the board, so that the board can be moved; return its name there.

        Raises:
            ConfigError: It cannot be copied.
        """
        try:
            self.own.mkdir(parents=True, exist_ok=True)
            name = f"{file_sha(source)[:16]}{source.suffix.lower()[:8]}"
            target = self.own / name
            if not target.exists():
                partial = target.with_name(f".{name}.{os.getpid()}.partial")
                shutil.copyfile(source, partial)
                partial.replace(target)
        except OSError as error:
            raise ConfigError(
                f"{source.name} cannot be copied into the board {self.path}: {error.strerror or error}."
            ) from error
        return name

    def publish(self, clip: Path, stem: str) -> Path:
        """Move a clip into the folder of the takes, under a name that no other take has."""
        self.takes.mkdir(parents=True, exist_ok=True)
        sha = file_sha(clip)
        partial = self.takes / f".{stem}-{sha[:8]}.partial"
        shutil.copyfile(clip, partial)
        target = self.takes / f"{stem}-{sha[:8]}{_ending(clip)}"
        partial.replace(target)  # a name with its hash is only ever replaced by the same bytes
        return target

    def source_of(self, scene: SceneRecord) -> Path:
        """Return the file that a scene shows: one's own, else the chosen take, which it has to have."""
        if scene.own:
            return self.own / scene.own
        assert scene.take is not None  # a scene that follows waits for it
        return self.takes / scene.take.file

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes, and other boards of this one, from changing the board meanwhile."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            until = time.monotonic() + _LOCK_SECONDS
            while not try_lock(lock):
                if time.monotonic() > until:
                    raise ConfigError(
                        f"Another program has kept the board {self.path} locked for {_LOCK_SECONDS:g} s. Nothing was "
                        "changed; close it, or try again."
                    )
                time.sleep(0.02)
            yield
        finally:
            os.close(lock)

    def _write(self, state: BoardState) -> None:
        temporary = self.path / f".board.json.{os.getpid()}.partial"
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(state.as_values(), file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.file)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _unwritable(self.path, error) from error


def _ending(clip: Path) -> str:
    """Return the ending of a clip's file by what it holds: providers send MP4, and some WebM."""
    with clip.open("rb") as file:
        return ".webm" if file.read(4) == b"\x1aE\xdf\xa3" else ".mp4"


def _unwritable(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(f"The board {folder} cannot be written: {error.strerror or error}.")


def _damaged(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"{path} is damaged: {reason}. The takes beside it are not; restore the file from a copy, or move it away and "
        "make the board anew."
    )
