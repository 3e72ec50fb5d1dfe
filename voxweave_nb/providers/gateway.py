"""The VoxWeave gateway: a service that a team runs in front of several models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderUnavailable, RequestRefused
from ..models import JobState
from .fit import fit, model_for
from .http import Reply, segment
from .parsing import error_code, error_words, first_url, fraction, is_refusal, reported_cost, state_of
from .remote import HttpProvider
from .types import Accepted, Capabilities, ClipRequest, Model, Plan, Progress, ProviderStatus

__all__ = ["Gateway"]


class Gateway(HttpProvider):
    """Takes the narration, the style and the resolution by name, and any model that the gateway offers."""

    name = "gateway"
    key_variable = "VOXWEAVE_API_KEY"
    url_variable = "VOXWEAVE_BASE_URL"
    capabilities = Capabilities(
        models=(Model("sora-2-pro", narration="reference"),),
        cancel=False,
        source="the protocol of the system that this toolkit ports",
    )

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Pass the config on: the gateway fits it to its models itself. Its protocol has no field for an image."""
        model_for(self.capabilities, config.replace(model=None), provider=self.name)
        model = Model(config.model or self.capabilities.models[0].name, narration="reference")
        return fit(config, duration, model, provider=self.name, style=False)

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        """Send `POST /upload`; return the URL of the narration."""
        reply = await self.http.upload("upload", "file", narration, on_bytes)
        data = reply.data or {}
        url = first_url(data.get("url"), data.get("file_url"))
        if reply.ok and url is not None:
            return url
        if reply.ok:
            raise self.unavailable("accepted the narration but gave no URL for it", reply)
        error = self.error_of(reply)
        if isinstance(error, ProviderUnavailable | RequestRefused) or self.refused(reply):
            raise error
        raise self.unavailable("rejected the narration", reply)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /video/generate`; the style has a field of its own, so the prompt has none of its words."""
        plan = request.plan
        config = request.config
        pixels = plan.model.name == "sora-2-pro"
        fields = {
            **config.extra,
            "audio_url": request.reference,
            "style": config.style.value,
            "resolution": f"{plan.size[0]}x{plan.size[1]}" if pixels else config.resolution.value,
            "model": plan.model.name,
        }
        if plan.prompt:
            fields["prompt"] = plan.prompt
        reply = await self.http.send_once("video/generate", say=request.say, json=fields)
        job_id = (reply.data or {}).get("job_id")
        if isinstance(job_id, bool) or not isinstance(job_id, (str, int)) or not str(job_id):
            raise self.http.in_doubt("its answer has no job id", reply)
        return Accepted(str(job_id))

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /video/status/{job_id}`."""
        reply = await self.http.ask(f"video/status/{segment(job_id)}")
        data = reply.data or {}
        if not reply.ok or not data.get("status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["status"])
        words = error_words(data.get("error"))
        refused = state is JobState.FAILED and is_refusal(words)
        progress = fraction(data.get("progress")) or None
        return ProviderStatus(state, progress, words, refused, usd=reported_cost(data))

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Download from the job's `video_url`, which gets the key only on the gateway's own origin."""
        progress = Progress.of(on_bytes)
        reply = await self.http.ask(f"video/status/{segment(job_id)}", tries=4, say=progress.say)
        url = first_url((reply.data or {}).get("video_url"))
        if url is None:
            raise self.error(DownloadFailed, "gave no URL of the video", reply, job_id=job_id)
        await self.http.fetch(url, to, progress, most=self.settings.max_download_bytes)

    def refused(self, reply: Reply) -> bool:
        """Return True if the error text is about the content."""
        return reply.status in (400, 403, 422) and is_refusal(f"{error_code(reply.data)} {reply.words}")
