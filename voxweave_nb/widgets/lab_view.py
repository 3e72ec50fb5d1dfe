"""The view of a lab: all its videos in tiles that play in step, with votes, notes, flags and the progress of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from .. import runtime
from ..errors import ConfigError
from ..lab.prompt_lab import PromptLab
from ..lab.runner import LabProgress, LabRun
from ..lab.snapshot import LabVariant
from ..validation import whole
from . import texts
from .assets import module
from .elements import error_text
from .fallback import fallback, with_fallback
from .lab_sheet import display_with_sheet
from .lab_videos import LabVideos
from .progress import Throttle

__all__ = ["LabView", "display_lab"]

# Characters of a prompt in a tile; the axes say what differs.
_MOST_PROMPT = 160
_MOST_COLUMNS = 6
_NO_RANKS: dict[str, Any] = {"ranks": {}, "verdict": ""}


class LabView(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]  # traitlets are untyped
    """Show a lab's videos in tiles, to play in step, filter, sort, rate and compare.

    Every change of the lab is shown at once, also one that is made in Python or in another view: a rating, a new
    variant, the progress of `lab.run()`. At most nine videos play at a time, the others show their posters.

    Args:
        lab: The lab.
        columns: The number of columns, 1 to 6.

    Raises:
        ConfigError: The number of columns is out of range.
    """

    columns = traitlets.Int(3, min=1, max=_MOST_COLUMNS, help="Number of columns, 1 to 6.").tag(sync=True)
    error = traitlets.Unicode("", help="The last error's message, or empty.").tag(sync=True)

    _kind = traitlets.Unicode("view").tag(sync=True)
    _about = traitlets.Dict(help="The lab's name, rater, warnings, and longest video in seconds.").tag(
        sync=True
    )
    _variants = traitlets.List(help="Id, axes, prompt and note of each variant.").tag(sync=True)
    _states = traitlets.Dict(help="State, price, error and flags by variant.").tag(sync=True)
    _ratings = traitlets.Dict(help="Thumb, stars, note and the others' opinions by variant.").tag(sync=True)
    _run = traitlets.Dict(help="The progress of the run, empty without one.").tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    # A view whose making failed is closed too, when it is collected.
    _stop = staticmethod(lambda: None)

    def __init__(self, lab: PromptLab, *, columns: int = 3) -> None:
        self._lab = lab
        self._followed: LabRun | None = None
        self._ranking = asyncio.Lock()
        self._ranked: tuple[Any, dict[str, Any]] = (None, _NO_RANKS)
        self._videos = LabVideos(self.send, lambda name: lab.variant(name).video)
        super().__init__(_esm=module("lab", "lab"), columns=whole(columns, "columns", 1, _MOST_COLUMNS))
        self._changes: Throttle[bool] = Throttle(lambda _: self.refresh())
        self._progress: Throttle[LabProgress] = Throttle(self._show_progress)
        self.refresh()
        self._stop = lab.listen(self._on_change)
        self.on_msg(self._on_message)

    @property
    def lab(self) -> PromptLab:
        """The lab that is shown."""
        return self._lab

    def refresh(self) -> None:
        """Show the lab as it is now; it does so by itself after each change."""
        lab = self._lab
        variants = lab.variants
        with self.hold_sync():
            self._about = {
                "name": lab.name,
                "rater": lab.rater,
                "warnings": list(lab.warnings),
                "seconds": max((each.video.duration for each in variants if each.video), default=0.0),
            }
            self._variants = [_for_page(each) for each in variants]
            self._states = {each.id: _state(each) for each in variants}
            self._ratings = _ratings(lab)
        run = lab.current_run
        if run is not None and run is not self._followed:
            self._followed = run
            run.listen(lambda progress: self._progress.update(progress, now=run.done()))

    def close(self) -> None:
        """Close the view; the lab stays."""
        self._stop()
        super().close()

    # Changes arrive on the thread that makes them, messages on the kernel's main thread or a subshell's.

    def _on_change(self) -> None:
        self._changes.update(True, now=False)

    def _show_progress(self, progress: LabProgress) -> None:
        run = self._followed
        if run is None:
            return
        jobs = {each: job for each in self._states if (job := run.job_of(each)) is not None}
        ended = progress.made + progress.failed >= progress.total
        with self.hold_sync():
            self._run = {
                "running": not ended and not run.done(),
                "fraction": round(progress.fraction, 4),
                "text": str(progress),
                "message": progress.message,
                "usd": progress.usd,
                "tiles": {each: round(job.progress / 100, 3) for each, job in jobs.items()},
            }

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        if not isinstance(message, Mapping):
            return
        try:
            if self._videos.receive(message):
                return
            match message.get("kind"):
                case "rate":
                    self._rate(message)
                case "rank":
                    runtime.submit(self._send_ranks())
                case "cancel":
                    self._cancel()
                case "refresh":
                    self.refresh()
            self.error = ""
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self.error = error_text(error)

    def _rate(self, message: Mapping[str, Any]) -> None:
        """Keep one opinion; None takes it back."""
        name = str(message.get("field"))
        if name not in ("thumb", "stars", "note"):
            raise ConfigError(f"{name!r} cannot be rated; give 'thumb', 'stars' or 'note'.")
        value = message.get("value")
        if value in (None, ""):
            self._lab.rate(str(message.get("of")), clear=[name])
        else:
            self._lab.rate(str(message.get("of")), **{name: value})

    def _cancel(self) -> None:
        run = self._lab.current_run
        if run is not None:
            run.cancel()

    async def _send_ranks(self) -> None:
        """Send the rank intervals, computed off the kernel's thread; the page asks for them once it is drawn."""
        async with self._ranking:
            thumbs = [(each.rater, each.variant, each.thumb) for each in self._lab.ratings]
            state = (len(self._variants), tuple(each.id for each in self._lab.votes), tuple(thumbs))
            if state != self._ranked[0]:
                self._ranked = state, await asyncio.to_thread(_ranks, self._lab)
        self.send({"kind": "ranks", **self._ranked[1]})

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return with_fallback(super()._repr_mimebundle_(**options), _in_words(self._lab))


def _ranks(lab: PromptLab) -> dict[str, Any]:
    """Return rank interval, chance to be the best, and votes by variant, and what they say of the best one."""
    ranking = lab.ranking()
    if not ranking.has_opinions:
        return _NO_RANKS
    ranks = {row.variant.id: [row.lowest, row.highest, round(row.best, 3), row.votes] for row in ranking}
    return {"ranks": ranks, "verdict": ranking.verdict}


def display_lab(lab: PromptLab) -> LabView:
    """Display a lab in a cell, above the contact sheet that stays in the saved notebook."""
    view = LabView(lab)
    display_with_sheet(view, lab, _in_words(lab))
    return view


def _in_words(lab: PromptLab) -> dict[str, str]:
    """Return the text that stands in for the view."""
    return fallback(texts.LAB_PLAIN.format(lab=repr(lab).strip("<>")))


def _for_page(variant: LabVariant) -> list[Any]:
    prompt = variant.config.prompt
    short = prompt if len(prompt) <= _MOST_PROMPT else f"{prompt[: _MOST_PROMPT - 1]}…"
    aspect = variant.config.aspect
    return [variant.id, dict(variant.axes), short, variant.note, str(getattr(aspect, "value", aspect))]


def _state(variant: LabVariant) -> list[Any]:
    return [variant.state, variant.usd, variant.error, [flag.text for flag in variant.flags]]


def _ratings(lab: PromptLab) -> dict[str, Any]:
    """Return the rater's own thumb, stars and note, and the words of the others, by variant."""
    found: dict[str, list[Any]] = {}
    others: dict[str, list[str]] = {}
    for rating in lab.ratings:
        if rating.rater == lab.rater:
            found[rating.variant] = [rating.thumb, rating.stars, rating.note or ""]
        elif said := _words(rating.thumb, rating.stars, rating.note):
            others.setdefault(rating.variant, []).append(f"{rating.rater}: {said}")
    return {
        each: [*found.get(each, [None, None, ""]), others.get(each, [])] for each in found.keys() | others
    }


def _words(thumb: bool | None, stars: int | None, note: str | None) -> str:
    parts: Sequence[str | None] = (
        None if thumb is None else "up" if thumb else "down",
        None if stars is None else f"{stars} of 5 stars",
        note or None,
    )
    return ", ".join(part for part in parts if part)
