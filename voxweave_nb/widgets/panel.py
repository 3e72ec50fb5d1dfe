"""The panel: narration, subtitles, style and prompt, a button to generate, and the finished video."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Never

import ipywidgets as widgets
from IPython.display import display

from .. import runtime
from ..config import VideoConfig
from ..environment import FrontEnd, front_end
from ..errors import ConfigError, VoxweaveError
from ..inputs import NarrationLike, SubtitlesLike, narration_path, subtitles_source
from ..job import Job
from ..journal import Run
from ..kept_files import KeptFiles
from ..lab.prompt_lab import PromptLab
from ..models import VideoQuality
from ..providers.types import Plan
from ..result import GeneratedVideo
from ..sample import SAMPLE_PROMPT
from ..service import VideoGenerationService
from ..storyboard.board import Storyboard
from ..storyboard.handles import BoardWork
from . import texts
from .board_offer import BoardOffer
from .call_check import check_arguments
from .captions import CaptionsInput
from .cards import StyleCards
from .compare import CompareDialog, PanelValues
from .connection import Connection
from .elements import error_text, heading
from .estimate import EstimateView
from .fallback import fallback
from .history import HistoryView
from .instead import HtmlPage, marimo_page, terminal_text
from .more_options import MoreOptions
from .narration import SAMPLE, WRITE, NarrationInput
from .output_options import OutputOptions
from .progress import JobProgress
from .prompt import PromptInput, examples
from .prompt_text import length_html, recent_prompts
from .provider_picker import ProviderPicker
from .rerun import Displays
from .result_view import ResultView
from .resume import ResumeDialog
from .reuse import ReuseDialog

__all__ = ["VideoPanel"]

_RECENT = 30
"""Earlier runs whose prompts the arrow keys bring back."""

_displays: Displays[VideoPanel] = Displays()


class VideoPanel(widgets.VBox):  # type: ignore[misc,unused-ignore]  # ipywidgets is untyped
    """Collects a narration, a style and a prompt, generates the video, and shows it.

    Everything that the panel shows can be read and set from Python: `narration`, `subtitles`, `config`, `generate()`,
    `cancel()`, `job`, `video`.

    Args:
        service: The service that generates videos; `VideoGenerationService.default()` unless given.
        narration: A narration in any form that `submit` takes; None chooses the bundled sample.
        subtitles: Subtitles likewise; None chooses the sample's with the sample, else none.
        config: The initial values of the controls.
        **fields: Fields of `VideoConfig` that override `config`.

    Raises:
        ConfigError: An argument is misplaced or unknown, or a value is invalid.
    """

    def __init__(
        self,
        service: VideoGenerationService | None = None,
        *misplaced: Never,
        narration: NarrationLike | None = None,
        subtitles: SubtitlesLike | None = None,
        config: VideoConfig | Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        check_arguments(service, misplaced, fields)
        initial = VideoConfig.of(config, **fields)
        self.service = service or VideoGenerationService.default()
        self._base_config = initial
        self._video: GeneratedVideo | None = None
        self._built = False
        self._build_inputs()
        self._build_actions()
        self._connect_events()
        self._built = True
        super().__init__(self._rows(), layout=widgets.Layout(width="100%"))
        self.add_class("voxweave-panel")
        self.config = (
            initial if config or fields else initial.replace(prompt=SAMPLE_PROMPT, resolution="720p")
        )
        if narration is not None:
            self.narration = narration
        if subtitles is not None:
            self.subtitles = subtitles

    # The panel's values

    @property
    def config(self) -> VideoConfig:
        """The config that the controls show; can be set.

        Raises:
            ConfigError: A control has an invalid value, such as a length of 0 seconds.
        """
        return self._base_config.replace(
            style=self._cards.chosen,
            variation=self._cards.variation or None,
            prompt=self._prompt.value,
            provider=self._picker.provider,
            model=self._picker.model,
            seconds=self._picker.seconds,
            **self._options.fields,
            **self._more.fields,
        )

    @config.setter
    def config(self, config: VideoConfig) -> None:
        self._base_config = config  # keeps the fields that have no control, such as extra
        self._cards.chosen = config.style
        self._cards.variation = config.variation or ""
        self._prompt.value = config.prompt
        self._options.show_config(config)
        self._more.show_config(config)
        self._picker.show_config(config)
        self._on_input()

    @property
    def narration(self) -> Path | None:
        """The chosen audio file, or None; can be set to a narration in any form that `submit` takes."""
        return self._narration.path

    @narration.setter
    def narration(self, narration: NarrationLike) -> None:
        if not isinstance(narration, str | os.PathLike):  # a path may be one that does not exist yet
            narration = narration_path(narration, KeptFiles.of(self.service.settings))
        self._narration.path = narration

    @property
    def subtitles(self) -> Path | str | None:
        """The chosen subtitles as a file's path or as text, or None; can be set."""
        return self._captions.subtitles

    @subtitles.setter
    def subtitles(self, subtitles: SubtitlesLike | None) -> None:
        self._captions.subtitles = subtitles_source(subtitles, KeptFiles.of(self.service.settings))

    @property
    def job(self) -> Job | None:
        """The job that runs, or the last one."""
        return self._progress.job

    @property
    def video(self) -> GeneratedVideo | None:
        """The last finished video."""
        return self._video

    @property
    def lab(self) -> PromptLab | None:
        """The prompt lab that the button "Compare" has opened, or None."""
        return self._compare_dialog.lab

    @property
    def board(self) -> Storyboard | None:
        """The storyboard that the panel has opened, or None."""
        return self._board_offer.board

    # Actions

    def generate(self) -> Job:
        """Start a job for the values of the controls, even if an identical video exists already.

        Raises:
            VoxweaveError: The job cannot be started; the panel shows the reason, too.
        """
        return self._start(lambda config: config)

    def draft(self) -> Job:
        """Start a small, free draft on this machine, whichever provider is chosen; it takes seconds.

        Raises:
            VoxweaveError: The job cannot be started; the panel shows the reason, too.
        """
        return self._start(_draft_config)

    def storyboard(self) -> BoardWork[Storyboard]:
        """Cut the narration into scenes and show them below, as the button does; nothing is sent.

        Raises:
            VoxweaveError: A value is invalid.
        """
        return self._board_offer.show_board()

    def cancel(self) -> None:
        """Cancel the running job, as the button does."""
        self._progress.cancel()

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Show a video in the player, and in the panel's output, which stays in the notebook.

        Args:
            video: A result, of this panel or another.
            beside: True to keep earlier videos in the output; False to replace them.
        """
        self._video = video
        self._show_errors_of(lambda: self._result.show(video, beside=beside))

    def _start(self, adapt: Callable[[VideoConfig], VideoConfig]) -> Job:
        try:
            narration, subtitles = self._narration.trimmed(), self._captions.to_submit()
            if narration is None:
                raise ConfigError(texts.NO_NARRATION)
            config = adapt(self.config)
            plan = self._estimate.plan_for(narration, config)
            job = self.service.submit(narration, subtitles=subtitles, config=config, plan=plan)
        except VoxweaveError as error:
            self._show_error(error)
            raise
        self._follow(job)
        return job

    def _follow(self, job: Job) -> None:
        self._video = None
        self._reuse.dismiss()
        self._enable_buttons(running=True)
        self._estimate.clear_warnings()
        self._progress.follow(job)
        self._history.follow(job)

    def _adopt_from(self, replaced: VideoPanel, *, controls: bool) -> None:
        """Take over the running jobs of the panel that this one replaces, and the values of its controls if wanted."""
        job = replaced._progress.release()
        resumed = replaced._resume.release()
        if controls and (job is not None or resumed):
            self._copy_settings(replaced)
        if job is not None:
            self._follow(job)
        self._resume.adopt(resumed)

    def _generate_or_ask(self) -> None:
        """Start a job, or ask first if an identical video exists."""
        narration, subtitles, config = self._narration.trimmed(), self._captions.to_submit(), self.config
        if narration is None:
            self.generate()  # raises the error that the narration is missing
        self._generate_button.disabled = True
        self._reuse.check(
            lambda: self.service.made_before(narration or "", subtitles=subtitles, config=config)
        )

    def _generate_new(self) -> None:
        self._generate_button.disabled = False
        self._show_errors_of(self.generate)

    def _values(self) -> PanelValues:
        narration = self._narration.trimmed()
        return PanelValues(narration, self.subtitles, self.config, self._estimate.length_of(narration))

    # Construction

    def _build_inputs(self) -> None:
        self._narration = NarrationInput(
            lambda: self._show_errors_of(self._on_narration), self.service.settings, self.service
        )
        self._captions = CaptionsInput(self._on_input, lambda: self._narration.speech)
        self._prompt = PromptInput()
        self._cards = StyleCards(self._on_style)
        self._prompt.examples = examples(self._cards.chosen)
        self._prompt_length = widgets.HTML()
        self._options = OutputOptions(self._on_input)
        self._more = MoreOptions(self._on_input)
        self._picker = ProviderPicker(self.service, self._on_input)
        self._estimate = EstimateView(self.service, self._on_plan)

    def _build_actions(self) -> None:
        self._generate_button = widgets.Button(
            description=texts.GENERATE, button_style="primary", icon="play"
        )
        self._draft_button = widgets.Button(description=texts.DRAFT, icon="bolt", tooltip=texts.DRAFT_TIP)
        self._compare_button = widgets.Button(
            description=texts.COMPARE, icon="th-large", tooltip=texts.COMPARE_TIP
        )
        self._cancel_button = widgets.Button(description=texts.CANCEL, disabled=True, icon="stop")
        self._board_offer = BoardOffer(self.service, self._values)
        for button in self._buttons():
            button.add_class("vx-go")
        self._compare_dialog = CompareDialog(self.service, self._values)
        self._reuse = ReuseDialog(self._show_run, self._generate_new)
        self._progress = JobProgress(on_end=self._on_job_end, styled=False, cancel_button=False)
        self._result = ResultView()
        self._resume = ResumeDialog(
            self.service, self._on_resumed_job_end, on_start=lambda job: self._history.follow(job)
        )
        self._history = HistoryView(
            self.service, on_show=self.show, on_reuse=self._use_settings, on_resume=self._resume.resume_one
        )
        self._connection = Connection()

    def _rows(self) -> list[widgets.Widget]:
        sources = [heading(texts.NARRATION), self._narration, heading(texts.SUBTITLES), self._captions]
        prompt = [heading(texts.PROMPT), self._prompt, self._prompt_length]
        columns = widgets.Box(
            [
                widgets.VBox([*sources, heading(texts.STYLE), self._cards]),
                widgets.VBox(
                    [
                        *prompt,
                        heading(texts.VIDEO),
                        self._options,
                        self._more,
                        heading(texts.PROVIDER_GROUP),
                        self._picker,
                    ]
                ),
            ]
        )
        columns.add_class("vx-columns")
        actions = widgets.HBox([*self._buttons(), self._estimate.price])
        actions.add_class("vx-actions")
        title = f'<div class="vx-title">{texts.TITLE}<small>{texts.SUBTITLE}</small></div>'
        return [
            widgets.HTML(title),
            self._connection,
            self._resume,
            columns,
            self._estimate.warnings,
            actions,
            self._reuse,
            self._progress,
            self._result,
            self._board_offer,
            self._compare_dialog,
            self._history,
        ]

    def _buttons(self) -> tuple[widgets.Button, ...]:
        first = self._generate_button, self._board_offer.button
        return *first, self._draft_button, self._compare_button, self._cancel_button

    def _connect_events(self) -> None:
        for button, action in (
            (self._generate_button, self._generate_or_ask),
            (self._board_offer.button, self.storyboard),
            (self._draft_button, self.draft),
            (self._compare_button, self._compare_dialog.toggle),
        ):
            button.on_click(partial(self._after_pending_changes, action))
        self._cancel_button.on_click(lambda _: self._show_errors_of(self.cancel))
        self._prompt.observe(lambda _: self._on_input(), "value")

    def _after_pending_changes(self, action: Callable[[], object], _: widgets.Button) -> None:
        self._connection.after_pending_changes(
            lambda: self._narration.ready(lambda: self._show_errors_of(action))
        )

    def _show_errors_of(self, action: Callable[[], object]) -> None:
        """Run a callback and show its error in the panel, because a callback's traceback is invisible."""
        try:
            action()
        except Exception as error:  # noqa: BLE001
            self._show_error(error)

    def _show_error(self, error: Exception) -> None:
        """Show an error in place of a job; one that the estimate shows already moves there."""
        self._estimate.hide_error(error_text(error))
        self._progress.show_error(error_text(error))

    # Reactions to changes

    def _on_narration(self) -> None:
        source = self._narration.source.value
        self._captions.match_narration(sample=source == SAMPLE, written=source == WRITE)
        self._on_input()

    def _on_style(self) -> None:
        self._prompt.examples = examples(self._cards.chosen)
        self._on_input()

    def _on_input(self) -> None:
        """Take back what was said of earlier input, and show the estimate of the new one."""
        if not self._built:
            return
        self._progress.tone_down_error()
        if self._reuse.run is not None:
            self._reuse.dismiss()
            self._generate_button.disabled = False
        self._update_estimate()

    def _update_estimate(self) -> None:
        """Show the price, the warnings and the prompt's length for the current values."""
        try:
            narration, config = self.narration, self.config
        except VoxweaveError as error:
            self._estimate.show_error(str(error))
        else:
            provider = self._picker.first_provider
            self._estimate.show(narration, config, provider, self.subtitles)
            model = self._estimate.model(config, provider)
            self._prompt_length.value = length_html(len(config.prompt), model.prompt if model else None)

    def _on_plan(self, plan: Plan | None) -> None:
        """Offer a storyboard if the narration is longer than the planned clip."""
        repeat = None
        if plan is None:  # perhaps since a value is wrong
            self._board_offer.withdraw()
        else:
            repeat = self._board_offer.offer(
                plan, self.narration, self.subtitles, self.config, trimmed=self._narration.is_trimmed
            )
        self._generate_button.description = repeat or texts.GENERATE

    def _enable_buttons(self, *, running: bool) -> None:
        self._generate_button.disabled = self._draft_button.disabled = running
        self._cancel_button.disabled = not running

    def _on_job_end(self, job: Job) -> None:
        self._enable_buttons(running=False)
        self._picker.refresh()
        self._history.refresh()
        runtime.submit(self._load_recent_prompts())
        if job.video is not None:
            self.show(job.video)

    def _on_resumed_job_end(self, job: Job) -> None:
        self._history.refresh()
        if job.video is not None:
            self.show(job.video, beside=True)

    def _show_run(self, run: Run) -> None:
        self._generate_button.disabled = False
        video = self.service.result_of(run)
        if video is not None:
            self.show(video)

    def _use_settings(self, run: Run) -> None:
        """Set the controls to the values of an earlier run."""
        self._copy_settings(run)

    def _copy_settings(self, source: Run | VideoPanel) -> None:
        def set_controls() -> None:
            if source.narration is not None:
                self.narration = source.narration
            self.subtitles, self.config = source.subtitles, source.config
            if isinstance(source, VideoPanel):
                self._narration.copy_written(source._narration)

        self._show_errors_of(set_controls)

    async def _load_recent_prompts(self) -> None:
        try:
            runs = await asyncio.to_thread(self.service.history, _RECENT)
        except Exception:  # noqa: BLE001  the panel works without the journal
            return
        self._prompt.recent = recent_prompts(run.config.prompt for run in runs)

    def _ipython_display_(self) -> None:
        if front_end() is FrontEnd.TERMINAL:
            print(self._terminal_text())
            return
        bundle = {**self._repr_mimebundle_(), **fallback(texts.PANEL_PLAIN)}
        display(bundle, raw=True)
        self._result.create_output()
        replaced, same_code = _displays.replace(self)
        if replaced is not None:
            self._adopt_from(replaced, controls=same_code)
        self._resume.check_journal()
        runtime.submit(self._load_recent_prompts())

    def _display_(self) -> object:
        """Return what marimo displays."""
        return HtmlPage(marimo_page(self._chosen_by_hand()[1], self.config))

    def __repr__(self) -> str:
        return self._terminal_text() if front_end() is FrontEnd.TERMINAL else f"<VideoPanel {self.config!r}>"

    def _terminal_text(self) -> str:
        return terminal_text(*self._chosen_by_hand(), self.config)

    def _chosen_by_hand(self) -> tuple[Path | None, Path | str | None]:
        """Return the narration and the subtitles unless they are the sample's."""
        sample = self._narration.source.value == SAMPLE
        return (None, None) if sample else (self.narration, self.subtitles)


def _draft_config(config: VideoConfig) -> VideoConfig:
    """Return a config for a draft by the local renderer."""
    return config.replace(quality=VideoQuality.DRAFT, provider="local", model=None, seconds=None, extra={})
