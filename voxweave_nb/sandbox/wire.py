"""The layer between sockets and protocols: keys, faults, history, and broken connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from asyncio import BaseTransport

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import VoxweaveError
from .base import Call, EarlyResponse, Operation, Protocol
from .faults import Fault, Faults
from .history import History

__all__ = ["BreakableConnection", "Endpoint"]

_PAGE = (
    "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n"
    "<hr><center>nginx</center>\n</body>\n</html>\n"
)
_PIECES_PER_SECOND = 20
_CREDENTIALS = ("authorization", "x-goog-api-key", "x-api-key", "api-key")


class BreakableConnection(H11Protocol):
    """A connection that exposes its transport to the application, so that a fault can break it."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Store the transport where each request's scope includes it."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.app_state = {**self.app_state, "transport": transport}


def _reset(scope: Scope) -> None:
    """Reset a connection (RST)."""
    transport = scope["state"]["transport"]
    pair = "hh" if sys.platform == "win32" else "ii"
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(pair, 1, 0)
    )
    transport.abort()


def _hang_up(scope: Scope) -> None:
    """Close a connection after the data that was sent."""
    scope["state"]["transport"].close()


class Endpoint:
    """An operation of a protocol, as an ASGI application."""

    def __init__(self, protocol: Protocol, operation: Operation, faults: Faults, history: History) -> None:
        self._protocol = protocol
        self._operation = operation
        self._faults = faults
        self._history = history

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or simulate a fault."""
        call = Call(Request(scope, receive))
        number = self._open(call)
        fault = self._faults.take(self._protocol.name, self._operation.step)
        self._history.note(number, fault=fault, leaked=self._leaked(call))
        try:
            await self._serve(call, fault, number, send)
        finally:
            self._history.close(number)

    def _open(self, call: Call) -> int:
        url = call.request.url
        path = f"{url.path}?{url.query}" if url.query else url.path
        return self._history.open(
            self._protocol.name, self._operation.step, call.request.method, path, call.request.headers
        )

    def _leaked(self, call: Call) -> bool:
        """Return True if a key was sent where it must not be: any to the second origin, or another provider's."""
        headers, query = call.request.headers, call.request.query_params
        sent = [headers[name] for name in _CREDENTIALS if name in headers] + query.getlist("key")
        if self._operation.public:
            return bool(sent)
        others = [key for name, key in self._protocol.backend.keys.items() if name != self._protocol.name]
        return any(key in text for text in sent for key in others)

    async def _serve(self, call: Call, fault: Fault | None, number: int, send: Send) -> None:
        scope = call.request.scope
        if fault and fault.kind in ("reset_before", "reset_while_sending"):
            if fault.kind == "reset_while_sending":
                await call.request.receive()
            return _reset(scope)
        try:
            await call.read()
        except ClientDisconnect:
            return None
        self._history.note(number, fields=call.described_fields(), job_id=call.id.partition(".")[0] or None)
        response = await self._answer(call) if fault is None or fault.accept else None
        if call.job:
            self._history.note(number, job_id=call.job.id)
        sender = _Sender(scope, send, call, self._history, number)
        if fault is not None:
            response = await self._apply(call, fault, response, sender)
        if response is not None:
            await response(scope, call.request.receive, sender)

    async def _answer(self, call: Call) -> Response:
        if not self._operation.public and not self._protocol.authorized(call):
            return self._protocol.unauthorized()
        try:
            return await self._operation.answer(call)
        except EarlyResponse as early:
            return early.response
        except VoxweaveError as error:  # FFmpeg is missing, for example
            return self._protocol.error(500, str(error))

    async def _apply(
        self, call: Call, fault: Fault, response: Response | None, sender: _Sender
    ) -> Response | None:
        """Apply a fault; return the answer to send, or None for no answer."""
        match fault.kind:
            case "reset_after":
                _reset(call.request.scope)
                return None
            case "hang":
                await _hang(call.request.scope, call.request.receive, fault.seconds)
                return None
            case "delay":
                await asyncio.sleep(fault.seconds or 0)
                return response
            case "drip" | "truncate":
                sender.rate, sender.share = fault.rate, fault.share
                return response
        return self._faulty_answer(call, fault, response)

    def _faulty_answer(self, call: Call, fault: Fault, response: Response | None) -> Response:
        code = fault.code or 500
        match fault.kind:
            case "malformed":
                body = bytes(getattr(response, "body", b"")) or b'{"status": "completed"}'
                return Response(body[: len(body) * 2 // 3], media_type="application/json")
            case "json_as_video":
                return Response(
                    b'{"status": "completed", "message": "see the other URL"}', media_type="video/mp4"
                )
            case "refuse_content":
                return self._protocol.refusal()
            case "gone":
                return self._protocol.gone(call)
            case "page":
                return HTMLResponse(_PAGE.format(f"{code} {_reason(code)}"), code)
            case "redirect":
                return RedirectResponse(fault.url or self._redirect_target(call), code)
        return self._status(fault, code)

    def _status(self, fault: Fault, code: int) -> Response:
        if fault.body is None:
            response = self._protocol.error(code, f"Simulated error {code}.")
        elif isinstance(fault.body, str):
            response = Response(fault.body, code, media_type="text/plain")
        else:
            response = JSONResponse(fault.body, code)
        if fault.retry_after is not None:
            response.headers["retry-after"] = f"{fault.retry_after:g}"
        return response

    def _redirect_target(self, call: Call) -> str:
        job = self._protocol.backend.jobs.find(self._protocol.name, call.id)
        return self._protocol.cdn(job) if job else f"{self._protocol.backend.cdn_url}/"


def _reason(code: int) -> str:
    return {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}.get(
        code, "Error"
    )


async def _hang(scope: Scope, receive: Receive, seconds: float | None) -> None:
    """Wait until the client disconnects, or for `seconds`, and close without an answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    _hang_up(scope)


class _Sender:
    """Sends an answer, completely or not, and records what was sent.

    Attributes:
        rate: Bytes per second, or None for no limit.
        share: The share of the answer after which the connection is closed, or None for all of it.
    """

    def __init__(self, scope: Scope, send: Send, call: Call, history: History, number: int) -> None:
        self.rate: float | None = None
        self.share: float | None = None
        self._scope = scope
        self._send = send
        self._call = call
        self._history = history
        self._number = number
        self._left: int | None = None
        self._at = self._size = 0

    async def __call__(self, message: Message) -> None:
        """Send an ASGI message; passed to responses as `send`."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body" and self._left != 0:
            await self._body(message)

    async def _start(self, message: Message) -> None:
        headers = {name.decode().lower(): text.decode("latin-1") for name, text in message["headers"]}
        length = int(headers.get("content-length", 0))
        span, _, size = headers.get("content-range", "").removeprefix("bytes ").partition("/")
        if message["status"] not in (200, 206):
            self._call.delivers = None
        elif size:
            self._at, self._size = int(span.partition("-")[0]), int(size)
        else:
            self._at, self._size = 0, length
        if self.share is not None:
            self._left = int(length * self.share)
        self._history.note(self._number, status=message["status"])
        await self._send(message)
        if self._left == 0:
            _hang_up(self._scope)

    async def _body(self, message: Message) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._left is not None:
            body = body[: self._left]
            self._left -= len(body)
            more = True
        if self.rate:
            await self._drip(body)
            body = b""
        else:
            self._count(body)
        await self._send({**message, "body": body, "more_body": more})
        if self._left == 0:
            _hang_up(self._scope)

    async def _drip(self, body: bytes) -> None:
        assert self.rate is not None
        step = max(1, int(self.rate / _PIECES_PER_SECOND))
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            self._count(piece)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(len(piece) / self.rate)

    def _count(self, body: bytes) -> None:
        if self._call.delivers is not None and body:
            self._call.delivers.sent(self._at, len(body), self._size)
            self._at += len(body)
