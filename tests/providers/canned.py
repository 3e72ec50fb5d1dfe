"""A server that answers every request with the same bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Canned(ThreadingHTTPServer):
    """Answers with one status, headers and body.

    Attributes:
        asked: The method, the path and the headers of each request.
        bodies: The body of each request.
    """

    daemon_threads = True

    def __init__(self, body: bytes, headers: Mapping[str, str], status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = (status, dict(headers), body)
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Canned

    def _answer(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
        self.server.asked.append(
            (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the names that http.server looks for


@contextmanager
def serving(body: bytes, *, status: int = 200, **headers: str) -> Iterator[Canned]:
    """Serve one answer on loopback; underscores in the headers' names are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with Canned(body, named, status) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
