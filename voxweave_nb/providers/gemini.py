"""Gemini Omni, through Google's interactions API."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderError
from ..models import JobState
from .extras import encoded, warn_of_unsent
from .fit import fit, model_for
from .http import Reply, segment
from .parsing import error_words, is_refusal, state_of
from .remote import HttpProvider
from .types import Accepted, Capabilities, ClipRequest, Model, Plan, Progress, ProviderStatus, Size

__all__ = ["Gemini"]

_RESOLUTIONS = {720: "720p", 1080: "1080p", 2160: "4k"}


class Gemini(HttpProvider):
    """`gemini-omni-1.2-flash` (default), or any model of the interactions API.

    Its longest clip is not documented: without `VideoConfig.seconds` the model chooses the length.
    """

    name = "gemini"
    key_variable = "GEMINI_API_KEY"
    url_variable = "GEMINI_BASE_URL"
    default_url = "https://generativelanguage.googleapis.com/v1beta"
    header = "x-goog-api-key"
    prefix = ""
    capabilities = Capabilities(
        models=(
            Model(
                "gemini-omni-1.2-flash",
                sizes=(
                    Size(1280, 720), Size(720, 1280), Size(1920, 1080), Size(1080, 1920), Size(3840, 2160),
                    Size(2160, 3840),
                ),
                image=True,
            ),
        ),
        cancel=True,
        source="Google's own client, as of 2026-11; no price documented",
    )  # fmt: skip

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fit to the default model's sizes, also for an unknown model."""
        default = self.capabilities.models[0]
        known = model_for(self.capabilities, config, provider=self.name)
        known = known or Model(config.model or "", sizes=default.sizes, image=True)
        plan = warn_of_unsent(fit(config, duration, known, provider=self.name), config.extra)
        if config.seconds is not None:
            return plan
        warning = (
            f"{self.name} chooses the clip's length: the clip is repeated or cut to the narration's "
            f"{duration:.1f} s."
        )
        return replace(plan, seconds=0.0, warnings=(*plan.warnings, warning))

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /interactions`, in the background and stored."""
        plan = request.plan
        width, height = plan.size
        form = {
            "type": "video",
            "aspect_ratio": "16:9" if width > height else "9:16",
            "resolution": _RESOLUTIONS[min(width, height)],
            "delivery": "uri",
        }
        if plan.seconds:
            form["duration"] = f"{plan.seconds:g}s"
        fields = {
            "model": plan.model.name,
            "input": plan.prompt if request.image is None else _input(plan.prompt, request.image),
            "background": True,
            "store": True,
            "response_format": form,
        }
        reply = await self.http.send_once("interactions", say=request.say, json=fields)
        job_id = (reply.data or {}).get("id")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.in_doubt("its answer has no id", reply)
        return Accepted(job_id)

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /interactions/{id}`, which reports no progress."""
        reply = await self.http.ask(f"interactions/{segment(job_id)}")
        data = reply.data or {}
        if not reply.ok or not data.get("status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["status"])
        words = error_words(data.get("error") or data.get("errors"))
        if state is JobState.SUCCEEDED and _video(data) is None:
            return ProviderStatus(JobState.FAILED, None, words or "it finished without a video")
        if state is JobState.FAILED:
            words = words or str(data["status"])
        return ProviderStatus(state, None, words, state is JobState.FAILED and is_refusal(words))

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Download from the URL in the result, or decode the video in the result (base64)."""
        progress = Progress.of(on_bytes)
        reply = await self.http.ask(f"interactions/{segment(job_id)}", tries=4, say=progress.say)
        video = _video(reply.data or {})
        if video is None:
            raise self.error(DownloadFailed, "has no video in its result", reply, job_id=job_id)
        if uri := video.get("uri"):
            await self.http.fetch(str(uri), to, progress, most=self.settings.max_download_bytes)
            return
        try:
            content = base64.b64decode(str(video["data"]), validate=True)
        except binascii.Error:
            raise self.error(
                DownloadFailed, "sent a video that cannot be decoded", reply, job_id=job_id
            ) from None
        await asyncio.to_thread(to.write_bytes, content)
        progress(len(content))

    async def cancel(self, job_id: str) -> bool:
        """Send `POST /interactions/{id}/cancel`."""
        try:
            return (await self.http.ask(f"interactions/{segment(job_id)}/cancel", method="POST")).ok
        except ProviderError:
            return False

    def refused(self, reply: Reply) -> bool:
        """Return True if the error text is about the content."""
        return reply.status == 400 and is_refusal(reply.words)

    def error_of(self, reply: Reply) -> ProviderError:
        """Check for a wrong key (HTTP 400 at Google) and a missing model first."""
        if reply.status == 400 and "api key" in reply.words.lower():
            return self.unavailable("rejected the key", reply, unusable=True)
        if reply.status == 404 and not self._own_server:
            return self.unavailable("does not have this model", reply, lacks_model=True)
        return super().error_of(reply)


def _input(prompt: str, image: bytes) -> list[dict[str, str]]:
    """Return a prompt and its first frame as the parts of an input."""
    frame = {"type": "image", "mime_type": "image/jpeg", "data": encoded(image)}
    return [frame, {"type": "text", "text": prompt}]


def _video(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the video in a result: at the top, or in the content of the last step."""
    candidates = [data.get("output_video")]
    for key in ("steps", "outputs"):
        steps = data.get(key)
        for step in reversed(steps if isinstance(steps, list) else []):
            inner = step.get("content", step) if isinstance(step, Mapping) else None
            candidates += inner if isinstance(inner, list) else [inner]
    for found in candidates:
        if not isinstance(found, Mapping) or found.get("type", "video") != "video":
            continue
        if found.get("uri") or found.get("data"):
            return found
    return None
