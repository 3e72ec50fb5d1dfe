"""The player: a video with captions, a transcript that follows and can be searched, loops, frames and downloads."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import anywidget
import traitlets

from .. import runtime
from ..environment import front_end, notebook_folder
from ..errors import ConfigError, VoxweaveError
from ..models import Cue, SubtitleMode, VideoFormat
from ..outputs import make_rendition
from ..result import GeneratedVideo
from ..timecode import parse_time
from . import texts
from .assets import module
from .elements import error_text
from .fallback import fallback, with_fallback
from .upload import piece_message

__all__ = ["Player"]

# Characters of captions in the widget's state; the page requests the rest.
_MOST_CHARACTERS = 12_000
# Bytes at a file's end by which the page recognises it on a server.
_TAIL = 32
_DEFAULT_FPS = 30.0
# An entry of a WebVTT file of thumbnails: start, end, and the rectangle in the sprite.
_TILE = r"([\d:.]+)[ \t]+-->[ \t]+([\d:.]+)[^\n]*\n[^\n#]*#xywh=(\d+),(\d+),(\d+),(\d+)"


class _Extras(TypedDict, total=False):
    captions: str | os.PathLike[str] | Sequence[Cue] | None
    poster: str | os.PathLike[str] | None
    title: str | None
    settings: str | None
    sprite: str | os.PathLike[str] | None
    thumbnails: str | os.PathLike[str] | None


class Player(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Play a video with its captions and a transcript that follows the speech.

    A video of any size starts at once where the notebook's server can serve it: it has to lie in the server's folder,
    and the front end to be JupyterLab or Notebook. Elsewhere the kernel sends it in pieces. `way` and the player show
    which of the two is used. Where the page cannot decode the video, it plays a copy with other codecs that the kernel
    makes beside the video; `rendition` is its format.

    Args:
        video: A result, or the path of a video; None shows nothing until `show` is called.
        **extras: What a result already has and a path needs. `captions`: a subtitle file, or cues; `poster`: an image
            to show before the video plays; `title`: shown below the video; `settings`: the line of Python to copy;
            `sprite`: an image with a grid of thumbnails; `thumbnails`: the WebVTT file with their times and places in
            the sprite.

    Raises:
        ConfigError: The video does not exist.
        SubtitleError: The captions cannot be read.
    """

    way = traitlets.Enum(
        ["", "server", "kernel"],
        "",
        help="Source of the video: streamed from the notebook's server, or sent through the kernel.",
    )
    rendition = traitlets.Enum(
        ["", "mp4", "webm"],
        "",
        help="Format of the copy that plays where the page lacks the video's codecs; empty for the video itself.",
    )
    error = traitlets.Unicode("", help="The last error's message, or empty.").tag(sync=True)

    _facts = traitlets.Dict(help="The video's description for the page.").tag(sync=True)
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
        self.on_msg(self._on_message)
        if video is not None:
            self.show(video, **extras)

    @property
    def path(self) -> Path | None:
        """The path of the video, or None."""
        return self._paths.get("video")

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The captions of the video."""
        return self._all_cues

    def show(self, video: GeneratedVideo | str | os.PathLike[str], **extras: Unpack[_Extras]) -> None:
        """Show another video; the arguments are those of the class.

        Raises:
            ConfigError: The video does not exist.
            SubtitleError: The captions cannot be read.
        """
        if unknown := sorted(extras.keys() - _Extras.__annotations__.keys()):
            raise TypeError(
                f"Unknown argument {unknown[0]!r}; the arguments are {', '.join(_Extras.__annotations__)}."
            )
        result = video if isinstance(video, GeneratedVideo) else None
        path = result.path if result else Path(os.fspath(video)).expanduser()  # type: ignore[arg-type]
        if not path.is_file():
            raise ConfigError(f"The video {str(path)!r} does not exist; check the path.")
        captions = extras.get("captions")
        files = _files(path, result, extras)
        self._all_cues = _read_cues(result, captions)
        self._video, self._paths = result, files
        self.way = self.rendition = ""
        with self.hold_sync():
            self._cues = _for_page(_first_cues(self._all_cues))
            self._facts = self._describe(extras.get("title"), extras.get("settings"))
            self.error = ""

    def play(self) -> None:
        """Play, like the button; a browser may refuse until a person has clicked in the page."""
        self.send({"kind": "play"})

    def pause(self) -> None:
        """Pause, like the button."""
        self.send({"kind": "pause"})

    def seek(self, seconds: float) -> None:
        """Seek to a time in seconds, like a click on the transcript."""
        self.send({"kind": "seek", "to": float(seconds)})

    def _describe(self, title: str | None, settings: str | None) -> dict[str, Any]:
        result, path = self._video, self._paths["video"]
        config = result.provenance.config if result else None
        width, height, duration, fps, codecs = _measure(path, result)
        return {
            "title": title if title is not None else (config.prompt if config else "") or path.stem,
            "settings": settings if settings is not None else repr(config) if config else "",
            **_file_facts(path), "codecs": codecs, "width": width, "height": height,
            "duration": duration, "fps": fps,
            "burnt": result is not None and result.subtitle_mode is SubtitleMode.BURN,
            "cues": len(self._all_cues),
            "files": {name: {"name": each.name, "places": _places(each)} for name, each in self._paths.items()},
            "tiles": _tiles(self._paths.get("thumbnails")) if "sprite" in self._paths else [],
        }  # fmt: skip

    # Messages arrive on the kernel's main thread or a subshell's.

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        if not isinstance(message, Mapping):
            return
        try:
            match message.get("kind"):
                case "pull":
                    self._send_piece(message)
                case "cues":
                    self.send({"kind": "cues", "cues": _for_page(self._all_cues[len(self._cues) :])})
                case "rendition":
                    runtime.submit(self._send_rendition(message))
                case "way":
                    self.way, self.rendition = str(message.get("way")), str(message.get("rendition") or "")
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self.error = error_text(error)

    def _send_piece(self, message: Mapping[str, Any]) -> None:
        what = str(message.get("what"))
        answer = {"kind": "piece", "what": what, "turn": message.get("turn")}
        try:
            piece, buffers = piece_message(self._paths[what], message)
        except (OSError, KeyError):
            name = self._paths[what].name if what in self._paths else what
            self.send({**answer, "kind": "gone", "name": name})
        else:
            self.send({**answer, **piece}, buffers)

    async def _send_rendition(self, message: Mapping[str, Any]) -> None:
        """Make a copy of the video for a page that lacks its codecs, and tell the page; on the background loop."""
        answer = {"kind": "rendition", "turn": message.get("turn")}
        # The paths of this video: another may be shown before its copy is made.
        wanted, paths = str(message.get("format")), self._paths

        def report(fraction: float) -> None:  # FFmpeg reports five times a second
            self.send({**answer, "progress": fraction})

        try:
            path = await make_rendition(paths["video"], VideoFormat.parse(wanted), on_progress=report)
            paths[f"rendition.{wanted}"] = path
            facts = await asyncio.to_thread(_file_facts, path)
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self.send({**answer, "error": error_text(error)})
        else:
            self.send({**answer, "what": f"rendition.{wanted}", "places": _places(path), **facts})

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self._video._repr_mimebundle_() if self._video else fallback(texts.PLAYER_PLAIN)
        return with_fallback(super()._repr_mimebundle_(**options), shown)


def _files(path: Path, result: GeneratedVideo | None, extras: _Extras) -> dict[str, Path]:
    """Return the existing files of a video by their names in the page: video, captions, poster, sprite, thumbnails."""
    captions = extras.get("captions")
    found = {
        "video": path,
        "captions": result.captions
        if result
        else captions
        if isinstance(captions, str | os.PathLike)
        else None,
        "poster": extras.get("poster") or (result and result.poster),
        "sprite": extras.get("sprite") or getattr(result, "sprite", None),
        "thumbnails": extras.get("thumbnails") or getattr(result, "thumbnails", None),
    }
    paths = {name: Path(os.fspath(each)).expanduser() for name, each in found.items() if each}
    return {name: each for name, each in paths.items() if each.is_file()}


def _first_cues(cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """Return as many cues as the widget's state may hold."""
    characters = 0
    for place, cue in enumerate(cues):
        characters += len(cue.text) + 20  # two times and the brackets
        if characters > _MOST_CHARACTERS:
            return cues[:place]
    return cues


def _for_page(cues: Sequence[Cue]) -> list[list[Any]]:
    return [[cue.start, cue.end, cue.text] for cue in cues]


def _read_cues(
    result: GeneratedVideo | None, captions: str | os.PathLike[str] | Sequence[Cue] | None
) -> tuple[Cue, ...]:
    if captions is None:
        return tuple(result.cues) if result else ()
    if isinstance(captions, str | os.PathLike):
        from ..media.subtitles import read_subtitles

        return tuple(read_subtitles(captions if isinstance(captions, str) else Path(captions)).cues)
    return tuple(captions)


def _file_facts(path: Path) -> dict[str, Any]:
    """Return what the page has to know of a video's file: media type, size in bytes, and its last bytes."""
    kind = "video/webm" if path.suffix.lower() in (".webm", ".mkv") else "video/mp4"
    return {"mime": kind, "size": path.stat().st_size, "tail": _tail(path)}


def _measure(path: Path, result: GeneratedVideo | None) -> tuple[int, int, float, float, dict[str, str]]:
    """Return width, height, duration in seconds, frames per second and the names of the codecs."""
    from ..media.probe import probe

    try:
        info = probe(path)
    except VoxweaveError:  # the browser may still be able to play it
        if result is None:
            return 16, 9, 0.0, _DEFAULT_FPS, {}
        return result.width, result.height, result.duration, _DEFAULT_FPS, {}
    stream = info.video
    codecs = {"audio": info.audio.codec} if info.audio else {}
    if stream is None or not stream.width:
        return 16, 9, info.duration, _DEFAULT_FPS, codecs
    codecs["video"] = stream.codec
    return stream.width, stream.height, info.duration, stream.fps or _DEFAULT_FPS, codecs


def _tail(path: Path) -> str:
    """Return the file's last bytes in hexadecimal."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read(_TAIL).hex()


def _places(path: Path) -> list[str]:
    """Return paths of a file relative to the notebook's folder, by the session's name and by the working folder.

    Empty for a page that has no server to ask for them.
    """
    if not front_end().serves_files:
        return []
    found: dict[str, None] = {}
    for folder in (notebook_folder(), Path.cwd()):
        try:
            found[Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()] = None
        except ValueError:  # on another drive
            continue
    return list(found)


def _tiles(thumbnails: Path | None) -> list[list[float]]:
    """Return start, end, x, y, width and height of each thumbnail: seconds, and pixels of the sprite."""
    if thumbnails is None:
        return []
    text = thumbnails.read_text("utf-8", "replace").replace("\r\n", "\n")
    return [
        [parse_time(start) or 0.0, parse_time(end) or 0.0, *map(float, box)]
        for start, end, *box in re.findall(_TILE, text)
    ]
