"""Z.ai's video generation: asynchronous, without progress, list or cancel."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from starlette.responses import Response

from .base import Call, Operation, Protocol, data_uri
from .jobs import Job

__all__ = ["Zai"]

_MAX_PROMPT = 512
_MOVEMENT = {"movement_amplitude": ("auto", "small", "medium", "large")}
_CODES = {401: "1002", 403: "1220", 404: "1222", 429: "1302", 500: "500", 503: "1305"}
_REFUSAL = "The system has detected potentially unsafe or sensitive content in input or generation."


@dataclass(frozen=True)
class _Model:
    """The valid fields of a model.

    Attributes:
        seconds: Valid lengths, the default first.
        sizes: Valid sizes, the default first.
        at_once: Largest number of concurrent jobs.
        images: Requires an image.
        choices: Further fields with their valid values.
    """

    seconds: tuple[int, ...]
    sizes: tuple[str, ...]
    at_once: int = 5
    images: bool = False
    choices: Mapping[str, Collection[Any]] = field(default_factory=dict)


_COGVIDEO = _Model(
    seconds=(5, 10),
    sizes=("1920x1080", "1280x720", "720x1280", "1024x1024", "1080x1920", "2048x1080", "3840x2160"),
    at_once=1,
    choices={"fps": (30, 60), "quality": ("speed", "quality"), "with_audio": (True, False)},
)
_VIDU_1 = _Model(seconds=(5,), sizes=("1920x1080",), images=True, choices=_MOVEMENT)
_VIDU_2 = _Model(
    seconds=(4,), sizes=("1280x720",), images=True, choices={**_MOVEMENT, "with_audio": (True, False)}
)
_MODELS = {
    "cogvideox-3": _COGVIDEO,
    "cogvideox-flash": _COGVIDEO,
    "viduq1-text": _Model(
        seconds=(5,),
        sizes=("1920x1080",),
        choices={**_MOVEMENT, "style": ("general", "anime"), "aspect_ratio": ("16:9", "9:16", "1:1")},
    ),
    "viduq1-image": _VIDU_1,
    "viduq1-start-end": _VIDU_1,
    "vidu2-image": _VIDU_2,
    "vidu2-start-end": _VIDU_2,
    "vidu2-reference": _VIDU_2,
}


class Zai(Protocol):
    """`POST /videos/generations` and `GET /async-result/{id}`; videos are on the second origin."""

    name = "zai"
    title = "Z.ai"
    prefixes = ("/zai/api/paas/v4",)
    variables = ("ZAI_API_KEY", "ZAI_BASE_URL")

    def operations(self) -> Sequence[Operation]:
        """Return submission, poll and the cover image."""
        return (
            Operation("POST", "/videos/generations", "create", self.create),
            Operation("GET", "/async-result/{id}", "poll", self.poll),
            Operation("GET", "/{id}.jpg", "content", self.cover_image, public=True),
        )

    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return `{"error": {"code", "message"}}`; the code is a string of digits."""
        return self.json({"error": {"code": code or _CODES.get(status, "1214"), "message": message}}, status)

    def refusal(self) -> Response:
        """Return HTTP 400 with the code 1301."""
        return self.error(400, _REFUSAL, code="1301")

    def gone(self, call: Call) -> Response:
        """Return HTTP 404 with the code 1222."""
        return self.error(404, f"The API {call.request.url.path} does not exist or is offline.", code="1222")

    async def create(self, call: Call) -> Response:
        """Accept a job."""
        name = self.text(call, "model")
        model = _MODELS.get(name)
        if model is None:
            self.refuse(400, f"Unknown Model {name!r}, please check the model code.", code="1211")
        self._check(call, model)
        self._check_limit(name, model)
        request_id = self._request_id(call)
        job = self.accept(
            call,
            f"{secrets.randbelow(10**17):017d}-{secrets.randbelow(10**19):019d}",
            model=name,
            prompt=self.text(call, "prompt"),
            size=self._size(call, model),
            seconds=float(call.fields.get("duration") or model.seconds[0]),
            details={"request_id": request_id},
        )
        return self.json({**self._head(job), "id": job.id, "task_status": "PROCESSING"})

    def _check(self, call: Call, model: _Model) -> None:
        prompt = call.fields.get("prompt")
        if not prompt and not call.fields.get("image_url"):
            self._refuse_field("prompt", "it and image_url cannot both be empty")
        if prompt is not None and (not isinstance(prompt, str) or len(prompt) > _MAX_PROMPT):
            self._refuse_field("prompt", f"expected at most {_MAX_PROMPT} characters")
        if model.images and not call.fields.get("image_url"):
            self._refuse_field("image_url", "this model needs it")
        self._check_image(call)
        choices = {"duration": model.seconds, "size": model.sizes, **model.choices}
        for name, allowed in choices.items():
            value = call.fields.get(name)
            # Types count: True equals 1, and "5" is refused as the real service does.
            if value is not None and (type(value), value) not in [(type(one), one) for one in allowed]:
                self._refuse_field(name, f"expected one of {', '.join(map(str, allowed))}")

    def _check_image(self, call: Call) -> None:
        """Check the images, one or two; those behind other URLs are not fetched."""
        given = call.fields.get("image_url")
        for url in given if isinstance(given, list) else [given] if given else []:
            if not isinstance(url, str) or (
                not url.startswith("http") and not self.take_image(call, data_uri(url))
            ):
                self._refuse_field("image_url", "expected a URL, or an image in base64")

    def _size(self, call: Call, model: _Model) -> tuple[int, int]:
        width, height = self.pixels(call.fields.get("size") or model.sizes[0])
        return {"9:16": (height, width), "1:1": (height, height)}.get(
            self.text(call, "aspect_ratio"), (width, height)
        )

    def _refuse_field(self, name: str, why: str) -> NoReturn:
        self.refuse(
            400, f"Invalid API parameter, please check the documentation. {name}: {why}.", code="1214"
        )

    def _check_limit(self, name: str, model: _Model) -> None:
        running = [job for job in self.backend.jobs.of(self.name) if job.model == name and not job.over]
        if self.backend.limits and len(running) >= model.at_once:
            self.refuse(429, "High concurrency usage of this API, please reduce concurrency.", code="1302")

    def _request_id(self, call: Call) -> str:
        """Return the client's own request id, which must be unique, or a new one."""
        given = call.fields.get("request_id")
        if given is None:
            return secrets.token_hex(16)
        if not isinstance(given, str) or not 6 <= len(given) <= 64:
            self._refuse_field("request_id", "expected 6 to 64 characters")
        if any(job.details["request_id"] == given for job in self.backend.jobs.of(self.name)):
            self.refuse(400, f"You already have a request: {given}.", code="1231")
        return given

    async def poll(self, call: Call) -> Response:
        """Return the status, with the video's URL or the failure."""
        job = self.job(call)
        status = job.poll()
        word = {"completed": "SUCCESS", "failed": "FAIL", "canceled": "FAIL"}.get(status.state, "PROCESSING")
        body: dict[str, Any] = {**self._head(job), "task_status": status.word or word}
        if status.state == "completed":
            body["video_result"] = [{"url": self.cdn(job), "cover_image_url": self.cdn(job, ".jpg")}]
        if status.state == "failed":
            code, message = ("1301", _REFUSAL) if job.script.refused else ("500", job.script.fails)
            body["error"] = {"code": code, "message": message}
        return self.json(self.poll_body(job, body))

    def missing(self, call: Call) -> NoReturn:
        """Return HTTP 400 with the code 1214."""
        self._refuse_field("id", f"unknown task {call.id!r}")

    async def cover_image(self, call: Call) -> Response:
        """Return the cover image."""
        job = self.job(call)
        return await self.cover(job, ".jpg") if job.ready else self.error(404, f"Unknown image {call.id!r}.")

    def _head(self, job: Job) -> dict[str, Any]:
        return {"model": job.model, "request_id": job.details["request_id"]}
