"""fal's queue: a model's input as JSON, three URLs in the answer, and no status for failure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from .base import Call, Operation, Protocol, data_uri
from .jobs import Job, JobStatus

__all__ = ["Fal"]

_KINDS = re.compile(r"fal-ai/[\w.-]+/(audio|text)-to-video(/[\w-]+)?")
_SHORTEST, _LONGEST = 2.0, 10.0
_SIZE = (1280, 720)
_DEFAULT_SECONDS = 5.0
_TYPES = {401: "unauthorized", 404: "not_found", 429: "rate_limited", 504: "request_timeout"}
_REFUSAL = "The content could not be processed because it contained material flagged by a content checker."


class Fal(Protocol):
    """`POST /{model}`, then the URLs in its answer.

    The queue accepts any JSON; invalid input, like every failure, is reported when the result is fetched. `fal-client`
    can be given a host but no path, so the models are also served at the server's root.
    """

    name = "fal"
    title = "fal queue"
    prefixes = ("/fal", "")
    variables = ("FAL_KEY", "FAL_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return status, cancel, result and submission."""
        requests = "/fal-ai/{alias}/requests/{id}"
        return (
            Operation("GET", f"{requests}/status", "poll", self.poll),
            Operation("PUT", f"{requests}/cancel", "cancel", self.cancel),
            Operation("GET", requests, "result", self.result),
            Operation("POST", "/fal-ai/{path:path}", "create", self.create),
        )

    def sent_key(self, call: Call) -> str:
        """Return the key in the `Authorization: Key` header."""
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "key" else ""

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"detail": ...}` as FastAPI does; a list if a field is invalid."""
        kind = code or _TYPES.get(status, "internal_server_error" if status >= 500 else "bad_request")
        detail = [{"loc": ["body", param], "msg": message, "type": kind}] if param else message
        return self.json(
            {"detail": detail}, status, x_fal_error_type=kind, x_fal_request_id=str(uuid.uuid4())
        )

    def refusal(self) -> Response:
        """Return HTTP 422 with the type `content_policy_violation`."""
        return self.error(422, _REFUSAL, code="content_policy_violation", param="prompt")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404."""
        return self.error(404, f"Application {call.request.path_params.get('path', '')!r} not found")

    async def create(self, call: Call) -> Response:
        """Accept a job with any input."""
        model = f"fal-ai/{call.request.path_params['path']}"
        if not _KINDS.fullmatch(model):
            self.refuse(404, f"Application {model!r} not found")
        seconds = await self._sound_seconds(call)
        invalid = self._invalid_field(call, model, seconds)
        job = self.accept(
            call,
            str(uuid.uuid4()),
            model=model,
            prompt=self.text(call, "prompt"),
            size=_SIZE,
            seconds=seconds or _DEFAULT_SECONDS,
            details={"invalid": invalid},
        )
        body = {"status": "IN_QUEUE", "request_id": job.id, **self._urls(call, job), "queue_position": 0}
        return self.json(body, x_fal_request_id=job.id)

    async def _sound_seconds(self, call: Call) -> float | None:
        """Return the length of the sound in a data URI; None for other URLs, which are not fetched."""
        return await self.audio_seconds(self.text(call, "audio_url"))

    def _invalid_field(self, call: Call, model: str, seconds: float | None) -> tuple[str, str, str] | None:
        """Return message, type and name of the first invalid field, or None."""
        needed = ("prompt", "audio_url") if "/audio-to-video" in model else ("prompt",)
        for name in needed:
            if not self.text(call, name):
                return ("Field required", "missing", name)
        url = self.text(call, "audio_url")
        if url and seconds is None and not url.startswith("http"):
            return ("The audio could not be decoded.", "file_download_error", "audio_url")
        image = self.text(call, "image_url")
        if image and not image.startswith("http") and not self.take_image(call, data_uri(image)):
            return ("The image could not be decoded.", "image_load_error", "image_url")
        if seconds is not None and not _SHORTEST <= seconds <= _LONGEST + 0.1:
            message = f"The audio lasts {seconds:.2f} s; expected {_SHORTEST:g} to {_LONGEST:g} s."
            kind = "audio_duration_too_short" if seconds < _SHORTEST else "audio_duration_too_long"
            return (message, kind, "audio_url")
        return None

    def _urls(self, call: Call, job: Job) -> dict[str, str]:
        """Return the job's URLs, under the same prefix and without the last parts of the model's name."""
        # As at fal: the queue knows a request by owner and alias only.
        prefix = self.prefixes[0] if call.request.url.path.startswith(f"{self.prefixes[0]}/") else ""
        owner, alias = job.model.split("/")[:2]
        url = f"{call.origin}{prefix}/{owner}/{alias}/requests/{job.id}"
        return {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}

    async def poll(self, call: Call) -> Response:
        """Return IN_QUEUE and IN_PROGRESS with HTTP 202, COMPLETED with 200, even for a failure."""
        job = self.job(call)
        status = job.poll()
        body: dict[str, Any] = {"status": self._word(status), "request_id": job.id, **self._urls(call, job)}
        if status.state == "queued":
            return self.json(self.poll_body(job, {**body, "queue_position": 0}), 202)
        body["logs"] = [] if call.request.query_params.get("logs") in ("1", "true", "True") else None
        over = status.state != "running"
        if over:
            body["metrics"] = {"inference_time": job.script.seconds}
        return self.json(self.poll_body(job, body), 200 if over else 202)

    def _word(self, status: JobStatus) -> str:
        return status.word or {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}.get(status.state, "COMPLETED")

    async def result(self, call: Call) -> Response:
        """Return the video's URL, or the failure."""
        job = self.job(call)
        if not job.over:
            return self.error(400, "Request is still in progress")
        if job.canceled:
            return self.error(400, "Request was cancelled", code="request_cancelled")
        if invalid := job.details["invalid"]:
            message, kind, name = invalid
            return self.error(422, message, code=kind, param=name)
        if job.script.refused:
            return self.refusal()
        if job.script.fails:
            return self.error(500, job.script.fails)
        clip = await self.clip(job)
        video = {"url": self.cdn(job), "content_type": "video/mp4", "file_name": f"{job.id}.mp4"}
        return self.json(
            {"video": {**video, "file_size": clip.stat().st_size}, "seed": 7}, x_fal_request_id=job.id
        )

    async def cancel(self, call: Call) -> Response:
        """Cancel a running job."""
        job = self.job(call)
        if not job.cancel():
            return self.json({"status": "ALREADY_COMPLETED"}, 400)
        return self.json({"status": "CANCELLATION_REQUESTED"}, 202)

    def missing(self, call: Call) -> Any:
        """Return HTTP 404."""
        self.refuse(404, f"Request {call.id} not found")
