"""A Lantern server on this machine, for the tests: a job is lit by the first status request and done by the third."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class LanternServer(ThreadingHTTPServer):
    """Serves one clip for every job; a context manager.

    Attributes:
        url: The base URL.
        jobs: The fields of each submission and the number of its status requests, by job id.
        keys: The keys that requests came with.
    """

    daemon_threads = True

    def __init__(self, clip: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.clip = clip.read_bytes()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.narrations: list[int] = []
        self.keys: set[str] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "LanternServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: LanternServer

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/v1/narrations":
            self.server.narrations.append(len(body))
            self._answer(201, {"narration": f"n{len(self.server.narrations)}"})
            return
        fields = json.loads(body)
        if "forbidden" in fields["prompt"]:
            self._answer(422, {"banned": True, "message": "this prompt is forbidden"})
            return
        job_id = f"j{len(self.server.jobs) + 1}"
        self.server.jobs[job_id] = {**fields, "polls": 0}
        self._answer(202, {"job": job_id})

    def do_GET(self) -> None:
        job = self.server.jobs.get(self.path.split("/")[3])
        if job is None:
            self._answer(404, {"message": "no such job"})
        elif self.path.endswith("/clip"):
            self._send(200, self.server.clip, "video/mp4")
        else:
            job["polls"] += 1
            polls = job["polls"]
            self._answer(200, {"state": "done"} if polls > 2 else {"state": "lit", "glow": polls / 3})

    def do_DELETE(self) -> None:
        known = self.server.jobs.pop(self.path.split("/")[3], None)
        self._answer(200 if known else 404, {"stopped": known is not None})

    def _body(self) -> bytes:
        self.server.keys.add(self.headers.get("Authorization", ""))
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, fields: dict[str, Any]) -> None:
        self._send(status, json.dumps(fields).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""
