"""The audio input: a narration that is dropped, chosen or recorded in the page, of any size up to a limit."""

from __future__ import annotations

import asyncio
import concurrent.futures
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
from ..environment import front_end
from ..errors import ConfigError, VoxweaveError
from . import texts
from .assets import module
from .elements import error_text
from .fallback import fallback, with_fallback
from .upload import ReceivedFile, Receiver, piece_message

__all__ = ["AudioInput"]


@dataclass(frozen=True)
class _Narration:
    """A narration on the kernel's disk: size in bytes, duration in seconds, peaks from 0 to 100, the codec's name."""

    id: str
    path: Path
    name: str
    size: int
    duration: float
    peaks: tuple[int, ...]
    codec: str

    def for_page(self) -> dict[str, Any]:
        facts = {"id": self.id, "name": self.name, "size": self.size, "codec": self.codec}
        return {**facts, "duration": round(self.duration, 3)}


class AudioInput(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Upload a narration by drop, by the file chooser or from the microphone.

    A file arrives on the kernel's disk in pieces with checksums, up to `max_bytes`; neither side holds more than a few
    pieces in memory. Several files are uploaded one after the other, and one of them is chosen. A part of it can be
    selected: `path` remains the whole file, and `narration()` cuts the part into a WAV file when it is first called.

    The traits can be observed; `selection` and `error` can also be set.

    Args:
        folder: Folder for the files; by default a temporary one that is removed with this widget.
        max_bytes: Limit for a file's size in bytes.
    """

    path = traitlets.Instance(Path, allow_none=True, help="The chosen file as it was uploaded, or None.")
    name = traitlets.Unicode("", help="The chosen file's name on the person's machine.")
    size = traitlets.Int(0, help="The chosen file's size in bytes.")
    duration = traitlets.Float(0.0, help="The chosen file's duration in seconds, as decoded.")
    selection = traitlets.Tuple(
        traitlets.Float(),
        traitlets.Float(),
        allow_none=True,
        default_value=None,
        help="Start and end of the part to use, in seconds; None uses everything.",
    ).tag(sync=True)
    state = traitlets.Enum(
        ["empty", "receiving", "checking", "ready", "failed"],
        "empty",
        help="No file, one being uploaded, one being decoded, one ready to use, or the last one failed.",
    ).tag(sync=True)
    progress = traitlets.Float(0.0, help="Received share of the files being uploaded, 0 to 1.")
    error = traitlets.Unicode("", help="The last error's message, or empty.").tag(sync=True)
    max_bytes = traitlets.Int(help="Limit for a file's size in bytes.").tag(sync=True)

    _files = traitlets.List(help="The narrations for the page: names, sizes and durations, no audio.").tag(
        sync=True
    )
    _chosen = traitlets.Unicode("", help="The chosen file's id.").tag(sync=True)
    _peaks = traitlets.List(help="The chosen file's peaks, each 0 to 100.").tag(sync=True)
    _text = traitlets.Bool(help="True where the page must send pieces as text.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, *, folder: str | os.PathLike[str] | None = None, max_bytes: int = 2_000_000_000
    ) -> None:
        self._narrations: dict[str, _Narration] = {}
        self._chosen_on_arrival: set[str] = set()
        self._decoding: dict[str, Path] = {}
        self._cuts: dict[tuple[Path, float, float], Path] = {}
        self._copies: dict[str, concurrent.futures.Future[Path]] = {}
        self._lock = threading.RLock()
        self._folder = (
            Path(folder).expanduser() if folder else Path(tempfile.mkdtemp(prefix="voxweave-audio-"))
        )
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._receiver = Receiver(self._folder, max_bytes, self._decode_aside)
        super().__init__(
            max_bytes=max_bytes,
            _text=not front_end().trusts_buffers,
            _esm=module("audio_input", "audio_input"),
        )
        self.on_msg(self._on_message)

    @property
    def files(self) -> tuple[Path, ...]:
        """All uploaded files, in the order in which they arrived."""
        return tuple(narration.path for narration in self._narrations.values())

    def narration(self) -> Path:
        """Return the file to use: the chosen one, or the selected part of it as a WAV file.

        The first call for a part cuts it, which takes about a second for ten minutes of MP3.

        Raises:
            ConfigError: No narration was uploaded yet.
            NarrationError: The selected part contains no audio.
        """
        path, selection = self.path, self.selection
        if path is None:
            raise ConfigError("No narration was uploaded yet. Drop, choose or record one.")
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
        """Choose one of `files`, like a click on its name.

        Raises:
            ConfigError: The path is not in `files`.
        """
        for narration in self._narrations.values():
            if narration.path == Path(path):
                return self._choose(narration.id)
        names = ", ".join(str(path) for path in self.files) or "none yet"
        raise ConfigError(f"{path} is not among the uploaded files ({names}).")

    def clear(self) -> None:
        """Cancel the uploads and delete all files from the disk."""
        with self._lock:
            for path in (*self.files, *self._decoding.values()):
                self._delete(path)
            self._receiver.close()
            self._narrations, self._chosen_on_arrival, self._decoding = {}, set(), {}
            self._choose("")
            self._update(state="empty", error="", progress=0.0)
        self.send({"kind": "cleared"})

    @traitlets.validate("selection")  # type: ignore[untyped-decorator,misc,unused-ignore]
    def _check_selection(self, proposal: Any) -> Any:
        selection = proposal["value"]
        if selection is None:
            return None
        start, end = (float(value) for value in selection)
        if not 0 <= start < end <= (self.duration or float("inf")) + 0.01:
            raise ConfigError(
                f"The selection {start:g} to {end:g} s is invalid. Give a start and a later end, in seconds, within "
                f"the {self.duration:.1f} s of the narration."
            )
        return (start, end)

    # Messages arrive on the kernel's main thread or a subshell's, and decoding ends on a thread of its own.

    def _on_message(self, _: Any, message: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(message, Mapping):
            return
        with self._lock, self._errors_shown():
            act = {
                "select": self._on_select, "choose": self._on_choose, "remove": self._on_remove, "pull": self._on_pull,
                "rendition": self._on_rendition,
            }.get(str(message.get("kind")))  # fmt: skip
            if act is not None:
                act(message)
                return
            if message.get("kind") == "begin" and message.get("choose"):
                self._chosen_on_arrival.add(str(message.get("id")))
            for answer in self._receiver.receive(message, buffers):
                self._follow_upload(answer)
                self.send(answer)

    def _follow_upload(self, answer: Mapping[str, Any]) -> None:
        """Update the traits according to an answer to the page."""
        if answer["kind"] == "received" and self._receiver.progress < 1:
            self._update(state="receiving", error="", progress=self._receiver.progress)
        elif answer["kind"] == "failed":
            self._update(state="failed", error=answer["text"])

    def _on_select(self, message: Mapping[str, Any]) -> None:
        part = message.get("part")
        self.selection = tuple(part) if part else None

    def _on_choose(self, message: Mapping[str, Any]) -> None:
        self._choose(str(message.get("id")))

    def _on_remove(self, message: Mapping[str, Any]) -> None:
        narration = self._narrations.pop(str(message.get("id")), None)
        if narration is not None:
            self._delete(narration.path)
            if self._chosen == narration.id:
                self._choose(next(reversed(self._narrations), ""))
            else:
                self._files = [each.for_page() for each in self._narrations.values()]
        self._update(state="ready" if self._narrations else "empty", error="")

    def _on_pull(self, message: Mapping[str, Any]) -> None:
        """Send a piece of a narration to a page that does not have it, such as a reloaded one."""
        what = str(message.get("what"))
        answer = {"kind": "piece", "what": what, "turn": message.get("turn")}
        narration, copy = self._narrations.get(what), self._copies.get(what)
        try:
            if copy is not None and copy.done():
                path = copy.result()
            elif narration is not None:
                path = narration.path
            else:
                raise FileNotFoundError(what)
            piece, buffers = piece_message(path, message)
        except OSError:
            self.send({**answer, "kind": "gone", "name": narration.name if narration else what})
        else:
            self.send({**answer, **piece}, buffers)

    def _on_rendition(self, message: Mapping[str, Any]) -> None:
        """Make an MP3 of a narration for a page that cannot decode it; made once, and removed with the narration."""
        runtime.submit(self._send_copy(message))

    async def _send_copy(self, message: Mapping[str, Any]) -> None:
        answer = {"kind": "rendition", "turn": message.get("turn")}
        try:
            narration = self._narrations.get(str(message.get("of")))
            if narration is None:
                raise ConfigError("The narration is missing on the kernel's disk. Choose it again.")
            what = f"{narration.id}.mp3"
            if what not in self._copies or self._copies[what].done():
                self._copies[what] = runtime.submit(_make_copy(narration))
            path = await asyncio.wrap_future(self._copies[what])
            self.send({**answer, "what": what, "size": path.stat().st_size})
        except Exception as error:  # noqa: BLE001  shown in the page
            self.send({**answer, "error": error_text(error)})

    @contextlib.contextmanager
    def _errors_shown(self) -> Iterator[None]:
        """Show the message of an exception in the page: nobody would see the traceback of a callback."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  shown in the page
            self.error = error_text(error)

    def _decode_aside(self, file: ReceivedFile) -> None:
        """Start decoding a file on a thread of its own."""
        self._decoding[file.id] = file.path
        self._update(state="checking", progress=1.0)
        runtime.submit(_in_thread(lambda: self._decode(file)))

    def _decode(self, file: ReceivedFile) -> None:
        from ..media.peaks import shape_of
        from ..media.probe import probe

        try:
            shape, sound = shape_of(file.path), probe(file.path).audio
        except VoxweaveError as error:
            self._reject(file, str(error))
        except Exception as error:  # noqa: BLE001  a file can do anything to a decoder
            self._reject(file, f"{file.name} could not be decoded ({type(error).__name__}: {error}).")
        else:
            codec = sound.codec if sound is not None else ""
            self._add(
                _Narration(file.id, file.path, file.name, file.size, shape.duration, shape.peaks, codec)
            )

    def _reject(self, file: ReceivedFile, error: str) -> None:
        with self._lock:
            self._delete(file.path)
            if self._decoding.pop(file.id, None) is None:
                return  # cleared meanwhile
            self._update(state="failed", error=error)
        self.send({"kind": "failed", "id": file.id, "text": error})

    def _add(self, narration: _Narration) -> None:
        with self._lock:
            if self._decoding.pop(narration.id, None) is None:
                return  # cleared meanwhile
            self._narrations[narration.id] = narration
            self._update(error="")
            with self._errors_shown():  # an observer may fail; the narration is there all the same
                if narration.id in self._chosen_on_arrival or not self._chosen:
                    self._choose(narration.id)
                else:
                    self._files = [each.for_page() for each in self._narrations.values()]
            with self._errors_shown():
                self._update(state="ready")
        self.send({"kind": "ready", "id": narration.id})

    def _choose(self, id: str) -> None:
        narration = self._narrations.get(id)
        with self.hold_trait_notifications():
            self.selection = None
            self._files = [each.for_page() for each in self._narrations.values()]
            self._peaks = list(narration.peaks) if narration else []
            self._chosen = narration.id if narration else ""
            self.name, self.size = (narration.name, narration.size) if narration else ("", 0)
            self.duration = narration.duration if narration else 0.0
            self.path = narration.path if narration else None

    def _delete(self, path: Path) -> None:
        """Delete a file, its copy and the parts that were cut from it."""
        cuts = [key for key in self._cuts if key[0] == path]
        for each in (path, _copy_path(path), *(self._cuts.pop(key) for key in cuts)):
            with contextlib.suppress(OSError):
                each.unlink()

    def _update(self, **values: Any) -> None:
        """Set traits that have changed."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return with_fallback(super()._repr_mimebundle_(**options), fallback(texts.AUDIO_PLAIN))


def _copy_path(narration: Path) -> Path:
    return narration.with_name(f"{narration.name}.copy.mp3")


async def _make_copy(narration: _Narration) -> Path:
    from ..media.rendition import encode_mp3

    to = _copy_path(narration.path)
    if not to.is_file():
        partial = to.with_name(f"{to.name}.partial")
        await encode_mp3(narration.path, partial, duration=narration.duration)
        partial.replace(to)
    return to


async def _in_thread(action: Callable[[], None]) -> None:
    await asyncio.to_thread(action)
