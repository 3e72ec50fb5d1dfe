"""Z.ai's video models (CogVideoX, Vidu); by its address also open.bigmodel.cn, which has keys of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ContentRefused, DownloadFailed, ProviderError, RequestRefused
from ..models import JobState, VideoStyle
from .answers import error_code, error_words, first_url, is_refusal, state_of
from .base import Accepted, Assignment, Capabilities, Model, Plan, Price, ProviderStatus, Size
from .fit import fit
from .http import Reply, segment
from .remote import HttpProvider

__all__ = ["Zai"]

_VIDU_SIZES = (Size(1920, 1080), Size(1080, 1920), Size(1080, 1080))
"""What `aspect_ratio` 16:9, 9:16 and 1:1 make at 1080p."""

_ASPECTS = {(1920, 1080): "16:9", (1080, 1920): "9:16", (1080, 1080): "1:1"}

_BUSY = {"1302", "1303", "1305"}  # concurrency, frequency, overload: worth waiting for
_UNPAID = {"1112", "1113", "1121"}  # locked or without money
_SPENT = {"1304", *map(str, range(1308, 1322))}  # quotas and plans: not today
_REFUSED = {"1301"}
_GONE = {"1221", "1222"}  # the API is offline


class Zai(HttpProvider):
    """`cogvideox-3` unless said otherwise, `viduq1-text`, or at another address any model that lives there.

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
            ),
            Model(
                "viduq1-text",
                sizes=_VIDU_SIZES,
                lengths=(5.0,),
                prompt=512,
                price=Price(0.40, "video"),
                at_once=5,
            ),
        ),
        cancel=False,
        source="Z.ai's API reference and price list, as of 2026-11",
    )  # fmt: skip

    def plan(self, config: Any, duration: float) -> Plan:
        """At another address a model that is not known here is asked for what was asked."""
        known = self.capabilities.model(config.model)
        if known is None and self._elsewhere:
            known = Model(config.model, prompt=512)
        if known is None:
            return super().plan(config, duration)  # which says what there is
        said_in_words = not (known.name == "viduq1-text" and config.style is VideoStyle.ANIME)
        return fit(config, duration, known, provider=self.name, style=said_in_words)

    async def create(self, assignment: Assignment) -> Accepted:
        """`POST /videos/generations`, with a `request_id` of ours: the server refuses to see one twice."""
        plan = self.plan(assignment.config, assignment.duration)
        reply = await self.http.send_once("videos/generations", json=_fields(assignment, plan))
        data = reply.data or {}
        if data.get("error") or state_of(data.get("task_status")) is JobState.FAILED:
            raise self.error_of(reply)
        job_id = data.get("id")
        if not isinstance(job_id, str) or not job_id:
            raise self.http.ambiguous("its answer has no job id", reply)
        return Accepted(job_id, self.name, plan.model.name, plan.usd, plan.warnings)

    async def status(self, job_id: str) -> ProviderStatus:
        """`GET /async-result/{id}`; it has no figure of its progress."""
        reply = await self.http.ask(f"async-result/{segment(job_id)}")
        data = reply.data or {}
        if not data.get("task_status"):
            raise self.no_status(reply, job_id)
        state = state_of(data["task_status"])
        words = error_words(data.get("error") or data.get("message")) if state is JobState.FAILED else ""
        refused = state is JobState.FAILED and (error_code(data) in _REFUSED or is_refusal(words))
        return ProviderStatus(state, None, words, refused)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        """From the address in the result, which lives elsewhere and gets no key."""
        reply = await self.http.ask(f"async-result/{segment(job_id)}", tries=4)
        url = first_url((reply.data or {}).get("video_result"))
        if url is None:
            raise self.error(DownloadFailed, "names no address of the video", reply, job_id=job_id)
        await self.http.fetch(url, to, on_bytes, most=self.settings.max_download_bytes)

    def refused(self, reply: Reply) -> bool:
        """Code 1301 is a refusal of the content."""
        return error_code(reply.data) in _REFUSED

    def error_of(self, reply: Reply) -> ProviderError:
        """Its codes say more than its statuses: a 429 may be worth waiting for, or not today."""
        code = error_code(reply.data)
        if code in _REFUSED:
            return self.error(ContentRefused, "refuses the content", reply)
        if code in _BUSY:
            return self.unavailable("is busy", reply, overloaded=True)
        if code in _UNPAID:
            return self.unavailable("has an account that is not paid or locked", reply)
        if code in _SPENT:
            return self.unavailable("has no quota left for this key", reply)
        if code in ("1211", "1220"):
            return self.unavailable("has no such model for this key", reply)
        if code in _GONE:
            return self.unavailable("has taken this API offline", reply, gone=True)
        if code == "1231":
            return self.http.ambiguous("it says that it has this very request already", reply)
        if code and reply.status in (200, 429):
            return self.error(RequestRefused, "does not take the request", reply)
        return super().error_of(reply)


def _fields(assignment: Assignment, plan: Plan) -> dict[str, Any]:
    config = assignment.config
    fields: dict[str, Any] = {
        "model": plan.model.name,
        "prompt": plan.prompt,
        "duration": round(plan.seconds),
    }
    if plan.model.name.startswith("vidu"):
        fields["aspect_ratio"] = _ASPECTS.get(plan.size, "16:9")
        fields["style"] = "anime" if config.style is VideoStyle.ANIME else "general"
    else:
        fields["size"] = f"{plan.size[0]}x{plan.size[1]}"
        fields["fps"] = 60 if config.fps > 30 else 30
        fields["with_audio"] = False
    wanted = ("quality", "with_audio", "movement_amplitude")
    fields.update({name: config.extra[name] for name in wanted if name in config.extra})
    if assignment.request_id:
        fields["request_id"] = assignment.request_id
    return fields
