"""The panel: narration, subtitles, style, prompt, one button, and the video under it."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from ..config import MAX_PROMPT, VideoConfig
from ..errors import ConfigError, VoxweaveError
from ..job import Job
from ..models import SubtitleMode, VideoFormat, VideoResolution, VideoStyle
from ..result import GeneratedVideo
from ..sample import SAMPLE_PROMPT, sample_narration, sample_subtitles
from ..service import VideoGenerationService
from ..styles import load_style
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
        self._build()
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
        """What the controls say."""
        return self._base.replace(
            style=self._style,
            prompt=self._prompt.value,
            resolution=self._resolution.value,
            format=self._format.value,
            subtitle_mode=self._mode.value,
            provider=self._provider.value,
        )

    @config.setter
    def config(self, config: VideoConfig) -> None:
        self._base = config
        self._choose(config.style)
        self._prompt.value = config.prompt
        self._resolution.value = config.resolution.value
        self._format.value = config.format.value
        self._mode.value = config.subtitle_mode.value
        if config.provider in dict(self._provider.options).values():
            self._provider.value = config.provider

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
        self._running(True)
        self._progress.follow(job)
        return job

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
        self._progress = JobProgress(on_end=self._ended)
        self._result = widgets.HTML()
        self._wire()

    def _build_choices(self, wide: widgets.Layout) -> None:
        self._style = VideoStyle.CYBERPUNK
        self._cards = {style: _card(style, self._choose) for style in VideoStyle}
        self._style_line = widgets.HTML()
        self._prompt = widgets.Textarea(
            placeholder="What the picture shall show: rain on neon glass",
            layout=widgets.Layout(width="100%", margin="0", height="58px"),
            continuous_update=True,
        )
        self._count = widgets.HTML()
        self._resolution = _dropdown("Resolution", _resolutions())
        self._format = _dropdown("Format", [(item.value.upper(), item.value) for item in VideoFormat])
        self._mode = _dropdown("Subtitles go", _MODES)
        options, note = _providers(self.service)
        self._provider = _dropdown("Provider", options)
        self._provider.value = self.service.provider_name
        self._provider_note = widgets.HTML(note)

    def _rows(self) -> list[widgets.Widget]:
        cards = widgets.Box(list(self._cards.values()))
        cards.add_class("vx-styles")
        choices = widgets.Box([self._resolution, self._format, self._mode, self._provider])
        choices.add_class("vx-choices")
        title = '<div class="vx-title">voxweave<small>a narration becomes a captioned video</small></div>'
        return [
            widgets.HTML(stylesheet() + _pictures() + title),
            _label("Narration"),
            self._source,
            self._path,
            self._upload,
            self._source_note,
            _label("Subtitles"),
            self._words,
            self._words_path,
            self._words_text,
            _label("Style"),
            cards,
            self._style_line,
            _label("Prompt"),
            self._prompt,
            self._count,
            choices,
            self._provider_note,
            widgets.HBox([self._go, self._stop], layout=widgets.Layout(margin="12px 0 4px")),
            self._progress,
            self._result,
        ]

    def _wire(self) -> None:
        self._progress._stop.layout.visibility = "hidden"  # the panel has its own
        self._go.on_click(lambda _: self._guarded(self.generate))
        self._stop.on_click(lambda _: self._guarded(self.cancel))
        self._source.observe(lambda _: self._guarded(self._on_source), "value")
        self._words.observe(lambda _: self._on_words(), "value")
        self._prompt.observe(lambda _: self._on_prompt(), "value")
        self._upload.observe(lambda _: self._guarded(self._on_upload), "value")
        self._on_source()
        self._on_words()
        self._on_prompt()

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
        _show(self._path, chosen == _PATH)
        _show(self._upload, chosen == _UPLOAD)
        if chosen == _SAMPLE:
            self._words.value = _SAMPLE
        elif self._words.value == _SAMPLE:
            self._words.value = _NONE
        self._source_note.value = f'<div class="vx-note">{_SOURCE_NOTES[chosen]}</div>'

    def _on_words(self) -> None:
        _show(self._words_path, self._words.value == _FILE)
        _show(self._words_text, self._words.value == _PASTE)

    def _on_prompt(self) -> None:
        count = len(self._prompt.value)
        more = f", {count - MAX_PROMPT:,} too many" if count > MAX_PROMPT else ""
        self._count.value = f'<div class="vx-note" style="text-align:right">{count:,} characters{more}</div>'

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
        self._source_note.value = f'<div class="vx-note">{escape(path.name)}, {size:.1f} MB, is here.</div>'

    def _choose(self, style: VideoStyle) -> None:
        self._style = style
        for other, card in self._cards.items():
            (card.add_class if other is style else card.remove_class)("vx-on")
            card.icon = "check" if other is style else ""
        self._style_line.value = f'<div class="vx-note">{escape(load_style(style).tagline)}</div>'

    def _running(self, running: bool) -> None:
        self._go.disabled, self._stop.disabled = running, not running

    def _ended(self, job: Job) -> None:
        self._running(False)
        self._video = job.video
        if job.video is None:
            return
        if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            # Voila shows no output that changes after the page is built, and serves no video files.
            shown = replace(job.video, embed_limit=_VOILA_EMBED_LIMIT)
            self._result.value = shown._repr_mimebundle_()["text/html"]
        else:
            self._place.show(job)

    def _ipython_display_(self) -> None:
        bundle = dict(self._repr_mimebundle_())
        bundle["text/plain"] = _PLAIN
        bundle["text/html"] = f"<p><em>{_PLAIN}.</em></p>"
        display(bundle, raw=True)
        self._place.open()


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


def _providers(service: VideoGenerationService) -> tuple[list[tuple[str, str]], str]:
    states = service.providers()
    ready = [(name, name) for name, state in states.items() if state.ready]
    notes = (f"{name}: {state.reason}" for name, state in states.items())
    return ready, f'<div class="vx-note">{escape(" · ".join(notes))}</div>'


def _resolutions() -> list[tuple[str, str]]:
    return [(f"{item.value} · {item.size[0]}×{item.size[1]}", item.value) for item in VideoResolution]


def _dropdown(label: str, options: list[tuple[str, str]]) -> widgets.Dropdown:
    return widgets.Dropdown(description=label, options=options)


def _label(text: str) -> widgets.HTML:
    return widgets.HTML(f'<div class="vx-label">{escape(text)}</div>')


def _card(style: VideoStyle, choose: Callable[[VideoStyle], None]) -> widgets.Button:
    sheet = load_style(style)
    card = widgets.Button(description=sheet.label, tooltip=sheet.tagline)
    card.add_class("vx-style")
    card.add_class(f"vx-style-{style.value}")
    card.on_click(lambda _: choose(style))
    return card


@cache
def _pictures() -> str:
    folder = resources.files(__package__) / "static" / "styles"
    rules = []
    for style in VideoStyle:
        picture = folder / f"{style.value}.jpg"
        if picture.is_file():
            data = base64.b64encode(picture.read_bytes()).decode("ascii")
            rules.append(f'.vx-style-{style.value}{{background-image:url("data:image/jpeg;base64,{data}")}}')
    return f"<style>{''.join(rules)}</style>"


def _show(widget: widgets.Widget, shown: bool) -> None:
    widget.layout.display = None if shown else "none"
