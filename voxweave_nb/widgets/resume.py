"""The offer to resume unfinished jobs of the journal, and the progress of each resumed job."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import ipywidgets as widgets

from .. import runtime
from ..job import Job
from ..journal import Run
from ..service import VideoGenerationService
from . import texts
from .elements import error_html, note_html, set_visible, visible_overflow
from .progress import JobProgress

__all__ = ["ResumeDialog"]

_PROMPT_LENGTH = 40
"""Characters of a prompt that are shown to name a job."""

_CHECKS = 4
"""How often the journal is read while only jobs are found whose processes cannot be seen."""


class ResumeDialog(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Offers to resume unfinished jobs; hidden while the journal has none that can be resumed.

    Args:
        service: The service whose journal is read.
        on_end: Called on the background thread with each resumed job when it has ended.
        on_start: Called on the background thread with each resumed job when it begins.
    """

    def __init__(
        self,
        service: VideoGenerationService,
        on_end: Callable[[Job], None],
        *,
        on_start: Callable[[Job], object] = lambda _: None,
    ) -> None:
        self._service, self._on_end, self._on_start = service, on_end, on_start
        self._message = widgets.HTML()
        self._button = widgets.Button(description=texts.RESUME, icon="refresh", button_style="primary")
        self._button.add_class("vx-go")
        self._button.on_click(lambda _: self.resume_all())
        self._offer = widgets.HBox([self._message, self._button])
        self._offer.add_class("vx-pickup")
        self._job_views = widgets.VBox(layout=visible_overflow())
        super().__init__([self._offer, self._job_views], layout=visible_overflow())
        set_visible(self._offer, False)
        set_visible(self, False)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that were resumed here, newest first."""
        return tuple(view.job for view in self._job_views.children)

    def release(self) -> list[Job]:
        """Stop following the jobs that were resumed here and return those that are still running, newest first."""
        running = (view.release() for view in self._job_views.children)
        return [job for job in running if job is not None]

    def adopt(self, jobs: list[Job]) -> None:
        """Follow jobs that were resumed in another dialog."""
        for job in reversed(jobs):
            self._follow(job)
        if jobs:
            set_visible(self, True)

    def check_journal(self) -> None:
        """Read the journal on another thread and show the offer if it has unfinished jobs; returns at once."""
        runtime.submit(self._load_unfinished())

    async def _load_unfinished(self) -> None:
        for _ in range(_CHECKS):
            try:
                unfinished = await asyncio.to_thread(self._service.resumable)
                unseen = await asyncio.to_thread(self._service.perhaps_running)
            except Exception:  # noqa: BLE001  an unreadable journal must not keep a person from generating a video
                return
            self._show_offer(unfinished, unseen)
            if unfinished or not unseen:
                return
            await asyncio.sleep(_seconds_until(unseen))

    def _show_offer(self, unfinished: list[Run], unseen: list[Run] | None = None) -> None:
        set_visible(self._button, bool(unfinished))
        if not unfinished and not unseen:
            set_visible(self._offer, False)
            return
        if unseen and not unfinished:
            text = texts.ONE_UNSEEN if len(unseen) == 1 else texts.MANY_UNSEEN
            seconds = _seconds_until(unseen)
            message = text.format(job=_job_name(unseen[0]), count=len(unseen), seconds=seconds)
        elif len(unfinished) == 1:
            message = texts.ONE_UNFINISHED.format(job=_job_name(unfinished[0]))
            self._button.description = texts.RESUME
        else:
            message = texts.MANY_UNFINISHED.format(count=len(unfinished))
            self._button.description = texts.RESUME_ALL
        self._message.value = note_html(message)
        self._button.disabled = False
        set_visible(self._offer, True)
        set_visible(self, True)

    def resume_all(self) -> None:
        """Resume all unfinished jobs, as the button does; returns at once."""
        self._button.disabled = True
        runtime.submit(self._resume(None))

    def resume_one(self, run: Run) -> None:
        """Resume one run, even one whose submission is in doubt; returns at once."""
        runtime.submit(self._resume(run.id))

    async def _resume(self, run_id: str | None) -> None:
        try:
            resumed = await asyncio.to_thread(
                lambda: self._service.resume(run_id) if run_id else self._service.resume()
            )
        except Exception as error:  # noqa: BLE001  nobody sees a traceback on the background thread
            self._message.value = error_html(str(error) or type(error).__name__)
            self._button.disabled = False
            set_visible(self._offer, True)
        else:
            set_visible(self._offer, False)
            for job in resumed if isinstance(resumed, list) else [resumed]:
                self._follow(job)
        set_visible(self, True)

    def _follow(self, job: Job) -> None:
        view = JobProgress(on_end=self._on_end, styled=False)
        view.add_class("vx-picked")
        self._job_views.children = (view, *self._job_views.children)
        view.follow(job)
        self._on_start(job)


def _seconds_until(unseen: list[Run]) -> int:
    """Return the seconds after which all of these runs can be resumed if their processes have ended."""
    return math.ceil(max(run.lapses_in or 0.0 for run in unseen))


def _job_name(run: Run) -> str:
    prompt = run.config.prompt
    short = prompt if len(prompt) <= _PROMPT_LENGTH else f"{prompt[: _PROMPT_LENGTH - 1]}…"
    text = texts.JOB_WITH_PROMPT if short else texts.JOB_WITHOUT_PROMPT
    return text.format(prompt=short, provider=run.provider)
