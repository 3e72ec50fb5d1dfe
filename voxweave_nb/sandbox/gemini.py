"""Gemini's interactions that generate videos."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from starlette.responses import Response

from .base import Call, Operation, Protocol, data_uri
from .jobs import Job, JobStatus

__all__ = ["Gemini"]

_MODELS = frozenset({"gemini-omni-1.2-flash", "gemini-omni-1.1-flash", "gemini-omni-flash-preview"})
_ROWS = {"360p": 360, "720p": 720, "1080p": 1080, "4k": 2160}
_CHOICES = {"aspect_ratio": ("16:9", "9:16"), "resolution": tuple(_ROWS), "delivery": ("inline", "uri")}
_KNOWN = frozenset({"type", "duration", *_CHOICES})
_DURATION = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)s")
_DEFAULT_SECONDS = 8.0
_PARTS = frozenset({"text", "image", "audio", "video"})
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_REFUSAL = "The prompt was blocked by safety filters."


class Gemini(Protocol):
    """`POST /interactions`, in the background or not; the video is in the answer, or downloaded with the key.

    Google's client uses `/v1beta` or `/v1`, depending on its release.
    """

    name = "gemini"
    title = "Gemini Omni"
    prefixes = ("/gemini/v1beta", "/gemini/v1")
    variables = ("GEMINI_API_KEY", "GEMINI_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return submission, poll, cancel and download."""
        return (
            Operation("POST", "/interactions", "create", self.create),
            Operation("GET", "/interactions/{id}", "poll", self.poll),
            Operation("POST", "/interactions/{id}/cancel", "cancel", self.cancel),
            Operation("GET", "/files/{id}:download", "content", self.fetch),
        )

    def sent_key(self, call: Call) -> str:
        """Return the `x-goog-api-key` header, or `key` in the query."""
        headers, query = call.request.headers, call.request.query_params
        return headers.get("x-goog-api-key") or query.get("key") or ""

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"error": {"code", "message", "status"}}`; the code is the HTTP status."""
        body: dict[str, Any] = {
            "code": status,
            "message": message,
            "status": _STATUSES.get(status, "UNKNOWN"),
        }
        if code:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            body["details"] = [{"@type": kind, "reason": code, "domain": "googleapis.com"}]
        return self.json({"error": body}, status)

    def unauthorized(self) -> Response:
        """Return HTTP 401 with the reason `API_KEY_INVALID`."""
        return self.error(401, "API key not valid. Please pass a valid API key.", code="API_KEY_INVALID")

    def refusal(self) -> Response:
        """Return HTTP 400 with the reason `SAFETY`."""
        return self.error(400, _REFUSAL, code="SAFETY")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404 for the model."""
        model = self.text(call, "model")
        return self.error(404, f"models/{model} is not found for API version v1beta, or is not supported.")

    async def create(self, call: Call) -> Response:
        """Accept a job; without `background`, answer when it is over."""
        fields = call.fields
        if self.text(call, "model") not in _MODELS:
            return self.gone(call)
        if fields.get("background") and fields.get("store") is False:
            self.refuse(400, "background=true needs store=true.")
        chosen = self._format(fields.get("response_format"))
        prompt = await self._prompt(call, fields.get("input"))
        rows, wide = _ROWS[chosen.get("resolution", "720p")], chosen.get("aspect_ratio", "16:9") == "16:9"
        columns = round(rows * 16 / 9 / 2) * 2
        job = self.accept(
            call,
            f"v1_{secrets.token_urlsafe(24)}",
            model=self.text(call, "model"),
            prompt=prompt,
            size=(columns, rows) if wide else (rows, columns),
            seconds=self._seconds(chosen.get("duration")),
            details={"inline": chosen.get("delivery", "inline") == "inline"},
        )
        if fields.get("background"):
            return self.json(await self._body(call, job, JobStatus("queued", None)))
        while not job.over:
            await asyncio.sleep(0.02)
            job.poll()
        return self.json(await self._body(call, job, job.status()))

    def _format(self, given: Any) -> dict[str, Any]:
        """Return the requested video format, also from a list of formats."""
        formats = given if isinstance(given, list) else [given or {"type": "video"}]
        for chosen in formats:
            if isinstance(chosen, dict) and chosen.get("type") == "video":
                self._check_format(chosen)
                return chosen
        self._refuse_field("response_format", "expected {'type': 'video', ...}")

    def _check_format(self, chosen: dict[str, Any]) -> None:
        for name in sorted(chosen.keys() - _KNOWN):
            self._refuse_field(f"response_format.{name}", "unknown field")
        for name, allowed in _CHOICES.items():
            if name in chosen and chosen[name] not in allowed:
                self._refuse_field(f"response_format.{name}", f"expected one of {', '.join(allowed)}")

    def _seconds(self, duration: Any) -> float:
        """Return a duration such as `"8s"` as a number."""
        if duration is None:
            return _DEFAULT_SECONDS
        found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
        if found is None or not 0 < float(found[1]) <= 60:
            self._refuse_field("response_format.duration", "expected seconds with the letter s, such as '8s'")
        return float(found[1])

    async def _prompt(self, call: Call, given: Any) -> str:
        """Return the text of an input: text, a part, or a list of parts; checks that media can be decoded."""
        if isinstance(given, str) and given:
            return given
        parts = given if isinstance(given, list) else [given]
        texts = [await self._part_text(call, part) for part in parts]
        if not any(texts):
            self._refuse_field("input", "expected text")
        return "\n".join(text for text in texts if text)

    async def _part_text(self, call: Call, part: Any) -> str:
        if isinstance(part, dict) and isinstance(part.get("content"), list):  # a turn with parts of its own
            return "\n".join([await self._part_text(call, one) for one in part["content"]])
        if not isinstance(part, dict) or part.get("type") not in _PARTS:
            self._refuse_field("input", f"expected parts of type {', '.join(sorted(_PARTS))}")
        if part["type"] == "audio" and "uri" not in part:
            uri = f"data:audio/any;base64,{part.get('data')}"
            if await self.audio_seconds(uri) is None:
                self._refuse_field("input", "the audio could not be decoded")
        if part["type"] == "image" and "uri" not in part:
            uri = f"data:image/any;base64,{part.get('data')}"
            if not self.take_image(call, data_uri(uri)):
                self._refuse_field("input", "the image could not be decoded")
        return str(part.get("text") or "")

    def _refuse_field(self, name: str, why: str) -> NoReturn:
        self.refuse(400, f"Invalid value at '{name}': {why}.")

    async def poll(self, call: Call) -> Response:
        """Return the interaction."""
        job = self.job(call)
        return self.json(self.poll_body(job, await self._body(call, job, job.poll())))

    async def cancel(self, call: Call) -> Response:
        """Cancel a running interaction."""
        job = self.job(call)
        if not job.cancel():
            return self.error(400, f"Interaction {job.id} is over and cannot be cancelled.")
        return self.json(await self._body(call, job, job.status()))

    async def _body(self, call: Call, job: Job, status: JobStatus) -> dict[str, Any]:
        word = {"running": "in_progress", "canceled": "cancelled"}.get(status.state, status.state)
        body: dict[str, Any] = {
            "id": job.id,
            "object": "interaction",
            "model": job.model,
            "status": status.word or word,
            "created": _timestamp(job.created_at),
            "updated": _timestamp(job.finished_at or job.created_at),
        }
        if status.state == "completed":
            video = await self._video(call, job)
            body |= {"steps": [{"type": "model_output", "content": [video]}], "output_video": video}
        if status.state == "failed":
            code, message = ("SAFETY", _REFUSAL) if job.script.refused else ("INTERNAL", job.script.fails)
            body["errors"] = [{"code": code, "message": message}]
        return body

    async def _video(self, call: Call, job: Job) -> dict[str, str]:
        part = {"type": "video", "mime_type": "video/mp4"}
        if not job.details["inline"]:
            uri = f"{call.origin}{self.prefixes[0]}/files/{job.id}:download?alt=media"
            return {**part, "uri": uri}
        clip = (await self.clip(job)).read_bytes()
        job.sent(0, len(clip), len(clip))
        return {**part, "data": base64.b64encode(clip).decode("ascii")}


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
