"""The environment of child processes: no key in it, and all that a program needs to run."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.systems import needs_proc, shell_program
from voxweave_nb import VideoGenerationService
from voxweave_nb.child_environment import child_environment
from voxweave_nb.media import ffmpeg
from voxweave_nb.media.running import run_ffmpeg

SECRETS = {
    "OPENAI_API_KEY": "sk-canary-1",
    "ZAI_API_KEY": "sk-canary-2",
    "VOXWEAVE_API_KEY": "sk-canary-3",
    "AWS_SECRET_ACCESS_KEY": "sk-canary-4",
    "DATABASE_URL": "postgres://user:sk-canary-5@db",
    "HTTPS_PROXY": "http://user:sk-canary-6@proxy",
    "PYTHON_KEYRING_TOKEN": "sk-canary-7",
}


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_a_child_gets_what_it_needs(monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("VOXWEAVE_FFMPEG", "/opt/ffmpeg")
    found = child_environment(MALLOC_ARENA_MAX="1")
    assert {"PATH", "LD_LIBRARY_PATH", "LC_ALL", "VOXWEAVE_FFMPEG"} <= set(found)
    assert found["MALLOC_ARENA_MAX"] == "1"
    assert "canary" not in repr(found)


def environments() -> dict[int, str]:
    """The environment of each process below this one."""
    parents: dict[int, int] = {}
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                found[int(entry.name)] = (entry / "environ").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue

    def below(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == os.getpid():
                return True
        return False

    return {pid: text for pid, text in found.items() if below(pid)}


@pytest.mark.slow
@needs_proc
def test_no_key_is_in_a_workers_environment(narration_file, tmp_path):
    service = VideoGenerationService.local(output_dir=tmp_path)
    job = service.submit(narration_file, prompt="a quiet sea", resolution="720p")
    seen: dict[int, str] = {}
    while not job.done():
        # A child that has not called exec yet still shows this process's environment.
        seen.update({pid: text for pid, text in environments().items() if text})
        time.sleep(0.02)
    job.result(60)
    service.close()
    last = list(seen.values())
    assert any("MALLOC_TRIM_THRESHOLD_" in text for text in last)
    assert not [text for text in last if "canary" in text]


@needs_proc
def test_no_key_is_in_ffmpegs_environment(tmp_path):
    async def main() -> list[str]:
        args = ["-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]
        task = asyncio.create_task(run_ffmpeg(args, cwd=tmp_path, timeout=60))
        while not (found := environments()):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        found = environments()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return list(found.values())

    texts = asyncio.run(main())
    assert texts
    assert "canary" not in "".join(texts)


def test_no_key_is_seen_while_finding_ffmpeg(tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    script = shell_program(tmp_path / "ffmpeg", f'env >> "{seen}"\necho "ffmpeg version 7.1"')
    monkeypatch.setenv("VOXWEAVE_FFMPEG", str(script))
    assert ffmpeg.find_ffmpeg().version == "7.1"
    assert "PATH=" in seen.read_text()
    assert "canary" not in seen.read_text()
