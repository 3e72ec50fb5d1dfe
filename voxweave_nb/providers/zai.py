"""Z.ai's video models (CogVideoX, Vidu), also at open.bigmodel.cn, which has its own keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ContentRefused, DownloadFailed, ProviderError, RequestRefused
from ..models import JobState, VideoStyle
from .extras import image_uri, warn_of_unsent
from .fit import fit, fit_unknown, model_for
from .http import Reply, segment
from .parsing import error_code, error_words, first_url, is_refusal, state_of
from .proof import NOT_TAKEN
from .remote import HttpProvider
from .types import Accepted, Capabilities, ClipRequest, Model, Plan, Price, Progress, ProviderStatus, Size

__all__ = ["Zai"]

_VIDU_SIZES = (Size(1920, 1080), Size(1080, 1920), Size(1080, 1080))
"""The frame sizes for `aspect_ratio` 16:9, 9:16 and 1:1 at 1080p."""

_ASPECTS = {(1920, 1080): "16:9", (1080, 1920): "9:16", (1080, 1080): "1:1"}

_RATE_LIMITED = {"1302", "1303", "1305"}  # concurrency, frequency, overload: worth a retry
_UNPAID = {"1112", "1113", "1121"}  # account locked or without credit
_SPENT = {"1304", *map(str, range(1308, 1322))}  # quota used up: no retry today
_REFUSED = {"1301"}
_MORE_FIELDS = ("quality", "with_audio", "movement_amplitude")
_GONE = {"1221", "1222"}  # API taken offline
_INVALID = {"1210", "1212", "1213", "1214", "1215", "1261"}  # a parameter is wrong, missing or too long
_CODES = "https://docs.z.ai/api-reference/api-code, as of 2026-11"


class Zai(HttpProvider):
    """`cogvideox-3` (default), `viduq1-text`, `viduq1-image`, `vidu2-image`, or, at another address, any model.

    More fields of its API go into `VideoConfig.extra`: `quality` (`"speed"` or `"quality"`), `with_audio`,
    `movement_amplitude`.
    """

    name = "zai"
    key_variable = "ZAI_API_KEY"
    url_variable = "ZAI_BASE_URL"
    default_url = "https://api.z.ai/api/paas/v4"
    capabilities = Capabilities(
        models=(
            Model(
                "cogvideox-3",
                sizes=(
                    Size(1280, 720), Size(720, 1280), Size(1024, 1024), Size(1920, 1080), Size(1080, 1920),
                    Size(2048, 1080), Size(3840, 2160),
                ),
                lengths=(5.0, 10.0),
                prompt=512,
                price=Price(0.20, "video"),
                at_once=1,
                image=True,
            ),
            Model(
                "viduq1-text",
                sizes=_VIDU_SIZES,
                lengths=(5.0,),
                prompt=512,
                price=Price(0.40, "video"),
                at_once=5,
            ),
            Model(
                "viduq1-image",
                sizes=(Size(1920, 1080),),
                lengths=(5.0,),
                prompt=512,
                price=Price(0.40, "video"),
                at_once=5,
                image=True,
                needs_image=True,
            ),
            Model(
                "vidu2-image",
                sizes=(Size(1280, 720),),
                lengths=(4.0,),
                prompt=512,
                price=Price(0.20, "video"),
                at_once=5,
                image=True,
                needs_image=True,
            ),
        ),
        cancel=False,
        source="Z.ai's API reference and price list, as of 2026-11",
    )  # fmt: skip

    def plan(self, config: Any, duration: float) -> Plan:
        """Fit to a known model; at another address, take any model by its name."""
        known = model_for(self.capabilities, config, provider=self.name)
        if known is None and self._own_server:
            model, short = Model(config.model, prompt=512), self.capabilities.models[0].lengths[:1]
            plan = fit_unknown(config, duration, model, provider=self.name, lengths=short)
            return replace(plan, seconds=round(plan.seconds))
        if known is None:
            return super().plan(config, duration)  # raises, with the list of models
        style_in_prompt = not (known.name == "viduq1-text" and config.style is VideoStyle.ANIME)
        plan = fit(config, duration, known, provider=self.name, style=style_in_prompt)
        if not self._own_server:
            plan = warn_of_unsent(plan, config.extra, _MORE_FIELDS)
        return replace(plan, seconds=round(plan.seconds))  # the API takes whole seconds

    def _fields(self, request: ClipRequest) -> dict[str, Any]:
        """Return the fields of a submission; a server of your own gets all options."""
        return {**(request.config.extra if self._own_server else {}), **_fields(request)}

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /videos/generations` with our `request_id`, which the server rejects if it sees it twice."""
        reply = await self.http.send_once("videos/generations", say=request.say, json=self._fields(request))
        data = reply.data or {}
        if data.get("error") or state_of(data.get("task_status")) is JobState.FAILED:
            raise self.error_of(reply)
        job_id = data.get("id")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.in_doubt("its answer has no job id", reply)
        return Accepted(job_id)

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /async-result/{id}`, which reports no progress."""
        reply = await self.http.ask(f"async-result/{segment(job_id)}")
        data = reply.data or {}
        if not reply.ok or not data.get("task_status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["task_status"])
        words = error_words(data.get("error") or data.get("message")) if state is JobState.FAILED else ""
        refused = state is JobState.FAILED and (error_code(data) in _REFUSED or is_refusal(words))
        return ProviderStatus(state, None, words, refused)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """Download from the URL in the result, on another host, which gets no key."""
        progress = Progress.of(on_bytes)
        reply = await self.http.ask(f"async-result/{segment(job_id)}", tries=4, say=progress.say)
        url = first_url((reply.data or {}).get("video_result"))
        if url is None:
            raise self.error(DownloadFailed, "gave no URL of the video", reply, job_id=job_id)
        await self.http.fetch(url, to, progress, most=self.settings.max_download_bytes)

    def refused(self, reply: Reply) -> bool:
        """Return True for code 1301."""
        return (reply.ok or reply.status in NOT_TAKEN) and error_code(reply.data) in _REFUSED

    def error_of(self, reply: Reply) -> ProviderError:
        """Check Z.ai's codes first: a 429 may be worth a retry, or mean that the quota is used up."""
        if not reply.ok and reply.status not in NOT_TAKEN:
            return super().error_of(reply)  # its codes are documented for other HTTP statuses
        code = error_code(reply.data)
        if code in _REFUSED:
            return self.error(ContentRefused, "refused the content", reply, source=_CODES)
        if code in _RATE_LIMITED:
            return self.unavailable("is rate-limited", reply, overloaded=True, source=_CODES)
        if code in _UNPAID:
            return self.unavailable("reports a locked or unpaid account", reply, source=_CODES)
        if code in _SPENT:
            return self.unavailable("has no quota left for this key", reply, source=_CODES)
        if code in ("1211", "1220"):
            return self.unavailable(
                "does not offer this model to this key", reply, lacks_model=True, source=_CODES
            )
        if code in _GONE:
            return self.unavailable("has taken this API offline", reply, gone=True, source=_CODES)
        if code == "1231":
            return self.http.in_doubt("it answered that it already has this request", reply)
        if code in _INVALID and reply.status in (200, 400):
            return self.error(RequestRefused, "rejected the request", reply, source=_CODES)
        if code and reply.status == 429:
            return self.error(RequestRefused, "rejected the request", reply)
        return super().error_of(reply)


def _fields(request: ClipRequest) -> dict[str, Any]:
    plan, config = request.plan, request.config
    fields: dict[str, Any] = {
        "model": plan.model.name,
        "prompt": plan.prompt,
        "duration": int(plan.seconds),
    }
    if plan.model.name.startswith("vidu") and plan.model.needs_image:
        fields["size"] = f"{plan.size[0]}x{plan.size[1]}"
    elif plan.model.name.startswith("vidu"):
        fields["aspect_ratio"] = _ASPECTS.get(plan.size, "16:9")
        fields["style"] = "anime" if config.style is VideoStyle.ANIME else "general"
    else:
        fields["size"] = f"{plan.size[0]}x{plan.size[1]}"
        fields["fps"] = 60 if config.fps > 30 else 30
        fields["with_audio"] = False
    fields.update({name: config.extra[name] for name in _MORE_FIELDS if name in config.extra})
    if request.image is not None:
        fields["image_url"] = image_uri(request.image)
    if request.request_id:
        fields["request_id"] = request.request_id
    return fields
