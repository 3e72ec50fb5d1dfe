"""fal's queue: any model's input as JSON, three URLs back, and no word for failure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from .base import Call, Protocol, Way
from .jobs import Job, Standing

__all__ = ["Fal"]

_KINDS = re.compile(r"fal-ai/[\w.-]+/(audio|text)-to-video(/[\w-]+)?")
_SHORTEST, _LONGEST = 2.0, 10.0
_SIZE = (1280, 720)
_USUAL_SECONDS = 5.0
_TYPES = {401: "unauthorized", 404: "not_found", 429: "rate_limited", 504: "request_timeout"}
_REFUSED = "The content could not be processed because it contained material flagged by a content checker."


class Fal(Protocol):
    """`POST /{model}`, then the URLs that it answered.

    The queue takes any JSON: what is wrong with it is said where the result is fetched, as is every failure.
    `fal-client` knows a host and no path, so the models lie at the server's root, too.
    """

    name = "fal"
    title = "fal queue"
    prefixes = ("/fal", "")
    variables = ("FAL_KEY", "FAL_BASE_URL")

    def ways(self) -> Sequence[Way]:
        """The protocol's requests, and the video's address."""
        requests = "/fal-ai/{alias}/requests/{id}"
        return (
            Way("GET", f"{requests}/status", "poll", self.poll),
            Way("PUT", f"{requests}/cancel", "cancel", self.cancel),
            Way("GET", requests, "result", self.result),
            Way("POST", "/fal-ai/{path:path}", "create", self.create),
        )

    def sent_key(self, call: Call) -> str:
        """What follows `Key` in the `Authorization` header."""
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "key" else ""

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """`{"detail": ...}`, as FastAPI says it: a list where a field is wrong."""
        kind = code or _TYPES.get(status, "internal_server_error" if status >= 500 else "bad_request")
        detail = [{"loc": ["body", param], "msg": message, "type": kind}] if param else message
        return self.json(
            {"detail": detail}, status, x_fal_error_type=kind, x_fal_request_id=str(uuid.uuid4())
        )

    def refusal(self) -> Response:
        """HTTP 422 with the type `content_policy_violation`."""
        return self.error(422, _REFUSED, code="content_policy_violation", param="prompt")

    def gone(self, call: Call) -> Response:
        """HTTP 404."""
        return self.error(404, f"Application {call.request.path_params.get('path', '')!r} not found")

    async def create(self, call: Call) -> Response:
        """Takes a job, whatever is in it."""
        model = f"fal-ai/{call.request.path_params['path']}"
        if not _KINDS.fullmatch(model):
            self.refuse(404, f"Application {model!r} not found")
        seconds = await self._sound(call)
        job = self.accept(
            call,
            str(uuid.uuid4()),
            model=model,
            prompt=self.text(call, "prompt"),
            size=_SIZE,
            seconds=seconds or _USUAL_SECONDS,
            about={"wrong": self._wrong(call, model, seconds)},
        )
        body = {"status": "IN_QUEUE", "request_id": job.id, **self._urls(call, job), "queue_position": 0}
        return self.json(body, x_fal_request_id=job.id)

    async def _sound(self, call: Call) -> float | None:
        """The length of the sound that came along, if it is a data URI and sound; sound elsewhere is not fetched."""
        return await self.hear(self.text(call, "audio_url"))

    def _wrong(self, call: Call, model: str, seconds: float | None) -> tuple[str, str, str] | None:
        """The first field that the model does not take: message, type, name."""
        needed = ("prompt", "audio_url") if "/audio-to-video" in model else ("prompt",)
        for name in needed:
            if not self.text(call, name):
                return ("Field required", "missing", name)
        url = self.text(call, "audio_url")
        if url and seconds is None and not url.startswith("http"):
            return ("The audio could not be decoded.", "file_download_error", "audio_url")
        if seconds is not None and not _SHORTEST <= seconds <= _LONGEST + 0.1:
            message = f"The audio lasts {seconds:.2f} s; expected {_SHORTEST:g} to {_LONGEST:g} s."
            kind = "audio_duration_too_short" if seconds < _SHORTEST else "audio_duration_too_long"
            return (message, kind, "audio_url")
        return None

    def _urls(self, call: Call, job: Job) -> dict[str, str]:
        """Where to ask for the job: under the same prefix, without the last parts of the model's name."""
        prefix = self.prefixes[0] if call.request.url.path.startswith(f"{self.prefixes[0]}/") else ""
        owner, alias = job.model.split("/")[:2]
        url = f"{call.origin}{prefix}/{owner}/{alias}/requests/{job.id}"
        return {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}

    async def poll(self, call: Call) -> Response:
        """IN_QUEUE and IN_PROGRESS with HTTP 202, COMPLETED with 200, whatever came of it."""
        job = self.job(call)
        standing = job.poll()
        body: dict[str, Any] = {"status": self._word(standing), "request_id": job.id, **self._urls(call, job)}
        if standing.state == "queued":
            return self.json(self.told(job, {**body, "queue_position": 0}), 202)
        body["logs"] = [] if call.request.query_params.get("logs") in ("1", "true", "True") else None
        over = standing.state != "running"
        if over:
            body["metrics"] = {"inference_time": job.script.seconds}
        return self.json(self.told(job, body), 200 if over else 202)

    def _word(self, standing: Standing) -> str:
        return standing.word or {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}.get(
            standing.state, "COMPLETED"
        )

    async def result(self, call: Call) -> Response:
        """Where the video is, or why there is none."""
        job = self.job(call)
        if not job.over:
            return self.error(400, "Request is still in progress")
        if job.canceled:
            return self.error(400, "Request was cancelled", code="request_cancelled")
        if wrong := job.about["wrong"]:
            message, kind, name = wrong
            return self.error(422, message, code=kind, param=name)
        if job.script.refused:
            return self.refusal()
        if job.script.fails:
            return self.error(500, job.script.fails)
        film = await self.film(job)
        video = {"url": self.cdn(job), "content_type": "video/mp4", "file_name": f"{job.id}.mp4"}
        return self.json(
            {"video": {**video, "file_size": film.stat().st_size}, "seed": 7}, x_fal_request_id=job.id
        )

    async def cancel(self, call: Call) -> Response:
        """Stops a job that is not over."""
        job = self.job(call)
        if not job.cancel():
            return self.json({"status": "ALREADY_COMPLETED"}, 400)
        return self.json({"status": "CANCELLATION_REQUESTED"}, 202)

    def missing(self, call: Call) -> Any:
        """HTTP 404."""
        self.refuse(404, f"Request {call.id} not found")
