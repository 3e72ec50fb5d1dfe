"""A narration from the person's own machine: dropped, chosen or recorded, in a file of any size."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from .. import runtime
from ..errors import ConfigError, VoxweaveError
from . import texts
from .assets import module
from .pieces import Receiver, Whole, piece_message

__all__ = ["AudioInput"]


@dataclass(frozen=True)
class _File:
    """A narration that is here."""

    id: str
    path: Path
    name: str
    size: int
    duration: float
    peaks: tuple[int, ...]

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "size": self.size, "duration": round(self.duration, 3)}


class AudioInput(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Takes a narration by drop, by the file chooser or from the microphone, and puts it on the kernel's disk.

    The file comes in pieces that are acknowledged and checked, up to `max_bytes`, with memory flat on both sides.
    Several files queue; one of them is chosen. A part of it can be selected: `path` stays what was received, and
    `narration()` gives what is to be used, cutting the part into a WAV file when it is first asked for.

    What stands below can be observed; `selection` and `error` can be set, too.

    Args:
        folder: Where the files go; a temporary folder that is removed with this widget unless given.
        max_bytes: How many bytes a file may have.
    """

    path = traitlets.Instance(Path, allow_none=True, help="The chosen file as it was received, or None.")
    name = traitlets.Unicode("", help="The chosen file's name on the person's machine.")
    size = traitlets.Int(0, help="The chosen file's size in bytes.")
    duration = traitlets.Float(0.0, help="The chosen file's length in seconds, as decoded.")
    selection = traitlets.Tuple(
        traitlets.Float(),
        traitlets.Float(),
        allow_none=True,
        default_value=None,
        help="The part to use, as its start and end in seconds; None uses the whole.",
    ).tag(sync=True)
    state = traitlets.Enum(
        ["empty", "receiving", "checking", "ready", "failed"],
        "empty",
        help="Nothing here, a file on its way, one being decoded, one ready to use, or what came could not be used.",
    ).tag(sync=True)
    progress = traitlets.Float(0.0, help="How much of what is on its way is here, 0 to 1.")
    error = traitlets.Unicode("", help="What went wrong last, in words; empty when nothing did.").tag(
        sync=True
    )
    max_bytes = traitlets.Int(help="How many bytes a file may have.").tag(sync=True)

    _files = traitlets.List(help="What is here, for the page: names and lengths, never sound.").tag(sync=True)
    _chosen = traitlets.Unicode("", help="The chosen file's id.").tag(sync=True)
    _peaks = traitlets.List(help="The shape of the chosen file's sound, each 0 to 100.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, *, folder: str | os.PathLike[str] | None = None, max_bytes: int = 2_000_000_000
    ) -> None:
        self._here: dict[str, _File] = {}
        self._wanted: set[str] = set()
        self._cuts: dict[tuple[Path, float, float], Path] = {}
        self._lock = threading.RLock()
        self._folder = (
            Path(folder).expanduser() if folder else Path(tempfile.mkdtemp(prefix="voxweave-audio-"))
        )
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._receiver = Receiver(self._folder, max_bytes, self._examine)
        super().__init__(max_bytes=max_bytes, _esm=module("audio_input", "audio_input"))
        self.on_msg(self._hear)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is here, in the order in which they came."""
        return tuple(file.path for file in self._here.values())

    def narration(self) -> Path:
        """The file to use: the chosen one, or the selected part of it as a WAV file.

        The part is cut when it is first asked for, which takes about a second for ten minutes of MP3.

        Raises:
            ConfigError: There is no narration yet.
            NarrationError: The selected part has no sound in it.
        """
        path, selection = self.path, self.selection
        if path is None:
            raise ConfigError("There is no narration yet. Drop, choose or record one.")
        if selection is None:
            return Path(path)
        start, end = selection
        key = (Path(path), start, end)
        if key not in self._cuts:
            from ..media.cut import cut_sound

            to = path.with_name(f"{path.stem}-{start:.2f}-{end:.2f}.wav")
            self._cuts[key] = cut_sound(path, start, end, to)
        return self._cuts[key]

    def choose(self, path: str | os.PathLike[str]) -> None:
        """Chooses one of `files`, as a click on its name does.

        Raises:
            ConfigError: It is none of them.
        """
        for file in self._here.values():
            if file.path == Path(path):
                return self._choose(file.id)
        names = ", ".join(str(path) for path in self.files) or "none yet"
        raise ConfigError(f"{path} is not among the files that are here ({names}).")

    def clear(self) -> None:
        """Forgets every file and removes it from the disk; what is on its way is stopped."""
        with self._lock:
            for file in self._here.values():
                self._delete(file.path)
            self._receiver.close()
            self._here, self._wanted = {}, set()
            self._choose("")
            self._show(state="empty", error="", progress=0.0)
        self.send({"kind": "cleared"})

    @traitlets.validate("selection")  # type: ignore[untyped-decorator,misc,unused-ignore]
    def _check_selection(self, proposal: Any) -> Any:
        selection = proposal["value"]
        if selection is None:
            return None
        start, end = (float(value) for value in selection)
        if not 0 <= start < end <= (self.duration or float("inf")) + 0.01:
            raise ConfigError(
                f"The selection {start:g} to {end:g} s cannot be. Give a start and a later end, in seconds, within the "
                f"{self.duration:.1f} s of the narration."
            )
        return (start, end)

    # What the page says; on the kernel's main thread or a subshell's, one message at a time

    def _hear(self, _: Any, message: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(message, Mapping):
            return
        with self._lock, self._guarded():
            act = {
                "select": self._on_select, "choose": self._on_choose, "remove": self._on_remove, "pull": self._on_pull,
            }.get(str(message.get("kind")))  # fmt: skip
            if act is not None:
                act(message)
                return
            if message.get("kind") == "begin" and message.get("choose"):
                self._wanted.add(str(message.get("id")))
            for answer in self._receiver.hear(message, buffers):
                self._follow(answer)
                self.send(answer)

    def _follow(self, answer: Mapping[str, Any]) -> None:
        """Keeps `state`, `progress` and `error` in step with what the page is told."""
        if answer["kind"] == "have" and self._receiver.progress < 1:
            self._show(state="receiving", error="", progress=self._receiver.progress)
        elif answer["kind"] == "failed":
            self._show(state="failed", error=answer["text"])

    def _on_select(self, message: Mapping[str, Any]) -> None:
        part = message.get("part")
        self.selection = tuple(part) if part else None

    def _on_choose(self, message: Mapping[str, Any]) -> None:
        self._choose(str(message.get("id")))

    def _on_remove(self, message: Mapping[str, Any]) -> None:
        file = self._here.pop(str(message.get("id")), None)
        if file is not None:
            self._delete(file.path)
            if self._chosen == file.id:
                self._choose(next(reversed(self._here), ""))
        self._show(state="ready" if self._here else "empty", error="")

    def _on_pull(self, message: Mapping[str, Any]) -> None:
        file = self._here.get(str(message.get("id")))
        if file is not None:
            piece, buffers = piece_message(file.path, int(message["seq"]), text=bool(message.get("text")))
            self.send({"kind": "pulled", "id": file.id, **piece}, buffers)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Shows in words what goes wrong in a callback, where a traceback would be seen by nobody."""
        try:
            yield
        except VoxweaveError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001
            self.error = texts.UNEXPECTED.format(kind=type(error).__name__, what=error)

    # What has arrived is decoded once, on a thread of its own

    def _examine(self, whole: Whole) -> None:
        self._show(state="checking", progress=1.0)
        runtime.submit(_aside(lambda: self._decode(whole)))

    def _decode(self, whole: Whole) -> None:
        from ..media.peaks import shape_of

        try:
            shape = shape_of(whole.path)
        except VoxweaveError as error:
            self._refuse(whole, str(error))
        except Exception as error:  # noqa: BLE001  whatever a file can do to a decoder
            self._refuse(whole, f"{whole.name} could not be decoded ({type(error).__name__}: {error}).")
        else:
            self._take(_File(whole.id, whole.path, whole.name, whole.size, shape.duration, shape.peaks))

    def _refuse(self, whole: Whole, why: str) -> None:
        self._delete(whole.path)
        self._show(state="failed", error=why)
        self.send({"kind": "failed", "id": whole.id, "text": why})

    def _take(self, file: _File) -> None:
        with self._lock:
            self._here[file.id] = file
            self._show(error="")
            with self._guarded():  # whoever observes may fail; the file is here all the same
                if file.id in self._wanted or not self._chosen:
                    self._choose(file.id)
                else:
                    self._files = [each.shown() for each in self._here.values()]
            with self._guarded():
                self._show(state="ready")
        self.send({"kind": "ready", "id": file.id})

    def _choose(self, id: str) -> None:
        file = self._here.get(id)
        with self.hold_trait_notifications():
            self.selection = None
            self._files = [each.shown() for each in self._here.values()]
            self._peaks = list(file.peaks) if file else []
            self._chosen = file.id if file else ""
            self.name, self.size = (file.name, file.size) if file else ("", 0)
            self.duration = file.duration if file else 0.0
            self.path = file.path if file else None

    def _delete(self, path: Path) -> None:
        """Removes a file and the parts that were cut out of it."""
        cuts = [key for key in self._cuts if key[0] == path]
        for each in (path, *(self._cuts.pop(key) for key in cuts)):
            with contextlib.suppress(OSError):
                each.unlink()

    def _show(self, **values: Any) -> None:
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return _bundle(super()._repr_mimebundle_(**options))


async def _aside(action: Callable[[], None]) -> None:
    await asyncio.to_thread(action)


def _bundle(made: Any) -> Any:
    """A widget's bundle, with words for a reader who has no kernel."""
    data, *rest = made if isinstance(made, tuple) else (made,)
    data = {
        **(data or {}),
        "text/plain": texts.AUDIO_PLAIN,
        "text/html": f"<p><em>{texts.AUDIO_PLAIN}.</em></p>",
    }
    return (data, *rest) if rest else data
