"""Calls of one adapter at the sandbox, without a service around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from voxweave_nb import Settings, VideoConfig
from voxweave_nb.media.first_frame import fit_image
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.base import Provider
from voxweave_nb.providers.types import ClipRequest, ProviderStatus
from voxweave_nb.sandbox import Sandbox

T = TypeVar("T")
SECONDS = 2.0


def run(name: str, step: Callable[[Any], Awaitable[T]], **access: str) -> T:
    """Return the result of a step with an adapter, whose key and address are in the environment."""

    async def whole() -> T:
        provider = provider_class(name)(settings=Settings(http_timeout=2), **access)  # type: ignore[call-arg]
        try:
            return await step(provider)
        finally:
            await provider.aclose()

    return asyncio.run(whole())


def request_of(provider: Provider, samples: Path, *, reference: str = "", **config: Any) -> ClipRequest:
    """Return a request whose plan is the provider's own."""
    wanted = VideoConfig(**{"resolution": "720p", "prompt": "a quiet sea", **config})
    plan = provider.plan(wanted, SECONDS)
    return ClipRequest(
        plan=plan,
        config=wanted,
        narration=samples,
        duration=SECONDS,
        reference=reference,
        request_id="voxweave-1",
        image=None if wanted.image is None else fit_image(wanted.image, plan.size),
    )


def submit(name: str, samples: Path, **config: Any) -> str:
    """Submit one job; return its id."""

    async def step(provider: Provider) -> str:
        return (await provider.submit(request_of(provider, samples, **config))).job_id

    return run(name, step)


def fields_of(sandbox: Sandbox) -> dict[str, Any]:
    """Return the fields of the only submission."""
    (asked,) = [asked for asked in sandbox.history if asked.step == "create"]
    return dict(asked.fields)


async def polled(provider: Provider, job_id: str) -> list[ProviderStatus]:
    """Return every status until the final one."""
    statuses = [await provider.status(job_id)]
    while not statuses[-1].state.final:
        statuses.append(await provider.status(job_id))
    return statuses


def statuses_of(name: str, samples: Path) -> list[ProviderStatus]:
    """Submit a job and return every status of it."""

    async def step(provider: Provider) -> list[ProviderStatus]:
        return await polled(provider, (await provider.submit(request_of(provider, samples))).job_id)

    return run(name, step)


def downloaded(name: str, samples: Path, to: Path, **config: Any) -> bytes:
    """Submit a job, wait for it, and return its clip."""

    async def step(provider: Provider) -> None:
        job_id = (await provider.submit(request_of(provider, samples, **config))).job_id
        await polled(provider, job_id)
        await provider.download(job_id, to, lambda _: None)

    run(name, step)
    return to.read_bytes()


def cancelled(name: str, samples: Path) -> bool:
    """Submit a job and return whether the provider has stopped it."""

    async def step(provider: Provider) -> bool:
        return await provider.cancel((await provider.submit(request_of(provider, samples))).job_id)

    return run(name, step)
