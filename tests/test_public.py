"""The public names: complete, documented and cheap to import."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import voxweave_nb

HEAVY = [
    "IPython",
    "PIL",
    "anywidget",
    "av",
    "fontTools",
    "httpx",
    "imageio_ffmpeg",
    "ipywidgets",
    "nest_asyncio2",
    "numpy",
]

PROMISED = {
    "Captions", "Doubt", "Recogniser", "Script", "Sound", "Speaker", "Speech", "SpeechError", "Transcript", "Voice",
    "find_voices",
    "BoardEstimate", "BoardRun", "PromptWriter", "Scene", "Storyboard", "Take",
    "Accepted", "Attempt", "AttemptOutcome", "AudioInput", "Availability", "BudgetExceeded", "Capabilities",
    "ClipExtras", "ClipRequest", "ConfigError", "ContentRefused", "Cue", "DownloadFailed", "Estimate",
    "FFmpegFailed", "FFmpegMissing", "GeneratedVideo", "GenerationFailed", "Http", "HttpProvider", "ImageFile",
    "Job", "JobCanceled", "JobEvent", "JobState", "JobTimeout", "JournalError", "LabEstimate", "LabRun",
    "LabVariant", "Listing", "MediaError", "Model", "NarrationError", "NoProviderLeft", "Plan", "Player",
    "Price", "Progress", "PromptLab", "Provenance", "Provider", "ProviderError", "ProviderStatus",
    "ProviderUnavailable", "Ranking", "Reply", "RequestRefused", "Run", "RunState", "Settings", "Size",
    "Spend", "Stage", "SubmissionInDoubt", "SubtitleError", "SubtitleLook", "SubtitleMode", "TemplateError",
    "VideoAspect", "VideoConfig", "VideoFormat", "VideoGenerationService", "VideoPanel", "VideoProvider",
    "VideoQuality", "VideoRequest", "VideoResolution", "VideoStyle", "Vote", "VoxweaveError", "Word",
    "load_ipython_extension", "run",
}  # fmt: skip


def python(code: str, cwd: Path | None = None) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_public_names_are_complete_and_sorted():
    assert set(voxweave_nb.__all__) == PROMISED
    assert voxweave_nb.__all__ == sorted(voxweave_nb.__all__)


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_public_name_has_a_docstring(name):
    thing = getattr(voxweave_nb, name)
    assert inspect.getdoc(thing)
    assert name in dir(voxweave_nb)


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_public_method_has_a_docstring(name):
    thing = getattr(voxweave_nb, name)
    own = vars(thing).items() if inspect.isclass(thing) else []
    silent = [
        member
        for member, value in own
        if not member.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, property))
        and not inspect.getdoc(getattr(thing, member) if inspect.isroutine(value) else value)
    ]
    assert not silent


def test_importing_loads_nothing_heavy():
    code = f"import sys, voxweave_nb; print(*(name for name in {HEAVY} if name in sys.modules))"
    assert python(code) == ""


def test_importing_starts_no_thread_writes_no_file(tmp_path):
    code = (
        f"import os, threading; os.chdir({str(tmp_path)!r}); import voxweave_nb; "
        "print(threading.active_count(), os.listdir())"
    )
    assert python(code) == "1 []"


def test_the_panel_is_imported_on_first_use():
    code = (
        "import sys, voxweave_nb; before = 'ipywidgets' in sys.modules; voxweave_nb.VideoPanel; "
        "print(before, 'ipywidgets' in sys.modules)"
    )
    assert python(code) == "False True"


def test_a_render_worker_imports_only_its_needs(tmp_path):
    unused = ["asyncio", "numpy.ma", "sqlite3", "voxweave_nb.providers", "voxweave_nb.service"]
    code = (
        "import sys, numpy as np; before = set(sys.modules); "  # numpy 1 imports numpy.ma itself
        "from pathlib import Path; import voxweave_nb.render.worker; "
        "from voxweave_nb.render.features import Sound; np.zeros(32_000, '<i2').tofile('voice'); "
        "Sound(Path('voice'), fps=24, frames=48); "
        f"print(*(name for name in {unused} if name in sys.modules and name not in before))"
    )
    assert python(code, tmp_path) == ""


def test_a_module_is_imported_when_named():
    rooms = ["config", "errors", "job", "models", "result", "runtime", "service"]
    code = f"import voxweave_nb; print(*(getattr(voxweave_nb, room).__name__ for room in {rooms}))"
    assert python(code).split() == [f"voxweave_nb.{room}" for room in rooms]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'VideoPannel'"):
        voxweave_nb.VideoPannel  # noqa: B018


def test_the_version_is_the_installed_one():
    from importlib.metadata import version

    assert version("voxweave-nb") == voxweave_nb.__version__
