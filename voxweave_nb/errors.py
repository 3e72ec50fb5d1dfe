"""The one tree of errors. Catch `VoxweaveError` for all of them.

VoxweaveError
├── ConfigError (ValueError)          what was asked cannot be: wrong style, negative seconds
├── NarrationError (ValueError)       the narration cannot be used: missing, not audio, too long, too large
├── SubtitleError (ValueError)        the subtitles cannot be read
├── MediaError                        FFmpeg or a media file failed
│   ├── FFmpegMissing                 there is no FFmpeg that runs
│   └── FFmpegFailed                  FFmpeg ran and refused; carries its own words
├── ProviderError                     the provider's side; carries provider, status, job id, its own words
│   ├── ProviderUnavailable           no key, refused key, outage, shut down: the next provider may do it
│   ├── NoProviderLeft                every provider that was asked declined; holds all their reasons
│   ├── RequestRefused                the provider takes no such request: a field, a size, a length
│   ├── ContentRefused                the provider refuses the content: no other one is asked
│   ├── SubmissionInDoubt               the answer to a create never came: it may be accepted and billed
│   ├── GenerationFailed              the provider took the job and could not finish it
│   └── DownloadFailed                the picture is made, and may be billed, but could not be fetched
├── BudgetExceeded                    it would cost more than may be spent; nothing was sent
├── JournalError                      what is asked and paid cannot be written down, so nothing is sent
├── JobTimeout (TimeoutError)         the deadline passed; carries the job id, so that nothing is lost
└── JobCanceled                       somebody stopped the job
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    "SubmissionInDoubt",
    "SubtitleError",
    "VoxweaveError",
]


class VoxweaveError(Exception):
    """The root of everything that this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The built-in way to pickle an exception forgets arguments that go by keyword.
        return (_again, (type(self), self.args, vars(self).copy()))


def _again(kind: type[VoxweaveError], args: tuple[Any, ...], state: dict[str, Any]) -> VoxweaveError:
    error = kind.__new__(kind)
    super(VoxweaveError, error).__init__(*args)
    vars(error).update(state)
    return error


class ConfigError(VoxweaveError, ValueError):
    """What was asked cannot be; the message lists what can."""


class _FileError(VoxweaveError, ValueError):
    """A file that a person gave cannot be used.

    Attributes:
        path: The file in question, or None when it came as text.
    """

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class NarrationError(_FileError):
    """The narration is missing, is not audio, or passes a cap."""


class SubtitleError(_FileError):
    """The subtitles are missing or in no form that can be read."""


class MediaError(VoxweaveError):
    """FFmpeg or a media file failed on the way to the video."""


class FFmpegMissing(MediaError):
    """No FFmpeg on this machine runs; the message says where was looked."""


class FFmpegFailed(MediaError):
    """FFmpeg ran and refused.

    Attributes:
        returncode: Its exit status; negative when a signal ended it.
        stderr: The end of what it said, at most a few kilobytes.
    """

    def __init__(self, message: str, *, returncode: int, stderr: str = "") -> None:
        super().__init__(message)
        self.returncode = returncode
        self.stderr = stderr


class ProviderError(VoxweaveError):
    """A provider answered with a failure, or with nothing.

    Attributes:
        provider: The provider's name, such as `"local"`.
        status: The HTTP status, or None where there was no HTTP or no answer.
        job_id: The provider's id of the job, or None before acceptance.
        body: The server's own words, at most two kilobytes, without any key; may be empty.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        status: int | None = None,
        job_id: str | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.status = status
        self.job_id = job_id
        self.body = body


class ProviderUnavailable(ProviderError):
    """The provider cannot be used now: no key, refused key, outage, overload, shut down. Nothing was accepted.

    Attributes:
        gone: Whether it is of no use to ask again soon, because the service or the address is no more.
        overloaded: Whether the server itself turned the request away for now.
        retry_after: Seconds that it asks to wait, or None.
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
        overloaded: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, provider=provider, status=status, job_id=job_id, body=body)
        self.gone = gone
        self.overloaded = overloaded
        self.retry_after = retry_after


class NoProviderLeft(ProviderError):
    """Every provider that was asked declined.

    Attributes:
        declined: Each one's reason, by name, in the order in which they were asked.
    """

    def __init__(self, message: str, *, provider: str, declined: Mapping[str, str]) -> None:
        super().__init__(message, provider=provider)
        self.declined = dict(declined)


class RequestRefused(ProviderError):
    """The provider does not take what it was asked: a field, a size, a length. Nothing was accepted."""


class ContentRefused(ProviderError):
    """The provider refuses the content itself; change the prompt or the narration. No other provider is asked."""


class SubmissionInDoubt(ProviderError):
    """The answer to a create never came: it may have been accepted and billed, and is never sent again."""


class GenerationFailed(ProviderError):
    """The provider accepted the job and reported that it failed."""


class DownloadFailed(ProviderError):
    """The picture is made, and may be billed, but could not be fetched yet; the job id still leads to it."""


class BudgetExceeded(VoxweaveError):
    """A create would cost more than may be spent; it was not sent.

    Attributes:
        usd: What it would cost in US dollars, or None where no price is known.
        spent: What is spent or in doubt already.
        budget: What may be spent.
    """

    def __init__(self, message: str, *, usd: float | None, spent: float, budget: float) -> None:
        super().__init__(message)
        self.usd = usd
        self.spent = spent
        self.budget = budget


class JournalError(VoxweaveError):
    """The journal cannot be read or written.

    Attributes:
        path: The journal's file.
    """

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class JobTimeout(VoxweaveError, TimeoutError):
    """The deadline passed while the provider was still at work.

    Attributes:
        provider: The provider's name.
        job_id: The provider's id of the job, which may still finish.
    """

    def __init__(self, message: str, *, provider: str, job_id: str) -> None:
        super().__init__(message)
        self.provider = provider
        self.job_id = job_id


class JobCanceled(VoxweaveError):
    """The job was stopped before it had a result."""
