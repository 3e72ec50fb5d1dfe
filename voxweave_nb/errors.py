"""The error tree. Catch `VoxweaveError` to handle them all.

VoxweaveError
├── ConfigError (ValueError)          an invalid option, such as an unknown style or negative seconds
├── NarrationError (ValueError)       the narration is missing, not audio, too long or too large
├── SubtitleError (ValueError)        the subtitles are missing or unreadable
├── SpeechError                       speech cannot be recognised or spoken here: an engine is missing, or it failed
├── MediaError                        FFmpeg or a media file failed
│   ├── FFmpegMissing                 no working FFmpeg was found
│   └── FFmpegFailed                  FFmpeg exited with an error; carries its output
├── ProviderError                     a provider failed; carries its name, the HTTP status, the job id and the response
│   ├── ProviderUnavailable           no key, invalid key, outage or shut down: another provider can be tried
│   ├── NoProviderLeft                every provider in the chain declined; carries their reasons
│   ├── RequestRefused                the provider rejects the request: a field, a size, a length
│   ├── ContentRefused                the provider rejects the content; no other provider is tried
│   ├── SubmissionInDoubt             a submission got no clear answer: it may have been accepted and billed
│   ├── GenerationFailed              the provider accepted the job and could not finish it
│   └── DownloadFailed                the clip is ready, and may be billed, but could not be downloaded
├── BudgetExceeded                    the submission would exceed a budget; nothing was sent
├── JournalError                      the journal cannot be read or written, so nothing is sent
├── JobTimeout (TimeoutError)         the deadline passed; carries the job id, so that the job can be resumed
└── JobCanceled                       the job was canceled
"""

from __future__ import annotations

import re
import sys
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

__all__ = [
    "BudgetExceeded",
    "ConfigError",
    "ContentRefused",
    "DownloadFailed",
    "FFmpegFailed",
    "FFmpegMissing",
    "GenerationFailed",
    "JobCanceled",
    "JobTimeout",
    "JournalError",
    "MediaError",
    "NarrationError",
    "NoProviderLeft",
    "ProviderError",
    "ProviderUnavailable",
    "RequestRefused",
    "SpeechError",
    "SubmissionInDoubt",
    "SubtitleError",
    "VoxweaveError",
]


# Control characters, such as those of OSC 52, which sets the clipboard of a terminal, and those that reorder a line.
_CONTROLS = re.compile("\r(?=\n)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return a text of unknown origin without control characters, apart from new lines and tabs."""
    return text if text.isprintable() else _CONTROLS.sub("", text)


class VoxweaveError(Exception):
    """The base class of every error that this package raises on purpose.

    A message may quote a server; it is shown in a terminal, and has no control characters.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(printable(arg) if isinstance(arg, str) else arg for arg in args))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the sentence and the person's line; the whole traceback for `%tb`."""
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        tracer = getattr(shell, "InteractiveTB", None)
        if _whole_is_wanted(getattr(tracer, "mode", "")):
            if tracer is None:
                return traceback.format_exception(self)
            whole: list[str] = tracer.structured_traceback(type(self), self, self.__traceback__, tb_offset=1)
            return whole
        line = _line_of_caller(self.__traceback__)
        return [f"{type(self).__name__}: {self}", *([line] if line else []), "%tb shows the whole traceback."]

    def __reduce__(self) -> tuple[Any, ...]:
        # The default pickling of an exception drops its keyword-only arguments.
        return (_restore_error, (type(self), self.args, vars(self).copy()))


def _whole_is_wanted(mode: str) -> bool:
    """Return True in the magic `%tb`, and after `%xmode Verbose`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "tb" and str(frame.f_globals.get("__name__")).startswith("IPython."):
            return True
        frame = frame.f_back
    return mode == "Verbose"


def _line_of_caller(trace: TracebackType | None) -> str:
    """Return the line of a cell or script that led to an error of this package, or an empty text."""
    own = str(Path(__file__).parent)
    found = None
    for frame in traceback.extract_tb(trace):
        if frame.filename.startswith(own):
            break
        found = frame
    return f"  line {found.lineno}: {found.line}" if found is not None and found.line else ""


def _restore_error(kind: type[VoxweaveError], args: tuple[Any, ...], state: dict[str, Any]) -> VoxweaveError:
    error = kind.__new__(kind)
    super(VoxweaveError, error).__init__(*args)
    vars(error).update(state)
    return error


_again = _restore_error  # the name in pickles written by 0.1.0.dev0


class ConfigError(VoxweaveError, ValueError):
    """Raised for an invalid option; the message lists the valid ones."""


class _FileError(VoxweaveError, ValueError):
    """An input file cannot be used.

    Attributes:
        path: The file, or None if the input was given as text.
    """

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class NarrationError(_FileError):
    """The narration is missing, not audio, or over a limit."""


class SubtitleError(_FileError):
    """The subtitles are missing or in an unknown format."""


class SpeechError(VoxweaveError):
    """Speech cannot be recognised or spoken: no engine is installed for it, or the engine failed."""


class MediaError(VoxweaveError):
    """FFmpeg or a media file failed."""


class FFmpegMissing(MediaError):
    """No working FFmpeg was found; the message lists the places searched."""


class FFmpegFailed(MediaError):
    """FFmpeg exited with an error.

    Attributes:
        returncode: The exit status; negative if a signal ended the process.
        stderr: The end of its error output, at most a few kilobytes.
    """

    def __init__(self, message: str, *, returncode: int, stderr: str = "") -> None:
        super().__init__(message)
        self.returncode = returncode
        self.stderr = stderr


class ProviderError(VoxweaveError):
    """A provider failed or did not answer.

    Attributes:
        provider: The provider's name, such as `"local"`.
        status: The HTTP status, or None without an HTTP response.
        job_id: The provider's job id, or None if no job was accepted.
        body: The start of the response body, at most two kilobytes, with keys removed; may be empty.
        source: Where the provider documents that this answer means that nothing was accepted; empty for the usual
            meaning of the HTTP status.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        status: int | None = None,
        job_id: str | None = None,
        body: str = "",
        source: str = "",
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.status = status
        self.job_id = job_id
        self.body = body
        self.source = source


class ProviderUnavailable(ProviderError):
    """The provider cannot be used now: no key, invalid key, outage, overload or shut down. Nothing was accepted.

    Attributes:
        gone: True if the service or the address no longer exists, so a retry is pointless.
        lacks_model: True if only the model does not exist there, or not for this key; another one may work.
        unusable: True if the provider cannot be used with this key or address at all: no key, an invalid one, an unpaid
            account, or `gone`. An outage and a rate limit pass, so they are not `unusable`.
        overloaded: True if the server asked to retry later (rate limit, overload).
        retry_after: Seconds to wait before a retry, as the server asked, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        status: int | None = None,
        job_id: str | None = None,
        body: str = "",
        gone: bool = False,
        lacks_model: bool = False,
        unusable: bool = False,
        overloaded: bool = False,
        retry_after: float | None = None,
        source: str = "",
    ) -> None:
        super().__init__(message, provider=provider, status=status, job_id=job_id, body=body, source=source)
        self.gone = gone
        self.lacks_model = lacks_model
        # A 429 that is not worth a retry means that the quota or the money is used up.
        self.unusable = unusable or gone or status in (401, 402, 403) or (status == 429 and not overloaded)
        self.overloaded = overloaded
        self.retry_after = retry_after


class NoProviderLeft(ProviderError):
    """Every provider in the chain declined.

    Attributes:
        declined: Each provider's reason by its name, in the order they were tried.
    """

    def __init__(self, message: str, *, provider: str, declined: Mapping[str, str]) -> None:
        super().__init__(message, provider=provider)
        self.declined = dict(declined)


class RequestRefused(ProviderError):
    """The provider rejects the request: a field, a size or a length. Nothing was accepted."""


class ContentRefused(ProviderError):
    """The provider rejects the content; change the prompt or the narration. No other provider is tried."""


class SubmissionInDoubt(ProviderError):
    """A submission got no clear answer. It may have been accepted and billed, so it is never sent again."""


class GenerationFailed(ProviderError):
    """The provider accepted the job, then reported that it failed."""


class DownloadFailed(ProviderError):
    """The clip is ready, and may be billed, but could not be downloaded; resume the job to try again."""


class BudgetExceeded(VoxweaveError):
    """A submission would exceed a budget; it was not sent.

    Attributes:
        usd: Its price in US dollars, or None if the price is not known.
        spent: US dollars already spent or in doubt.
        budget: The budget in US dollars.
    """

    def __init__(self, message: str, *, usd: float | None, spent: float, budget: float) -> None:
        super().__init__(message)
        self.usd = usd
        self.spent = spent
        self.budget = budget


class JournalError(VoxweaveError):
    """The journal cannot be read or written.

    Attributes:
        path: The journal file.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class JobTimeout(VoxweaveError, TimeoutError):
    """The deadline passed while the provider was still generating.

    Attributes:
        provider: The provider's name.
        job_id: The provider's job id; the job may still finish there.
    """

    def __init__(self, message: str, *, provider: str, job_id: str) -> None:
        super().__init__(message)
        self.provider = provider
        self.job_id = job_id


class JobCanceled(VoxweaveError):
    """The job was canceled before it had a result."""


_RENAMED = {"AmbiguousCreate": "SubmissionInDoubt"}


def renamed_error(name: str, *, stacklevel: int) -> type[VoxweaveError]:
    """Return the error class that had another name in an earlier release, with a `DeprecationWarning`.

    Raises:
        AttributeError: No error had that name.
    """
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _RENAMED[name]
    warnings.warn(f"{name} is now called {new}.", DeprecationWarning, stacklevel=stacklevel)
    found: type[VoxweaveError] = globals()[new]
    return found


if not TYPE_CHECKING:  # a type checker then still reports misspelled names

    def __getattr__(name: str) -> type[VoxweaveError]:
        return renamed_error(name, stacklevel=3)
