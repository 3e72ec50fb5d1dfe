"""The base class of protocols: their requests, keys and error formats.

How to add one: write a subclass of `Protocol` with `operations`, `error`, `refusal` and `gone`, and list it in
`server.py`. A handler gets a `Call` and returns a response; it refuses a request by raising `EarlyResponse`. Faults,
history and connections are handled by `wire.py`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from ..errors import ConfigError
from ..images import measure
from .answers import Answers
from .clips import Clips
from .faults import Step
from .jobs import Job, Jobs

__all__ = ["Backend", "Call", "EarlyResponse", "Operation", "Protocol", "Upload", "data_uri"]

_SIZE = re.compile(r"(\d{2,5})[x*](\d{2,5})")


class EarlyResponse(Exception):
    """Raised by a handler to answer at once with the response it carries."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True)
class Upload:
    """A file from a multipart form."""

    filename: str
    content_type: str
    data: bytes


@dataclass
class Backend:
    """The state that all protocols share.

    Attributes:
        jobs: All jobs.
        clips: The clips.
        keys: Each provider's key.
        cdn_url: The second origin, for videos that need no key.
        uploads: Lengths of uploaded narrations in seconds, by URL.
        answers: Scripted answers of the chat model.
        limits: Enforce limits on concurrent jobs.
        self_hosted: Speak OpenAI's protocol as self-hosted servers do.
        aborts: Delete cancels a running job there; else it only removes its record, as at SGLang.
        models: The models of that server, its default first; empty to take any.
        poll_after_ms: Polling interval that OpenAI's polls announce, in milliseconds.
    """

    jobs: Jobs
    clips: Clips
    keys: Mapping[str, str]
    cdn_url: str
    limits: bool = False
    self_hosted: bool = False
    aborts: bool = True
    models: Sequence[str] = ()
    poll_after_ms: int | None = None
    uploads: dict[str, float] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)


class Call:
    """A request that a protocol handles.

    Attributes:
        request: The HTTP request.
        fields: The fields of its body, after `read`.
        job: The job that it is about, once known.
        delivers: The job whose video is the answer.
        image: Width and height of the first frame that was sent, in pixels, or None.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.fields: dict[str, Any] = {}
        self.job: Job | None = None
        self.delivers: Job | None = None
        self.image: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """The id in the path, or an empty string."""
        return str(self.request.path_params.get("id", ""))

    @property
    def origin(self) -> str:
        """The origin of the request's URL, such as `http://127.0.0.1:8000`."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def bearer(self) -> str:
        """Return the key in the `Authorization: Bearer` header, or an empty string."""
        scheme, _, key = self.request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    async def read(self) -> None:
        """Read the body; anything but a form or a JSON object gives no fields."""
        if "form" in self.request.headers.get("content-type", ""):
            # A broken form leaves no fields: the protocol then refuses it in its own format.
            with contextlib.suppress(MultiPartException, FormParserError):
                async with self.request.form() as form:
                    self.fields = {name: await _part(value) for name, value in form.multi_items()}
            return
        try:
            found = await self.request.json()
        except ValueError:  # not JSON, or empty
            return
        self.fields = found if isinstance(found, dict) else {}

    def described_fields(self) -> dict[str, Any]:
        """Return the fields for the history, with files described by name, type and size."""
        return {name: _describe(value) for name, value in self.fields.items()}


async def _part(value: UploadFile | str) -> Upload | str:
    if isinstance(value, str):
        return value
    return Upload(value.filename or "", value.content_type or "", await value.read())


def _describe(value: Any) -> Any:
    if isinstance(value, Upload):
        return {"filename": value.filename, "content_type": value.content_type, "bytes": len(value.data)}
    return value


@dataclass(frozen=True)
class Operation:
    """A kind of request in a protocol.

    Attributes:
        method: The HTTP method.
        path: The path below the protocol's prefix, in Starlette's syntax.
        step: The step of a job that it serves.
        answer: The handler.
        public: Served on the second origin, without a key.
    """

    method: str
    path: str
    step: Step
    answer: Callable[[Call], Awaitable[Response]]
    public: bool = False


class Protocol(ABC):
    """A provider's protocol; the module's docstring says how to add one.

    Attributes:
        name: The provider's name.
        prefixes: The paths under which it is served; the first belongs to its base URL.
        variables: The environment variables for its key and its base URL.
        title: The protocol's name for a person.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    prefixes: ClassVar[tuple[str, ...]]
    variables: ClassVar[tuple[str, str]]

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    @abstractmethod
    def operations(self) -> Sequence[Operation]:
        """Return the protocol's operations; the first one that matches a request handles it."""

    @abstractmethod
    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """Return an error in the protocol's format; without a code, the usual one for the status."""

    @abstractmethod
    def refusal(self) -> Response:
        """Return the answer to a prompt that violates the content policy."""

    @abstractmethod
    def gone(self, call: Call) -> Response:
        """Return the answer of an API that was shut down."""

    def sent_key(self, call: Call) -> str:
        """Return the key sent with a request, or an empty string."""
        return call.bearer()

    def authorized(self, call: Call) -> bool:
        """Return True if the right key was sent with a request."""
        return self.sent_key(call) == self.key

    def unauthorized(self) -> Response:
        """Return the answer to a missing or wrong key."""
        return self.error(401, "The key is missing or wrong; sandbox.key(provider) returns the right one.")

    @property
    def key(self) -> str:
        """The provider's key."""
        return self.backend.keys[self.name]

    def refuse(self, status: int, message: str, *, code: str = "", param: str | None = None) -> NoReturn:
        """Answer a call with an error."""
        raise EarlyResponse(self.error(status, message, code=code, param=param))

    def job(self, call: Call) -> Job:
        """Return the job in the path, or answer with an error."""
        call.job = self.backend.jobs.find(self.name, call.id)
        if call.job is None:
            self.missing(call)
        return call.job

    def missing(self, call: Call) -> NoReturn:
        """Answer a call about an unknown job with an error."""
        self.refuse(404, f"Unknown job {call.id!r}.")

    def accept(self, call: Call, id: str, **facts: Any) -> Job:
        """Accept the job that a call submits."""
        call.job = self.backend.jobs.accept(self.name, id, image=call.image, **facts)
        return call.job

    def text(self, call: Call, name: str) -> str:
        """Return a text field, or an empty string for anything else."""
        value = call.fields.get(name)
        return value if isinstance(value, str) else ""

    async def clip(self, job: Job) -> Path:
        """Return a job's video file."""
        return await self.backend.clips.video(job.size, job.seconds, job.script.size)

    async def deliver(self, call: Call, job: Job) -> Response:
        """Return a job's video as an answer; range requests are supported."""
        call.delivers = job
        return FileResponse(await self.clip(job), media_type="video/mp4")

    async def cover(self, job: Job, ending: str) -> Response:
        """Return a still of a job's video as an answer."""
        return FileResponse(await self.backend.clips.still(await self.clip(job), ending))

    async def fetch(self, call: Call) -> Response:
        """Handle a download of a job's video from its own URL."""
        job = self.job(call)
        return await self.deliver(call, job) if job.ready else self.error(404, f"Unknown video {call.id!r}.")

    def cdn(self, job: Job, ending: str = ".mp4") -> str:
        """Return the URL of a job's video on the second origin, where no key is needed."""
        return f"{self.backend.cdn_url}/{self.name}/{job.id}{ending}"

    def poll_body(self, job: Job, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of a poll's answer, with the fields that the job's script adds, replaces or removes."""
        scripted = {**body, **job.script.also}
        return {name: _filled(value, self.cdn(job)) for name, value in scripted.items() if value is not ...}

    async def audio_seconds(self, uri: str) -> float | None:
        """Return the length of the audio in a data URI in seconds, or None if it is not audio."""
        found = data_uri(uri)
        return await self.backend.clips.audio_seconds(found) if found else None

    @staticmethod
    def take_image(call: Call, content: bytes | None) -> bool:
        """Note the size of the first frame that a call sends; return False if it is not an image."""
        try:
            found = measure(content or b"")
        except ConfigError:
            return False
        call.image = found.width, found.height
        return True

    @staticmethod
    def pixels(size: str) -> tuple[int, int]:
        """Return `"1280x720"` as two numbers, or zeros for other text."""
        found = _SIZE.fullmatch(size)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @staticmethod
    def json(body: Any, status: int = 200, **headers: str) -> JSONResponse:
        """Return a JSON answer; headers are given with underscores."""
        return JSONResponse(body, status, {name.replace("_", "-"): text for name, text in headers.items()})


def _filled(value: Any, address: str) -> Any:
    """Replace `{cdn}` in all text of a value."""
    if isinstance(value, str):
        return value.replace("{cdn}", address)
    if isinstance(value, Mapping):
        return {name: _filled(part, address) for name, part in value.items()}
    return [_filled(part, address) for part in value] if isinstance(value, list) else value


def data_uri(uri: str) -> bytes | None:
    """Return the content of a base64 data URI, or None for other text."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return None
