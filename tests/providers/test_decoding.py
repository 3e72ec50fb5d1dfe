"""Answers that grow when they are decoded: a limit on what comes out, never on what went in."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import brotli
import pytest

from tests.systems import peak_memory
from voxweave_nb import DownloadFailed, ProviderError, Settings, SubmissionInDoubt
from voxweave_nb.providers import provider_class

from .canned import serving

zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


@cache
def bomb() -> bytes:
    return gzip.compress(bytes(300_000_000), 1)


@cache
def deep() -> bytes:
    return gzip.compress(gzip.compress(bytes(100_000_000), 1), 9)


def unknown() -> bytes:
    return b"x"


TEXT = json.dumps({"id": "job-1", "status": "completed"}).encode()


def call(url: str, step: Callable[[Any], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        provider = provider_class("openai_sora")(
            api_key="sk-1", base_url=url, settings=Settings(http_timeout=10)
        )
        try:
            return await step(provider.http)
        finally:
            await provider.aclose()

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("headers", "sent"), [(None, "application/json"), ({"content-type": "text/json"}, "text/json")]
)
def test_json_is_sent_as_json(headers, sent):
    with serving(b"{}") as server:
        call(server.url, lambda http: http.send_once("videos", json={"prompt": "sé 🌊"}, headers=headers))
    (_, _, received), body = server.asked[0], server.bodies[0]
    assert received["content-type"] == sent
    assert (json.loads(body), received["content-length"]) == ({"prompt": "sé 🌊"}, str(len(body)))


def raw_deflate(content: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(content) + coder.flush()


@pytest.mark.parametrize("step", ["ask", "send_once", "upload"])
def test_every_request_asks_for_identity(step, tmp_path):
    (tmp_path / "talk.wav").write_bytes(b"sound")
    steps = {
        "ask": lambda http: http.ask("videos"),
        "send_once": lambda http: http.send_once("videos", json={}),
        "upload": lambda http: http.upload("videos", "file", tmp_path / "talk.wav", lambda _: None),
    }
    with serving(b"{}") as server:
        call(server.url, steps[step])
    assert server.asked[0][2]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP, identity", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("identity", TEXT),
    ],
)
def test_an_encoded_answer_is_still_read(encoding, body):
    with serving(body, content_encoding=encoding) as server:
        assert call(server.url, lambda http: http.ask("videos")).data["id"] == "job-1"


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_other_encodings_are_read_where_possible(encoding):
    body = brotli.compress(TEXT) if encoding == "br" else zstd.compress(TEXT)
    with serving(body, content_encoding=encoding) as server:
        assert call(server.url, lambda http: http.ask("videos")).data["id"] == "job-1"


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_other_encodings_have_the_limit_too(encoding):
    zeros = bytes(100_000_000)
    body = brotli.compress(zeros, quality=3) if encoding == "br" else zstd.compress(zeros)
    before = peak_memory()
    with serving(body, content_encoding=encoding, status=400) as server:
        reply = call(server.url, lambda http: http.ask("videos"))
    assert "more than 64 MB" in reply.words
    assert peak_memory() - before < 300_000


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", bomb), ("gzip, gzip", deep), ("gzip,gzip", deep), ("lzma", unknown)]
)
def test_a_bomb_is_refused_and_freezes_nothing(encoding, body):
    gaps: list[float] = []

    async def step(http: Any) -> Any:
        async def tick() -> None:
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                gaps.append(time.monotonic() - before)

        ticking = asyncio.create_task(tick())
        try:
            return await http.ask("videos")
        finally:
            ticking.cancel()

    before = peak_memory()
    with serving(body(), content_encoding=encoding) as server:
        reply = call(server.url, step)
    assert reply.data is None
    assert encoding in reply.words or "more than 64 MB" in reply.words
    assert peak_memory() - before < 300_000  # KB
    assert max(gaps, default=0) < 0.5


def test_a_submission_with_a_bomb_is_in_doubt():
    with serving(deep(), content_encoding="gzip, gzip") as server, pytest.raises(SubmissionInDoubt):
        call(server.url, lambda http: http.send_once("videos", json={}))


def test_a_refusal_with_a_bomb_keeps_its_status():
    with (
        serving(bomb(), status=401, content_encoding="gzip") as server,
        pytest.raises(ProviderError) as caught,
    ):
        call(server.url, lambda http: http.send_once("videos", json={}))
    assert (type(caught.value).__name__, caught.value.status) == ("ProviderUnavailable", 401)


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize(("encoding", "body"), [("gzip", bomb), ("gzip, gzip", deep), ("compress", unknown)])
def test_a_download_has_the_limit_too(status, encoding, body, tmp_path):
    async def step(http: Any) -> None:
        await http.fetch("clip", tmp_path / "clip", lambda _: None, most=1_000_000, tries=1)

    before = peak_memory()
    with serving(body(), status=status, content_encoding=encoding) as server, pytest.raises(DownloadFailed):
        call(server.url, step)
    assert peak_memory() - before < 300_000
    assert not (tmp_path / "clip").exists() or (tmp_path / "clip").stat().st_size <= 1_000_000


def test_an_encoded_download_is_decoded(tmp_path):
    async def step(http: Any) -> None:
        await http.fetch("clip", tmp_path / "clip", lambda _: None, most=1_000_000)

    with serving(gzip.compress(b"video" * 1000), content_encoding="gzip") as server:
        call(server.url, step)
    assert (tmp_path / "clip").read_bytes() == b"video" * 1000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_broken_encoding_is_no_answer(encoding):
    with serving(b"\xff not compressed", content_encoding=encoding) as server:
        reply = call(server.url, lambda http: http.ask("videos"))
    assert reply.data is None


def test_millions_of_values_are_not_parsed():
    body = b"[" + b"[]," * 5_000_000 + b"[]]"
    with serving(b'{"a":' + body + b"}") as server:
        reply = call(server.url, lambda http: http.ask("videos"))
    assert reply.data is None
    assert len(reply.text) <= 1_000_000
