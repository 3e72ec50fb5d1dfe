"""Servers and plug-ins that do what none should: nothing is sent twice, nothing paid for is lost, no key is shown."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb import (
    ConfigError,
    DownloadFailed,
    GenerationFailed,
    JobCanceled,
    JobState,
    Settings,
    SubmissionInDoubt,
    VideoGenerationService,
    VoxweaveError,
)
from voxweave_nb.providers import provider_class
from voxweave_nb.providers.base import (
    Accepted,
    Availability,
    Capabilities,
    Model,
    Price,
    Provider,
    ProviderStatus,
)
from voxweave_nb.providers.openai_sora import OpenAiSora
from voxweave_nb.providers.transfer import PartialFile

SMALL = {"quality": "draft", "fps": 10, "prompt": "a quiet sea"}
KEY = "sk-very-private-0123456789"
TAKEN = {"id": "x", "job_id": "x", "status": "queued", "url": "http://127.0.0.1:9/narration"}
FAILED = {"id": "x", "status": "failed", "task_status": "FAIL", "error": {"message": "the end"}}

Answer = Callable[[int], tuple[int, dict[str, str], Any]]


class Rogue:
    """A server that answers each create and each other request as the test says.

    Args:
        created: Its answers to what is posted.
        asked: Its answers to everything else; told which time it is that this is asked.
    """

    def __init__(self, created: Answer, asked: Answer) -> None:
        self.paths: list[str] = []
        self.ranges: list[str | None] = []
        rogue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                line = f"{self.command} {self.path}"
                rogue.paths.append(line)
                rogue.ranges.append(self.headers.get("range"))
                self.rfile.read(int(self.headers.get("content-length") or 0))
                answer = created if self.command == "POST" else asked
                status, headers, body = answer(rogue.paths.count(line))
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_DELETE = do_GET  # noqa: N815  the names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def creates(self) -> int:
        return sum(path.startswith("POST") and "upload" not in path for path in self.paths)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def ok(body: Any) -> Answer:
    return lambda _: (200, {}, body)


def in_turn(*answers: tuple[int, dict[str, str], Any]) -> Answer:
    """Each answer once, the last for ever."""
    return lambda turn: answers[min(turn, len(answers)) - 1]


@pytest.fixture
def rogue() -> Iterator[Callable[..., Rogue]]:
    running: list[Rogue] = []

    def start(asked: Answer | None = None, created: Answer | None = None) -> Rogue:
        running.append(Rogue(created or ok(TAKEN), asked or ok(FAILED)))
        return running[-1]

    yield start
    for one in running:
        one.close()


def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.02, http_timeout=2, patience=3
    )


def at(server: Rogue, tmp_path: Path, name: str = "openai_sora") -> VideoGenerationService:
    return VideoGenerationService(name, api_key=KEY, base_url=server.url, settings=settings(tmp_path))


def error_of(
    service: VideoGenerationService, narration: Path, kind: type[VoxweaveError], **more: Any
) -> VoxweaveError:
    with pytest.raises(kind) as caught:
        service.submit(narration, config=SMALL, **more).result(60)
    return caught.value


# Creates


@pytest.mark.slow
@pytest.mark.parametrize("status", [408, 520, 522, 524])
def test_a_gateways_timeout_is_in_doubt(rogue, narration_file, tmp_path, status):
    """LiteLLM says 408 when the service behind it did not answer in time, and Cloudflare says 524."""
    server = rogue(created=lambda _: (status, {}, {"error": {"message": "upstream timed out"}}))
    error_of(at(server, tmp_path), narration_file, SubmissionInDoubt)
    assert server.creates == 1


def test_half_a_surrogate_pair_still_hands_over(rogue, sandbox, narration_file, tmp_path):
    server = rogue(created=lambda _: (503, {}, b'{"error": {"message": "no \\ud83d"}}'))
    chain = [OpenAiSora(KEY, server.url), "zai"]
    video = VideoGenerationService(chain, settings=settings(tmp_path)).submit(narration_file, config=SMALL)
    assert video.result(60).provenance.provider == "zai"


def test_a_key_with_a_line_break_is_hidden(rogue, narration_file, tmp_path):
    server = rogue()
    service = VideoGenerationService(
        "openai_sora", api_key="sk-abc\ndefgh123", base_url=server.url, settings=settings(tmp_path)
    )
    with pytest.raises(ConfigError, match="OPENAI_API_KEY holds a control character") as caught:
        service.submit(narration_file)
    assert "defgh123" not in "".join(traceback.format_exception(caught.value))
    assert server.paths == []


@pytest.mark.parametrize(
    "address",
    ["https://user:hunter2@example.org/v1", "https://example.org/v1?key=hunter2", "https://[::1/v1"],
)
def test_an_address_with_secrets_is_refused_unshown(address):
    with pytest.raises(ConfigError) as caught:
        OpenAiSora(KEY, address)
    assert "hunter2" not in str(caught.value)


# Polls and files


def test_no_failed_status_request_ends_a_job(rogue, narration_file, tmp_path):
    gc.collect()  # what earlier tests left must not be finalized 1000 calls deep, while the brackets below are read
    odd = in_turn(
        (200, {"Content-Encoding": "gzip"}, b"this is no gzip"),
        (503, {"Retry-After": "Mon, 01 Jan 0001 00:00:00 -0000"}, b""),
        (503, {"Retry-After": "nan"}, b""),
        (200, {}, b"[" * 200_000),
        (200, {}, b'{"id": "x", "status": "failed", "error": {"message": "the end \\ud83d"}}'),
    )
    error = error_of(at(rogue(odd), tmp_path), narration_file, GenerationFailed)
    assert "the end" in str(error)


def test_an_odd_result_has_no_video(rogue, narration_file, tmp_path):
    server = rogue(ok({"id": "x", "status": "completed", "steps": 5}))
    error = error_of(at(server, tmp_path, "gemini"), narration_file, GenerationFailed)
    assert "without a video" in str(error)


@pytest.mark.parametrize("name", ["openai_sora", "zai", "gateway", "gemini"])
def test_a_job_id_stays_one_path_segment(rogue, narration_file, tmp_path, name):
    job_id = "a/../..\n\x00 b?c#d"
    server = rogue(created=ok({**TAKEN, "id": job_id, "job_id": job_id}))
    error_of(at(server, tmp_path, name), narration_file, GenerationFailed)
    assert server.paths[-1].endswith("/a%2F..%2F..%0A%00%20b%3Fc%23d")


@pytest.mark.parametrize(
    "address", ["http://[bad/x", "http://host:99999/x", "file:///etc/passwd", "data:video/mp4;base64,AAAA"]
)
@pytest.mark.parametrize("how", ["named", "redirect"])
def test_an_invalid_video_url_fails_the_download(rogue, narration_file, tmp_path, monkeypatch, address, how):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    done = (200, {}, {**TAKEN, "status": "completed", "url": address if how == "named" else None})
    content = (404, {}, b"") if how == "named" else (302, {"Location": address}, b"")
    server = rogue(lambda _: content if server.paths[-1].endswith("content") else done)
    error = error_of(at(server, tmp_path), narration_file, DownloadFailed)
    assert "Job x was accepted" in str(error)


def test_a_short_range_is_no_whole_file(rogue, tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    data = os.urandom(100_000)

    def piece(_: int) -> tuple[int, dict[str, str], bytes]:
        start = int((server.ranges[-1] or "bytes=0-")[6:-1])
        part = data[start : start + 40_000]
        return (
            206,
            {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(data)}", "ETag": '"a"'},
            part,
        )

    server = rogue(piece)

    async def fetch() -> None:
        provider = OpenAiSora(KEY, server.url)
        await provider.http.fetch("video", tmp_path / "video", lambda _: None, most=10**8)
        await provider.aclose()

    asyncio.run(fetch())
    assert (tmp_path / "video").read_bytes() == data


def test_a_full_disk_leaves_the_job_resumable(sandbox, narration_file, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartialFile, "write", full)
    service = VideoGenerationService("zai", settings=settings(tmp_path))
    error = error_of(service, narration_file, DownloadFailed)
    assert "No space left on device" in str(error)
    assert service.resumable()[0].attempt.job_id == error.job_id


# Plug-ins


class Plugin(Provider):
    """Takes every job and never finishes one; a test breaks it where it likes."""

    name = "mine"
    capabilities = Capabilities((Model("m", price=Price(1.0, "video")),), cancel=True)

    def availability(self) -> Availability:
        return Availability(True, "")

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        return ""

    async def submit(self, request: Any) -> Accepted:
        return Accepted("1", self.name, "m", 1.0)

    async def status(self, job_id: str) -> ProviderStatus:
        return ProviderStatus(JobState.RUNNING)

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        raise NotImplementedError

    async def cancel(self, job_id: str) -> bool:
        return True


def breaking(step: str) -> Plugin:
    def broken(*_: object) -> Any:
        raise KeyError("boom")

    return type("Broken", (Plugin,), {step: broken})()


@pytest.mark.parametrize("step", ["plan", "upload"])
def test_a_crash_before_the_submission_hands_over(sandbox, narration_file, tmp_path, step):
    service = VideoGenerationService([breaking(step), "zai"], settings=settings(tmp_path))
    made = service.submit(narration_file, config=SMALL).result(60).provenance
    assert made.provider == "zai"
    assert "boom" in made.declined["mine"]


def test_a_crash_during_the_submission_is_in_doubt(sandbox, narration_file, tmp_path):
    service = VideoGenerationService([breaking("submit"), "zai"], settings=settings(tmp_path))
    error_of(service, narration_file, SubmissionInDoubt)
    (run,) = service.history()
    assert (run.state, run.attempt.outcome, sandbox.submissions("zai")) == ("ambiguous", "ambiguous", 0)


def test_a_crash_in_status_is_skipped(narration_file, tmp_path):
    answers: Iterator[Any] = iter([KeyError("boom"), ProviderStatus(JobState.FAILED, message="the end")])

    class Flaky(Plugin):
        async def status(self, job_id: str) -> ProviderStatus:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

    service = VideoGenerationService(Flaky(), settings=settings(tmp_path))
    assert "the end" in str(error_of(service, narration_file, GenerationFailed))


def test_a_crash_in_cancel_still_cancels(narration_file, tmp_path):
    service = VideoGenerationService(breaking("cancel"), settings=settings(tmp_path))
    job = service.submit(narration_file, config=SMALL)
    while not job.provider_job_id:
        time.sleep(0.01)
    job.cancel()
    with pytest.raises(JobCanceled, match="may still finish and be billed"):
        job.result(20)


# What is no number, and a service that was closed


@pytest.mark.parametrize(
    "limit",
    [{"budget": float("nan")}, {"budget": -1}, {"poll_interval": float("nan")}, {"poll_tries": -1}],
    ids=str,
)
def test_an_invalid_limit_sends_nothing(sandbox, narration_file, tmp_path, limit):
    service = VideoGenerationService("zai", settings=settings(tmp_path))
    with pytest.raises(ConfigError, match=r"give a (whole )?number"):
        service.submit(narration_file, config=SMALL, **limit)
    assert sandbox.submissions("zai") == 0


def test_a_closed_service_keeps_keys_and_addresses(sandbox, narration_file, tmp_path, monkeypatch):
    access = {"api_key": sandbox.key("zai"), "base_url": sandbox.base_url("zai")}
    for variable in ("ZAI_API_KEY", "ZAI_BASE_URL"):
        monkeypatch.delenv(variable)
    service = VideoGenerationService("zai", settings=settings(tmp_path), **access)
    service.close()
    service.submit(narration_file, config=SMALL).result(60)
    own = VideoGenerationService(provider_class("zai")(**access), settings=settings(tmp_path))
    own.close()
    assert own.submit(narration_file, config=SMALL).result(60).provenance.provider == "zai"
