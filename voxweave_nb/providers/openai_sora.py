"""The OpenAI Videos protocol, at OpenAI (shut on 2026-09-24) and at every server that speaks it."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderError
from ..models import JobState
from .answers import certain, error_code, error_words, first_url, fraction, is_refusal, moment, state_of
from .base import Accepted, Assignment, Capabilities, Model, Plan, Price, ProviderStatus, Size
from .fit import fit
from .http import Reply, segment
from .remote import HttpProvider

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
_CLOCKS_APART = 5.0
"""Seconds that a server's clock may be behind ours when a lost job is looked for."""


class OpenAiSora(HttpProvider):
    """`sora-2-pro` at OpenAI, or any model of a self-hosted or gateway server with `/videos`.

    What a server of one's own takes beyond the common fields goes into `VideoConfig.extra`: `width`, `height`,
    `num_frames`, `fps`, `negative_prompt`, `guidance_scale`, and `audio_reference=True` to send the narration along
    (vLLM-Omni).
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

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        super().__init__(api_key, base_url)
        self._urls: dict[str, str] = {}
        if not self._elsewhere:
            self.about = _SHUT  # type: ignore[misc]  # what is said of it depends on where it lives

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """A model that nobody knows, as servers of one's own have, is asked for what was asked, in whole seconds."""
        known = self.capabilities.model(config.model)
        if known is None or (self._elsewhere and config.model is not None):
            prompt = known.prompt if known else None
            known = Model(config.model or "", lengths=known.lengths if known else (), prompt=prompt)
        plan = fit(config, duration, known, provider=self.name)
        return plan if not self._elsewhere else _priceless(plan)

    async def create(self, assignment: Assignment) -> Accepted:
        """`POST /videos`, as a multipart form."""
        plan = self.plan(assignment.config, assignment.duration)
        form = {name: (None, value) for name, value in self._fields(assignment, plan).items()}
        reply = await self.http.send_once("videos", files=form)
        job_id = (reply.data or {}).get("id")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.ambiguous("its answer has no job id", reply)
        return Accepted(job_id, self.name, plan.model.name, plan.usd, plan.warnings)

    def _fields(self, assignment: Assignment, plan: Plan) -> dict[str, str]:
        config = assignment.config
        fields = {
            "prompt": plan.prompt,
            "model": plan.model.name,
            "seconds": str(max(1, math.ceil(plan.seconds))),
            "size": f"{plan.size[0]}x{plan.size[1]}",
        }
        if self._elsewhere and config.seed is not None:
            fields["seed"] = str(config.seed)
        fields.update({name: str(config.extra[name]) for name in _MORE_FIELDS if name in config.extra})
        if config.extra.get("audio_reference"):
            fields["audio_reference"] = _audio_reference(assignment)
        return fields

    async def status(self, job_id: str) -> ProviderStatus:
        """`GET /videos/{id}`; an error status that carries a job is an answer all the same."""
        reply = await self.http.ask(f"videos/{segment(job_id)}")
        job = reply.data or {}
        if not job.get("status") or (not reply.ok and not job.get("id")):
            raise self.no_status(reply, job_id)
        if url := _named_url(job):
            self._urls[job_id] = url
        hint = reply.headers.get("openai-poll-after-ms", "")
        return _status(job, float(hint) / 1000 if hint.isdecimal() else None)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """`GET /videos/{id}/content`, else a URL that the job names."""
        url = self._urls.get(job_id)
        most = self.settings.max_download_bytes
        try:
            await self.http.fetch(
                f"videos/{segment(job_id)}/content", to, on_bytes, most=most, tries=1 if url else 4
            )
        except DownloadFailed as error:
            if url is None and error.status in (404, 405, 410, 501):
                url = _named_url((await self.http.ask(f"videos/{segment(job_id)}")).data or {})
            if url is None:
                raise
            await self.http.fetch(url, to, on_bytes, most=most)

    async def cancel(self, job_id: str) -> bool:
        """`DELETE /videos/{id}`: OpenAI takes it for finished jobs only, others stop a running one with it."""
        try:
            return (await self.http.ask(f"videos/{segment(job_id)}", method="DELETE")).ok
        except ProviderError:
            return False

    async def find(self, assignment: Assignment, since: float) -> str | None:
        """The one job in the list with this prompt and size that was made since the create was sent."""
        plan = self.plan(assignment.config, assignment.duration)
        reply = await self.http.ask("videos?limit=20&order=desc", tries=2)
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
        """Moderation answers 400 with a code of its own."""
        return reply.status in (400, 403, 422) and is_refusal(error_code(reply.data))

    def error_of(self, reply: Reply) -> ProviderError:
        """The codes that say that the model or the whole API is not there."""
        if not self.refused(reply):
            missing = error_code(reply.data) in ("model_not_found", "unknown_url")
            if missing or (reply.status in (403, 404, 405, 410)):
                why = f"is gone: {_SHUT}" if not self._elsewhere else f"has no videos at {self.base_url}"
                return self.unavailable(why, reply, gone=True)
        return super().error_of(reply)


def _status(job: Mapping[str, Any], poll_after: float | None) -> ProviderStatus:
    state = state_of(job.get("status"))
    words = error_words(job.get("error"))
    refused = state is JobState.FAILED and (is_refusal(words) or str(job.get("status")).lower() == "blocked")
    share = fraction(job.get("progress"))
    # A figure that never leaves 0 says nothing: the bar shows that work is going on instead.
    return ProviderStatus(state, share or None, words, refused, poll_after)


def _named_url(job: Mapping[str, Any]) -> str | None:
    output = job.get("output")
    nested = output.get("url") if isinstance(output, Mapping) else None
    return first_url(job.get("url"), job.get("urls"), job.get("video_url"), nested)


def _priceless(plan: Plan) -> Plan:
    """A plan at somebody else's server, whose prices nobody knows here."""
    return Plan(plan.model, plan.size, plan.seconds, plan.prompt, None, plan.warnings)


def _audio_reference(assignment: Assignment) -> str:
    from ..media.narration import wav_bytes

    sound = base64.b64encode(wav_bytes(assignment.narration, assignment.duration)).decode("ascii")
    return json.dumps({"audio_url": f"data:audio/wav;base64,{sound}"})
