"""The OpenAI Videos protocol, at OpenAI (shut on 2026-09-24) and at every server that speaks it."""

from __future__ import annotations

import base64
import contextlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..config import VideoConfig
from ..errors import DownloadFailed, ProviderError, ProviderUnavailable, RequestRefused
from ..models import JobState
from ..settings import Settings
from .fit import fit, fit_unknown
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
_SHORT_LENGTHS = (4.0, 8.0)
"""The lengths to request from an unknown model: every server of this protocol makes them."""
_MOST_MODELS = 20
"""The largest number of models to list in an error."""
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
"""Largest difference in seconds between a server's clock and ours, when a lost submission is reconciled."""


_OWN_SERVER = Capabilities(
    models=(Model(""),),
    cancel=True,
    lists=True,
    source="a server of your own: its models, lengths and prices are not known here",
)


class OpenAiSora(HttpProvider):
    """`sora-2-pro` at OpenAI, or any model of a self-hosted or gateway server with `/videos`.

    More fields, for servers of your own, go into `VideoConfig.extra`: `width`, `height`, `num_frames`, `fps`,
    `negative_prompt`, `guidance_scale`, and `audio_reference=True` to send the narration as a reference (vLLM-Omni).
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
        host = (urlsplit(self.base_url).hostname or "").lower()
        self._own_server = host != "api.openai.com" and not host.endswith(".api.openai.com")
        if not self._own_server:
            self.about = self.shut_down = _SHUT
        elif type(self).capabilities is OpenAiSora.capabilities:
            self.capabilities = _OWN_SERVER

    @property
    def label(self) -> str:
        """The host and port of a server of one's own, which has nothing to do with OpenAI or Sora."""
        return urlsplit(self.base_url).netloc if self._own_server else self.name

    def plan(self, config: VideoConfig, duration: float) -> Plan:
        """Fit to a known model; request a short clip from an unknown one, or the whole seconds that the config has.

        Without a model in the config, a server of your own chooses its default.
        """
        known = (self.capabilities if config.model is None else type(self).capabilities).model(config.model)
        if known is None or not known.name:
            model = Model(config.model or "")
            plan = fit_unknown(config, duration, model, provider=self.name, lengths=_SHORT_LENGTHS)
        else:
            if self._own_server and config.model is not None:  # only its lengths are likely to be the same
                known = Model(known.name, lengths=known.lengths, prompt=known.prompt)
            plan = fit(config, duration, known, provider=self.name)
        seconds = max(1, math.ceil(plan.seconds))  # the protocol takes whole seconds
        # Nobody here knows the prices of a server of one's own.
        usd = None if self._own_server else plan.usd
        warnings = tuple(warning.replace(self.name, self.label) for warning in plan.warnings)
        return replace(plan, seconds=seconds, usd=usd, warnings=warnings)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /videos` as a multipart form."""
        form = {name: (None, value) for name, value in self._fields(request).items()}
        try:
            reply = await self.http.send_once("videos", say=request.say, files=form)
        except (RequestRefused, ProviderUnavailable) as error:
            await self._add_models(error, request.plan.model.name)
            raise
        job = reply.data or {}
        job_id, model = job.get("id"), job.get("model")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.in_doubt("its answer has no job id", reply)
        own_choice = not request.plan.model.name and isinstance(model, str)
        return Accepted(job_id, model=model if own_choice else None)

    async def _add_models(self, error: ProviderError, asked: str) -> None:
        """Add the server's models to the error of a refused submission, if the one that was asked is not among them."""
        if not self._own_server or error.status not in (400, 404, 422):
            return
        with contextlib.suppress(ProviderError):
            listed = ((await self.http.ask("models")).data or {}).get("data")
            names = [
                str(each["id"])
                for each in (listed if isinstance(listed, list) else ())
                if isinstance(each, Mapping) and each.get("id")
            ]
            if names and asked not in names:
                more = f" and {len(names) - _MOST_MODELS} more" if len(names) > _MOST_MODELS else ""
                error.args = (
                    f"{str(error).rstrip('. ')}. The server offers these models: "
                    f"{', '.join(names[:_MOST_MODELS])}{more}. Choose one with model=.",
                )

    def _fields(self, request: ClipRequest) -> dict[str, str]:
        plan, config = request.plan, request.config
        fields = {
            "prompt": plan.prompt,
            **({"model": plan.model.name} if plan.model.name else {}),
            "seconds": f"{plan.seconds:g}",
            "size": f"{plan.size[0]}x{plan.size[1]}",
        }
        if self._own_server and config.seed is not None:
            fields["seed"] = str(config.seed)
        fields.update({name: str(config.extra[name]) for name in _MORE_FIELDS if name in config.extra})
        if config.extra.get("audio_reference"):
            fields["audio_reference"] = _audio_reference(request)
        return fields

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /videos/{id}`; an HTTP error whose body is a job is an answer too."""
        reply = await self.http.ask(f"videos/{segment(job_id)}")
        job = reply.data or {}
        if not job.get("status") or (not reply.ok and not job.get("id")):
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
        """Send `DELETE /videos/{id}`, which proves nothing unless the answer calls the job cancelled.

        vLLM-Omni stops a running job; SGLang (seen in 0.5.23) answers the same, but removes only the record and goes on
        rendering; OpenAI accepted it for finished jobs only.
        """
        try:
            reply = await self.http.ask(f"videos/{segment(job_id)}", method="DELETE")
        except ProviderError:
            return False
        return reply.ok and state_of((reply.data or {}).get("status")) is JobState.CANCELED

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


def _named_url(job: Mapping[str, Any]) -> str | None:
    output = job.get("output")
    nested = output.get("url") if isinstance(output, Mapping) else None
    return first_url(job.get("url"), job.get("urls"), job.get("video_url"), nested)


def _audio_reference(request: ClipRequest) -> str:
    from ..media.narration import wav_bytes

    sound = base64.b64encode(wav_bytes(request.narration, request.duration)).decode("ascii")
    return json.dumps({"audio_url": f"data:audio/wav;base64,{sound}"})
