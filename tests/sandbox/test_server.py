"""The server: keys, addresses, two origins, start and stop."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

import voxweave_nb.sandbox as public
from voxweave_nb.errors import ConfigError
from voxweave_nb.sandbox import Fault, Sandbox, server

from .clients import PROMPT, client_of


def test_the_public_names_are_these() -> None:
    assert public.__all__ == ["Asked", "Fault", "Sandbox", "SandboxJob", "run"]


def test_every_provider_has_its_key_and_address(sandbox: Sandbox) -> None:
    names = ("openai_sora", "zai", "gateway", "fal", "gemini", "chat")
    assert len({sandbox.key(name) for name in names}) == 6
    assert {sandbox.base_url(name).removeprefix(sandbox.url) for name in names} == {
        "/openai/v1",
        "/zai/api/paas/v4",
        "/gateway",
        "/fal",
        "/gemini/v1beta",
        "/chat/v1",
    }
    assert sandbox.env == {
        "OPENAI_API_KEY": sandbox.key("openai_sora"),
        "OPENAI_BASE_URL": sandbox.base_url("openai_sora"),
        "ZAI_API_KEY": sandbox.key("zai"),
        "ZAI_BASE_URL": sandbox.base_url("zai"),
        "VOXWEAVE_API_KEY": sandbox.key("gateway"),
        "VOXWEAVE_BASE_URL": sandbox.base_url("gateway"),
        "FAL_KEY": sandbox.key("fal"),
        "FAL_BASE_URL": sandbox.base_url("fal"),
        "GEMINI_API_KEY": sandbox.key("gemini"),
        "GEMINI_BASE_URL": sandbox.base_url("gemini"),
        "VOXWEAVE_JUDGE_API_KEY": sandbox.key("chat"),
        "VOXWEAVE_JUDGE_BASE_URL": sandbox.base_url("chat"),
    }


def test_an_unknown_provider_is_refused(sandbox: Sandbox) -> None:
    for wrong in (lambda: Sandbox(keys={"sora": "x"}), lambda: sandbox.key("sora")):
        with pytest.raises(ConfigError, match="openai_sora, zai, gateway, fal, gemini"):
            wrong()


def test_there_is_no_address_before_the_start() -> None:
    with pytest.raises(ConfigError, match="with Sandbox"):
        _ = Sandbox().url


def test_a_port_in_use_is_reported(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(ConfigError, match="cannot start at 127"):
        Sandbox(port=port).start()


def test_windows_takes_no_port_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """There SO_REUSEADDR binds a port that another program listens on, and hides that program."""
    options: list[int] = []

    class Socket(socket.socket):
        def setsockopt(self, level: int, name: int, value: int) -> None:  # type: ignore[override]
            options.append(name)

    monkeypatch.setattr(server, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(server.socket, "socket", Socket)
    server._listen("127.0.0.1", 0).close()
    so_exclusiveaddruse = -5
    assert options == [so_exclusiveaddruse]


def test_a_killed_sandboxs_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = "from voxweave_nb.sandbox import Sandbox; Sandbox().start(); print('up', flush=True); input()"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as other:
        assert other.stdout.readline().strip() == b"up"
        assert len(list(tmp_path.iterdir())) == 1
        other.kill()
        other.wait()
    with Sandbox():
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_stopping_leaves_nothing_behind() -> None:
    before_all = threading.active_count()
    sandbox = Sandbox().start()
    url = sandbox.url
    assert httpx.get(url, trust_env=False).status_code == 404
    before = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - before < 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert threading.active_count() == before_all


def test_it_serves_a_running_event_loop() -> None:
    async def work() -> int:
        with Sandbox(polls=1) as sandbox:
            headers = {"Authorization": f"Bearer {sandbox.key('openai_sora')}"}
            async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
                answers = [
                    client.post(f"{sandbox.base_url('openai_sora')}/videos", data=PROMPT) for _ in range(20)
                ]
                assert all(answer.status_code == 200 for answer in await asyncio.gather(*answers))
            return sandbox.accepted("openai_sora")

    assert asyncio.run(work()) == 20


def test_the_second_origin_reports_leaked_keys(sandbox: Sandbox) -> None:
    with client_of(sandbox, "zai") as client:
        task = client.post("/videos/generations", json={"model": "cogvideox-3", **PROMPT}).json()
        url = client.get(f"/async-result/{task['id']}").json()["video_result"][0]["url"]
        assert httpx.URL(url).port != httpx.URL(sandbox.url).port
        assert httpx.get(url, trust_env=False).status_code == 200
        assert client.get(url).status_code == 200
    assert [asked.leaked for asked in sandbox.history] == [False, False, False, True]
    assert sandbox.jobs[0].fetched == 2


def test_the_second_origin_serves_no_protocol(sandbox: Sandbox) -> None:
    path = sandbox.base_url("zai").removeprefix(sandbox.url)
    assert httpx.post(f"{sandbox.cdn_url}{path}/videos/generations", trust_env=False).status_code == 404


def test_another_providers_key_is_a_leak(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {sandbox.key('zai')}"}
    httpx.get(f"{sandbox.base_url('gateway')}/video/status/x", headers=headers, trust_env=False)
    assert sandbox.history[0].leaked


def test_hanging_requests_do_not_delay_the_stop() -> None:
    with Sandbox() as sandbox:
        for step in ("create", "list"):
            sandbox.fault(step, Fault.hang(), times=None)  # type: ignore[arg-type]
        ended = []

        def ask(method: str) -> None:
            url, headers = f"{sandbox.base_url('openai_sora')}/videos", {"Authorization": "Bearer x"}
            with pytest.raises(httpx.HTTPError):
                httpx.request(method, url, headers=headers, trust_env=False, timeout=30)
            ended.append(method)

        threads = [threading.Thread(target=ask, args=(method,)) for method in ("GET", "POST")]
        for thread in threads:
            thread.start()
        while len(sandbox.history) < 2:
            pass
        before = time.monotonic()
    assert time.monotonic() - before < 5
    for thread in threads:
        thread.join(1)
    assert sorted(ended) == ["GET", "POST"]


def test_connections_to_a_closed_address_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(sandbox.closed_url(), trust_env=False)
