"""The command `voxweave-nb sandbox`."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from types import SimpleNamespace

import httpx

from tests.systems import needs_shell
from voxweave_nb.sandbox import command, run

from .clients import PROMPT


def test_the_command_prints_usage_and_logs_requests() -> None:
    out, ended = io.StringIO(), threading.Event()
    thread = threading.Thread(target=run, kwargs={"out": out, "until": ended})
    thread.start()
    while "downloads" not in out.getvalue():
        assert thread.is_alive()
    exports = dict(
        line.removeprefix("export ").split("=", 1)
        for line in out.getvalue().splitlines()
        if line.startswith("export ")
    )
    url, key = exports["OPENAI_BASE_URL"], exports["OPENAI_API_KEY"]
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{url}/videos", data=PROMPT, headers=headers, trust_env=False).status_code == 200
    while "create  POST /openai/v1/videos -> 200" not in out.getvalue():
        assert thread.is_alive()
    ended.set()
    thread.join(2)
    assert out.getvalue().count(key) == 1


def test_windows_gets_lines_for_powershell(monkeypatch) -> None:
    monkeypatch.setattr(command, "sys", SimpleNamespace(platform="win32", stdout=sys.stdout))
    out, ended = io.StringIO(), threading.Event()
    ended.set()
    assert run(out=out, until=ended) == 0
    assert "$env:OPENAI_BASE_URL = 'http://127.0.0.1:" in out.getvalue()
    assert "export " not in out.getvalue()


@needs_shell
def test_a_shell_can_read_the_exports() -> None:
    out, ended = io.StringIO(), threading.Event()
    ended.set()
    assert run(out=out, until=ended) == 0
    done = subprocess.run(
        ["sh", "-c", f'{out.getvalue()}\necho "$GEMINI_BASE_URL"'], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("/gemini/v1beta")
