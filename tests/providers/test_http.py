"""HTTP as every provider gets it: what is asked again, what never is, and where a key goes."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from voxweave_nb import (
    ConfigError,
    DownloadFailed,
    ProviderError,
    ProviderUnavailable,
    Settings,
    SubmissionInDoubt,
)
from voxweave_nb.providers import addresses, provider_class
from voxweave_nb.providers.http import Reply, Secret
from voxweave_nb.providers.remote import HttpProvider
from voxweave_nb.sandbox import Fault, Sandbox

from .canned import serving

HTTP = ("openai_sora", "zai", "gateway", "fal", "gemini")
KEY = "sk-very-private-0123456789"
MOST = 10**8
RENDERING = 10.0
"""Seconds in which the sandbox has rendered its clip, also on a busy machine."""


@asynccontextmanager
async def at_work(name: str, timeout: float = 0.5, **access: Any):
    found = provider_class(name)(**access, settings=Settings(http_timeout=timeout))
    try:
        yield found
    finally:
        await found.aclose()


def run(name: str, step: Callable[[Any], Awaitable[Any]], **access: Any) -> Any:
    async def whole() -> Any:
        async with at_work(name, **access) as provider:
            return await step(provider)

    return asyncio.run(whole())


def done_job(sandbox: Sandbox) -> Callable[[HttpProvider], Awaitable[str]]:
    async def made(provider: HttpProvider) -> str:
        reply = await provider.http.send_once(
            "videos",
            files={"prompt": (None, "a quiet sea"), "seconds": (None, "4"), "size": (None, "1280x720")},
        )
        job_id = str((reply.data or {})["id"])
        while (await provider.status(job_id)).state != "succeeded":
            pass
        return job_id

    return made


# A key


def test_a_secret_is_never_shown_or_written():
    secret = Secret(KEY)
    assert KEY not in f"{secret!r} {secret} {[secret]}"
    assert secret.hide_in(f"Wrong key {KEY}.") == "Wrong key ***."
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="never written down"):
            write(secret)


@pytest.mark.parametrize("name", HTTP)
def test_no_repr_or_error_shows_a_key(name, sandbox):
    async def all_of_it(provider: HttpProvider) -> str:
        shown = [repr(provider), repr(vars(provider)), repr(provider.availability()), repr(provider.http)]
        echo = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "1214"}}
        sandbox.fault("create", Fault.status(400, body=echo), provider=name)
        with pytest.raises(ProviderError) as caught:
            await provider.http.send_once({"openai_sora": "videos", "zai": "videos/generations",
                "gateway": "video/generate", "fal": "fal-ai/ltx-2/audio-to-video", "gemini": "interactions"}[name],
                json={})  # fmt: skip
        error = caught.value
        return "\n".join([*shown, str(error), repr(error), repr(vars(error)), repr(error.__cause__)])

    shown = run(name, all_of_it, api_key=KEY, base_url=sandbox.base_url(name))
    assert "***" in shown
    assert KEY not in shown


@pytest.mark.parametrize("name", ["zai", "fal"])
def test_another_origin_gets_no_key(name, sandbox, tmp_path):
    async def step(provider: HttpProvider) -> None:
        await provider.http.fetch(
            f"{sandbox.cdn_url}/nothing-here", tmp_path / "v", print, most=MOST, tries=1
        )

    with pytest.raises(DownloadFailed):
        run(name, step)
    assert not any(asked.leaked for asked in sandbox.history)


@pytest.mark.parametrize("name", ["openai_sora", "gateway", "gemini"])
def test_a_redirect_to_another_origin_gets_no_key(name, sandbox, tmp_path):
    """Authorization is dropped by most clients; a header of a provider's own, such as x-goog-api-key, by few."""
    seen: list[dict[str, str]] = []

    async def step(provider: HttpProvider) -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
            seen.append(dict(line.lower().split(": ", 1) for line in lines if line))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nvideo")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            sandbox.fault("poll", Fault.redirect(f"http://127.0.0.1:{port}/video.mp4"), provider=name)
            path = {"openai_sora": "videos/x", "gateway": "video/status/x", "gemini": "interactions/x"}[name]
            await provider.http.fetch(path, tmp_path / "v", lambda _: None, most=MOST)

    run(name, step)
    assert (tmp_path / "v").read_bytes() == b"video"
    (headers,) = seen
    assert not {"authorization", "x-goog-api-key"} & set(headers)
    assert sandbox.key(name) not in str(headers)


# What is free


def test_a_free_request_waits_as_long_as_asked(sandbox):
    sandbox.fault("list", Fault.status(429, retry_after=0.2), provider="openai_sora", times=2)
    said: list[str] = []

    async def step(provider: HttpProvider) -> Reply:
        began = asyncio.get_running_loop().time()
        reply = await provider.http.ask("videos", tries=4, say=said.append)
        assert asyncio.get_running_loop().time() - began >= 0.4
        return reply

    assert run("openai_sora", step).ok
    assert said == ["openai_sora: the server answered HTTP 429; retrying in 0.2 s."] * 2


def test_a_server_that_keeps_failing_is_believed(sandbox, monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    sandbox.fault("list", Fault.page(502), provider="openai_sora", times=None)

    async def step(provider: HttpProvider) -> Reply:
        return await provider.http.ask("videos", tries=3)

    assert run("openai_sora", step).status == 502
    assert len(sandbox.history) == 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_parsed_in_every_form(headers, seconds):
    assert Reply(429, headers, "", None).retry_after == seconds


# What is paid for


def test_an_unsent_submission_is_retried_then_given_up(sandbox, monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    said: list[str] = []

    async def step(provider: HttpProvider) -> None:
        await provider.http.send_once("videos", say=said.append, json={})

    with pytest.raises(ProviderUnavailable, match="cannot be reached at http://127"):
        run("openai_sora", step, api_key="k", base_url=sandbox.closed_url())
    assert len(said) == 3


def test_a_submission_never_reuses_a_connection():
    """A server may close an idle connection just as a request goes out, and nobody could tell whether it arrived."""
    lines: list[list[str]] = []

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            lines.append([])

        def answer(self) -> None:
            lines[-1].append(self.command)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = answer  # noqa: N815  the names that http.server looks for

    async def step(provider: HttpProvider) -> None:
        for _ in range(3):
            await provider.http.ask("videos")
        for _ in range(2):
            await provider.http.send_once("videos")

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        run("openai_sora", step, api_key="k", base_url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert lines == [["GET", "GET", "GET"], ["POST"], ["POST"]]


@pytest.mark.parametrize(
    "fault",
    [Fault.reset_before(), Fault.reset_after(), Fault.hang(), Fault.truncate(), Fault.malformed()],
    ids=str,
)
def test_a_lost_answer_is_not_resent(sandbox, fault):
    sandbox.fault("create", fault, provider="openai_sora", times=None)

    async def step(provider: HttpProvider) -> None:
        await provider.http.send_once("videos", files={"prompt": (None, "a quiet sea")})

    with pytest.raises(
        SubmissionInDoubt, match=r"may have accepted the job, and may bill it.*was not sent again"
    ):
        run("openai_sora", step)
    assert sandbox.submissions("openai_sora") == 1


# What is fetched


def test_a_broken_download_goes_on_where_it_broke(tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    counts: list[int] = []

    async def step(provider: HttpProvider) -> None:
        job = await done_job(sandbox)(provider)
        await provider.http.fetch(f"videos/{job}/content", tmp_path / "broken.mp4", counts.append, most=MOST)
        await provider.http.fetch(f"videos/{job}/content", tmp_path / "whole.mp4", print, most=MOST)

    with Sandbox(polls=1, pad_to=3_000_000) as sandbox:  # large, so that something arrives before it breaks
        sandbox.fault("content", Fault.truncate(0.4), provider="openai_sora", times=1)
        access = {"api_key": sandbox.key("openai_sora"), "base_url": sandbox.base_url("openai_sora")}
        run("openai_sora", step, timeout=RENDERING, **access)
    assert (tmp_path / "broken.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    statuses = [asked.status for asked in sandbox.history if asked.step == "content"]
    assert statuses == [200, 206, 200]
    assert counts == sorted(counts)


def test_a_download_may_break_while_bytes_arrive(sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    sandbox.fault("content", Fault.truncate(0.3), provider="openai_sora", times=9)

    async def step(provider: HttpProvider) -> None:
        job = await done_job(sandbox)(provider)
        await provider.http.fetch(f"videos/{job}/content", tmp_path / "v.mp4", lambda _: None, most=MOST)

    run("openai_sora", step, timeout=RENDERING)
    assert (tmp_path / "v.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize("tls", [False, True])
def test_a_download_is_cancelled_midway(tmp_path, monkeypatch, tls):
    certificate = None
    if tls:
        certificate = tmp_path / "server.pem"
        _trusted_certificate(certificate, tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    counts: list[int] = []

    async def step(provider: HttpProvider) -> None:
        job = await done_job(sandbox)(provider)
        fetch = provider.http.fetch(f"videos/{job}/content", tmp_path / "v", counts.append, most=MOST)
        task = asyncio.ensure_future(fetch)
        while not counts and not task.done():
            await asyncio.sleep(0.01)
        task.cancel()
        began = asyncio.get_running_loop().time()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.get_running_loop().time() - began < 1
        for thread in threading.enumerate():
            if thread.name == "voxweave-download":
                thread.join(5)
                assert not thread.is_alive()

    with Sandbox(polls=1, pad_to=3_000_000, certificate=certificate) as sandbox:
        sandbox.fault("content", Fault.drip(300_000), provider="openai_sora")
        access = {"api_key": sandbox.key("openai_sora"), "base_url": sandbox.base_url("openai_sora")}
        run("openai_sora", step, timeout=RENDERING, **access)
    assert (tmp_path / "v").stat().st_size < 3_000_000


def test_too_large_a_download_names_the_setting(sandbox, tmp_path):
    async def step(provider: HttpProvider) -> None:
        job = await done_job(sandbox)(provider)
        await provider.http.fetch(f"videos/{job}/content", tmp_path / "v.mp4", lambda _: None, most=1000)

    with pytest.raises(DownloadFailed, match="VOXWEAVE_MAX_DOWNLOAD_BYTES"):
        run("openai_sora", step, timeout=RENDERING)


def test_endless_redirects_end(sandbox, tmp_path):
    url = f"{sandbox.base_url('openai_sora')}/videos"
    sandbox.fault("list", Fault.redirect(url), provider="openai_sora", times=None)

    async def step(provider: HttpProvider) -> None:
        await provider.http.fetch("videos", tmp_path / "v", lambda _: None, most=MOST)

    with pytest.raises(DownloadFailed, match="more than 5 redirects"):
        run("openai_sora", step)


# Where a provider lives


def test_an_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.delenv("ZAI_BASE_URL", raising=False)
    zai = provider_class("zai")
    assert zai().base_url == "https://api.z.ai/api/paas/v4"
    monkeypatch.setenv("ZAI_BASE_URL", "https://open.bigmodel.cn/api/paas/v4/")
    assert zai().base_url == "https://open.bigmodel.cn/api/paas/v4"
    assert zai(base_url="http://127.0.0.1:9/v4").base_url == "http://127.0.0.1:9/v4"


@pytest.mark.parametrize("address", ["ftp://example.org", "api.z.ai/v4", "file:///etc/passwd"])
def test_an_invalid_address_is_refused_in_words(address):
    with pytest.raises(ConfigError, match="begins with https:// or http://"):
        provider_class("zai")(base_url=address)


@pytest.mark.parametrize("name", HTTP)
def test_a_missing_key_names_its_variable(name):
    found = provider_class(name)
    state = found().availability()
    assert not state.ready
    assert found.key_variable in state.reason


def test_a_server_of_ones_own_needs_no_key():
    assert provider_class("openai_sora")(base_url="http://gpu-box:8000/v1").availability().ready


def _trusted_certificate(certificate: Path, bundle: Path) -> None:
    import trustme

    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    authority.cert_pem.write_to_path(bundle)


def test_the_environments_certificate_bundle_is_used(tmp_path, monkeypatch):
    certificate = tmp_path / "server.pem"
    _trusted_certificate(certificate, tmp_path / "ca.pem")

    async def step(provider: HttpProvider) -> Reply:
        return await provider.http.ask("videos")

    with Sandbox(certificate=certificate) as sandbox:
        access = {"api_key": sandbox.key("openai_sora"), "base_url": sandbox.base_url("openai_sora")}
        with pytest.raises(ProviderUnavailable, match="certificate"):
            run("openai_sora", step, **access)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert run("openai_sora", step, **access).ok


def test_a_file_name_unfit_for_headers_is_cleaned(sandbox, tmp_path, narration_file):
    odd = tmp_path / 'a "quoted"\n name; é.wav'
    odd.write_bytes(Path(narration_file).read_bytes())

    async def step(provider: HttpProvider) -> str:
        return await provider.upload(odd, lambda _: None)

    assert run("gateway", step).startswith(sandbox.url)


# What a server names

SECRET_PAGE = b'{"secret": "inner-canary"}'


@pytest.fixture
def public_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the provider's own address, 127.0.0.1, count as one on the internet; 127.0.0.2 is inner."""
    real = addresses.place_of
    monkeypatch.setattr(
        addresses, "place_of", lambda host: "" if host in ("127.0.0.1", "provider") else real(host)
    )


def inner_server(body: bytes = SECRET_PAGE):
    class Inner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    asked: list[str] = []
    return ThreadingHTTPServer(("127.0.0.2", 0), Inner), asked


@pytest.mark.parametrize("way", ["named", "redirected", "asked"])
def test_an_inner_address_is_not_fetched(way, public_server, tmp_path):
    server, asked = inner_server()
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        inner = f"http://127.0.0.2:{server.server_port}/latest/meta-data"
        with serving(b"moved", status=302, Location=inner) as provider_server:

            async def step(provider: HttpProvider) -> None:
                if way == "asked":
                    await provider.http.ask(inner)
                else:
                    url = inner if way == "named" else f"{provider_server.url}/clip"
                    await provider.http.fetch(url, tmp_path / "clip", lambda _: None, most=MOST, tries=2)

            with pytest.raises(ProviderError, match=r"http://127\.0\.0\.2:\d+") as caught:
                run("openai_sora", step, api_key="k", base_url=provider_server.url)
        server.shutdown()
        thread.join()
    assert asked == []
    assert "canary" not in str(caught.value) + repr(vars(caught.value))
    assert not (tmp_path / "clip").exists()


def test_a_name_that_changes_its_address_is_caught(public_server, tmp_path, monkeypatch):
    """The name is looked up once more for the connection, and may then lead elsewhere."""
    server, _ = inner_server()
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setattr(addresses, "foreign_place", lambda *_: "")
        url = f"http://127.0.0.2:{server.server_port}/clip"

        async def step(provider: HttpProvider) -> None:
            await provider.http.fetch(url, tmp_path / "clip", lambda _: None, most=MOST, tries=1)

        with pytest.raises(DownloadFailed) as caught:
            run("openai_sora", step, api_key="k", base_url="http://127.0.0.1:9")
        server.shutdown()
        thread.join()
    assert "canary" not in str(caught.value) + repr(vars(caught.value))
    assert not (tmp_path / "clip").exists()


@pytest.mark.parametrize("way", ["asked", "uploaded", "submitted", "downloaded"])
def test_a_name_that_moves_inside_gets_nothing(monkeypatch, tmp_path, way):
    monkeypatch.setattr(addresses, "_looked_up", lambda host: ["8.8.8.8"])  # as it was when it was checked
    monkeypatch.setattr("voxweave_nb.providers.http._LONGEST_PAUSE", 0.01)
    (tmp_path / "a.wav").write_bytes(b"narration")

    async def step(provider: HttpProvider, url: str) -> None:
        if way == "asked":
            await provider.http.ask(url)
        elif way == "uploaded":
            await provider.http.upload(url, "file", tmp_path / "a.wav", lambda _: None)
        elif way == "submitted":
            await provider.http.send_once(url, json={})
        else:
            await provider.http.fetch(url, tmp_path / "clip", lambda _: None, most=MOST, tries=1)

    with serving(b'{"message": "what is inside"}') as inner:
        url = f"http://localhost:{inner.server_port}/latest"
        kind = DownloadFailed if way == "downloaded" else ProviderUnavailable
        with pytest.raises(kind, match=r"names http://localhost:\d+, which is on this machine"):
            run("fal", lambda provider: step(provider, url), api_key=KEY, base_url="https://api.example")
        assert inner.asked == []
