"""The only poll loop, and the download of a clip until it is known to be a video."""

from __future__ import annotations

import asyncio
import glob
import hashlib
import math
import os
import secrets
import shlex
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..errors import (
    ContentRefused,
    DownloadFailed,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    MediaError,
    ProviderError,
    VoxweaveError,
)
from ..models import JobState
from ..providers.base import Provider
from ..providers.decoding import text_of
from ..providers.types import Progress, ProviderStatus, ignore
from ..settings import Settings

__all__ = ["download", "poll"]

_LONGEST_HINT = 60.0
"""Longest pause that a provider can ask for between two status requests, in seconds."""

_DEADLINE = 300.0
"""Seconds after which a job counts as late where neither the settings nor the provider know better."""

_LEAST_ANSWER_TIME = 30.0
"""Shortest time limit of a whole answer to a status request, in seconds; a slower one drips."""

_FORGOTTEN, _FORGOTTEN_AFTER = 5, 20.0
"""JSON answers in a row, and seconds, without the job after which the server has forgotten it."""

_NO_SUCH_JOB = (400, 404, 410, 422)
"""The statuses of an answer without the job: Z.ai rejects an id that it does not know with HTTP 400."""

_LONGEST_DOWNLOAD = 3600.0
"""Time limit of one download, in seconds: providers keep clips for about an hour."""

_LONGEST_ECHO = 4096
"""Bytes of a file that is not a video in which a key is looked for."""

_DOWNLOADS = 3
"""Downloads of a clip that turns out not to be a video, or to be cut off."""

_NO_VIDEO = "is not a video"


async def poll(
    provider: Provider,
    job_id: str,
    settings: Settings,
    on_status: Callable[[ProviderStatus], Awaitable[None] | None],
    *,
    say: Callable[[str], None] = ignore,
    interval: float | None = None,
    tries: int | None = None,
    model: str | None = None,
    run: str = "",
) -> ProviderStatus:
    """Request the status of a job until it has succeeded. Failed status requests are skipped and counted.

    Args:
        provider: The provider.
        job_id: Its id of the job.
        settings: The poll interval where nothing else is known, and the limits that the person has set.
        on_status: Called with every status.
        say: Called with a sentence when a status request fails.
        interval: Seconds between two requests; None takes the provider's, else the setting.
        tries: The largest number of requests; None takes the settings' limits, else the provider's deadline.
        model: The model that makes the clip, which may have a deadline of its own.
        run: Our id of the run, for the advice in an error.

    Raises:
        GenerationFailed: The job failed.
        ContentRefused: The job failed because the content was refused.
        JobCanceled: The job was canceled at the provider.
        JobTimeout: The deadline passed.
        ProviderError: The provider no longer knows the job.
    """
    can = provider.capabilities
    pause = interval or can.poll_interval or settings.poll_interval
    watch = _Watch(provider, job_id, run, *_limits(provider, model, settings, tries))
    while True:
        watch.requests += 1
        try:
            status = await _ask_status(provider, job_id, settings)
        except Exception as error:  # no error of a plug-in may lose a paid job
            if can.free:  # nothing to lose, and no network was involved
                raise
            watch.note_failure(error)
            say(f"A status request failed and is skipped: {error}")
            hint = getattr(error, "retry_after", None)
        else:
            watch.missing = 0
            listening = on_status(status)
            if listening is not None:
                await listening
            if status.state.final:
                return _succeeded(status, provider, job_id)
            hint = status.poll_after
        watch.check_time(pause)
        await watch.wait(max(pause, min(hint or 0.0, _LONGEST_HINT)))


def _limits(
    provider: Provider, model: str | None, settings: Settings, tries: int | None
) -> tuple[float, float]:
    """Return the largest number of requests and the deadline in seconds; one of them is infinite."""
    if tries is not None:
        return tries, math.inf
    own = provider.deadline(model)
    if own == math.inf:  # such as the local renderer, which ends by itself
        return math.inf, math.inf
    if settings.deadline is None and settings.poll_tries is not None:
        return settings.poll_tries, math.inf
    return math.inf, settings.deadline or own or _DEADLINE


async def _ask_status(provider: Provider, job_id: str, settings: Settings) -> ProviderStatus:
    """Request a status once, within a time limit for the whole answer."""
    limit = max(_LEAST_ANSWER_TIME, 2 * settings.http_timeout)
    try:
        async with asyncio.timeout(None if provider.capabilities.free else limit) as clock:
            return _checked(await provider.status(job_id))
    except TimeoutError as error:
        if not clock.expired():  # the provider's own
            raise
        raise ProviderError(f"no whole answer within {limit:g} s", provider=provider.name) from error


class _Watch:
    """Counts the requests and the time of one poll loop, and raises the error when it has to end.

    Args:
        provider: The provider.
        job_id: Its id of the job.
        run: Our id of the run; may be empty.
        tries: The largest number of requests.
        deadline: Seconds after which the job counts as late.

    Attributes:
        requests: The number of requests so far.
        missing: The number of answers in a row without the job.
    """

    def __init__(self, provider: Provider, job_id: str, run: str, tries: float, deadline: float) -> None:
        self.requests = self.missing = 0
        self._provider, self._job_id, self._run = provider, job_id, run
        self._tries, self._deadline = tries, deadline
        self._failed, self._missing_since = 0, 0.0
        self._began, self._waited = time.monotonic(), 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the first request."""
        return max(self._waited, time.monotonic() - self._began)

    def note_failure(self, error: Exception) -> None:
        """Count a failed request.

        Raises:
            ProviderError: The provider no longer knows the job.
        """
        self._failed += 1
        status = error.status if isinstance(error, ProviderError) else None
        if status not in _NO_SUCH_JOB or not _is_own_word(error):
            self.missing = 0
            return
        if not self.missing:
            self._missing_since = self.elapsed
        self.missing += 1
        # A job that was just accepted may be missing for some seconds on servers with several machines.
        if self.missing >= _FORGOTTEN and self.elapsed - self._missing_since >= _FORGOTTEN_AFTER:
            raise self._forgotten(status) from error

    def check_time(self, pause: float) -> None:
        """Check that there is time for another request after a pause.

        Raises:
            JobTimeout: There is not.
        """
        if self.requests >= self._tries or self.elapsed + pause >= self._deadline:
            raise self._late()

    async def wait(self, seconds: float) -> None:
        """Wait before the next request."""
        await asyncio.sleep(seconds)
        self._waited += seconds

    def _late(self) -> JobTimeout:
        missed = f", {self._failed} of which failed" if self._failed else ""
        took = f"{self.elapsed:.0f} s" if self.elapsed < 120 else f"{self.elapsed / 60:.0f} min"
        return JobTimeout(
            f"Job {self._job_id} at {self._provider.label} was still running after {took} and {self.requests} status "
            f"requests{missed}. It was accepted, may still finish and may be billed. "
            f"{_how_to_resume(self._run or self._job_id)} VOXWEAVE_DEADLINE sets a longer deadline, in seconds.",
            provider=self._provider.name,
            job_id=self._job_id,
        )

    def _forgotten(self, status: int) -> ProviderError:
        name = self._provider.label
        return ProviderError(
            f"{name} no longer knows job {self._job_id}: its last {self.missing} answers were HTTP {status}. The job "
            "was accepted and may be billed, but its clip cannot be fetched now. `voxweave-nb jobs --resume "
            f"{shlex.quote(self._run or self._job_id)}` asks again. Nothing was submitted again: check {name}'s own "
            "list of jobs before you generate the video once more.",
            provider=self._provider.name,
            status=status,
            job_id=self._job_id,
        )


def _is_own_word(error: Exception) -> bool:
    """Return True if an answer's body is JSON, or its start: a proxy in front of a server answers with a page."""
    return isinstance(error, ProviderError) and error.body.lstrip().startswith(("{", "["))


def _checked(status: ProviderStatus) -> ProviderStatus:
    """Return a plug-in's answer if it is one."""
    if not isinstance(status, ProviderStatus):
        raise TypeError(f"status returned {status!r}, not a ProviderStatus")
    return status


def _how_to_resume(name: str) -> str:
    return (
        f"`voxweave-nb jobs --resume {shlex.quote(name)}` finishes the video without another submission (in a "
        f"notebook: service.resume({name!r}))."
    )


def _succeeded(status: ProviderStatus, provider: Provider, job_id: str) -> ProviderStatus:
    """Return the status of a job that succeeded; raise the error of any other final state."""
    if status.state is JobState.SUCCEEDED:
        return status
    if status.state is JobState.CANCELED:
        raise JobCanceled(f"Job {job_id} was canceled at {provider.label}. {status.message}".strip())
    if status.refused:
        raise ContentRefused(
            f"{provider.label} refused the content: {status.message}. Change the prompt; no other provider was asked.",
            provider=provider.name,
            job_id=job_id,
            body=status.message,
        )
    raise GenerationFailed(
        f"Job {job_id} at {provider.label} failed: {status.message or 'no reason was given'}",
        provider=provider.name,
        job_id=job_id,
        body=status.message,
    )


async def download(
    provider: Provider,
    job_id: str,
    to: Path,
    on_bytes: Callable[[int], None] = ignore,
    *,
    run: str = "",
) -> Path:
    """Download a finished clip under a temporary name, check that it is a video, and rename it.

    Args:
        provider: The provider.
        job_id: Its id of the job.
        to: The file.
        on_bytes: Called with the bytes written so far.
        run: Our id of the run, for the advice in an error.

    Raises:
        DownloadFailed: The download failed, or the file is not a video.
    """
    try:
        partial = await asyncio.to_thread(_partial_for, to)
    except OSError as error:
        if provider.capabilities.free:
            raise
        raise _download_failed(provider, job_id, run, _why_not_written(provider, to, error)) from error
    try:
        await _download_video(provider, job_id, run, partial, Progress.of(on_bytes))
        await asyncio.to_thread(partial.rename, to)
    finally:
        partial.unlink(missing_ok=True)
    return to


def _partial_for(to: Path) -> Path:
    """Return a temporary name beside a file, and remove what an interrupted download of the same file has left.

    Nothing has that name yet: a plug-in's encoder may refuse to overwrite. Nobody can guess it and put a link there.
    """
    tag = hashlib.sha256(os.fsencode(to.name)).hexdigest()[:12]
    start = f".{to.name[:20]}-{tag}-"
    to.parent.mkdir(parents=True, exist_ok=True)
    for left in to.parent.glob(f"{glob.escape(start)}*.partial"):
        left.unlink(missing_ok=True)
    return to.with_name(f"{start}{secrets.token_hex(8)}.partial")


async def _download_video(provider: Provider, job_id: str, run: str, to: Path, progress: Progress) -> None:
    fault = ""
    for attempt in range(_DOWNLOADS):
        if attempt:
            progress.say(f"The file from {provider.label} {fault}; downloading it again.")
            await asyncio.sleep(attempt)
        try:
            async with asyncio.timeout(None if provider.capabilities.free else _LONGEST_DOWNLOAD) as clock:
                await provider.download(job_id, to, progress)
        except ProviderError as error:
            raise _download_failed(provider, job_id, run, str(error), error.status, error.body) from None
        except VoxweaveError:
            raise
        except Exception as error:
            if provider.capabilities.free:
                raise
            slow = f"{provider.label} has not sent the whole clip within {_LONGEST_DOWNLOAD / 60:g} min."
            why = slow if clock.expired() else _why_not_written(provider, to, error)
            raise _download_failed(provider, job_id, run, why) from error
        fault = "" if provider.capabilities.free else await asyncio.to_thread(_fault_of, to)
        if not fault:
            return
    if fault != _NO_VIDEO:  # muxing repeats what there is, and warns
        progress.say(f"The file from {provider.label} {fault}; it is used as it is.")
        return
    start = await asyncio.to_thread(_first_bytes, to, provider.hide_key)
    why = f"The file from {provider.label} {_NO_VIDEO}: it begins with {start}."
    raise _download_failed(provider, job_id, run, why)


def _why_not_written(provider: Provider, to: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return (
            f"The clip cannot be written to {to.parent} ({error.strerror or error}): free some space there."
        )
    return f"{provider.label} crashed during the download ({type(error).__name__}: {error})."


def _fault_of(path: Path) -> str:
    """Return what is wrong with a downloaded clip, or an empty string."""
    from ..media.probe import SHORTFALL, probe, video_length

    try:
        if probe(path).video is None:
            return _NO_VIDEO
        missing = video_length(path).missing
    except MediaError:
        return _NO_VIDEO
    return f"is cut off {missing:.1f} s before its end" if missing > SHORTFALL else ""


def _first_bytes(path: Path, hide: Callable[[str], str]) -> str:
    """Return the start of a file as text, without a key, of which a cut one would not be found."""
    if not path.exists() or not path.stat().st_size:
        return "nothing"
    with path.open("rb") as file:
        return repr(hide(text_of(file.read(_LONGEST_ECHO)))[:60])


def _download_failed(
    provider: Provider, job_id: str, run: str, why: str, status: int | None = None, body: str = ""
) -> DownloadFailed:
    billed = "" if provider.capabilities.free else " and may be billed"
    return DownloadFailed(
        f"{provider.hide_key(why)} Job {job_id} was accepted{billed}. {_how_to_resume(run or job_id)}",
        provider=provider.name,
        status=status,
        job_id=job_id,
        body=body,
    )
