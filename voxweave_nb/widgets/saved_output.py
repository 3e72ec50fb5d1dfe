"""The cell output that holds a widget's finished videos: the part that a reader of the saved notebook sees."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from ..environment import FrontEnd, front_end
from ..job import Job
from ..result import GeneratedVideo
from .assets import module

__all__ = ["KeptOutput", "SavedOutput"]


class KeptOutput(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """A cell output that can be filled later, from any thread, and that outlives the kernel.

    Displayed next to another widget, this one hides the newest part of the output while the kernel lives, so that the
    same is not shown twice. Its page side is `static/saved_output.js`. A subclass has the parts in `_bundles`.
    """

    missing = traitlets.Bool(False, help="True if the newest part is in no output, as far as is known.")
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None
        self._name = f"vx-film-{secrets.token_hex(4)}"
        self._revision = 0
        super().__init__(_esm=module("saved_output"))
        self.on_msg(self._on_message)

    def create(self) -> None:
        """Create the output, empty, in the cell that runs now."""
        self._handle = display(self._content(), display_id=True)

    def _bundles(self) -> Sequence[Mapping[str, Any]]:
        """Return the parts of the output as MIME bundles, the newest one last."""
        return ()

    def _part_count(self) -> int:
        return len(self._bundles())

    def _is_open(self) -> bool:
        """Return whether the output can be changed."""
        # Voila ignores changes of an output after the page is built.
        if front_end() is FrontEnd.VOILA:
            return False
        self.missing = self._handle is None
        return not self.missing

    def _publish(self) -> None:
        """Write the parts into the output, which is open."""
        assert self._handle is not None  # see `_is_open`
        self._revision += 1
        self.send(self._state())  # hides the newest part before it appears
        self._handle.update(self._content())
        self.send({**self._state(), "look": True})

    def _content(self) -> _Content:
        return _Content(self._bundles(), self._name, self._revision)

    def _state(self) -> dict[str, Any]:
        hidden = f"{self._name}-{self._part_count()}"
        return {"kind": "state", "name": self._name, "count": self._revision, "hidden": hidden}

    # A reloaded page does not hear of changed outputs. The page side therefore compares the notebook's revision with
    # the kernel's ("look"), asks for the content when the notebook is behind ("want"), and writes it into the notebook.
    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        kind = message.get("kind") if isinstance(message, Mapping) else None
        if kind == "hello" and self._part_count():
            self.send({**self._state(), "look": True})
        elif kind == "want":
            data, metadata = self._content()._repr_mimebundle_()
            self.send({**self._state(), "kind": "films", "data": data, "metadata": metadata})
        elif kind == "missing":
            self.missing = True


class SavedOutput(KeptOutput):
    """The output that keeps a widget's videos."""

    def __init__(self) -> None:
        self._videos: list[GeneratedVideo] = []
        super().__init__()

    def add_from(self, job: Job) -> None:
        """Replace the output's videos by the job's; a job without a video changes nothing."""
        if job.video is not None:
            self.add(job.video)

    def add(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Write a video into the output.

        Args:
            video: The video.
            beside: True to write it after the others; False to replace them.
        """
        if not self._is_open():
            return
        others = [other for other in self._videos if beside and other.path != video.path]
        self._videos = [*others, video]
        self._publish()

    def _bundles(self) -> Sequence[Mapping[str, Any]]:
        return [video._repr_mimebundle_() for video in self._videos]

    def _part_count(self) -> int:
        return len(self._videos)


class _Content:
    """Parts as one output, each inside an element with its own class so that it can be hidden."""

    def __init__(self, bundles: Sequence[Mapping[str, Any]], name: str, revision: int) -> None:
        self._bundles, self._name, self._revision = tuple(bundles), name, revision

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data = {
            **(self._bundles[-1] if self._bundles else {}),
            "text/html": "\n".join(
                f'<div class="{self._name}-{number}">{bundle["text/html"]}</div>'
                for number, bundle in enumerate(self._bundles, 1)
            ),
            "text/plain": "\n".join(bundle["text/plain"] for bundle in self._bundles),
        }
        return data, {"voxweave": {"name": self._name, "count": self._revision}}
