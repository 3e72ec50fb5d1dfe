"""The only poll loop, and fetching a picture until it is known to be one; all of it on the background loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from .errors import (
    ContentRefused,
    DownloadFailed,
    GenerationFailed,
    JobCanceled,
    JobTimeout,
    MediaError,
)
from .models import JobState
from .providers.base import Provider, ProviderStatus, tell
from .settings import Settings

__all__ = ["download", "poll"]

_LONGEST_HINT = 60.0
"""Seconds that a provider's wish to be asked later is granted at the most."""

_FETCHES = 3
"""How often a picture is fetched that turns out to be none."""


async def poll(
    provider: Provider,
    job_id: str,
    settings: Settings,
    on_status: Callable[[ProviderStatus], Awaitable[None] | None],
    *,
    interval: float | None = None,
    tries: int | None = None,
) -> ProviderStatus:
    """Asks for a job's status until it has succeeded; a status request that fails is passed over and counted.

    Raises:
        GenerationFailed: The provider says that it failed.
        ContentRefused: The provider says that it refuses the content.
        JobCanceled: The provider says that it was stopped.
        JobTimeout: The tries are used up.
    """
    can = provider.capabilities
    pause = interval or can.poll_interval or settings.poll_interval
    limit: float = tries or (settings.poll_tries if can.deadline is None else can.deadline / pause)
    asked = failed = 0
    while asked < limit:
        asked += 1
        try:
            status = await provider.status(job_id)
        except Exception as error:  # whatever a plug-in raises must not lose what is paid for
            if can.free:  # nothing is lost, and nothing in between can have failed
                raise
            failed += 1
            tell(f"A status request failed and is passed over: {error}")
            hint = getattr(error, "retry_after", None)
        else:
            heard = on_status(status)
            if heard is not None:
                await heard
            if status.state.final:
                return _believe(status, provider, job_id)
            hint = status.poll_after
        if asked < limit:
            await asyncio.sleep(max(pause, min(hint or 0.0, _LONGEST_HINT)))
    raise _too_late(provider, job_id, asked, failed)


def _too_late(provider: Provider, job_id: str, asked: int, failed: int) -> JobTimeout:
    missed = f", {failed} of which failed" if failed else ""
    return JobTimeout(
        f"{provider.name} was still at work on job {job_id} after {asked} status requests{missed}. It was "
        f"accepted, may still finish and may be billed: {_how_to_resume(provider, job_id)}",
        provider=provider.name,
        job_id=job_id,
    )


def _how_to_resume(provider: Provider, job_id: str) -> str:
    return (
        f"service = VideoGenerationService({provider.name!r}), then await service.poll_video_status({job_id!r}) and "
        f"await service.download_video({job_id!r}, 'picture.mp4')."
    )


def _believe(status: ProviderStatus, provider: Provider, job_id: str) -> ProviderStatus:
    if status.state is JobState.SUCCEEDED:
        return status
    if status.state is JobState.CANCELED:
        raise JobCanceled(f"{provider.name} says that job {job_id} was stopped. {status.message}".strip())
    if status.refused:
        raise ContentRefused(
            f"{provider.name} refuses the content: {status.message}. Change the prompt; no other provider was asked.",
            provider=provider.name,
            job_id=job_id,
            body=status.message,
        )
    raise GenerationFailed(
        f"{provider.name} could not make the picture of job {job_id}: {status.message or 'it gave no reason'}",
        provider=provider.name,
        job_id=job_id,
        body=status.message,
    )


async def download(
    provider: Provider, job_id: str, to: Path, on_bytes: Callable[[int], None] = lambda _: None
) -> Path:
    """Fetches a finished picture under a temporary name, makes sure that it is one, and moves it to its own.

    Raises:
        DownloadFailed: It could not be fetched, or what came was no video, whatever it called itself.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    partial = to.with_name(f".{to.name}.partial")
    try:
        await _fetch_video(provider, job_id, partial, on_bytes)
        await asyncio.to_thread(partial.rename, to)
    finally:
        partial.unlink(missing_ok=True)
    return to


async def _fetch_video(provider: Provider, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
    for turn in range(_FETCHES):
        if turn:
            tell(f"What {provider.name} sent is no video; fetching it again.")
            await asyncio.sleep(turn)
        try:
            await provider.download(job_id, to, on_bytes)
        except DownloadFailed as error:
            raise _not_fetched(provider, job_id, str(error), error.status, error.body) from None
        except OSError as error:
            if provider.capabilities.free:
                raise
            why = (
                f"The picture cannot be written to {to.parent} ({error.strerror or error}): make room there."
            )
            raise _not_fetched(provider, job_id, why) from error
        if provider.capabilities.free or await asyncio.to_thread(_is_video, to):
            return
    start = await asyncio.to_thread(_beginning, to)
    raise _not_fetched(provider, job_id, f"What {provider.name} sent is no video: it begins with {start}.")


def _is_video(path: Path) -> bool:
    from .media.probe import probe

    try:
        return probe(path).video is not None
    except MediaError:
        return False


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return repr(file.read(60).decode("utf-8", "replace"))


def _not_fetched(
    provider: Provider, job_id: str, why: str, status: int | None = None, body: str = ""
) -> DownloadFailed:
    return DownloadFailed(
        f"{why} Job {job_id} was accepted and may be billed; it may be fetched later: "
        f"{_how_to_resume(provider, job_id)}",
        provider=provider.name,
        status=status,
        job_id=job_id,
        body=body,
    )
