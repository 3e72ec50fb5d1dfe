"""The sandbox: one server with two origins, on its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from ..errors import ConfigError
from ..private_folders import new_private_folder, remove_left_folders
from ..runtime import new_loop
from .answers import Answer, Answers
from .base import Backend, Operation, Protocol
from .chat import Chat
from .clips import Clips
from .fal import Fal
from .faults import Fault, Faults, Step
from .gateway import Gateway
from .gemini import Gemini
from .history import Asked, History
from .jobs import Jobs, SandboxJob, Script
from .openai import OpenAI
from .wire import BreakableConnection, Endpoint
from .zai import Zai

__all__ = ["PROTOCOLS", "Sandbox"]

PROTOCOLS: tuple[type[Protocol], ...] = (OpenAI, Zai, Gateway, Fal, Gemini, Chat)
"""Every protocol, one line each."""

_START = 10.0
_FOLDER_PREFIX = "voxweave-sandbox-"

_EXCLUSIVE = getattr(socket, "SO_EXCLUSIVEADDRUSE", -5)
"""Windows' option that keeps other programs from a port; -5 is `~SO_REUSEADDR` of winsock2.h."""


class Sandbox:
    """A local server that acts as five providers and a chat model, inside a `with` block or from `start()` to `stop()`.

    Args:
        keys: Keys by provider; providers without one get a random key.
        seconds: Duration of a job.
        polls: Number of polls until a job completes, instead of `seconds`; the last one reports completion.
        port: Port to listen on; 0 for any free port.
        certificate: A PEM file with a private key and certificate chain; the sandbox then speaks HTTPS.
        host: Name or address to listen on, also used in URLs.
        full_size: Serve videos in the requested size; by default they are at most 640 pixels wide.
        pad_to: Smallest size of a video in bytes, for benchmarks.
        limits: Enforce Z.ai's limits on concurrent jobs.
        self_hosted: Speak OpenAI's protocol as self-hosted servers do: any model, size and length, errors as
            `{"detail": ...}`, and a delete that cancels a running job.
        aborts: A self-hosted server's delete cancels a running job; else it only removes its record, as at SGLang.
        models: The models of a self-hosted server, its default first; empty to take any.
        poll_after_ms: Polling interval that OpenAI's polls announce, in milliseconds.
        listener: Called with each request after it was answered, on the server's thread.
    """

    def __init__(
        self,
        keys: Mapping[str, str] | None = None,
        seconds: float = 1.0,
        polls: int | None = None,
        port: int = 0,
        certificate: str | Path | None = None,
        host: str = "127.0.0.1",
        *,
        full_size: bool = False,
        pad_to: int | None = None,
        limits: bool = False,
        self_hosted: bool = False,
        aborts: bool = True,
        models: Sequence[str] = (),
        poll_after_ms: int | None = None,
        listener: Callable[[Asked], None] | None = None,
    ) -> None:
        names = [protocol.name for protocol in PROTOCOLS]
        if unknown := sorted(set(keys or {}) - set(names)):
            raise ConfigError(f"Unknown provider {unknown[0]!r}; the sandbox has: {', '.join(names)}.")
        self._keys = {name: f"sandbox-{name}-{secrets.token_hex(8)}" for name in names} | dict(keys or {})
        self._default_script = Script(polls=polls, seconds=seconds)
        self._host, self._port = host, port
        self._certificate = certificate
        self._make_clips = partial(Clips, full_size=full_size, pad_to=pad_to)
        self._make_backend = partial(
            Backend,
            limits=limits,
            self_hosted=self_hosted,
            aborts=aborts,
            models=tuple(models),
            poll_after_ms=poll_after_ms,
        )
        self._answers = Answers()
        self._jobs = Jobs(self._default_script)
        self._faults = Faults()
        self._history = History(self._keys.values(), listener)
        self._ports: list[int] = []
        self._closed: list[socket.socket] = []
        self._running: _ServerThread | None = None

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}>" if self._running else "<Sandbox, not started>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server; return when it accepts requests.

        Raises:
            ConfigError: The port is in use, or the certificate cannot be read.
        """
        if self._running is None:
            with contextlib.ExitStack() as undo:
                remove_left_folders(_FOLDER_PREFIX)
                folder = new_private_folder(_FOLDER_PREFIX)
                undo.callback(shutil.rmtree, folder, ignore_errors=True)
                try:
                    sockets = [undo.enter_context(_listen(self._host, port)) for port in (self._port, 0)]
                    self._ports = [int(listening.getsockname()[1]) for listening in sockets]
                    config = self._config(folder)
                except OSError as error:
                    raise ConfigError(f"The sandbox cannot start at {self._host}: {error}.") from error
                self._running = _ServerThread(config, sockets, undo.pop_all())
        return self

    def stop(self) -> None:
        """Stop the server and drop open requests."""
        if self._running is not None:
            self._running.stop()
            self._running = None
        while self._closed:
            self._closed.pop().close()

    def _config(self, folder: Path) -> uvicorn.Config:
        backend = self._make_backend(
            self._jobs, self._make_clips(folder), self._keys, self.cdn_url, answers=self._answers
        )
        config = uvicorn.Config(
            _Application(
                [protocol(backend) for protocol in PROTOCOLS], self._faults, self._history, self._port_of(1)
            ),
            http=BreakableConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            ssl_certfile=self._certificate,
        )
        config.load()
        return config

    @property
    def url(self) -> str:
        """The server's origin, such as `http://127.0.0.1:49152`."""
        return self._origin(0)

    @property
    def cdn_url(self) -> str:
        """The second origin, which serves the videos of `zai` and `fal`; clients must not send a key to it."""
        return self._origin(1)

    def _origin(self, number: int) -> str:
        scheme = "https" if self._certificate else "http"
        return f"{scheme}://{self._host}:{self._port_of(number)}"

    def _port_of(self, number: int) -> int:
        if not self._ports:
            raise ConfigError(
                "The sandbox has no address yet because it was not started; use `with Sandbox() as sandbox`."
            )
        return self._ports[number]

    def base_url(self, provider: str) -> str:
        """Return a provider's base URL."""
        return self.url + _protocol(provider).prefixes[0]

    def key(self, provider: str) -> str:
        """Return a provider's key."""
        return self._keys[_protocol(provider).name]

    @property
    def env(self) -> dict[str, str]:
        """The environment variables with the keys and base URLs of all providers."""
        found: dict[str, str] = {}
        for protocol in PROTOCOLS:
            key, base = protocol.variables
            found |= {key: self.key(protocol.name), base: self.base_url(protocol.name)}
        return found

    def closed_url(self) -> str:
        """Return a URL on this machine that refuses connections until the sandbox stops."""
        closed = socket.socket(socket.AF_INET)
        closed.bind(
            (_address(self._host), 0)
        )  # bound but not listening, so that no other process gets the port
        self._closed.append(closed)
        return f"http://{self._host}:{closed.getsockname()[1]}"

    def fault(
        self, step: Step, fault: Fault, *, provider: str | None = None, times: int | None = 1, after: int = 0
    ) -> None:
        """Plan a fault for future requests.

        Args:
            step: The kind of request: upload, create, poll, result (fal only), content, list or cancel.
            fault: The fault.
            provider: The provider; None for all.
            times: Number of requests that fail; None for all.
            after: Number of requests that succeed first.

        Raises:
            ConfigError: The step or the provider is unknown.
        """
        name = _protocol(provider).name if provider is not None else None
        self._faults.add(step, fault, provider=name, times=times, after=after)

    def next_job(
        self,
        provider: str,
        *,
        polls: int | None = None,
        seconds: float | None = None,
        progress: Sequence[Any] = (),
        statuses: Sequence[str] = (),
        fails: str | None = None,
        refused: bool = False,
        expired: bool = False,
        size: tuple[int, int] | None = None,
        also: Mapping[str, Any] | None = None,
    ) -> None:
        """Script the next job that a provider accepts; several calls queue up.

        Args:
            provider: The provider.
            polls: Number of polls until it completes; the last one reports completion.
            seconds: Duration of the job, instead of `polls`.
            progress: Progress values of the first polls, any JSON value; `...` leaves the field out.
            statuses: Statuses of the first polls, any text. With either list and no `polls`, the poll after the
                longer list reports completion.
            fails: Message of the failure that the job ends with.
            refused: End with a content-policy failure.
            expired: Complete, but without a video to download.
            size: Width and height of the video in pixels, whatever was requested; both even.
            also: Fields that are added to a poll's answer or replace the usual ones; `...` removes a field, and
                `"{cdn}"` in text becomes the URL of the job's video on the second origin.

        Raises:
            ConfigError: The provider is unknown.
        """
        if polls is None and seconds is None:
            listed = max(len(progress), len(statuses))
            polls = listed + 1 if listed else self._default_script.polls
        script = Script(
            polls=polls,
            seconds=self._default_script.seconds if seconds is None else seconds,
            progress=tuple(progress),
            statuses=tuple(statuses),
            fails=fails,
            refused=refused,
            expired=expired,
            size=size,
            also=dict(also or {}),
        )
        self._jobs.plan(_protocol(provider).name, script)

    def next_answers(self, text: str, *, times: int | None = 1, usd: float | None = None) -> None:
        """Script the next answers of the chat model; several calls queue up.

        Args:
            text: The model's message; `'{"better": "first"}'` for all is a model that looks at the position only.
            times: The number of answers; None for all.
            usd: The cost in US dollars that each states, as some servers do in `usage.cost`.
        """
        self._answers.plan(Answer(text, usd), times)

    @property
    def history(self) -> tuple[Asked, ...]:
        """All requests, the oldest first."""
        return self._history.all()

    @property
    def jobs(self) -> tuple[SandboxJob, ...]:
        """All accepted jobs, the oldest first."""
        return self._jobs.all()

    def submissions(self, provider: str) -> int:
        """Return the number of submissions that a provider received, accepted or not."""
        return sum(request.provider == provider and request.step == "create" for request in self.history)

    def accepted(self, provider: str) -> int:
        """Return the number of jobs that a provider accepted."""
        return sum(job.provider == provider for job in self.jobs)

    def reset(self) -> None:
        """Remove all planned faults, requests, jobs and scripts."""
        self._faults.clear()
        self._answers.clear()
        self._history.clear()
        self._jobs.clear()


class _ServerThread:
    """A running server and its thread."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], resources: contextlib.ExitStack
    ) -> None:
        self._server = uvicorn.Server(config)
        self._sockets = sockets
        self._resources = resources
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="voxweave-sandbox", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START):
            raise ConfigError(f"The sandbox did not start within {_START:.0f} s.")

    def _run(self) -> None:
        # Not the policy's loop: ipykernel's on Windows starts no FFmpeg.
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.ensure_future(self._server.serve(self._sockets))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        self._ready.set()
        await serving

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._drop_connections)
        self._thread.join()
        self._resources.close()

    def _drop_connections(self) -> None:
        # A request that hangs on purpose would otherwise keep the server from stopping.
        self._server.should_exit = self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()


class _Application:
    """The ASGI application: routes a request by origin, then by protocol."""

    def __init__(
        self, protocols: Sequence[Protocol], faults: Faults, history: History, public_port: int
    ) -> None:
        routes = list(_routes(protocols, faults, history))
        self._public_port = public_port
        self._private = Router([route for public, route in routes if not public], default=_not_found)
        self._cdn = Router([route for public, route in routes if public], default=_not_found)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        port = scope["server"][1] if scope.get("server") else None
        await (self._cdn if port == self._public_port else self._private)(scope, receive, send)


def _routes(protocols: Sequence[Protocol], faults: Faults, history: History) -> Iterator[tuple[bool, Route]]:
    for protocol in protocols:
        for operation in (
            *protocol.operations(),
            Operation("GET", "/{id}.mp4", "content", protocol.fetch, public=True),
        ):
            endpoint = Endpoint(protocol, operation, faults, history)
            for prefix in (f"/{protocol.name}",) if operation.public else protocol.prefixes:
                yield operation.public, Route(prefix + operation.path, endpoint, methods=[operation.method])


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    message = f"Nothing is served at {scope['path']}; the base URLs are in sandbox.env."
    await JSONResponse({"error": {"message": message}}, 404)(scope, receive, send)


def _protocol(name: str) -> type[Protocol]:
    for protocol in PROTOCOLS:
        if protocol.name == name:
            return protocol
    raise ConfigError(
        f"Unknown provider {name!r}; the sandbox has: {', '.join(protocol.name for protocol in PROTOCOLS)}."
    )


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio turns off Nagle's algorithm, which would cost 40 ms per request.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # On Windows SO_REUSEADDR would take a port that another program listens on.
    option = _EXCLUSIVE if sys.platform == "win32" else socket.SO_REUSEADDR
    listening.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listening.bind((_address(host), port))
    except OSError:
        listening.close()
        raise
    listening.listen(128)
    return listening


def _address(host: str) -> str:
    """Return the IPv4 address of a name."""
    # A socket that is bound to a name may choose IPv6.
    return socket.gethostbyname(host)
