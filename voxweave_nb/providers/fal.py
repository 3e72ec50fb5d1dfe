"""fal's queue: models whose motion is driven by the narration."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderError
from ..models import JobState
from .extras import image_uri
from .fit import fit, fit_unknown, model_for
from .http import Reply
from .parsing import error_words, first_url, is_refusal, state_of
from .remote import HttpProvider
from .types import Accepted, Capabilities, ClipRequest, Model, Plan, Price, Progress, ProviderStatus

__all__ = ["Fal"]

_UNBILLED = "https://docs.fal.ai/model-apis/model-endpoints/reliability, as of 2026-11: 5xx are not billed"

_NOT_READABLE = (401, 403, 404, 408, 429, 502, 503, 504)
"""HTTP statuses of a result request that are not about the job."""

_SHORTEST, _LONGEST = 2.0, 10.0


class Fal(HttpProvider):
    """`fal-ai/ltx-2/audio-to-video` (default), or any route that takes `audio_url`, and `image_url` for a first frame.

    The job id is the path of the job's URL, so that a later process can resume it.
    """

    name = "fal"
    key_variable = "FAL_KEY"
    url_variable = "FAL_BASE_URL"
    default_url = "https://queue.fal.run"
    prefix = "Key "
    capabilities = Capabilities(
        models=(
            Model(
                "fal-ai/ltx-2/audio-to-video",
                lengths=(_SHORTEST, _LONGEST),
                continuous=True,
                narration="drives",
                price=Price(0.10, "second"),
                image=True,
            ),
        ),
        cancel=True,
        source="fal's model page and queue API, as of 2026-11",
    )

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fit to the model; the clip is as long as the sound that is sent, cut to the model's longest clip."""
        known = model_for(self.capabilities, config, provider=self.name)
        if known is None:
            model = Model(config.model or "", narration="drives")
            return fit_unknown(config, duration, model, provider=self.name)
        return fit(config, duration, known, provider=self.name)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /{model}` with the narration as a data URI, padded with silence to the model's shortest length."""
        from ..media.narration import wav_bytes

        plan = request.plan
        sound = base64.b64encode(wav_bytes(request.narration, plan.seconds)).decode("ascii")
        fields: dict[str, Any] = {
            **request.config.extra,
            "audio_url": f"data:audio/wav;base64,{sound}",
            "prompt": plan.prompt,
        }
        if request.image is not None:
            fields["image_url"] = image_uri(request.image)
        reply = await self.http.send_once(plan.model.name, say=request.say, json=fields)
        data = reply.data or {}
        job = first_url(data.get("response_url"), data.get("status_url"))
        if job is None and not data.get("request_id"):
            raise self.http.in_doubt("its answer has no request id", reply)
        job = job or f"{'/'.join(plan.model.name.split('/')[:2])}/requests/{data['request_id']}"
        job_id = job.removesuffix("/status").removeprefix(f"{self.base_url}/")
        return Accepted(job_id)

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET {job}/status`; a failed job is COMPLETED too, so its result is requested as well."""
        reply = await self.http.ask(f"{job_id}/status")
        data = reply.data or {}
        if not reply.ok or not data.get("status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["status"])
        if state is not JobState.SUCCEEDED:
            return ProviderStatus(state, None, error_words(data.get("error")))
        if data.get("error"):
            words = error_words(data["error"])
            return ProviderStatus(
                JobState.FAILED, None, words, is_refusal(f"{data.get('error_type')} {words}")
            )
        return await self._outcome(job_id)

    async def _outcome(self, job_id: str) -> ProviderStatus:
        result = await self.http.ask(job_id)
        if result.ok and first_url((result.data or {}).get("video")):
            return ProviderStatus(JobState.SUCCEEDED, 1.0)
        words = error_words((result.data or {}).get("detail"))  # where the model's own error stands
        if result.ok or not words or result.status in _NOT_READABLE:
            raise self.no_status(result, job_id)
        return ProviderStatus(JobState.FAILED, None, words, is_refusal(words))

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Download from the URL in the result, on another host, which gets no key."""
        progress = Progress.of(on_bytes)
        reply = await self.http.ask(job_id, tries=4, say=progress.say)
        url = first_url((reply.data or {}).get("video"))
        if url is None:
            raise self.error(DownloadFailed, "gave no URL of the video", reply, job_id=job_id)
        await self.http.fetch(url, to, progress, most=self.settings.max_download_bytes)

    async def cancel(self, job_id: str) -> bool:
        """Send `PUT {job}/cancel`."""
        try:
            return (await self.http.ask(f"{job_id}/cancel", method="PUT")).ok
        except ProviderError:
            return False

    def refused(self, reply: Reply) -> bool:
        """Return True if the error text is about the content."""
        return reply.status in (400, 403, 422) and is_refusal(error_words((reply.data or {}).get("detail")))

    def error_of(self, reply: Reply) -> ProviderError:
        """Let the next provider be asked if the model does not exist, or after a 5xx, which fal does not bill."""
        if reply.status == 404 and not self.refused(reply):
            return self.unavailable("does not have this model", reply, lacks_model=True)
        # The promise is fal's own: a proxy in front of it answers with a page, and another server bills as it likes.
        own_words = not self._own_server and (reply.data or {}).get("detail")
        if reply.status in (500, 501, 502, 503, 504) and own_words:
            return self.unavailable("is failing", reply, source=_UNBILLED)
        return super().error_of(reply)
