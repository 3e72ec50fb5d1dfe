"""The panel: narration, subtitles, style, prompt, one button, and the video under it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from ..config import MAX_PROMPT, VideoConfig
from ..errors import ConfigError, VoxweaveError
from ..job import Job
from ..journal import Run
from ..models import SubtitleMode, VideoAspect, VideoFormat, VideoResolution
from ..result import GeneratedVideo
from ..sample import SAMPLE_PROMPT, sample_narration, sample_subtitles
from ..service import VideoGenerationService
from .again import Again
from .cards import StyleCards, pictures
from .estimate import Estimate
from .history import History
from .maker import Maker
from .parts import dropdown, heading, note, show
from .pickup import PickUp
from .progress import JobProgress, ResultPlace, stylesheet

__all__ = ["VideoPanel"]

_SAMPLE, _PATH, _UPLOAD = "Sample", "File on the kernel's disk", "Upload"
_NONE, _FILE, _PASTE = "None", "File", "Paste"
_UPLOAD_LIMIT = 9_000_000
_VOILA_EMBED_LIMIT = 200_000_000
_ACCEPT = "audio/*,.mp3,.wav,.flac,.m4a,.mp4,.aac,.ogg,.opus,.webm,.aiff,.caf,.wma,.mka"

_PLAIN = "VideoPanel: run this cell in a notebook to use the panel"


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
        self._place = ResultPlace()
        self._uploaded: Path | None = None
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
            provider=self._maker.provider,
            model=self._maker.model,
            seconds=self._maker.seconds,
        )

    @config.setter
    def config(self, config: VideoConfig) -> None:
        self._base = config
        self._cards.choose(config.style)
        self._prompt.value = config.prompt
        self._aspect.value = config.aspect.value
        self._resolution.value = config.resolution.value
        self._format.value = config.format.value
        self._mode.value = config.subtitle_mode.value
        self._maker.choose(config)
        self._changed()

    @property
    def narration(self) -> Path | None:
        """The audio file that the controls name, or None while they name none."""
        if self._source.value == _SAMPLE:
            return sample_narration()
        if self._source.value == _UPLOAD:
            return self._uploaded
        return Path(self._path.value.strip()) if self._path.value.strip() else None

    @narration.setter
    def narration(self, narration: str | os.PathLike[str]) -> None:
        self._source.value = _PATH
        self._path.value = os.fspath(narration)

    @property
    def subtitles(self) -> Path | str | None:
        """The subtitle file, or the text of one, or None."""
        chosen = self._words.value
        if chosen == _SAMPLE:
            return sample_subtitles()
        if chosen == _FILE and self._words_path.value.strip():
            return Path(self._words_path.value.strip())
        if chosen == _PASTE and self._words_text.value.strip():
            return f"{self._words_text.value.strip()}\n"
        return None

    @subtitles.setter
    def subtitles(self, subtitles: str | os.PathLike[str] | None) -> None:
        if subtitles is None:
            self._words.value = _NONE
        elif isinstance(subtitles, str) and "\n" in subtitles:
            self._words.value, self._words_text.value = _PASTE, subtitles
        else:
            self._words.value, self._words_path.value = _FILE, os.fspath(subtitles)

    @property
    def job(self) -> Job | None:
        """The job that runs or ran last."""
        return self._progress.job

    @property
    def video(self) -> GeneratedVideo | None:
        """The last finished video."""
        return self._video

    def generate(self) -> Job:
        """Starts what the controls say, as the button does.

        Raises:
            VoxweaveError: It cannot be; the panel says why, too.
        """
        try:
            narration = self.narration
            if narration is None:
                raise ConfigError("There is no narration yet. Choose the sample, name a file or upload one.")
            job = self.service.submit(narration, subtitles=self.subtitles, config=self.config)
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
        if self.narration is None:
            self.generate()  # says what is missing
        narration, subtitles, config = self.narration, self.subtitles, self.config
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
        wide = widgets.Layout(width="100%", margin="0")
        self._source = widgets.ToggleButtons(options=[_SAMPLE, _PATH, _UPLOAD], tooltips=["", "", ""])
        self._path = widgets.Text(placeholder="talk.mp3", layout=wide)
        self._upload = widgets.FileUpload(accept=_ACCEPT, multiple=False, description="Choose audio")
        self._source_note = widgets.HTML()
        self._words = widgets.ToggleButtons(options=[_SAMPLE, _NONE, _FILE, _PASTE])
        self._words_path = widgets.Text(placeholder="talk.srt, .vtt or .ass", layout=wide)
        self._words_text = widgets.Textarea(
            placeholder="1\n00:00:00,000 --> 00:00:02,500\nWhat is said …",
            layout=widgets.Layout(width="100%", margin="0", height="120px"),
        )
        self._build_choices(wide)
        self._go = widgets.Button(description="Generate", button_style="primary", icon="play")
        self._stop = widgets.Button(description="Cancel", disabled=True, icon="stop")
        for button in (self._go, self._stop):
            button.add_class("vx-go")
        self._again = Again(self._show_run, self._make)
        self._progress = JobProgress(on_end=self._ended)
        self._pickup = PickUp(self.service, self._picked_up)
        self._history = History(
            self.service, on_show=self.show, on_reuse=self._reuse, on_resume=self._pickup.pick_up_one
        )
        self._result = widgets.HTML()
        self._wire()

    def _build_choices(self, wide: widgets.Layout) -> None:
        self._cards = StyleCards(self._changed)
        self._prompt = widgets.Textarea(
            placeholder="What the picture shall show: rain on neon glass",
            layout=widgets.Layout(width="100%", margin="0", height="58px"),
            continuous_update=True,
        )
        self._count = widgets.HTML()
        self._aspect = dropdown(
            "Aspect", [(f"{item.value} {_SHAPES[item]}", item.value) for item in VideoAspect]
        )
        self._resolution = dropdown("Resolution", _resolutions(VideoAspect.WIDE))
        self._format = dropdown("Format", [(item.value.upper(), item.value) for item in VideoFormat])
        self._mode = dropdown("Subtitles go", _MODES)
        self._maker = Maker(self.service, self._changed)
        self._estimate = Estimate(self.service)

    def _rows(self) -> list[widgets.Widget]:
        choices = widgets.Box([self._aspect, self._resolution, self._format, self._mode])
        choices.add_class("vx-choices")
        actions = widgets.HBox([self._go, self._stop, self._estimate.price])
        actions.add_class("vx-actions")
        title = '<div class="vx-title">voxweave<small>a narration becomes a captioned video</small></div>'
        return [
            widgets.HTML(stylesheet() + pictures() + title),
            self._pickup,
            heading("Narration"),
            self._source,
            self._path,
            self._upload,
            self._source_note,
            heading("Subtitles"),
            self._words,
            self._words_path,
            self._words_text,
            heading("Style"),
            self._cards,
            heading("Prompt"),
            self._prompt,
            self._count,
            heading("Video"),
            choices,
            heading("Made by"),
            self._maker,
            self._estimate.remarks,
            actions,
            self._again,
            self._progress,
            self._result,
            self._history,
        ]

    def _wire(self) -> None:
        self._progress._stop.layout.visibility = "hidden"  # the panel has its own
        self._go.on_click(lambda _: self._guarded(self._press))
        self._stop.on_click(lambda _: self._guarded(self.cancel))
        self._source.observe(lambda _: self._guarded(self._on_source), "value")
        self._words.observe(lambda _: self._on_words(), "value")
        self._aspect.observe(lambda _: self._on_aspect(), "value")
        for control in (self._prompt, self._path, self._resolution, self._format, self._mode):
            control.observe(lambda _: self._changed(), "value")
        self._upload.observe(lambda _: self._guarded(self._on_upload), "value")
        self._on_source()
        self._on_words()

    def _guarded(self, action: Callable[[], object]) -> None:
        """Shows in words what goes wrong in a callback, where a traceback would be seen by nobody."""
        try:
            action()
        except VoxweaveError as error:
            self._progress.fail(str(error))
        except Exception as error:  # noqa: BLE001
            self._progress.fail(
                f"Something unexpected went wrong ({type(error).__name__}: {error}). Please report it."
            )

    # What happens when a control changes

    def _on_source(self) -> None:
        chosen = self._source.value
        show(self._path, chosen == _PATH)
        show(self._upload, chosen == _UPLOAD)
        if chosen == _SAMPLE:
            self._words.value = _SAMPLE
        elif self._words.value == _SAMPLE:
            self._words.value = _NONE
        self._source_note.value = note(_SOURCE_NOTES[chosen])
        self._changed()

    def _on_words(self) -> None:
        show(self._words_path, self._words.value == _FILE)
        show(self._words_text, self._words.value == _PASTE)

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

    def _on_upload(self) -> None:
        if not self._upload.value:
            return
        entry = self._upload.value[0]
        folder = Path(tempfile.mkdtemp(prefix="voxweave-upload-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = folder / (Path(entry["name"]).name or "narration")
        path.write_bytes(bytes(entry["content"]))
        self._upload.value = ()  # the bytes would stay in memory and in the notebook's widget state
        self._uploaded = path
        size = path.stat().st_size / 1e6
        self._source_note.value = note(f"{path.name}, {size:.1f} MB, is here.")
        self._changed()

    def _running(self, running: bool) -> None:
        self._go.disabled, self._stop.disabled = running, not running

    def _ended(self, job: Job) -> None:
        self._running(False)
        self._maker.refresh()
        self._history.refresh()
        if job.video is not None:
            self.show(job.video)

    def show(self, video: GeneratedVideo, *, beside: bool = False) -> None:
        """Shows a video in the panel's output, which stays in the notebook.

        Args:
            video: A result, of this panel or another.
            beside: Whether what is shown already stays.
        """
        self._video = video
        if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            # Voila shows no output that changes after the page is built, and serves no video files.
            shown = replace(video, embed_limit=_VOILA_EMBED_LIMIT)
            self._result.value = shown._repr_mimebundle_()["text/html"]
        else:
            self._place.put(video, beside=beside)

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

    def _ipython_display_(self) -> None:
        bundle = dict(self._repr_mimebundle_())
        bundle["text/plain"] = _PLAIN
        bundle["text/html"] = f"<p><em>{_PLAIN}.</em></p>"
        display(bundle, raw=True)
        self._place.open()
        self._pickup.look()


_SHAPES = {VideoAspect.WIDE: "wide", VideoAspect.TALL: "tall", VideoAspect.SQUARE: "square"}

_MODES = [
    ("into the file", SubtitleMode.SOFT.value),
    ("onto the picture", SubtitleMode.BURN.value),
    ("beside the file", SubtitleMode.SIDECAR.value),
    ("nowhere", SubtitleMode.NONE.value),
]

_SOURCE_NOTES = {
    _SAMPLE: "20 seconds on why the deep sea glows, with exact captions.",
    _PATH: "A path on the machine that the kernel runs on, of any size up to 512 MB.",
    _UPLOAD: (
        f"Up to {_UPLOAD_LIMIT // 1_000_000} MB: a notebook server drops a larger upload without a word. For a larger "
        "file, put it beside the notebook (the file browser takes any size) and give its path."
    ),
}


def _resolutions(aspect: VideoAspect) -> list[tuple[str, str]]:
    sizes = {item: aspect.size(item) for item in VideoResolution}
    return [(f"{item.value} · {width}×{height}", item.value) for item, (width, height) in sizes.items()]


def _count(letters: int, limit: int | None) -> str:
    """How long the prompt is, and how much of it the model takes."""
    most = min(limit or MAX_PROMPT, MAX_PROMPT)
    figure = f"{letters:,} of {most:,} characters" if limit else f"{letters:,} characters"
    over = f": the last {letters - most:,} will be left out" if letters > most else ""
    return f'<div class="vx-note vx-count{" vx-over" * bool(over)}">{figure}{over}</div>'
