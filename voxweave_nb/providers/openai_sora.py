"""The OpenAI Videos protocol, at OpenAI (shut on 2026-09-24) and at every server that speaks it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

from ..config import VideoConfig
from ..errors import DownloadFailed, MediaError, ProviderError, ProviderUnavailable, RequestRefused
from ..models import JobState
from ..settings import Settings
from .extras import fit_frame, form_fields, warn_of_unsent
from .fit import fit, fit_unknown, model_for
from .http import Reply, segment
from .parsing import (
    certain,
    error_code,
    error_words,
    first_url,
    fraction,
    is_missing_model,
    is_refusal,
    moment,
    reported_cost,
    state_of,
)
from .proof import wrapped_code
from .remote import HttpProvider
from .secret import Secret, mask_password
from .types import (
    Accepted,
    Capabilities,
    ClipRequest,
    Listing,
    Model,
    Plan,
    Price,
    Progress,
    ProviderStatus,
    Size,
)

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
_MOST_PART_BYTES = 1024 * 1024
"""The largest part of a form at vLLM-Omni 0.30, in bytes."""

_NO_RETRIES = {"x-litellm-num-retries": "0"}
"""LiteLLM would send a failing submission three times by itself (seen at 1.110); other servers ignore the header."""

_CLOCKS_APART = 5.0
"""Largest difference in seconds between a server's clock and ours for a job to be ours for certain."""

_CLOCKS_FAR_APART = 600.0
"""The same for a job to be possibly ours: a job that is not in the list so far back is nowhere."""

_PAGES = 10
"""Largest number of pages of the list that are read."""


_OWN_SERVER = Capabilities(
    models=(Model("", image=True),),
    cancel=True,
    lists=True,
    seeds=True,
    source="a server of your own: its models, lengths and prices are not known here",
)


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
                image=True,
            ),
            Model(
                "sora-2", sizes=_PORTRAIT_AND_WIDE, lengths=_LENGTHS, price=Price(0.10, "second"), image=True
            ),
        ),
        cancel=False,
        lists=True,
        source="OpenAI's price list and API reference, as of 2026-09; shut on 2026-09-24",
    )

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        api_key, base_url = Secret.of(api_key), mask_password(base_url)
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
        capabilities = self.capabilities if config.model is None else type(self).capabilities
        known = model_for(capabilities, config, provider=self.name)
        if known is None or not known.name:
            model = Model(config.model or "")
            plan = fit_unknown(config, duration, model, provider=self.name, lengths=_SHORT_LENGTHS)
        else:
            if self._own_server and config.model is not None:  # only its lengths are likely to be the same
                known = replace(known, sizes=(), price=None)
            plan = fit(config, duration, known, provider=self.name)
        if self._own_server:
            plan = fit_frame(plan, config.extra)
        else:
            plan = warn_of_unsent(plan, config.extra, (*_MORE_FIELDS, "audio_reference"))
        seconds = max(1, math.ceil(plan.seconds))  # the protocol takes whole seconds
        # Nobody here knows the prices of a server of one's own.
        usd = None if self._own_server else plan.usd
        warnings = tuple(warning.replace(self.name, self.label) for warning in plan.warnings)
        return replace(plan, seconds=seconds, usd=usd, warnings=warnings)

    async def submit(self, request: ClipRequest) -> Accepted:
        """Send `POST /videos` as a multipart form."""
        form: dict[str, tuple[str | None, str | bytes] | tuple[str, bytes, str]]
        form = {name: (None, value) for name, value in self._fields(request).items()}
        if request.config.extra.get("audio_reference") is True:
            # In a thread, since encoding a long narration takes seconds.
            form["audio_reference"] = (None, await asyncio.to_thread(_audio_reference, request))
        if request.image is not None:
            form["input_reference"] = ("first-frame.jpg", request.image, "image/jpeg")
        try:
            reply = await self.http.send_once("videos", say=request.say, files=form, headers=_NO_RETRIES)
        except (RequestRefused, ProviderUnavailable) as error:
            await self._add_models(error, request.plan.model.name)
            raise
        job = reply.data or {}
        job_id, model = _job_id(job), job.get("model")
        if job_id is None:
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
        """Return the fields of a submission, without the narration."""
        plan, config = request.plan, request.config
        fields = {
            "prompt": plan.prompt,
            **({"model": plan.model.name} if plan.model.name else {}),
            "seconds": f"{plan.seconds:g}",
            "size": f"{plan.size[0]}x{plan.size[1]}",
        }
        if self._own_server and config.seed is not None:
            fields["seed"] = str(config.seed)
        own = self._own_server
        known = {name: config.extra[name] for name in _MORE_FIELDS if name in config.extra}
        return {**form_fields(config.extra if own else known, plan.size if own else None), **fields}

    async def status(self, job_id: str) -> ProviderStatus:
        """Send `GET /videos/{id}`; an HTTP error whose body is this job is an answer too."""
        reply = await self.http.ask(f"videos/{segment(job_id)}")
        job = reply.data or {}
        if not job.get("status") or (not reply.ok and job_id not in (job.get("id"), job.get("task_id"))):
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
        """Send `DELETE /videos/{id}`, which proves nothing unless the answer calls the job canceled.

        vLLM-Omni stops a running job; SGLang (seen in 0.5.23) answers the same, but removes only the record and goes on
        rendering; OpenAI accepted it for finished jobs only.
        """
        try:
            reply = await self.http.ask(f"videos/{segment(job_id)}", method="DELETE")
        except ProviderError:
            return False
        return reply.ok and state_of((reply.data or {}).get("status")) is JobState.CANCELED

    async def find(self, request: ClipRequest, since: float) -> str | None:
        """Return the one job in the list that is as it was sent and was made since the submission."""
        return certain((await self.listing(request, since)).matches)

    async def listing(self, request: ClipRequest, since: float) -> Listing:
        """Send `GET /videos`, page after page, back to the submission."""
        jobs, whole = await self._jobs_since(since - _CLOCKS_FAR_APART, request.say)
        sent = self._fields(request)
        rest = {name: value for name, value in sent.items() if name != "prompt"}
        possible, matches = [], []
        for job in jobs:
            equal = _has_fields(job, sent)
            at = moment(job.get("created_at"))
            # The server's clock may be wrong, and a server may rewrite a prompt: what is equal otherwise may be ours.
            rewritten = _may_be_rewritten(job, sent["prompt"]) and _has_fields(job, rest)
            recent = at is None or at >= since - _CLOCKS_FAR_APART
            if equal or (recent and (rewritten or not _has_other_prompt(job, sent["prompt"]))):
                possible.append(job)
            if equal and (at or 0) >= since - _CLOCKS_APART and not _has_unlisted(request.config):
                matches.append(job)
        return Listing(
            tuple(str(job["id"]) for job in matches),
            tuple(str(job["id"]) for job in possible),
            frozenset(str(job["id"]) for job in jobs),
            whole,
        )

    async def _jobs_since(
        self, since: float, say: Callable[[str], None]
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """Return the jobs on the pages back to a moment, and True if none made since then is missing."""
        jobs: dict[str, Mapping[str, Any]] = {}
        path = "videos?limit=20&order=desc"
        for _ in range(_PAGES):
            reply = await self.http.ask(path, tries=2, say=say)
            page = (reply.data or {}).get("data")
            if not reply.ok or not isinstance(page, list):
                return list(jobs.values()), False
            readable = [job for job in page if isinstance(job, Mapping) and job.get("id")]
            new = {str(job["id"]): job for job in readable if str(job["id"]) not in jobs}
            jobs |= new
            made = [at for job in new.values() if (at := moment(job.get("created_at"))) is not None]
            # Only a list that is newest first ends with an older job; a server may ignore the order.
            older = made != sorted(made) and made == sorted(made, reverse=True) and made[-1] < since
            if older or not (reply.data or {}).get("has_more", len(page) >= 20):
                return list(jobs.values()), len(readable) == len(page)
            if not new:  # a server that ignores `after` sends the same page again
                break
            path = f"videos?limit=20&order=desc&after={segment(list(new)[-1])}"
        return list(jobs.values()), False

    def refused(self, reply: Reply) -> bool:
        """Return True for the error codes of moderation, also inside the error of a LiteLLM gateway."""
        if reply.ok:
            return False
        wrapped = wrapped_code(reply.data)
        return is_refusal(wrapped) or (
            reply.status in (400, 403, 422)
            and is_refusal(f"{error_code(reply.data)} {_litellm_class(reply)}")
        )

    def error_of(self, reply: Reply) -> ProviderError:
        """Check the codes for a missing model or API and LiteLLM's answer to a wrong key first."""
        if reply.status == 400 and "no connected db" in reply.words.lower():
            return self.unavailable("rejected the key", reply)  # LiteLLM without a database, seen at 1.110
        if self.refused(reply):
            return super().error_of(reply)
        code = wrapped_code(reply.data) or error_code(reply.data)
        known = "" if reply.ok or code not in ("model_not_found", "unknown_url") else "OpenAI's error codes"
        if not self._own_server and (known or reply.status in (403, 404, 405, 410)):
            return self.unavailable(f"was shut down: {_SHUT}", reply, gone=True, source=known)
        if code == "model_not_found" or (reply.status in (400, 404, 422) and _says_no_model(reply)):
            return self.unavailable("does not have this model", reply, lacks_model=True, source=known)
        if known or reply.status in (404, 405, 410):
            what = f"has no video API at {self.base_url}"
            return self.unavailable(what, reply, gone=True, source=known)
        return super().error_of(reply)


def _status(job: Mapping[str, Any], poll_after: float | None) -> ProviderStatus:
    state = state_of(job.get("status"))
    words = error_words(job.get("error"))
    refused = state is JobState.FAILED and (is_refusal(words) or str(job.get("status")).lower() == "blocked")
    share = fraction(job.get("progress"))
    # Some servers never report more than 0; the bar then shows activity instead of a figure.
    return ProviderStatus(state, share or None, words, refused, poll_after, usd=reported_cost(job))


def _says_no_model(reply: Reply) -> bool:
    """Return True if an error is about the field `model`, or says that the model does not exist."""
    error = (reply.data or {}).get("error")
    param = error.get("param") if isinstance(error, Mapping) else None
    return param == "model" or is_missing_model(reply.words)


def _litellm_class(reply: Reply) -> str:
    """Return the name of LiteLLM's error class in an error's words, or an empty text."""
    first = reply.words.partition(":")[0]
    return first if first.startswith("litellm.") else ""


def _has_other_prompt(job: Mapping[str, Any], prompt: str) -> bool:
    """Return True if a listed job is certainly another one's; a server may shorten or leave out the prompt."""
    listed, sent = (
        " ".join(normalize("NFC", text).split()) for text in (str(job.get("prompt") or ""), prompt)
    )
    shortened = listed.rstrip(".\N{HORIZONTAL ELLIPSIS} ")
    return not sent.startswith(shortened)


def _may_be_rewritten(job: Mapping[str, Any], prompt: str) -> bool:
    """Return True if half of the words of the shorter prompt are in the other one too."""
    listed, sent = (
        set(re.findall(r"\w+", normalize("NFC", text).casefold()))
        for text in (str(job.get("prompt") or ""), prompt)
    )
    return 2 * len(listed & sent) >= min(len(listed), len(sent))


def _has_unlisted(config: VideoConfig) -> bool:
    """Return True if a submission holds what no list shows: a narration, or an image. No job is then surely ours."""
    return config.image is not None or bool(config.extra.get("audio_reference"))


def _has_fields(job: Mapping[str, Any], sent: Mapping[str, str]) -> bool:
    return all(_is_equal(value, job.get(name)) for name, value in sent.items())


def _is_equal(sent: str, listed: object) -> bool:
    """Return True if a field of a listed job is what was sent; numbers are equal as numbers."""
    if listed is None:
        return False
    try:
        return float(sent) == float(str(listed))
    except ValueError:
        return normalize("NFC", sent) == normalize("NFC", str(listed))


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
