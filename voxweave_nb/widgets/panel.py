"""The panel: narration, subtitles, style, prompt, one button, and the video under it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from .. import runtime
from ..config import MAX_PROMPT, VideoConfig
from ..errors import ConfigError, VoxweaveError
from ..job import Job
from ..journal import Run
from ..models import SubtitleLook, SubtitleMode, VideoAspect, VideoFormat, VideoQuality, VideoResolution
from ..result import GeneratedVideo
from ..sample import SAMPLE_PROMPT
from ..service import VideoGenerationService
from . import texts
from .again import Again
from .captions import CaptionsInput
from .cards import StyleCards
from .connection import Connection
from .estimate import Estimate
from .history import History
from .maker import Maker
from .narration import SAMPLE, NarrationInput
from .parts import dropdown, heading
from .pickup import PickUp
from .progress import JobProgress
from .prompt import Prompt, examples
from .screen import Screen

__all__ = ["VideoPanel"]

_RECENT = 30
"""How many earlier prompts the arrow keys bring back."""

_RECENT_LETTERS = 8_000
"""How many letters they may have in all: they are in the notebook's state."""


class VideoPanel(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Collects a narration, a style and a prompt, makes the video, and shows it below itself.

    Everything that it shows can be set and read from Python: `narration`, `subtitles`, `config`, `generate()`,
    `cancel()`, `job`, `video`.

    Args:
        service: Who makes the videos; `VideoGenerationService.default()` unless given.
        narration: An audio file; None takes the bundled sample.
        subtitles: A subtitle file or the text of one; None takes the sample's with the sample, else none.
        config: What the controls show at first.
        **fields: Fields of `VideoConfig` that win over `config`.

    Raises:
        ConfigError: A field is unknown or its value cannot be.
    """

    def __init__(
        self,
        service: VideoGenerationService | None = None,
        *,
        narration: str | os.PathLike[str] | None = None,
        subtitles: str | os.PathLike[str] | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        first = VideoConfig.of(config, **fields)
        self.service = service or VideoGenerationService.default()
        self._base = first
        self._video: GeneratedVideo | None = None
        self._ready = False
        self._build()
        self._ready = True
        super().__init__(self._rows(), layout=widgets.Layout(width="100%"))
        self.add_class("voxweave-panel")
        self.config = first if config or fields else first.replace(prompt=SAMPLE_PROMPT, resolution="720p")
        if narration is not None:
            self.narration = narration
        if subtitles is not None:
            self.subtitles = subtitles

    # What a person sees can be read and set

    @property
    def config(self) -> VideoConfig:
        """What the controls say.

        Raises:
            ConfigError: They say what cannot be, such as a length of 0 seconds.
        """
        return self._base.replace(
            style=self._cards.chosen,
            prompt=self._prompt.value,
            resolution=self._resolution.value,
            aspect=self._aspect.value,
            format=self._format.value,
            subtitle_mode=self._mode.value,
            subtitle_look=self._look.value,
            provider=self._maker.provider,
            model=self._maker.model,
            seconds=self._maker.seconds,
        )

    @config.setter
    def config(self, config: VideoConfig) -> None:
        self._base = config
        self._cards.chosen = config.style
        self._prompt.value = config.prompt
        self._aspect.value = config.aspect.value
        self._resolution.value = config.resolution.value
        self._format.value = config.format.value
        self._mode.value = config.subtitle_mode.value
        self._look.value = config.subtitle_look.value
        self._maker.choose(config)
        self._changed()

    @property
    def narration(self) -> Path | None:
        """The audio file that the controls name, or None while they name none."""
        return self._narration.path

    @narration.setter
    def narration(self, narration: str | os.PathLike[str]) -> None:
        self._narration.path = narration

    @property
    def subtitles(self) -> Path | str | None:
        """The subtitle file, or the text of one, or None."""
        return self._captions.words

    @subtitles.setter
    def subtitles(self, subtitles: str | os.PathLike[str] | None) -> None:
        self._captions.words = subtitles

    @property
    def job(self) -> Job | None:
        """The job that runs or ran last."""
        return self._progress.job

    @property
    def video(self) -> GeneratedVideo | None:
        """The last finished video."""
        return self._video

    def generate(self) -> Job:
        """Starts what the controls say, without asking whether the same was made before.

        Raises:
            VoxweaveError: It cannot be; the panel says why, too.
        """
        return self._start(lambda config: config)

    def draft(self) -> Job:
        """Starts a small animatic of it on this machine, free and in seconds, whoever is chosen for the video.

        Raises:
            VoxweaveError: It cannot be; the panel says why, too.
        """
        return self._start(_as_draft)

    def _start(self, change: Callable[[VideoConfig], VideoConfig]) -> Job:
        try:
            narration = self._narration.used()
            if narration is None:
                raise ConfigError(texts.NO_NARRATION)
            job = self.service.submit(narration, subtitles=self.subtitles, config=change(self.config))
        except VoxweaveError as error:
            self._progress.fail(str(error))
            raise
        self._video = None
        self._again.hush()
        self._running(True)
        self._estimate.hush()
        self._progress.follow(job)
        return job

    def _press(self) -> None:
        """Starts, unless the same was made before: then it asks."""
        narration, subtitles, config = self._narration.used(), self.subtitles, self.config
        if narration is None:
            self.generate()  # says what is missing
        self._go.disabled = True
        self._again.ask(lambda: self.service.made_before(narration or "", subtitles=subtitles, config=config))

    def _make(self) -> None:
        self._go.disabled = False
        self._guarded(self.generate)

    def cancel(self) -> None:
        """Stops the job that runs, as the button does."""
        self._progress.cancel()

    # How it is built

    def _build(self) -> None:
        self._narration = NarrationInput(lambda: self._guarded(self._on_narration))
        self._captions = CaptionsInput()
        self._build_choices()
        self._go = widgets.Button(description=texts.GENERATE, button_style="primary", icon="play")
        self._try = widgets.Button(description=texts.DRAFT, icon="bolt", tooltip=texts.DRAFT_TIP)
        self._stop = widgets.Button(description=texts.CANCEL, disabled=True, icon="stop")
        for button in (self._go, self._try, self._stop):
            button.add_class("vx-go")
        self._again = Again(self._show_run, self._make)
        self._progress = JobProgress(on_end=self._ended, styled=False)
        self._screen = Screen()
        self._pickup = PickUp(self.service, self._picked_up)
        self._history = History(
            self.service, on_show=self.show, on_reuse=self._reuse, on_resume=self._pickup.pick_up_one
        )
        self._connection = Connection()
        self._wire()

    def _build_choices(self) -> None:
        self._prompt = Prompt()
        self._cards = StyleCards(self._on_style)
        self._prompt.examples = examples(self._cards.chosen)
        self._count = widgets.HTML()
        self._aspect = dropdown(
            texts.ASPECT, [(f"{item.value} {texts.SHAPES[item.value]}", item.value) for item in VideoAspect]
        )
        self._resolution = dropdown(texts.RESOLUTION, _resolutions(VideoAspect.WIDE))
        self._format = dropdown(texts.FORMAT, [(item.value.upper(), item.value) for item in VideoFormat])
        self._mode = dropdown(
            texts.SUBTITLES_GO, [(texts.SUBTITLE_MODES[mode.value], mode.value) for mode in SubtitleMode]
        )
        self._look = dropdown(
            texts.SUBTITLES_LOOK, [(texts.SUBTITLE_LOOKS[look.value], look.value) for look in SubtitleLook]
        )
        self._show_look()
        self._maker = Maker(self.service, self._changed)
        self._estimate = Estimate(self.service)

    def _rows(self) -> list[widgets.Widget]:
        choices = widgets.Box([self._aspect, self._resolution, self._format, self._mode, self._look])
        choices.add_class("vx-choices")
        said = [heading(texts.NARRATION), self._narration, heading(texts.SUBTITLES), self._captions]
        seen = [heading(texts.PROMPT), self._prompt, self._count, heading(texts.VIDEO), choices]
        columns = widgets.Box(
            [
                widgets.VBox([*said, heading(texts.STYLE), self._cards]),
                widgets.VBox([*seen, heading(texts.MADE_BY), self._maker]),
            ]
        )
        columns.add_class("vx-columns")
        actions = widgets.HBox([self._go, self._try, self._stop, self._estimate.price])
        actions.add_class("vx-actions")
        title = f'<div class="vx-title">{texts.TITLE}<small>{texts.SUBTITLE}</small></div>'
        return [
            widgets.HTML(title),
            self._connection,
            self._pickup,
            columns,
            self._estimate.remarks,
            actions,
            self._again,
            self._progress,
            self._screen,
            self._history,
        ]

    def _wire(self) -> None:
        self._progress._stop.layout.visibility = "hidden"  # the panel has its own
        for button, action in ((self._go, self._press), (self._try, self.draft)):
            button.on_click(partial(self._on_settled, action))
        self._stop.on_click(lambda _: self._guarded(self.cancel))
        self._aspect.observe(lambda _: self._on_aspect(), "value")
        self._mode.observe(lambda _: self._show_look(), "value")
        for control in (self._prompt, self._resolution, self._format, self._mode, self._look):
            control.observe(lambda _: self._changed(), "value")

    def _show_look(self) -> None:
        """Letters that are a track look as the player likes; only those on the picture look as chosen here."""
        self._look.layout.display = "" if self._mode.value == SubtitleMode.BURN.value else "none"

    def _on_settled(self, action: Callable[[], object], _: widgets.Button) -> None:
        """Acts when all has come that was chosen before the button was pressed."""
        self._connection.settled(lambda: self._guarded(action))

    def _guarded(self, action: Callable[[], object]) -> None:
        """Shows in words what goes wrong in a callback, where a traceback would be seen by nobody."""
        try:
            action()
        except VoxweaveError as error:
            self._progress.fail(str(error))
        except Exception as error:  # noqa: BLE001
            self._progress.fail(texts.UNEXPECTED.format(kind=type(error).__name__, what=error))

    # What happens when a control changes

    def _on_narration(self) -> None:
        self._captions.follow(sample=self._narration.source.value == SAMPLE)
        self._changed()

    def _on_style(self) -> None:
        self._prompt.examples = examples(self._cards.chosen)
        self._changed()

    def _on_aspect(self) -> None:
        chosen = self._resolution.value
        self._resolution.options = tuple(_resolutions(VideoAspect(self._aspect.value)))
        self._resolution.value = chosen  # new options choose their first
        self._changed()

    def _changed(self) -> None:
        """Says anew what the video would cost, what would be mapped, and how much of the prompt fits."""
        if not self._ready:
            return
        try:
            narration, config = self.narration, self.config
        except VoxweaveError as error:
            self._estimate.fail(str(error))
        else:
            provider = self._maker.first
            self._estimate.show(narration, config, provider)
            model = self._estimate.model(config, provider)
            self._count.value = _count(len(config.prompt), model.prompt if model else None)

    def _running(self, running: bool) -> None:
        self._go.disabled = self._try.disabled = running
        self._stop.disabled = not running

    def _ended(self, job: Job) -> None:
        self._running(False)
        self._maker.refresh()
        self._history.refresh()
        runtime.submit(self._remember())
        if job.video is not None:
            self.show(job.video)

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Shows a video in the player, and in the panel's output, which stays in the notebook.

        Args:
            video: A result, of this panel or another.
            beside: Whether what the output shows already stays.
        """
        self._video = video
        self._guarded(lambda: self._screen.show(video, beside=beside))

    def _show_run(self, run: Run) -> None:
        self._go.disabled = False
        video = self.service.result_of(run)
        if video is not None:
            self.show(video)

    def _picked_up(self, job: Job) -> None:
        self._history.refresh()
        if job.video is not None:
            self.show(job.video, beside=True)

    def _reuse(self, run: Run) -> None:
        """Takes over what a run was made of."""
        self._guarded(lambda: self._take_over(run))

    def _take_over(self, run: Run) -> None:
        self.narration, self.subtitles, self.config = run.narration, run.subtitles, run.config

    async def _remember(self) -> None:
        """Brings the last prompts to the arrow keys; a journal that cannot be read has none."""
        try:
            runs = await asyncio.to_thread(self.service.history, _RECENT)
        except Exception:  # noqa: BLE001  whatever it is, the panel works without
            return
        self._prompt.recent = _recent(run.config.prompt for run in runs)

    def _ipython_display_(self) -> None:
        bundle = dict(self._repr_mimebundle_())
        bundle["text/plain"] = texts.PANEL_PLAIN
        bundle["text/html"] = f"<p><em>{texts.PANEL_PLAIN}.</em></p>"
        display(bundle, raw=True)
        self._screen.make_room()
        self._pickup.look()
        runtime.submit(self._remember())


def _recent(prompts: Iterable[str]) -> list[str]:
    """The prompts that the arrow keys bring back, each once, as far as there is room."""
    room, kept = _RECENT_LETTERS, []
    for prompt in dict.fromkeys(filter(None, prompts)):
        room -= len(prompt)
        if room < 0:
            break
        kept.append(prompt)
    return kept


def _as_draft(config: VideoConfig) -> VideoConfig:
    """The same as an animatic of the local renderer."""
    return config.replace(quality=VideoQuality.DRAFT, provider="local", model=None, seconds=None, extra={})


def _resolutions(aspect: VideoAspect) -> list[tuple[str, str]]:
    sizes = {item: aspect.size(item) for item in VideoResolution}
    return [(f"{item.value} · {width}×{height}", item.value) for item, (width, height) in sizes.items()]


def _count(letters: int, limit: int | None) -> str:
    """How long the prompt is, and how much of it the model takes."""
    most = min(limit or MAX_PROMPT, MAX_PROMPT)
    figure = (texts.LETTERS_OF if limit else texts.LETTERS).format(letters=letters, most=most)
    over = texts.LETTERS_OVER.format(over=letters - most) if letters > most else ""
    return f'<div class="vx-note vx-count{" vx-over" * bool(over)}">{figure}{over}</div>'
