"""What was left elsewhere and can be picked up: one line, one button, and each job's progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import ipywidgets as widgets

from .. import runtime
from ..job import Job
from ..journal import Run
from ..service import VideoGenerationService
from . import texts
from .parts import error, note, show
from .progress import JobProgress

__all__ = ["PickUp"]


class PickUp(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Shows itself only where the journal holds jobs that nobody works on.

    Args:
        service: Whose journal it is.
        on_end: Called on the background thread with each job that was picked up and has ended.
    """

    def __init__(self, service: VideoGenerationService, on_end: Callable[[Job], None]) -> None:
        self._service, self._on_end = service, on_end
        self._words = widgets.HTML()
        self._button = widgets.Button(description=texts.PICK_UP, icon="refresh", button_style="primary")
        self._button.add_class("vx-go")
        self._button.on_click(lambda _: self.pick_up())
        self._line = widgets.HBox([self._words, self._button])
        self._line.add_class("vx-pickup")
        self._jobs = widgets.VBox(layout=widgets.Layout(overflow="visible"))
        super().__init__([self._line, self._jobs], layout=widgets.Layout(overflow="visible"))
        show(self._line, False)
        show(self, False)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that were picked up here."""
        return tuple(view.job for view in self._jobs.children)

    def look(self) -> None:
        """Looks into the journal on a thread of its own; a journal that cannot be read is passed over."""
        runtime.submit(self._look())

    async def _look(self) -> None:
        try:
            self._say(await asyncio.to_thread(self._service.resumable))
        except Exception:  # noqa: BLE001  a journal in disorder must not stand in the way of a new video
            return

    def _say(self, left: list[Run]) -> None:
        if not left:
            return
        one = len(left) == 1
        words = (
            texts.LEFT_ONE.format(what=_named(left[0])) if one else texts.LEFT_MANY.format(count=len(left))
        )
        self._words.value = note(words)
        self._button.description = texts.PICK_IT_UP if one else texts.PICK_THEM_UP
        self._button.disabled = False
        show(self._line, True)
        show(self, True)

    def pick_up(self) -> None:
        """Resumes all that was left, as the button does; returns at once."""
        self._button.disabled = True
        runtime.submit(self._resume(None))

    def pick_up_one(self, run: Run) -> None:
        """Resumes one run, even one in doubt; returns at once."""
        runtime.submit(self._resume(run.id))

    async def _resume(self, name: str | None) -> None:
        try:
            found = await asyncio.to_thread(
                lambda: self._service.resume(name) if name else self._service.resume()
            )
        except Exception as wrong:  # noqa: BLE001  shown in words, where a traceback would be seen by nobody
            self._words.value = error(str(wrong) or type(wrong).__name__)
            self._button.disabled = False
            show(self._line, True)
        else:
            show(self._line, False)
            for job in found if isinstance(found, list) else [found]:
                self._follow(job)
        show(self, True)

    def _follow(self, job: Job) -> None:
        view = JobProgress(on_end=self._on_end, styled=False)
        view.add_class("vx-picked")
        self._jobs.children = (view, *self._jobs.children)
        view.follow(job)


def _named(run: Run) -> str:
    prompt = run.config.prompt
    short = prompt if len(prompt) <= 40 else f"{prompt[:39]}…"
    words = texts.LEFT_NAMED if short else texts.LEFT_NAMELESS
    return words.format(prompt=short, provider=run.provider)
