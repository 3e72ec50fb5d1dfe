"""From a narration to a captioned video, in a Jupyter notebook.

`VideoPanel()` is the panel; `VideoGenerationService.default()` is the same in code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .config import Settings, VideoConfig
from .errors import (
    AmbiguousCreate,
    BudgetExceeded,
    ConfigError,
    ContentRefused,
    DownloadFailed,
    FFmpegFailed,
    FFmpegMissing,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    JournalError,
    MediaError,
    NarrationError,
    NoProviderLeft,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    SubtitleError,
    VoxweaveError,
)
from .job import Job
from .models import (
    Cue,
    Estimate,
    JobEvent,
    JobState,
    Stage,
    SubtitleLook,
    SubtitleMode,
    VideoAspect,
    VideoFormat,
    VideoProvider,
    VideoQuality,
    VideoResolution,
    VideoStyle,
)
from .result import GeneratedVideo, Provenance
from .runtime import run
from .service import VideoGenerationService
from .version import __version__ as __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .widgets.audio_input import AudioInput
    from .widgets.panel import VideoPanel
    from .widgets.player import Player

__all__ = [
    "AmbiguousCreate",
    "AudioInput",
    "BudgetExceeded",
    "ConfigError",
    "ContentRefused",
    "Cue",
    "DownloadFailed",
    "Estimate",
    "FFmpegFailed",
    "FFmpegMissing",
    "GeneratedVideo",
    "GenerationFailed",
    "Job",
    "JobCanceled",
    "JobEvent",
    "JobState",
    "JobTimeout",
    "JournalError",
    "MediaError",
    "NarrationError",
    "NoProviderLeft",
    "Player",
    "Provenance",
    "ProviderError",
    "ProviderUnavailable",
    "RequestRefused",
    "Settings",
    "Stage",
    "SubtitleError",
    "SubtitleLook",
    "SubtitleMode",
    "VideoAspect",
    "VideoConfig",
    "VideoFormat",
    "VideoGenerationService",
    "VideoPanel",
    "VideoProvider",
    "VideoQuality",
    "VideoResolution",
    "VideoStyle",
    "VoxweaveError",
    "load_ipython_extension",
    "run",
]

_WIDGETS = {"AudioInput": "audio_input", "Player": "player", "VideoPanel": "panel"}


def __getattr__(name: str) -> Any:
    # The widgets bring ipywidgets, which a script or a command line need not wait for.
    if name in _WIDGETS:
        from importlib import import_module

        return getattr(import_module(f".widgets.{_WIDGETS[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext voxweave_nb` calls: adds `%voxweave` and `%%voxweave`."""
    from .magics import register

    register(shell)


def _view(job: Job) -> None:
    """Displays a job in a notebook: its progress, then its video."""
    from .widgets.progress import display_job

    display_job(job)


Job.view = staticmethod(_view)
