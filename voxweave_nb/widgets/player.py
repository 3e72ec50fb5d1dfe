"""A finished video to watch, read and search: captions, a transcript that follows, loops, frames, downloads."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import anywidget
import traitlets

from ..errors import ConfigError, VoxweaveError
from ..inline import video_bundle
from ..models import Cue, SubtitleMode
from ..result import GeneratedVideo
from ..timecode import parse_time
from . import texts
from .assets import module
from .pieces import piece_message

__all__ = ["Player"]

_LETTERS_AT_ONCE = 12_000
"""How many letters of captions travel with the widget's state; the page asks for the rest."""

_TAIL = 32
_FPS = 30.0
_TIMES = r"([\d:.]+)[ \t]+-->[ \t]+([\d:.]+)[^\n]*\n[^\n#]*#xywh=(\d+),(\d+),(\d+),(\d+)"


class _Extras(TypedDict, total=False):
    captions: str | os.PathLike[str] | Sequence[Cue] | None
    poster: str | os.PathLike[str] | None
    title: str | None
    settings: str | None
    sprite: str | os.PathLike[str] | None
    thumbnails: str | os.PathLike[str] | None


class Player(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Plays a video with its captions and a transcript that follows the speech.

    A video of any size starts at once where the notebook's server can serve it (it lies in the server's folder, and
    the front end is JupyterLab or Notebook); elsewhere it comes through the kernel in pieces. `way` and the player
    say which.

    Args:
        video: A result, or the path of a video; None shows nothing until `show` is called.
        **extras: What a result brings along itself and a path does not. `captions`: a subtitle file, or cues;
            `poster`: a still; `title`: what stands above the picture; `settings`: the Python line that a person can
            copy; `sprite`: a picture that holds a grid of thumbnails; `thumbnails`: the WebVTT file that says which
            part of it is of which moment.

    Raises:
        ConfigError: The video is not there.
        SubtitleError: The captions cannot be read.
    """

    way = traitlets.Enum(
        ["", "server", "kernel"],
        "",
        help="How the picture comes: streamed from the notebook's server, or sent through the kernel.",
    )
    error = traitlets.Unicode("", help="What went wrong last, in words; empty when nothing did.").tag(
        sync=True
    )

    _facts = traitlets.Dict(help="What the page needs to know of the video, without a byte of it.").tag(
        sync=True
    )
    _cues = traitlets.List(help="The first captions, each as start, end and text.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        video: GeneratedVideo | str | os.PathLike[str] | None = None,
        **extras: Unpack[_Extras],
    ) -> None:
        self._video: GeneratedVideo | None = None
        self._paths: dict[str, Path] = {}
        self._all_cues: tuple[Cue, ...] = ()
        super().__init__(_esm=module("player", "player"))
        self.on_msg(self._hear)
        if video is not None:
            self.show(video, **extras)

    @property
    def path(self) -> Path | None:
        """The video that is shown, or None."""
        return self._paths.get("video")

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The captions that are shown."""
        return self._all_cues

    def show(self, video: GeneratedVideo | str | os.PathLike[str], **extras: Unpack[_Extras]) -> None:
        """Shows another video; the arguments are those of the class.

        Raises:
            ConfigError: The video is not there.
            SubtitleError: The captions cannot be read.
        """
        if unknown := sorted(extras.keys() - _Extras.__annotations__.keys()):
            raise TypeError(
                f"There is no argument {unknown[0]!r}; the names are {', '.join(_Extras.__annotations__)}."
            )
        made = video if isinstance(video, GeneratedVideo) else None
        captions = extras.get("captions")
        path = made.path if made else Path(os.fspath(video)).expanduser()  # type: ignore[arg-type]
        if not path.is_file():
            raise ConfigError(f"There is no video {str(path)!r}; check the path.")
        found = {
            "video": path,
            "captions": made.captions
            if made
            else captions
            if isinstance(captions, str | os.PathLike)
            else None,
            "poster": extras.get("poster") or (made and made.poster),
            "sprite": extras.get("sprite") or getattr(made, "sprite", None),
            "thumbnails": extras.get("thumbnails") or getattr(made, "thumbnails", None),
        }
        paths = {name: Path(os.fspath(each)).expanduser() for name, each in found.items() if each}
        self._all_cues = _cues(made, captions)
        self._video, self._paths = made, {name: each for name, each in paths.items() if each.is_file()}
        self.way = ""
        with self.hold_sync():
            self._cues = _plain(_first(self._all_cues))
            self._facts = self._describe(extras.get("title"), extras.get("settings"))
            self.error = ""

    def play(self) -> None:
        """Plays, as the button does; a browser may refuse until the page was touched."""
        self.send({"kind": "play"})

    def pause(self) -> None:
        """Pauses, as the button does."""
        self.send({"kind": "pause"})

    def seek(self, seconds: float) -> None:
        """Goes to a moment, as a click on the transcript does."""
        self.send({"kind": "seek", "to": float(seconds)})

    def _describe(self, title: str | None, settings: str | None) -> dict[str, Any]:
        made, path = self._video, self._paths["video"]
        config = made.provenance.config if made else None
        size, width, height, duration, fps = _measured(path, made)
        return {
            "title": title if title is not None else (config.prompt if config else "") or path.stem,
            "settings": settings if settings is not None else repr(config) if config else "",
            "mime": "video/webm" if path.suffix.lower() in (".webm", ".mkv") else "video/mp4",
            "size": size, "tail": _tail(path), "width": width, "height": height, "duration": duration, "fps": fps,
            "burnt": made is not None and made.subtitle_mode is SubtitleMode.BURN,
            "cues": len(self._all_cues),
            "files": {name: {"name": each.name, "places": _places(each)} for name, each in self._paths.items()},
            "tiles": _tiles(self._paths.get("thumbnails")) if "sprite" in self._paths else [],
        }  # fmt: skip

    # What the page says; on the kernel's main thread or a subshell's

    def _hear(self, _: Any, message: Any, __: Any) -> None:
        if not isinstance(message, Mapping):
            return
        try:
            match message.get("kind"):
                case "pull":
                    self._pull(message)
                case "cues":
                    self.send({"kind": "cues", "cues": _plain(self._all_cues[len(self._cues) :])})
                case "way":
                    self.way = str(message.get("way"))
        except VoxweaveError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001  shown in words, where a traceback would be seen by nobody
            self.error = texts.UNEXPECTED.format(kind=type(error).__name__, what=error)

    def _pull(self, message: Mapping[str, Any]) -> None:
        what, seq = str(message.get("what")), int(message["seq"])
        answer = {"kind": "piece", "what": what, "turn": message.get("turn")}
        try:
            piece, buffers = piece_message(self._paths[what], seq, text=bool(message.get("text")))
        except (OSError, KeyError):
            name = self._paths[what].name if what in self._paths else what
            self.send({**answer, "kind": "gone", "name": name})
        else:
            self.send({**answer, **piece}, buffers)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        made = super()._repr_mimebundle_(**options)
        data, *rest = made if isinstance(made, tuple) else (made,)
        page = (
            video_bundle(self._video)["text/html"]
            if self._video
            else f"<p><em>{texts.PLAYER_PLAIN}.</em></p>"
        )
        data = {**(data or {}), "text/plain": str(self._video or texts.PLAYER_PLAIN), "text/html": page}
        return (data, *rest) if rest else data


def _first(cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """As many cues as the state may hold."""
    letters = 0
    for place, cue in enumerate(cues):
        letters += len(cue.text) + 20
        if letters > _LETTERS_AT_ONCE:
            return cues[:place]
    return cues


def _plain(cues: Sequence[Cue]) -> list[list[Any]]:
    return [[cue.start, cue.end, cue.text] for cue in cues]


def _cues(
    made: GeneratedVideo | None, captions: str | os.PathLike[str] | Sequence[Cue] | None
) -> tuple[Cue, ...]:
    if captions is None:
        return tuple(made.cues) if made else ()
    if isinstance(captions, str | os.PathLike):
        from ..media.subtitles import read_subtitles

        return tuple(read_subtitles(captions if isinstance(captions, str) else Path(captions)).cues)
    return tuple(captions)


def _measured(path: Path, made: GeneratedVideo | None) -> tuple[int, int, int, float, float]:
    """Size in bytes, width, height, duration and frames per second."""
    from ..media.probe import probe

    size = path.stat().st_size
    try:
        facts = probe(path)
    except VoxweaveError:
        return (
            (size, 16, 9, 0.0, _FPS) if made is None else (size, made.width, made.height, made.duration, _FPS)
        )
    picture = facts.video
    if picture is None or not picture.width:
        return size, 16, 9, facts.duration, _FPS
    return size, picture.width, picture.height, facts.duration, picture.fps or _FPS


def _tail(path: Path) -> str:
    """The file's last bytes in hexadecimal, by which the page knows that a server serves this very file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read(_TAIL).hex()


def _places(path: Path) -> list[str]:
    """Where the file may lie seen from the notebook's folder: by the session's own name, and by where the kernel is."""
    session = Path(os.environ.get("JPY_SESSION_NAME", ""))
    folders = ([session.parent] if session.is_absolute() else []) + [Path.cwd()]
    found: dict[str, None] = {}
    for folder in folders:
        try:
            found[Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()] = None
        except ValueError:  # another drive
            continue
    return list(found)


def _tiles(thumbnails: Path | None) -> list[list[float]]:
    """Start, end, x, y, width and height of each thumbnail; times in seconds, the rest in pixels of the sprite."""
    if thumbnails is None:
        return []
    text = thumbnails.read_text("utf-8", "replace").replace("\r\n", "\n")
    return [
        [parse_time(start) or 0.0, parse_time(end) or 0.0, *map(float, box)]
        for start, end, *box in re.findall(_TIMES, text)
    ]
