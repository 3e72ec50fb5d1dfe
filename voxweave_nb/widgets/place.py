"""The output under a widget that holds finished videos: what a reader of the saved notebook sees."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from ..job import Job
from ..result import GeneratedVideo
from .assets import module

__all__ = ["ResultPlace"]


class ResultPlace(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """An output that videos are put into later, from any thread; it outlives the kernel.

    A page that was loaded again is told of no output that changes, so its half of this widget compares the notebook
    with what the kernel has, and writes into the notebook what is missing.

    Beside a widget that shows the newest video itself it is drawn, too, and hides that video in the output for as long
    as there is a kernel.
    """

    missing = traitlets.Bool(False, help="Whether the newest video is in no output, as far as is known.")
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None
        self._shown: list[GeneratedVideo] = []
        self._name = f"vx-film-{secrets.token_hex(4)}"
        self._count = 0
        super().__init__(_esm=module("place"))
        self.on_msg(self._hear)

    def make_room(self) -> None:
        """Makes the output in the cell that runs now."""
        self._handle = display(self._films(), display_id=True)

    def show(self, job: Job) -> None:
        """Puts the job's video there in place of others, or leaves them when it has none."""
        if job.video is not None:
            self.put(job.video)

    def put(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Puts a video there, in place of the others or after them.

        Args:
            video: The video.
            beside: Whether the others stay.
        """
        # Voila shows no output that changes after the page is built.
        if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            return
        self.missing = self._handle is None
        if self._handle is None:
            return
        others = [film for film in self._shown if beside and film.path != video.path]
        self._shown = [*others, video]
        self._count += 1
        self.send(self._state())  # hides the newest before it is there
        self._handle.update(self._films())
        self.send({**self._state(), "look": True})

    def _films(self) -> _Films:
        return _Films(self._shown, self._name, self._count)

    def _state(self) -> dict[str, Any]:
        hidden = f"{self._name}-{len(self._shown)}"
        return {"kind": "state", "name": self._name, "count": self._count, "hidden": hidden}

    def _hear(self, _: Any, message: Any, __: Any) -> None:
        kind = message.get("kind") if isinstance(message, Mapping) else None
        if kind == "hello" and self._shown:
            self.send({**self._state(), "look": True})
        elif kind == "want":
            data, metadata = self._films()._repr_mimebundle_()
            self.send({**self._state(), "kind": "films", "data": data, "metadata": metadata})
        elif kind == "missing":
            self.missing = True


class _Films:
    """Some videos as one output, each under a class of its own."""

    def __init__(self, films: Sequence[GeneratedVideo], name: str, count: int) -> None:
        self._films, self._name, self._count = tuple(films), name, count

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundles = [film._repr_mimebundle_() for film in self._films]
        data = {
            **(bundles[-1] if bundles else {}),
            "text/html": "\n".join(
                f'<div class="{self._name}-{place}">{bundle["text/html"]}</div>'
                for place, bundle in enumerate(bundles, 1)
            ),
            "text/plain": "\n".join(map(str, self._films)),
        }
        return data, {"voxweave": {"name": self._name, "count": self._count}}
