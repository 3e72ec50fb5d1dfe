"""The OpenAI Videos protocol of the former Sora API, which self-hosted servers still speak."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from typing import Any

from starlette.responses import FileResponse, Response

from .base import Call, Operation, Protocol, Upload
from .jobs import Job, JobStatus

__all__ = ["OpenAI"]

_SMALL = ("720x1280", "1280x720")
_LARGE = (*_SMALL, "1024x1792", "1792x1024", "1080x1920", "1920x1080")
_SIZES = {
    "sora-2": _SMALL,
    "sora-2-2025-10-06": _SMALL,
    "sora-2-2025-12-08": _SMALL,
    "sora-2-pro": _LARGE,
    "sora-2-pro-2025-10-06": _LARGE,
}
_SECONDS = ("4", "8", "12", "16", "20")
_MAX_PROMPT = 32_000
_SELF_HOSTED = (
    "width",
    "height",
    "num_frames",
    "fps",
    "seed",
    "negative_prompt",
    "guidance_scale",
    "audio_reference",
)
_FIELDS = frozenset({"prompt", "model", "seconds", "size", "input_reference", *_SELF_HOSTED})
_HOUR = 3600
_TYPES = {401: "invalid_request_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded", 500: "server_error", 503: "server_error"}
_REFUSAL = "Your request was blocked by our moderation system."


class OpenAI(Protocol):
    """`POST /videos`, and the job's status, content, list and delete."""

    name = "openai_sora"
    title = "OpenAI Videos"
    prefixes = ("/openai/v1",)
    variables = ("OPENAI_API_KEY", "OPENAI_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return submission, list, poll, content, delete and the models."""
        return (
            Operation("POST", "/videos", "create", self.create),
            Operation("GET", "/videos", "list", self.list),
            Operation("GET", "/videos/{id}", "poll", self.poll),
            Operation("GET", "/videos/{id}/content", "content", self.content),
            Operation("DELETE", "/videos/{id}", "cancel", self.delete),
            Operation("GET", "/models", "models", self.models),
        )

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"error": {"message", "type", "param", "code"}}`, or `{"detail"}` if self-hosted."""
        if self.backend.self_hosted:
            return self.json({"detail": message}, status)
        kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
        body = {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}
        return self.json({"error": body}, status, x_request_id=_request_id())

    def refusal(self) -> Response:
        """Return HTTP 400 with the code `moderation_blocked`."""
        return self.error(400, _REFUSAL, code="moderation_blocked")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404 with the code `unknown_url`."""
        path = call.request.url.path.removeprefix("/openai")
        return self.error(404, f"Invalid URL ({call.request.method} {path})", code="unknown_url")

    async def create(self, call: Call) -> Response:
        """Accept a job, from a form or JSON."""
        await self._check(call)
        job = self.accept(
            call,
            f"video_{secrets.token_hex(16)}",
            model=self.text(call, "model") or self._models()[0],
            prompt=self.text(call, "prompt"),
            size=self._size(call),
            seconds=float(self.text(call, "seconds") or "4"),
        )
        return self.json(self._body(job, JobStatus("queued", 0)), x_request_id=_request_id())

    async def _check(self, call: Call) -> None:
        for name in () if self.backend.self_hosted else sorted(call.fields.keys() - _FIELDS):
            self.refuse(400, f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)
        prompt = self.text(call, "prompt")
        if not prompt:
            code = "missing_required_parameter"
            self.refuse(400, "Missing required parameter: 'prompt'.", code=code, param="prompt")
        if len(prompt) > _MAX_PROMPT:
            message = f"Invalid 'prompt': string too long. Expected at most {_MAX_PROMPT} characters."
            self.refuse(400, message, code="string_above_max_length", param="prompt")
        if self.backend.self_hosted:
            model = self.text(call, "model")
            if model and self.backend.models and model not in self.backend.models:
                self.refuse(
                    404, f"The model '{model}' does not exist.", code="model_not_found", param="model"
                )
            self._check_numbers(call)
        else:
            model = self._choice(call, "model", "sora-2", tuple(_SIZES))
            self._choice(call, "seconds", "4", _SECONDS)
            self._choice(call, "size", _SMALL[0], _SIZES[model])
        self._check_image(call)
        await self._check_sound(call.fields.get("audio_reference"))

    def _check_numbers(self, call: Call) -> None:
        if not re.fullmatch(r"[1-9]\d?", self.text(call, "seconds") or "4"):
            self.refuse(422, "'seconds' is not a length in seconds.")
        if 0 in self._size(call):
            self.refuse(422, "'size' is not a size in pixels.")

    def _size(self, call: Call) -> tuple[int, int]:
        sides = [self.text(call, name) for name in ("width", "height")]
        return self.pixels("x".join(sides) if all(sides) else self.text(call, "size") or _SMALL[0])

    def _choice(self, call: Call, name: str, default: str, allowed: Sequence[str]) -> str:
        value = call.fields.get(name, default)
        if not isinstance(value, str):
            kind = {int: "an integer", float: "a decimal", bool: "a boolean"}.get(type(value), "an object")
            message = f"Invalid type for '{name}': expected a string, but got {kind} instead."
            self.refuse(400, message, code="invalid_type", param=name)
        if value not in allowed:
            choices = ", ".join(f"'{choice}'" for choice in allowed)
            message = f"Invalid value: '{value}'. Supported values are: {choices}."
            self.refuse(400, message, code="invalid_value", param=name)
        return value

    def _check_image(self, call: Call) -> None:
        """Check the first frame; OpenAI takes one of exactly the video's size, other servers scale it."""
        image = call.fields.get("input_reference")
        if not isinstance(image, Upload):
            return
        if not image.content_type.startswith("image/") or not self.take_image(call, image.data):
            message = f"Invalid file 'input_reference': unsupported mimetype ('{image.content_type}')."
            self.refuse(400, message, code="unsupported_file_mimetype", param="input_reference")
        if call.image != self._size(call) and not self.backend.self_hosted:
            message = "Invalid 'input_reference': its width and height must be those of the video."
            self.refuse(400, message, code="invalid_value", param="input_reference")

    async def _check_sound(self, reference: Any) -> None:
        """Check the narration, which vLLM-Omni takes as JSON in a form field."""
        if reference is None:
            return
        try:
            url = json.loads(reference)["audio_url"] if isinstance(reference, str) else reference["audio_url"]
        except (ValueError, KeyError, TypeError):
            url = ""
        if not isinstance(url, str) or (not url.startswith("http") and await self.audio_seconds(url) is None):
            message = "Invalid 'audio_reference': its 'audio_url' is not audio."
            self.refuse(400, message, code="invalid_value", param="audio_reference")

    async def poll(self, call: Call) -> Response:
        """Return the job object, with a request id and the announced polling interval."""
        job = self.job(call)
        headers = {"x_request_id": _request_id()}
        if self.backend.poll_after_ms is not None and not job.over:
            headers["openai_poll_after_ms"] = str(self.backend.poll_after_ms)
        return self.json(self.poll_body(job, self._body(job, job.poll())), 200, **headers)

    async def list(self, call: Call) -> Response:
        """Return a page of jobs, the newest first by default."""
        query = call.request.query_params
        jobs = self.backend.jobs.of(self.name)
        if query.get("order", "desc") == "desc":
            jobs.reverse()
        if after := query.get("after"):
            ids = [job.id for job in jobs]
            jobs = jobs[ids.index(after) + 1 :] if after in ids else []
        page = jobs[: self._limit(query.get("limit", "20"))]
        body = {
            "object": "list",
            "data": [self._body(job, job.status()) for job in page],
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
            "has_more": len(page) < len(jobs),
        }
        return self.json(body, x_request_id=_request_id())

    def _limit(self, text: str) -> int:
        if not text.isdigit() or not 0 < int(text) <= 100:
            self.refuse(400, "Invalid 'limit': expected 1 to 100.", code="invalid_value", param="limit")
        return int(text)

    async def content(self, call: Call) -> Response:
        """Return the MP4, a WebP still, or a JPEG of eight frames."""
        job = self.job(call)
        if not job.ready:
            reason = "has expired" if job.state == "completed" else "is not ready yet"
            return self.error(404, f"Video {reason}; use GET /v1/videos/{job.id} to check its status.")
        match call.request.query_params.get("variant", "video"):
            case "video":
                return await self.deliver(call, job)
            case "thumbnail":
                return await self.cover(job, ".webp")
            case "spritesheet":
                return FileResponse(await self.backend.clips.sheet(await self.clip(job), job.seconds))
            case other:
                return self.error(400, f"Invalid value: '{other}'.", code="invalid_value", param="variant")

    async def delete(self, call: Call) -> Response:
        """Delete a job that is over; a self-hosted server also a running one, which it may cancel first."""
        job = self.job(call)
        if self.backend.self_hosted and self.backend.aborts:
            job.cancel()
        if not job.over and not self.backend.self_hosted:
            return self.error(400, "Only a video that is completed or failed can be deleted.")
        job.deleted = True
        return self.json(
            {"id": job.id, "object": "video.deleted", "deleted": True}, x_request_id=_request_id()
        )

    async def models(self, call: Call) -> Response:
        """Return the list of models."""
        data = [{"id": name, "object": "model", "owned_by": "sandbox"} for name in self._models()]
        return self.json({"object": "list", "data": data}, x_request_id=_request_id())

    def _models(self) -> Sequence[str]:
        return self.backend.models or tuple(_SIZES)

    def missing(self, call: Call) -> Any:
        """Return HTTP 404."""
        self.refuse(404, f"Video with id '{call.id}' not found.", code="not_found", param="video_id")

    def _body(self, job: Job, status: JobStatus) -> dict[str, Any]:
        word = {"running": "in_progress", "canceled": "failed"}.get(status.state, status.state)
        created = int(job.created_at)
        return {
            "id": job.id,
            "object": "video",
            "model": job.model,
            "status": status.word or word,
            "progress": status.progress,
            "created_at": created,
            "completed_at": int(job.finished_at) if job.finished_at else None,
            "expires_at": created if job.script.expired else created + _HOUR,
            "prompt": job.prompt,
            "seconds": f"{job.seconds:g}",
            "size": f"{job.size[0]}x{job.size[1]}",
            "error": _failure(job) if status.state == "failed" else None,
            "remixed_from_video_id": None,
        }


def _failure(job: Job) -> dict[str, str]:
    if job.script.refused:
        return {"code": "moderation_blocked", "message": _REFUSAL}
    return {"code": "server_error", "message": job.script.fails or ""}


def _request_id() -> str:
    return f"req_{secrets.token_hex(16)}"
