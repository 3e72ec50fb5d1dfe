"""From a narration to a captioned video, in a Jupyter notebook.

`VideoPanel()` is the panel; `VideoGenerationService.default()` is the same in code.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .display import (
    register_board_view,
    register_job_view,
    register_lab_view,
    register_page_files,
    register_rendition_maker,
)
from .version import __version__ as __version__

if TYPE_CHECKING:
    from pathlib import Path

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
        SpeechError,
        SubmissionInDoubt,
        SubtitleError,
        VoxweaveError,
    )
    from .images import ImageFile
    from .job import Job
    from .journal import Attempt, AttemptOutcome, Run, RunState, Spend
    from .lab.estimate import LabEstimate
    from .lab.prompt_lab import PromptLab
    from .lab.ranking import Ranking
    from .lab.records import Vote
    from .lab.runner import LabRun
    from .lab.snapshot import LabVariant
    from .lab.templates import TemplateError
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
        Word,
    )
    from .providers.base import Provider
    from .providers.http import Http, Reply
    from .providers.remote import HttpProvider
    from .providers.types import (
        Accepted,
        Availability,
        Capabilities,
        ClipExtras,
        ClipRequest,
        Listing,
        Model,
        Plan,
        Price,
        Progress,
        ProviderStatus,
        Size,
    )
    from .request import VideoRequest
    from .result import GeneratedVideo, Provenance
    from .runtime import run
    from .service import VideoGenerationService
    from .settings import Settings
    from .speech.captions import Captions
    from .speech.doubts import Doubt
    from .speech.recognise import Recogniser, Transcript
    from .speech.speaking import Sound, Speaker, Voice, find_voices
    from .speech.spoken import Speech
    from .storyboard.board import Storyboard
    from .storyboard.estimate import BoardEstimate
    from .storyboard.making import BoardRun
    from .storyboard.scene import Take
    from .storyboard.scenes import Scene
    from .storyboard.writing import PromptWriter
    from .widgets.audio_input import AudioInput
    from .widgets.panel import VideoPanel
    from .widgets.player import Player
    from .written import Script

__all__ = [
    "Accepted",
    "Attempt",
    "AttemptOutcome",
    "AudioInput",
    "Availability",
    "BoardEstimate",
    "BoardRun",
    "BudgetExceeded",
    "Capabilities",
    "Captions",
    "ClipExtras",
    "ClipRequest",
    "ConfigError",
    "ContentRefused",
    "Cue",
    "Doubt",
    "DownloadFailed",
    "Estimate",
    "FFmpegFailed",
    "FFmpegMissing",
    "GeneratedVideo",
    "GenerationFailed",
    "Http",
    "HttpProvider",
    "ImageFile",
    "Job",
    "JobCanceled",
    "JobEvent",
    "JobState",
    "JobTimeout",
    "JournalError",
    "LabEstimate",
    "LabRun",
    "LabVariant",
    "Listing",
    "MediaError",
    "Model",
    "NarrationError",
    "NoProviderLeft",
    "Plan",
    "Player",
    "Price",
    "Progress",
    "PromptLab",
    "PromptWriter",
    "Provenance",
    "Provider",
    "ProviderError",
    "ProviderStatus",
    "ProviderUnavailable",
    "Ranking",
    "Recogniser",
    "Reply",
    "RequestRefused",
    "Run",
    "RunState",
    "Scene",
    "Script",
    "Settings",
    "Size",
    "Sound",
    "Speaker",
    "Speech",
    "SpeechError",
    "Spend",
    "Stage",
    "Storyboard",
    "SubmissionInDoubt",
    "SubtitleError",
    "SubtitleLook",
    "SubtitleMode",
    "Take",
    "TemplateError",
    "Transcript",
    "VideoAspect",
    "VideoConfig",
    "VideoFormat",
    "VideoGenerationService",
    "VideoPanel",
    "VideoProvider",
    "VideoQuality",
    "VideoRequest",
    "VideoResolution",
    "VideoStyle",
    "Voice",
    "Vote",
    "VoxweaveError",
    "Word",
    "find_voices",
    "load_ipython_extension",
    "run",
]

_ROOMS = {
    "config": ["VideoConfig"],
    "images": ["ImageFile"],
    "job": ["Job"],
    "lab.estimate": ["LabEstimate"],
    "lab.prompt_lab": ["PromptLab"],
    "lab.ranking": ["Ranking"],
    "lab.records": ["Vote"],
    "lab.runner": ["LabRun"],
    "lab.snapshot": ["LabVariant"],
    "lab.templates": ["TemplateError"],
    "journal": ["Attempt", "AttemptOutcome", "Run", "RunState", "Spend"],
    "providers.base": ["Provider"],
    "providers.http": ["Http", "Reply"],
    "providers.remote": ["HttpProvider"],
    "providers.types": [
        "Accepted", "Availability", "Capabilities", "ClipExtras", "ClipRequest", "Listing", "Model", "Plan", "Price",
        "Progress", "ProviderStatus", "Size",
    ],
    "request": ["VideoRequest"],
    "result": ["GeneratedVideo", "Provenance"],
    "runtime": ["run"],
    "service": ["VideoGenerationService"],
    "settings": ["Settings"],
    "speech.captions": ["Captions"],
    "speech.doubts": ["Doubt"],
    "speech.recognise": ["Recogniser", "Transcript"],
    "speech.speaking": ["Sound", "Speaker", "Voice", "find_voices"],
    "speech.spoken": ["Speech"],
    "storyboard.board": ["Storyboard"],
    "storyboard.estimate": ["BoardEstimate"],
    "storyboard.making": ["BoardRun"],
    "storyboard.scene": ["Take"],
    "storyboard.scenes": ["Scene"],
    "storyboard.writing": ["PromptWriter"],
    "widgets.audio_input": ["AudioInput"],
    "widgets.panel": ["VideoPanel"],
    "widgets.player": ["Player"],
    "written": ["Script"],
}  # fmt: skip
"""The rooms of the public names that are neither a model nor an error.

A room is imported when one of its names is first used, so that a rendering worker, a script or a command's help does
not load what it does not need.
"""


def __getattr__(name: str) -> Any:
    if name in {"errors", "models", *_ROOMS}:
        return import_module(f".{name}", __name__)
    for room, names in _ROOMS.items():
        if name in names:
            _offer_completion()
            return getattr(import_module(f".{room}", __name__), name)
    if name in __all__:
        from . import errors, models

        return getattr(models if name in models.__all__ else errors, name)
    if name == "AmbiguousCreate":
        from .errors import renamed_error

        return renamed_error(name, stacklevel=3)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _offer_completion() -> None:
    """Let IPython, if it runs, complete the values of options in calls."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        from .completion import register_matcher

        register_matcher(shell)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%voxweave` and `%%voxweave`; called by `%load_ext voxweave_nb`."""
    from .magics import register

    register(shell)


def _show_job(job: Any) -> None:
    from .environment import in_ipython_terminal

    if in_ipython_terminal():
        from .cli.interactive import print_job

        print_job(job)
    else:
        from .widgets.progress import display_job

        display_job(job)


def _job_widget(job: Any) -> Any:
    from .widgets.job_bar import JobBar

    return JobBar(job)


def _wait_for_job(job: Any) -> AbstractContextManager[object]:
    from .environment import in_ipython_terminal

    if not in_ipython_terminal():
        return nullcontext()
    from .cli.interactive import bar_of

    return bar_of(job)


def _page_files(name: str) -> tuple[str, str]:
    from .widgets.assets import page_files

    return page_files(name)


def _show_lab(lab: Any) -> None:
    from .environment import in_ipython_terminal

    if in_ipython_terminal():
        print(lab)
    else:
        from .widgets.lab_view import display_lab

        display_lab(lab)


def _lab_widget(lab: Any) -> Any:
    from .widgets.lab_view import LabView

    return LabView(lab)


def _show_duel(lab: Any, duel: Any, goal: str, by: Any) -> Any:
    from .environment import FrontEnd, front_end

    if front_end() is FrontEnd.TERMINAL:
        print(lab.duel_text(duel))
        return None
    from .widgets.lab_duel import DuelView

    return DuelView(lab, goal, by=by, first=duel)


def _show_board(board: Any) -> None:
    from .environment import in_ipython_terminal

    if in_ipython_terminal():
        print(board)
    else:
        from .widgets.board_view import display_board

        display_board(board)


def _board_widget(board: Any) -> Any:
    from .widgets.board_view import BoardView

    return BoardView(board)


def _make_rendition(video: Path, format: VideoFormat, *, quick: bool) -> Path | None:
    from . import runtime
    from .outputs import make_rendition
    from .renditions import rendition_path

    if quick and video.is_file():
        made = rendition_path(video, format)
        if made.is_file():
            return made
        from .media.rendition import copies_frames

        if runtime.on_background() or not copies_frames(video, format):
            return None
    return runtime.block_or_cancel(runtime.submit(make_rendition(video, format)))


register_job_view(_show_job, widget=_job_widget, wait=_wait_for_job)
register_page_files(_page_files)
register_lab_view(_show_lab, widget=_lab_widget, duel=_show_duel)
register_board_view(_show_board, widget=_board_widget)
register_rendition_maker(_make_rendition)
