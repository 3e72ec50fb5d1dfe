"""Gemini's interactions, as far as they make videos."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from starlette.responses import Response

from .base import Call, Protocol, Way
from .jobs import Job, Standing

__all__ = ["Gemini"]

_MODELS = frozenset({"gemini-omni-1.2-flash", "gemini-omni-1.1-flash", "gemini-omni-flash-preview"})
_ROWS = {"360p": 360, "720p": 720, "1080p": 1080, "4k": 2160}
_CHOICES = {"aspect_ratio": ("16:9", "9:16"), "resolution": tuple(_ROWS), "delivery": ("inline", "uri")}
_KNOWN = frozenset({"type", "duration", *_CHOICES})
_DURATION = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)s")
_USUAL_SECONDS = 8.0
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
_REFUSED = "The prompt was blocked by safety filters."


class Gemini(Protocol):
    """`POST /interactions`, in the background or not; the video comes in the answer or lies behind the key.

    Google's client asks for `/v1beta` or `/v1`, by its release.
    """

    name = "gemini"
    title = "Gemini Omni"
    prefixes = ("/gemini/v1beta", "/gemini/v1")
    variables = ("GEMINI_API_KEY", "GEMINI_BASE_URL")

    def ways(self) -> Sequence[Way]:
        """The protocol's requests."""
        return (
            Way("POST", "/interactions", "create", self.create),
            Way("GET", "/interactions/{id}", "poll", self.poll),
            Way("POST", "/interactions/{id}/cancel", "cancel", self.cancel),
            Way("GET", "/files/{id}:download", "content", self.fetch),
        )

    def sent_key(self, call: Call) -> str:
        """`x-goog-api-key`, or `key` in the query."""
        headers, query = call.request.headers, call.request.query_params
        return headers.get("x-goog-api-key") or query.get("key") or ""

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """`{"error": {"code", "message", "status"}}`; the code is the HTTP status."""
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
        """HTTP 401 with the reason `API_KEY_INVALID`."""
        return self.error(401, "API key not valid. Please pass a valid API key.", code="API_KEY_INVALID")

    def refusal(self) -> Response:
        """HTTP 400 with the reason `SAFETY`."""
        return self.error(400, _REFUSED, code="SAFETY")

    def gone(self, call: Call) -> Response:
        """HTTP 404 for the model."""
        model = self.text(call, "model")
        return self.error(404, f"models/{model} is not found for API version v1beta, or is not supported.")

    async def create(self, call: Call) -> Response:
        """Takes a job; without `background` the answer comes when it is over."""
        fields = call.fields
        if self.text(call, "model") not in _MODELS:
            return self.gone(call)
        if fields.get("background") and fields.get("store") is False:
            self.refuse(400, "background=true needs store=true.")
        look = self._look(fields.get("response_format"))
        prompt = await self._prompt(fields.get("input"))
        rows, wide = _ROWS[look.get("resolution", "720p")], look.get("aspect_ratio", "16:9") == "16:9"
        columns = round(rows * 16 / 9 / 2) * 2
        job = self.accept(
            call,
            f"v1_{secrets.token_urlsafe(24)}",
            model=self.text(call, "model"),
            prompt=prompt,
            size=(columns, rows) if wide else (rows, columns),
            seconds=self._seconds(look.get("duration")),
            about={"inline": look.get("delivery", "inline") == "inline"},
        )
        if fields.get("background"):
            return self.json(await self._body(call, job, Standing("queued", None)))
        while not job.over:
            await asyncio.sleep(0.02)
            job.poll()
        return self.json(await self._body(call, job, job.standing()))

    def _look(self, given: Any) -> dict[str, Any]:
        """The format that was asked for; a list of formats has one for the video."""
        formats = given if isinstance(given, list) else [given or {"type": "video"}]
        for look in formats:
            if isinstance(look, dict) and look.get("type") == "video":
                self._check_look(look)
                return look
        self._wrong("response_format", "expected {'type': 'video', ...}")

    def _check_look(self, look: dict[str, Any]) -> None:
        for name in sorted(look.keys() - _KNOWN):
            self._wrong(f"response_format.{name}", "there is no such field")
        for name, allowed in _CHOICES.items():
            if name in look and look[name] not in allowed:
                self._wrong(f"response_format.{name}", f"expected one of {', '.join(allowed)}")

    def _seconds(self, duration: Any) -> float:
        """`"8s"` as a number."""
        if duration is None:
            return _USUAL_SECONDS
        found = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
        if found is None or not 0 < float(found[1]) <= 60:
            self._wrong("response_format.duration", "expected seconds with the letter s, such as '8s'")
        return float(found[1])

    async def _prompt(self, given: Any) -> str:
        """The words of an input: text, a part, or a list of parts; sound among them has to be sound."""
        if isinstance(given, str) and given:
            return given
        parts = given if isinstance(given, list) else [given]
        words = [await self._words(part) for part in parts]
        if not any(words):
            self._wrong("input", "expected text")
        return "\n".join(word for word in words if word)

    async def _words(self, part: Any) -> str:
        if isinstance(part, dict) and isinstance(part.get("content"), list):  # a turn with parts of its own
            return "\n".join([await self._words(one) for one in part["content"]])
        if not isinstance(part, dict) or part.get("type") not in _PARTS:
            self._wrong("input", f"expected parts of type {', '.join(sorted(_PARTS))}")
        if part["type"] == "audio" and "uri" not in part:
            uri = f"data:audio/any;base64,{part.get('data')}"
            if await self.hear(uri) is None:
                self._wrong("input", "the audio could not be decoded")
        return str(part.get("text") or "")

    def _wrong(self, name: str, why: str) -> NoReturn:
        self.refuse(400, f"Invalid value at '{name}': {why}.")

    async def poll(self, call: Call) -> Response:
        """The interaction."""
        job = self.job(call)
        return self.json(self.told(job, await self._body(call, job, job.poll())))

    async def cancel(self, call: Call) -> Response:
        """Stops one that is not over."""
        job = self.job(call)
        if not job.cancel():
            return self.error(400, f"Interaction {job.id} is over and cannot be cancelled.")
        return self.json(await self._body(call, job, job.standing()))

    async def _body(self, call: Call, job: Job, standing: Standing) -> dict[str, Any]:
        word = {"running": "in_progress", "canceled": "cancelled"}.get(standing.state, standing.state)
        body: dict[str, Any] = {
            "id": job.id,
            "object": "interaction",
            "model": job.model,
            "status": standing.word or word,
            "created": _moment(job.created_at),
            "updated": _moment(job.finished_at or job.created_at),
        }
        if standing.state == "completed":
            video = await self._video(call, job)
            body |= {"steps": [{"type": "model_output", "content": [video]}], "output_video": video}
        if standing.state == "failed":
            code, message = ("SAFETY", _REFUSED) if job.script.refused else ("INTERNAL", job.script.fails)
            body["errors"] = [{"code": code, "message": message}]
        return body

    async def _video(self, call: Call, job: Job) -> dict[str, str]:
        part = {"type": "video", "mime_type": "video/mp4"}
        if not job.about["inline"]:
            uri = f"{call.origin}{self.prefixes[0]}/files/{job.id}:download?alt=media"
            return {**part, "uri": uri}
        film = (await self.film(job)).read_bytes()
        job.sent(0, len(film), len(film))
        return {**part, "data": base64.b64encode(film).decode("ascii")}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
