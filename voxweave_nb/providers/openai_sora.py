"""The OpenAI Videos protocol, at OpenAI (shut on 2026-09-24) and at every server that speaks it."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import DownloadFailed, MediaError, ProviderError
from ..models import JobState
from ..settings import Settings
from .extras import fit_frame, form_fields, warn_of_unsent
from .fit import fit
from .http import Reply, segment
from .parsing import (
    certain,
    error_code,
    error_words,
    first_url,
    fraction,
    is_refusal,
    moment,
    reported_cost,
    state_of,
)
from .remote import HttpProvider
from .types import Accepted, Capabilities, ClipRequest, Model, Plan, Price, Progress, ProviderStatus, Size

__all__ = ["OpenAiSora"]

_SHUT = "OpenAI shut this API on 2026-09-24; point OPENAI_BASE_URL at a server that speaks the protocol"
_PORTRAIT_AND_WIDE = (Size(1280, 720), Size(720, 1280))
_LENGTHS = (4.0, 8.0, 12.0, 16.0, 20.0)
_MORE_FIELDS = (
    "width",
    "height",
    "num_frames",
    "fps",
    "negative_prompt",
    "guidance_scale",
    "num_inference_steps",
)
_MOST_PART_BYTES = 1024 * 1024
"""The largest part of a form at vLLM-Omni 0.30, in bytes."""
_CLOCKS_APART = 5.0
"""Largest difference in seconds between a server's clock and ours, when a lost submission is reconciled."""


class OpenAiSora(HttpProvider):
    """`sora-2-pro` at OpenAI, or any model of a self-hosted or gateway server with `/videos`.

    More fields go into `VideoConfig.extra`: `width`, `height`, `num_frames`, `fps`, `negative_prompt`,
    `guidance_scale`, and `audio_reference=True` to send the narration as a reference (vLLM-Omni). A server of your own
    gets every field, whatever its name.
    """

    name = "openai_sora"
    key_variable = "OPENAI_API_KEY"
    url_variable = "OPENAI_BASE_URL"
    default_url = "https://api.openai.com/v1"
    capabilities = Capabilities(
        models=(
            Model(
                "sora-2-pro",
                sizes=(
                    *(Size(size.width, size.height, Price(0.30, "second")) for size in _PORTRAIT_AND_WIDE),
                    Size(1792, 1024, Price(0.50, "second")),
                    Size(1024, 1792, Price(0.50, "second")),
                    Size(1920, 1080, Price(0.70, "second")),
                    Size(1080, 1920, Price(0.70, "second")),
                ),
                lengths=_LENGTHS,
            ),
            Model("sora-2", sizes=_PORTRAIT_AND_WIDE, lengths=_LENGTHS, price=Price(0.10, "second")),
        ),
        cancel=False,
        lists=True,
        source="OpenAI's price list and API reference, as of 2026-09; shut on 2026-09-24",
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(api_key, base_url, settings=settings)
        self._urls: dict[str, str] = {}
        if not self._own_server:
            self.about = _SHUT

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fit to a known model; ask an unknown one, on a server of your own, for the size and whole seconds wanted."""
        known = self.capabilities.model(config.model)
        if known is None or (self._own_server and config.model is not None):
            prompt = known.prompt if known else None
            known = Model(config.model or "", lengths=known.lengths if known else (), prompt=prompt)
        plan = fit(config, duration, known, provider=self.name)
        if self._own_server:
            plan = fit_frame(plan, config.extra)
        else:
            plan = warn_of_unsent(plan, config.extra, (*_MORE_FIELDS, "audio_reference"))
        seconds = max(1, math.ceil(plan.seconds))  # the protocol takes whole seconds
        # Nobody here knows the prices of a server of one's own.
        return replace(plan, seconds=seconds, usd=None if self._own_server else plan.usd)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /videos` as a multipart form."""
        form = {name: (None, value) for name, value in self._fields(request).items()}
        if request.config.extra.get("audio_reference") is True:
            # In a thread, since encoding a long narration takes seconds.
            form["audio_reference"] = (None, await asyncio.to_thread(_audio_reference, request))
        reply = await self.http.send_once("videos", say=request.say, files=form)
        job_id = _job_id(reply.data or {})
        if job_id is None:
            raise self.http.in_doubt("its answer has no job id", reply)
        return Accepted(job_id)

    def _fields(self, request: ClipRequest) -> dict[str, str]:
        """Return the fields of a submission, without the narration."""
        plan, config = request.plan, request.config
        fields = {
            "prompt": plan.prompt,
            "model": plan.model.name,
            "seconds": f"{plan.seconds:g}",
            "size": f"{plan.size[0]}x{plan.size[1]}",
        }
        if self._own_server and config.seed is not None:
            fields["seed"] = str(config.seed)
        own = self._own_server
        known = {name: config.extra[name] for name in _MORE_FIELDS if name in config.extra}
        return {**form_fields(config.extra if own else known, plan.size if own else None), **fields}

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /videos/{id}`; an HTTP error whose body is a job is an answer too."""
        reply = await self.http.ask(f"videos/{segment(job_id)}")
        job = reply.data or {}
        if not job.get("status") or (not reply.ok and _job_id(job) is None):
            raise self.no_status(reply, job_id)
        if url := _named_url(job):
            self._urls[job_id] = url
        hint = reply.headers.get("openai-poll-after-ms", "")
        return _status(job, float(hint) / 1000 if hint.isdecimal() else None)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Send `GET /videos/{id}/content`; where that is missing, use the URL in the job."""
        url, progress = self._urls.get(job_id), Progress.of(on_bytes)
        most = self.settings.max_download_bytes
        try:
            await self.http.fetch(
                f"videos/{segment(job_id)}/content", to, progress, most=most, tries=1 if url else 4
            )
        except DownloadFailed as error:
            if url is None and error.status in (404, 405, 410, 501):
                url = _named_url((await self.http.ask(f"videos/{segment(job_id)}")).data or {})
            if url is None:
                raise
            await self.http.fetch(url, to, progress, most=most)

    async def cancel(self, job_id: str) -> bool:
        """Send `DELETE /videos/{id}`; some servers stop a running job, OpenAI's accepted it for finished ones only."""
        try:
            return (await self.http.ask(f"videos/{segment(job_id)}", method="DELETE")).ok
        except ProviderError:
            return False

    async def find(self, request: ClipRequest, since: float) -> str | None:
        """Return the one job in the list with this prompt and size that was made since the submission."""
        plan = request.plan
        reply = await self.http.ask("videos?limit=20&order=desc", tries=2, say=request.say)
        jobs = (reply.data or {}).get("data")
        return certain(
            str(job["id"])
            for job in (jobs if reply.ok and isinstance(jobs, list) else ())
            if isinstance(job, Mapping)
            and job.get("id")
            and job.get("prompt") == plan.prompt
            and job.get("size") == f"{plan.size[0]}x{plan.size[1]}"
            and (moment(job.get("created_at")) or 0) >= since - _CLOCKS_APART
        )

    def refused(self, reply: Reply) -> bool:
        """Return True for the error codes of moderation."""
        return reply.status in (400, 403, 422) and is_refusal(error_code(reply.data))

    def error_of(self, reply: Reply) -> ProviderError:
        """Check the codes for a missing model or API first."""
        if not self.refused(reply):
            missing = error_code(reply.data) in ("model_not_found", "unknown_url")
            if missing or (reply.status in (403, 404, 405, 410)):
                why = (
                    f"was shut down: {_SHUT}"
                    if not self._own_server
                    else f"has no video API at {self.base_url}"
                )
                return self.unavailable(why, reply, gone=True)
        return super().error_of(reply)


def _status(job: Mapping[str, Any], poll_after: float | None) -> ProviderStatus:
    state = state_of(job.get("status"))
    words = error_words(job.get("error"))
    refused = state is JobState.FAILED and (is_refusal(words) or str(job.get("status")).lower() == "blocked")
    share = fraction(job.get("progress"))
    # Some servers never report more than 0; the bar then shows activity instead of a figure.
    return ProviderStatus(state, share or None, words, refused, poll_after, usd=reported_cost(job))


def _job_id(job: Mapping[str, Any]) -> str | None:
    """Return a job's id; servers of New API's family may call it `task_id`."""
    found = job.get("id") or job.get("task_id")
    return found if isinstance(found, str) and found else None


def _named_url(job: Mapping[str, Any]) -> str | None:
    """Return the URL of the video that a job names, or None; New API's family names it in `metadata` or `video`."""
    metadata = job.get("metadata")
    nested = metadata if isinstance(metadata, Mapping) else {}
    inside = (nested.get("url"), nested.get("video_url"))
    return first_url(
        job.get("url"), job.get("urls"), job.get("video_url"), job.get("output"), job.get("video"), *inside
    )


def _audio_reference(request: ClipRequest) -> str:
    """Return the narration as a JSON object with a data URI: MP3, which is small enough for two minutes and more."""
    from ..media.narration import mp3_bytes, wav_bytes

    kind, most = "mpeg", _MOST_PART_BYTES * 3 // 4 - 100  # base64 makes four bytes of three
    try:
        sound = mp3_bytes(request.narration, request.duration, most=most)
    except MediaError:
        kind, sound = "wav", wav_bytes(request.narration, request.duration)
    return json.dumps({"audio_url": f"data:audio/{kind};base64,{base64.b64encode(sound).decode('ascii')}"})
