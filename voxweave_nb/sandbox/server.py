"""The sandbox itself: one server with two origins, on a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from ..errors import ConfigError
from .base import Desk, Protocol, Way
from .clips import Clips
from .fal import Fal
from .faults import Fault, Faults, Step
from .gateway import Gateway
from .gemini import Gemini
from .history import Asked, History
from .jobs import Jobs, SandboxJob, Script
from .openai import OpenAI
from .wire import Endpoint, Line
from .zai import Zai

__all__ = ["PROTOCOLS", "Sandbox"]

PROTOCOLS: tuple[type[Protocol], ...] = (OpenAI, Zai, Gateway, Fal, Gemini)
"""Every protocol, one line each."""

_START = 10.0


class Sandbox:
    """Five providers on loopback, for as long as the `with` block lasts, or from `start()` to `stop()`.

    Args:
        keys: The keys that it shall take, by provider; the others are random.
        seconds: How long a job takes.
        polls: How many polls a job takes, instead of seconds: the last of them says that it is done.
        port: Where it listens; 0 for any free port.
        certificate: A PEM file with a private key and its certificate chain: it speaks HTTPS then.
        host: The name or address of this machine, as it stands in the URLs.
        full_size: Whether pictures are as large as asked; else at most 640 pixels wide.
        pad_to: Bytes that each video has at least, for benchmarks.
        limits: Whether Z.ai's limits of jobs at once are enforced.
        self_hosted: Whether OpenAI's protocol is spoken as self-hosted servers do: any model, size and length, errors
            as `{"detail": ...}`, and a delete that stops a running job.
        poll_after_ms: What OpenAI's polls are told to wait, in milliseconds.
        listener: Told each request when it is done with, on the server's thread.
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
        poll_after_ms: int | None = None,
        listener: Callable[[Asked], None] | None = None,
    ) -> None:
        names = [protocol.name for protocol in PROTOCOLS]
        if unknown := sorted(set(keys or {}) - set(names)):
            raise ConfigError(f"The sandbox has no provider {unknown[0]!r}; it has: {', '.join(names)}.")
        self._keys = {name: f"sandbox-{name}-{secrets.token_hex(8)}" for name in names} | dict(keys or {})
        self._usual = Script(polls=polls, seconds=seconds)
        self._host, self._port = host, port
        self._certificate = certificate
        self._look = {"full_size": full_size, "pad_to": pad_to}
        self._more = {"limits": limits, "self_hosted": self_hosted, "poll_after_ms": poll_after_ms}
        self._jobs = Jobs(self._usual)
        self._faults = Faults()
        self._history = History(self._keys.values(), listener)
        self._ports: list[int] = []
        self._closed: list[socket.socket] = []
        self._running: _Running | None = None

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}>" if self._running else "<Sandbox, not started>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Starts it; returns when it can be asked.

        Raises:
            ConfigError: The port is taken, or the certificate cannot be read.
        """
        if self._running is None:
            with contextlib.ExitStack() as undo:
                folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="voxweave-sandbox-"))
                try:
                    sockets = [undo.enter_context(_listen(self._host, port)) for port in (self._port, 0)]
                    self._ports = [int(heard.getsockname()[1]) for heard in sockets]
                    config = self._config(Path(folder))
                except OSError as error:
                    raise ConfigError(f"The sandbox cannot start at {self._host}: {error}.") from error
                self._running = _Running(config, sockets, undo.pop_all())
        return self

    def stop(self) -> None:
        """Ends it, whatever is being asked."""
        if self._running is not None:
            self._running.stop()
            self._running = None
        while self._closed:
            self._closed.pop().close()

    def _config(self, folder: Path) -> uvicorn.Config:
        desk = Desk(self._jobs, Clips(folder, **self._look), self._keys, self.cdn_url, **self._more)  # type: ignore[arg-type]
        config = uvicorn.Config(
            _Front([protocol(desk) for protocol in PROTOCOLS], self._faults, self._history, self._port_of(1)),
            http=Line,
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
        """Where it is, such as `http://127.0.0.1:49152`."""
        return self._origin(0)

    @property
    def cdn_url(self) -> str:
        """Its second origin, where the videos of `zai` and `fal` lie; no key belongs there."""
        return self._origin(1)

    def _origin(self, number: int) -> str:
        scheme = "https" if self._certificate else "http"
        return f"{scheme}://{self._host}:{self._port_of(number)}"

    def _port_of(self, number: int) -> int:
        if not self._ports:
            raise ConfigError(
                "The sandbox has no address before it is started: use `with Sandbox() as sandbox`."
            )
        return self._ports[number]

    def base_url(self, provider: str) -> str:
        """A provider's base URL, for its client."""
        return self.url + _protocol(provider).prefixes[0]

    def key(self, provider: str) -> str:
        """The key that a provider takes."""
        return self._keys[_protocol(provider).name]

    @property
    def env(self) -> dict[str, str]:
        """The keys and the base URLs of all providers, for `os.environ`."""
        found: dict[str, str] = {}
        for protocol in PROTOCOLS:
            key, base = protocol.variables
            found |= {key: self.key(protocol.name), base: self.base_url(protocol.name)}
        return found

    def closed_url(self) -> str:
        """A URL on this machine where connections are refused until the sandbox is stopped."""
        unheard = socket.socket(socket.AF_INET)
        unheard.bind((_address(self._host), 0))  # bound and never listening: nobody else gets the port
        self._closed.append(unheard)
        return f"http://{self._host}:{unheard.getsockname()[1]}"

    def fault(
        self, step: Step, fault: Fault, *, provider: str | None = None, times: int | None = 1, after: int = 0
    ) -> None:
        """Plans that requests go wrong.

        Args:
            step: Which requests: upload, create, poll, result (of fal), content, list or cancel.
            fault: How.
            provider: Whose; None for everybody's.
            times: How many of them; None for all that come.
            after: How many of them go well before.
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
        """Says how the next job that a provider accepts behaves; calls queue up.

        Args:
            provider: The provider.
            polls: How many polls it takes: the last of them says that it is done.
            seconds: How long it takes instead.
            progress: What the first polls say of its progress: anything for JSON, `...` leaves the field out.
            statuses: What the first polls say of its status, in any words. With either list and no `polls`, the
                poll after the longer list is the one that says that it is done.
            fails: Why it fails in the end.
            refused: Whether it fails in the end for what it shows.
            expired: Whether its video is gone when it is done.
            size: The video's pixels, whatever was asked for; both even.
            also: Fields that its polls carry besides or instead of the usual ones; `...` leaves one out, and
                `"{cdn}"` in a text becomes the address of its video on the second origin.
        """
        if polls is None and seconds is None:
            listed = max(len(progress), len(statuses))
            polls = listed + 1 if listed else self._usual.polls
        script = Script(
            polls=polls,
            seconds=self._usual.seconds if seconds is None else seconds,
            progress=tuple(progress),
            statuses=tuple(statuses),
            fails=fails,
            refused=refused,
            expired=expired,
            size=size,
            also=dict(also or {}),
        )
        self._jobs.plan(_protocol(provider).name, script)

    @property
    def history(self) -> tuple[Asked, ...]:
        """Everything that it was asked, in order."""
        return self._history.all()

    @property
    def jobs(self) -> tuple[SandboxJob, ...]:
        """Every job that it accepted, in order."""
        return self._jobs.all()

    def creates(self, provider: str) -> int:
        """How many creates came to a provider, whatever became of them."""
        return sum(asked.provider == provider and asked.step == "create" for asked in self.history)

    def accepted(self, provider: str) -> int:
        """How many jobs a provider took."""
        return sum(job.provider == provider for job in self.jobs)

    def reset(self) -> None:
        """Forgets faults, history, jobs and what was said about jobs to come."""
        self._faults.clear()
        self._history.clear()
        self._jobs.clear()


class _Running:
    """The server's thread."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], resources: contextlib.ExitStack
    ) -> None:
        self._server = uvicorn.Server(config)
        self._sockets = sockets
        self._resources = resources
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._work, name="voxweave-sandbox", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START):
            raise ConfigError(f"The sandbox did not start within {_START:.0f} s.")

    def _work(self) -> None:
        with asyncio.Runner() as runner:
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
        self._loop.call_soon_threadsafe(self._break_off)
        self._thread.join()
        self._resources.close()

    def _break_off(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()


class _Front:
    """The application: which origin, then which protocol."""

    def __init__(
        self, protocols: Sequence[Protocol], faults: Faults, history: History, public_port: int
    ) -> None:
        routes = list(_routes(protocols, faults, history))
        self._public_port = public_port
        self._own = Router([route for public, route in routes if not public], default=_nothing)
        self._cdn = Router([route for public, route in routes if public], default=_nothing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        port = scope["server"][1] if scope.get("server") else None
        await (self._cdn if port == self._public_port else self._own)(scope, receive, send)


def _routes(protocols: Sequence[Protocol], faults: Faults, history: History) -> Iterator[tuple[bool, Route]]:
    for protocol in protocols:
        for way in (*protocol.ways(), Way("GET", "/{id}.mp4", "content", protocol.fetch, public=True)):
            endpoint = Endpoint(protocol, way, faults, history)
            for prefix in (f"/{protocol.name}",) if way.public else protocol.prefixes:
                yield way.public, Route(prefix + way.path, endpoint, methods=[way.method])


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    message = f"The sandbox has nothing at {scope['path']}; its base URLs are in sandbox.env."
    await JSONResponse({"error": {"message": message}}, 404)(scope, receive, send)


def _protocol(name: str) -> type[Protocol]:
    for protocol in PROTOCOLS:
        if protocol.name == name:
            return protocol
    raise ConfigError(
        f"The sandbox has no provider {name!r}; it has: {', '.join(protocol.name for protocol in PROTOCOLS)}."
    )


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's algorithm off, which would cost 40 ms a request.
    heard = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        heard.bind((_address(host), port))
    except OSError:
        heard.close()
        raise
    heard.listen(128)
    return heard


def _address(host: str) -> str:
    """The IPv4 address of a name: a socket that is bound to a name may take the other family."""
    return socket.gethostbyname(host)
