"""The only poll loop, and the download of a clip until it is known to be a video."""

from __future__ import annotations

import asyncio
import hashlib
import os
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
from ..providers.types import Progress, ProviderStatus, ignore
from ..settings import Settings

__all__ = ["download", "poll"]

_LONGEST_HINT = 60.0
"""Longest pause that a provider can ask for between two status requests, in seconds."""

_DOWNLOADS = 3
"""Downloads of a clip that turns out not to be a video."""


async def poll(
    provider: Provider,
    job_id: str,
    settings: Settings,
    on_status: Callable[[ProviderStatus], Awaitable[None] | None],
    *,
    say: Callable[[str], None] = ignore,
    interval: float | None = None,
    tries: int | None = None,
) -> ProviderStatus:
    """Request the status of a job until it has succeeded. Failed status requests are skipped and counted.

    Args:
        provider: The provider.
        job_id: Its id of the job.
        settings: The poll interval and tries where nothing else is known.
        on_status: Called with every status.
        say: Called with a sentence when a status request fails.
        interval: Seconds between two requests; None takes the provider's, else the setting.
        tries: The largest number of requests; None takes the provider's deadline, else the setting.

    Raises:
        GenerationFailed: The job failed.
        ContentRefused: The job failed because the content was refused.
        JobCanceled: The job was cancelled at the provider.
        JobTimeout: The deadline passed.
    """
    can = provider.capabilities
    pause = interval or can.poll_interval or settings.poll_interval
    limit: float = tries or (settings.poll_tries if can.deadline is None else can.deadline / pause)
    requests = failed = 0
    while requests < limit:
        requests += 1
        try:
            status = _checked(await provider.status(job_id))
        except Exception as error:  # no error of a plug-in may lose a paid job
            if can.free:  # nothing to lose, and no network was involved
                raise
            failed += 1
            say(f"A status request failed and is skipped: {error}")
            hint = getattr(error, "retry_after", None)
        else:
            listening = on_status(status)
            if listening is not None:
                await listening
            if status.state.final:
                return _succeeded(status, provider, job_id)
            hint = status.poll_after
        if requests < limit:
            await asyncio.sleep(max(pause, min(hint or 0.0, _LONGEST_HINT)))
    raise _late(provider, job_id, requests, failed)


def _checked(status: ProviderStatus) -> ProviderStatus:
    """Return a plug-in's answer if it is one."""
    if not isinstance(status, ProviderStatus):
        raise TypeError(f"status returned {status!r}, not a ProviderStatus")
    return status


def _late(provider: Provider, job_id: str, requests: int, failed: int) -> JobTimeout:
    missed = f", {failed} of which failed" if failed else ""
    return JobTimeout(
        f"Job {job_id} at {provider.name} was still running after {requests} status requests{missed}. It was accepted, "
        f"may still finish and may be billed: {_how_to_resume(provider, job_id)}",
        provider=provider.name,
        job_id=job_id,
    )


def _how_to_resume(provider: Provider, job_id: str) -> str:
    return (
        f"service = VideoGenerationService({provider.name!r}), then await service.poll_video_status({job_id!r}) and "
        f"await service.download_video({job_id!r}, 'clip.mp4')."
    )


def _succeeded(status: ProviderStatus, provider: Provider, job_id: str) -> ProviderStatus:
    """Return the status of a job that succeeded; raise the error of any other final state."""
    if status.state is JobState.SUCCEEDED:
        return status
    if status.state is JobState.CANCELED:
        raise JobCanceled(f"Job {job_id} was cancelled at {provider.name}. {status.message}".strip())
    if status.refused:
        raise ContentRefused(
            f"{provider.name} refused the content: {status.message}. Change the prompt; no other provider was asked.",
            provider=provider.name,
            job_id=job_id,
            body=status.message,
        )
    raise GenerationFailed(
        f"Job {job_id} at {provider.name} failed: {status.message or 'no reason was given'}",
        provider=provider.name,
        job_id=job_id,
        body=status.message,
    )


async def download(
    provider: Provider, job_id: str, to: Path, on_bytes: Callable[[int], None] = ignore
) -> Path:
    """Download a finished clip under a temporary name, check that it is a video, and rename it.

    Args:
        provider: The provider.
        job_id: Its id of the job.
        to: The file.
        on_bytes: Called with the bytes written so far.

    Raises:
        DownloadFailed: The download failed, or the file is not a video.
    """
    tag = hashlib.sha256(os.fsencode(to.name)).hexdigest()[:12]
    partial = to.with_name(f".{to.name[:20]}-{tag}.partial")
    try:
        await asyncio.to_thread(_create_anew, partial)
    except OSError as error:
        if provider.capabilities.free:
            raise
        raise _download_failed(provider, job_id, _why_not_written(provider, partial, error)) from error
    try:
        await _download_video(provider, job_id, partial, Progress.of(on_bytes))
        await asyncio.to_thread(partial.rename, to)
    finally:
        partial.unlink(missing_ok=True)
    return to


def _create_anew(partial: Path) -> None:
    """Create an empty file in place of one that was left, or of a link that someone put there."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


async def _download_video(provider: Provider, job_id: str, to: Path, progress: Progress) -> None:
    for attempt in range(_DOWNLOADS):
        if attempt:
            progress.say(f"The file from {provider.name} is not a video; downloading it again.")
            await asyncio.sleep(attempt)
        try:
            await provider.download(job_id, to, progress)
        except ProviderError as error:
            raise _download_failed(provider, job_id, str(error), error.status, error.body) from None
        except VoxweaveError:
            raise
        except Exception as error:
            if provider.capabilities.free:
                raise
            raise _download_failed(provider, job_id, _why_not_written(provider, to, error)) from error
        if provider.capabilities.free or await asyncio.to_thread(_is_video, to):
            return
    start = await asyncio.to_thread(_first_bytes, to)
    why = f"The file from {provider.name} is not a video: it begins with {start}."
    raise _download_failed(provider, job_id, why)


def _why_not_written(provider: Provider, to: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return (
            f"The clip cannot be written to {to.parent} ({error.strerror or error}): free some space there."
        )
    return f"{provider.name} crashed during the download ({type(error).__name__}: {error})."


def _is_video(path: Path) -> bool:
    from ..media.probe import probe

    try:
        return probe(path).video is not None
    except MediaError:
        return False


def _first_bytes(path: Path) -> str:
    if not path.exists() or not path.stat().st_size:
        return "nothing"
    with path.open("rb") as file:
        return repr(file.read(60).decode("utf-8", "replace"))


def _download_failed(
    provider: Provider, job_id: str, why: str, status: int | None = None, body: str = ""
) -> DownloadFailed:
    billed = "" if provider.capabilities.free else " and may be billed"
    return DownloadFailed(
        f"{why} Job {job_id} was accepted{billed}; the clip may still be downloaded: "
        f"{_how_to_resume(provider, job_id)}",
        provider=provider.name,
        status=status,
        job_id=job_id,
        body=body,
    )
