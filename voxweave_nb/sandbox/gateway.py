"""The VoxWeave gateway: one service in front of several models."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from ..models import VideoResolution, VideoStyle
from .base import Call, Operation, Protocol, Upload

__all__ = ["Gateway"]

_CODES = {401: "unauthorized", 404: "not_found", 429: "rate_limited"}
_REFUSAL = "The prompt was refused by the content policy."


class Gateway(Protocol):
    """Upload, generate, status; its `video_url` has no host."""

    name = "gateway"
    title = "VoxWeave gateway"
    prefixes = ("/gateway",)
    variables = ("VOXWEAVE_API_KEY", "VOXWEAVE_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return upload, submission, status and download; downloads need the key too."""
        return (
            Operation("POST", "/upload", "upload", self.upload),
            Operation("POST", "/video/generate", "create", self.create),
            Operation("GET", "/video/status/{id}", "poll", self.poll),
            Operation("GET", "/files/{id}.mp4", "content", self.fetch),
        )

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"error": {"code", "message"}}`."""
        return self.json({"error": {"code": code or _CODES.get(status, "error"), "message": message}}, status)

    def refusal(self) -> Response:
        """Return HTTP 400 with the code `content_policy_violation`."""
        return self.error(400, _REFUSAL, code="content_policy_violation")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404."""
        return self.error(404, f"Nothing is served at {call.request.url.path}.")

    async def upload(self, call: Call) -> Response:
        """Store a narration and return its URL."""
        part = call.fields.get("file")
        if not isinstance(part, Upload):
            self.refuse(422, "The multipart part 'file' is missing.", code="missing_file")
        seconds = await self.backend.clips.audio_seconds(part.data)
        if seconds is None:
            self.refuse(415, f"{part.filename!r} is not audio.", code="not_audio")
        url = f"{call.origin}{self.prefixes[0]}/uploads/{secrets.token_hex(8)}/{part.filename or 'narration'}"
        self.backend.uploads[url] = seconds
        return self.json({"url": url})

    async def create(self, call: Call) -> Response:
        """Accept a job for a narration that was uploaded or is on the web."""
        audio = self._required(call, "audio_url")
        seconds = self.backend.uploads.get(audio)
        if seconds is None and (not audio.startswith("http") or audio.startswith(call.origin)):
            self.refuse(400, f"Unknown upload {audio!r}.", code="unknown_audio")
        style = self._required(call, "style")
        if style not in list(VideoStyle):
            self.refuse(400, f"Style {style!r} is not known.", code="unknown_style")
        job = self.accept(
            call,
            f"job_{secrets.token_hex(8)}",
            model=self._required(call, "model"),
            prompt=self.text(call, "prompt"),
            size=self._size(call),
            seconds=seconds or 5.0,
        )
        return self.json({"job_id": job.id})

    def _required(self, call: Call, name: str) -> str:
        value = self.text(call, name)
        if not value:
            self.refuse(422, f"The field {name!r} is missing.", code="missing_field")
        return value

    def _size(self, call: Call) -> tuple[int, int]:
        """Return the size: given in pixels for `sora-2-pro`, as a name for other models."""
        text = self._required(call, "resolution")
        if self.text(call, "model") == "sora-2-pro" and (pixels := self.pixels(text)) != (0, 0):
            return pixels
        if self.text(call, "model") != "sora-2-pro" and text in list(VideoResolution):
            return VideoResolution(text).size
        self.refuse(400, f"Resolution {text!r} is not known to this model.", code="unknown_resolution")

    async def poll(self, call: Call) -> Response:
        """Return the status, and the video's URL once it is complete."""
        job = self.job(call)
        status = job.poll()
        word = {"running": "processing", "canceled": "failed"}.get(status.state, status.state)
        body: dict[str, Any] = {"status": status.word or word, "progress": status.progress}
        if status.state == "completed":
            body["video_url"] = f"{self.prefixes[0]}/files/{job.id}.mp4"
        if status.state == "failed":
            body["error"] = (
                f"content_policy_violation: {_REFUSAL}" if job.script.refused else job.script.fails
            )
        return self.json(self.poll_body(job, body))
