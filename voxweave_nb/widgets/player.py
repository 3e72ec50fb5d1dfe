"""The player: a video with captions, a transcript that follows and can be searched, loops, frames and downloads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

import anywidget
import traitlets

from .. import runtime
from ..errors import ConfigError
from ..models import Cue, VideoFormat
from ..outputs import make_rendition
from ..result import GeneratedVideo
from . import texts
from .assets import module
from .elements import error_text
from .fallback import fallback, with_fallback
from .upload import piece_message
from .video_facts import (
    VideoExtras,
    cues_for_page,
    describe,
    file_facts,
    files_of,
    first_cues,
    places_of,
    read_cues,
)

__all__ = ["Player"]


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
            the sprite; `chapters`: a WebVTT file, whose cues are the chapters.

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
        **extras: Unpack[VideoExtras],
    ) -> None:
        self._video: GeneratedVideo | None = None
        self._paths: dict[str, Path] = {}
        self._all_cues: tuple[Cue, ...] = ()
        super().__init__(_esm=self._module())
        self.on_msg(self._on_message)
        if video is not None:
            self.show(video, **extras)

    @staticmethod
    def _module() -> str:
        return module("player", "player")

    @property
    def path(self) -> Path | None:
        """The path of the video, or None."""
        return self._paths.get("video")

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The captions of the video."""
        return self._all_cues

    def show(self, video: GeneratedVideo | str | os.PathLike[str], **extras: Unpack[VideoExtras]) -> None:
        """Show another video; the arguments are those of the class.

        Raises:
            ConfigError: The video does not exist.
            SubtitleError: The captions cannot be read.
        """
        if unknown := sorted(extras.keys() - VideoExtras.__annotations__.keys()):
            raise TypeError(
                f"Unknown argument {unknown[0]!r}; the arguments are {', '.join(VideoExtras.__annotations__)}."
            )
        result = video if isinstance(video, GeneratedVideo) else None
        path = result.path if result else Path(os.fspath(video)).expanduser()  # type: ignore[arg-type]
        if not path.is_file():
            raise ConfigError(f"The video {str(path)!r} does not exist; check the path.")
        captions = extras.get("captions")
        files = files_of(path, result, extras)
        self._all_cues = read_cues(result, captions)
        self._video, self._paths = result, files
        self.way = self.rendition = ""
        with self.hold_sync():
            self._cues = cues_for_page(first_cues(self._all_cues))
            self._facts = describe(
                files,
                result,
                len(self._all_cues),
                title=extras.get("title"),
                settings=extras.get("settings"),
            )
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

    # Messages arrive on the kernel's main thread or a subshell's.

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        if not isinstance(message, Mapping):
            return
        try:
            match message.get("kind"):
                case "pull":
                    self._send_piece(message)
                case "cues":
                    self.send({"kind": "cues", "cues": cues_for_page(self._all_cues[len(self._cues) :])})
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
            facts = await asyncio.to_thread(file_facts, path)
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self.send({**answer, "error": error_text(error)})
        else:
            self.send({**answer, "what": f"rendition.{wanted}", "places": places_of(path), **facts})

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self._video._repr_mimebundle_() if self._video else fallback(texts.PLAYER_PLAIN)
        return with_fallback(super()._repr_mimebundle_(**options), shown)
