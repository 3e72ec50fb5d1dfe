"""What a protocol is: which requests there are, whose key opens them, and how refusals are worded.

How to add one: a subclass of `Protocol` with `routes`, `authorized` and `error`, and its name in `server.py`. A
handler gets a `Call` and returns a response; it refuses by raising `Answered`. Faults, history and the wire are done
for it.
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

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from .clips import Clips
from .faults import Step
from .jobs import Job, Jobs

__all__ = ["Answered", "Call", "Desk", "Protocol", "Upload", "Way", "data_uri"]

_SIZE = re.compile(r"(\d{2,5})[x*](\d{2,5})")


class Answered(Exception):
    """The answer is settled; nothing more has to be looked at."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True)
class Upload:
    """A file out of a form."""

    filename: str
    content_type: str
    data: bytes


@dataclass
class Desk:
    """What all protocols share.

    Attributes:
        jobs: All jobs.
        clips: The videos.
        keys: The key of each provider.
        cdn_url: The second origin, for videos that need no key.
        uploads: The narrations that were sent, their lengths in seconds by their URLs.
        limits: Whether limits of jobs at once are enforced.
        self_hosted: Whether OpenAI's protocol is spoken as self-hosted servers do.
        poll_after_ms: What a poll is told to wait, in milliseconds, where the protocol can say that.
    """

    jobs: Jobs
    clips: Clips
    keys: Mapping[str, str]
    cdn_url: str
    limits: bool = False
    self_hosted: bool = False
    poll_after_ms: int | None = None
    uploads: dict[str, float] = field(default_factory=dict)


class Call:
    """One request on its way through a protocol.

    Attributes:
        request: The request.
        fields: What was in its body, once `read`.
        job: The job that it turned out to be about.
        delivers: The job whose video the answer is.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.fields: dict[str, Any] = {}
        self.job: Job | None = None
        self.delivers: Job | None = None

    @property
    def id(self) -> str:
        """The id in the path, or empty."""
        return str(self.request.path_params.get("id", ""))

    @property
    def origin(self) -> str:
        """Where it was asked, such as `http://127.0.0.1:8000`."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def bearer(self) -> str:
        """The key in an `Authorization: Bearer` header, or empty."""
        scheme, _, key = self.request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    async def read(self) -> None:
        """Reads the body; what is neither a form nor a JSON object leaves no fields."""
        if "form" in self.request.headers.get("content-type", ""):
            with contextlib.suppress(MultiPartException):
                async with self.request.form() as form:
                    self.fields = {name: await _part(value) for name, value in form.multi_items()}
            return
        try:
            found = await self.request.json()
        except ValueError:  # no JSON, or nothing at all
            return
        self.fields = found if isinstance(found, dict) else {}

    def told(self) -> dict[str, Any]:
        """The fields for the history."""
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
class Way:
    """One request that a protocol knows.

    Attributes:
        method: The HTTP method.
        path: The path under the protocol's prefix, as Starlette writes it.
        step: What it is for.
        answer: Who answers it.
        public: Whether it needs no key, and should see none: it lies on the second origin.
    """

    method: str
    path: str
    step: Step
    answer: Callable[[Call], Awaitable[Response]]
    public: bool = False


class Protocol(ABC):
    """One provider's protocol; see the recipe in the module's docstring.

    Attributes:
        name: The provider.
        prefixes: The paths under which it lies; the first is its base URL.
        variables: The environment variables for its key and its base URL.
        title: What it is, for a person.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    prefixes: ClassVar[tuple[str, ...]]
    variables: ClassVar[tuple[str, str]]

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @abstractmethod
    def ways(self) -> Sequence[Way]:
        """All requests that it knows; of two that match, the first counts."""

    @abstractmethod
    def error(self, status: int, message: str, *, code: str = "", param: str | None = None) -> Response:
        """An error in its form; without a code, the one that it usually has with the status."""

    @abstractmethod
    def refusal(self) -> Response:
        """Its answer to a prompt that it will not film."""

    @abstractmethod
    def gone(self, call: Call) -> Response:
        """Its answer where the API no longer is."""

    def sent_key(self, call: Call) -> str:
        """The key that came with a request, or empty."""
        return call.bearer()

    def authorized(self, call: Call) -> bool:
        """Whether the right key came with a request."""
        return self.sent_key(call) == self.key

    def unauthorized(self) -> Response:
        """Its answer to a missing or a wrong key."""
        return self.error(401, "The key is missing or wrong; the sandbox says it with sandbox.key(provider).")

    @property
    def key(self) -> str:
        """The key that it takes."""
        return self.desk.keys[self.name]

    def refuse(self, status: int, message: str, *, code: str = "", param: str | None = None) -> NoReturn:
        """Ends a call with an error."""
        raise Answered(self.error(status, message, code=code, param=param))

    def job(self, call: Call) -> Job:
        """The job in the path, or an error in the protocol's form."""
        call.job = self.desk.jobs.find(self.name, call.id)
        if call.job is None:
            self.missing(call)
        return call.job

    def missing(self, call: Call) -> NoReturn:
        """Ends a call about a job that is not known."""
        self.refuse(404, f"There is no job {call.id!r}.")

    def accept(self, call: Call, id: str, **facts: Any) -> Job:
        """Takes the job that a call asks for."""
        call.job = self.desk.jobs.accept(self.name, id, **facts)
        return call.job

    def text(self, call: Call, name: str) -> str:
        """A field that is text, or empty where it is anything else."""
        value = call.fields.get(name)
        return value if isinstance(value, str) else ""

    async def film(self, job: Job) -> Path:
        """A job's video."""
        return await self.desk.clips.video(job.size, job.seconds, job.script.size)

    async def deliver(self, call: Call, job: Job) -> Response:
        """A job's video as an answer, in ranges if so asked."""
        call.delivers = job
        return FileResponse(await self.film(job), media_type="video/mp4")

    async def cover(self, job: Job, ending: str) -> Response:
        """A still of a job's video as an answer."""
        return FileResponse(await self.desk.clips.still(await self.film(job), ending))

    async def fetch(self, call: Call) -> Response:
        """A handler for a job's video at an address of its own."""
        job = self.job(call)
        return (
            await self.deliver(call, job) if job.ready else self.error(404, f"There is no video {call.id!r}.")
        )

    def cdn(self, job: Job, ending: str = ".mp4") -> str:
        """The address of a job's video on the second origin, where no key is needed."""
        return f"{self.desk.cdn_url}/{self.name}/{job.id}{ending}"

    def told(self, job: Job, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a poll says of a job, with what its script adds, replaces or leaves out."""
        dressed = {**body, **job.script.also}
        return {name: _filled(value, self.cdn(job)) for name, value in dressed.items() if value is not ...}

    async def hear(self, uri: str) -> float | None:
        """The length in seconds of audio in a data URI, or None where it is none."""
        found = data_uri(uri)
        return await self.desk.clips.audio_seconds(found) if found else None

    @staticmethod
    def pixels(size: str) -> tuple[int, int]:
        """`"1280x720"` as two numbers, or 0 and 0."""
        found = _SIZE.fullmatch(size)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @staticmethod
    def json(body: Any, status: int = 200, **headers: str) -> JSONResponse:
        """JSON as an answer."""
        return JSONResponse(body, status, {name.replace("_", "-"): text for name, text in headers.items()})


def _filled(value: Any, address: str) -> Any:
    if isinstance(value, str):
        return value.replace("{cdn}", address)
    if isinstance(value, Mapping):
        return {name: _filled(part, address) for name, part in value.items()}
    return [_filled(part, address) for part in value] if isinstance(value, list) else value


def data_uri(uri: str) -> bytes | None:
    """What is in a base64 data URI, or None where it is none."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return None
