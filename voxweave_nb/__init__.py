"""From a narration to a captioned video, in a Jupyter notebook.

`VideoPanel()` is the panel; `VideoGenerationService.default()` is the same in code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .display import register_job_view
from .version import __version__ as __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .config import VideoConfig
    from .errors import (
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
        SubmissionInDoubt,
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
    from .settings import Settings
    from .widgets.audio_input import AudioInput
    from .widgets.panel import VideoPanel
    from .widgets.player import Player

__all__ = [
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
    "SubmissionInDoubt",
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

_ROOMS = {
    "AudioInput": "widgets.audio_input",
    "GeneratedVideo": "result",
    "Job": "job",
    "Player": "widgets.player",
    "Provenance": "result",
    "Settings": "settings",
    "VideoConfig": "config",
    "VideoGenerationService": "service",
    "VideoPanel": "widgets.panel",
    "run": "runtime",
}
"""Where public names live that are neither a model nor an error.

A room is entered when it or a name of it is first used, so that nobody waits for what he does not use: a worker that
renders for the service, a script for ipywidgets, a command's help for both.
"""


def __getattr__(name: str) -> Any:
    if name in {"errors", "models", *_ROOMS.values()}:
        return import_module(f".{name}", __name__)
    if name in _ROOMS:
        return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    if name in __all__:
        from . import errors, models

        return getattr(models if name in models.__all__ else errors, name)
    if name == "AmbiguousCreate":
        from .errors import renamed_error

        return renamed_error(name, stacklevel=3)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext voxweave_nb` calls: adds `%voxweave` and `%%voxweave`."""
    from .magics import register

    register(shell)


def _show_job(job: Any) -> None:
    from .widgets.progress import display_job

    display_job(job)


register_job_view(_show_job)
