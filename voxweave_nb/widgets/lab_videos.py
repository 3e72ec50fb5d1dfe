"""The videos of a lab on their way to a page: descriptions, posters, copies and bytes, each when it is requested."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import runtime
from ..models import VideoFormat
from ..outputs import make_rendition
from ..result import GeneratedVideo
from .elements import error_text
from .upload import piece_message
from .video_facts import cues_for_page, describe, file_facts, files_of, first_cues, places_of

__all__ = ["LabVideos"]

_MOST_KEPT = 512


class LabVideos:
    """Answers a page's requests about videos, each of which names a video by `of`.

    A page requests the description of a video (`facts`) before it plays it, the poster only while its tile is in sight.

    Args:
        send: Sends a message with buffers to the page.
        find: Returns the video of a name, or None if it has none.
    """

    def __init__(self, send: Callable[..., object], find: Callable[[str], GeneratedVideo | None]) -> None:
        self._send, self._find = send, find
        self._paths: dict[str, dict[str, Path]] = {}

    def receive(self, message: Mapping[str, Any]) -> bool:
        """Answer a message; return False for one that is not about a video."""
        name = str(message.get("of"))
        match message.get("kind"):
            case "facts":
                self._send_facts(name)
            case "pull":
                self._send_piece(name, message)
            case "rendition":
                runtime.submit(self._send_rendition(name, message))
            case "way":
                pass  # the page says where it got the video from
            case _:
                return False
        return True

    def forget(self, name: str) -> None:
        """Look for the files of a video anew at the next request."""
        self._paths.pop(name, None)

    def _files(self, name: str) -> dict[str, Path]:
        if name not in self._paths:
            video = self._find(name)
            if video is None:
                return {}
            if len(self._paths) >= _MOST_KEPT:
                self._paths.clear()
            self._paths[name] = files_of(video.path, video, {})
        return self._paths[name]

    def _send_facts(self, name: str) -> None:
        video = self._find(name)
        if video is None or not video.path.is_file():
            self._send({"kind": "facts", "of": name, "facts": None})
            return
        self.forget(name)
        facts = describe(self._files(name), video, len(video.cues), title="", settings="")
        cues = cues_for_page(first_cues(video.cues))
        self._send({"kind": "facts", "of": name, "facts": {**facts, "tiles": []}, "cues": cues})

    def _send_piece(self, name: str, message: Mapping[str, Any]) -> None:
        what = str(message.get("what"))
        answer = {"kind": "piece", "of": name, "what": what, "turn": message.get("turn")}
        files = self._files(name)
        try:
            piece, buffers = piece_message(files[what], message)
        except (OSError, KeyError):
            self._send({**answer, "kind": "gone", "name": files[what].name if what in files else what})
        else:
            self._send({**answer, **piece}, buffers)

    async def _send_rendition(self, name: str, message: Mapping[str, Any]) -> None:
        """Make a copy of a video for a page that lacks its codecs, and tell the page; on the background loop."""
        answer = {"kind": "rendition", "of": name, "turn": message.get("turn")}
        wanted = str(message.get("format"))

        def report(fraction: float) -> None:
            self._send({**answer, "progress": fraction})

        try:
            files = self._files(name)
            path = await make_rendition(files["video"], VideoFormat.parse(wanted), on_progress=report)
            files[f"rendition.{wanted}"] = path
            facts = await asyncio.to_thread(file_facts, path)
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self._send({**answer, "error": error_text(error)})
        else:
            self._send({**answer, "what": f"rendition.{wanted}", "places": places_of(path), **facts})
