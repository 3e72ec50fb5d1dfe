"""Gemini Omni, through Google's interactions API."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderError
from ..models import JobState
from .answers import error_words, is_refusal, state_of
from .base import Accepted, Assignment, Capabilities, Model, Plan, ProviderStatus, Size
from .fit import fit
from .http import Reply, segment
from .remote import HttpProvider

__all__ = ["Gemini"]

_RESOLUTIONS = {720: "720p", 1080: "1080p", 2160: "4k"}


class Gemini(HttpProvider):
    """`gemini-omni-1.2-flash` unless said otherwise.

    Its longest clip is not established: without `VideoConfig.seconds` it chooses the length itself.
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
            ),
        ),
        cancel=True,
        source="Google's own client, as of 2026-11; no price established",
    )  # fmt: skip

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """A model that is not known here is asked for the same sizes."""
        default = self.capabilities.models[0]
        known = self.capabilities.model(config.model) or Model(config.model or "", sizes=default.sizes)
        plan = fit(config, duration, known, provider=self.name)
        if config.seconds is not None:
            return plan
        said = (
            f"{self.name} chooses the clip's length itself: it is repeated or cut to the narration's "
            f"{duration:.1f} s."
        )
        return Plan(plan.model, plan.size, 0.0, plan.prompt, plan.usd, (*plan.warnings, said))

    async def create(self, assignment: Assignment) -> Accepted:
        """`POST /interactions`, in the background and kept."""
        plan = self.plan(assignment.config, assignment.duration)
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
            "input": plan.prompt,
            "background": True,
            "store": True,
            "response_format": form,
        }
        reply = await self.http.send_once("interactions", json=fields)
        job_id = (reply.data or {}).get("id")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.ambiguous("its answer has no id", reply)
        return Accepted(job_id, self.name, plan.model.name, plan.usd, plan.warnings)

    async def status(self, job_id: str) -> ProviderStatus:
        """`GET /interactions/{id}`; it has no figure of its progress."""
        reply = await self.http.ask(f"interactions/{segment(job_id)}")
        data = reply.data or {}
        if not data.get("status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["status"])
        words = error_words(data.get("error") or data.get("errors"))
        if state is JobState.SUCCEEDED and _video(data) is None:
            return ProviderStatus(JobState.FAILED, None, words or "it finished without a video")
        if state is JobState.FAILED:
            words = words or str(data["status"])
        return ProviderStatus(state, None, words, state is JobState.FAILED and is_refusal(words))

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """From the address in the result, or from the result itself, where the video stands as base64 text."""
        reply = await self.http.ask(f"interactions/{segment(job_id)}", tries=4)
        video = _video(reply.data or {})
        if video is None:
            raise self.error(DownloadFailed, "has no video in its result", reply, job_id=job_id)
        if uri := video.get("uri"):
            await self.http.fetch(str(uri), to, on_bytes, most=self.settings.max_download_bytes)
            return
        try:
            content = base64.b64decode(str(video["data"]), validate=True)
        except binascii.Error:
            raise self.error(DownloadFailed, "sent a damaged video", reply, job_id=job_id) from None
        await asyncio.to_thread(to.write_bytes, content)
        on_bytes(len(content))

    async def cancel(self, job_id: str) -> bool:
        """`POST /interactions/{id}/cancel`."""
        try:
            return (await self.http.ask(f"interactions/{segment(job_id)}/cancel", method="POST")).ok
        except ProviderError:
            return False

    def refused(self, reply: Reply) -> bool:
        """Whether its words speak of the content."""
        return reply.status == 400 and is_refusal(reply.words)

    def error_of(self, reply: Reply) -> ProviderError:
        """Google answers 400 to a wrong key; a model that is not there is another provider's chance."""
        if reply.status == 400 and "api key" in reply.words.lower():
            return self.unavailable("refuses the key", reply)
        if reply.status == 404 and not self._elsewhere:
            return self.unavailable("has no such model", reply)
        return super().error_of(reply)


def _video(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The video in a result: at the top, or as the last step's content."""
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
