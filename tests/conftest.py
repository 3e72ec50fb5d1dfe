"""What many tests need: a narration, made on the spot."""

from __future__ import annotations

import gc
import math
import os
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from voxweave_nb import environment
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.sandbox import Sandbox

# A deadline fails when the machine is busy, not when the code is wrong.
settings.register_profile("whole", deadline=None)
settings.register_profile("fast", max_examples=10, deadline=None)
settings.load_profile("whole")


def write_narration(path: Path, seconds: float = 2.0, rate: int = 16_000) -> Path:
    """A tone that comes and goes like syllables, four a second."""
    frames = bytearray()
    for index in range(int(seconds * rate)):
        time = index / rate
        envelope = max(0.0, math.sin(2 * math.pi * 2 * time)) ** 2
        frames += struct.pack("<h", int(12_000 * envelope * math.sin(2 * math.pi * 220 * time)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(frames))
    return path


KEYS = ("OPENAI", "ZAI", "VOXWEAVE", "FAL", "GEMINI", "VOXWEAVE_JUDGE")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test may spend a developer's money, or write into their journal."""
    for name in KEYS:
        for ending in ("API_KEY", "KEY", "BASE_URL"):
            monkeypatch.delenv(f"{name}_{ending}", raising=False)
    monkeypatch.delenv("VOXWEAVE_PROVIDERS", raising=False)
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path_factory.getbasetemp() / "home"))


def _constants() -> dict[str, object]:
    """The constants of the package's loaded modules: numbers, strings and tuples of them."""
    return {
        f"{name}.{key}": value
        for name, module in list(sys.modules.items())
        if name.startswith("voxweave_nb.")
        for key, value in list(vars(module).items())
        if key.isupper() and isinstance(value, (int, float, str, tuple))
    }


@pytest.fixture(autouse=True, scope="module")
def no_traces() -> Iterator[None]:
    """A module of tests that leaves a constant changed breaks others, depending on their order."""
    before = _constants()
    yield
    after = _constants()
    assert {name: after[name] for name in before.keys() & after.keys() if after[name] != before[name]} == {}


@pytest.fixture(scope="session")
def narration_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of something like speech."""
    return write_narration(tmp_path_factory.mktemp("narration") / "talk.wav")


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One server for all tests; its jobs take two polls."""
    with Sandbox(polls=2) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The server as new, and its keys and addresses in the environment."""
    running_sandbox.reset()
    for name, value in running_sandbox.env.items():
        monkeypatch.setenv(name, value)
    return running_sandbox


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is quick comes first, so that a failure shows early; browsers come last.

    Where whole modules are spread over processes, those with slow tests come first: no process then has long work left
    when the others are done.
    """
    if not config.getoption("loadscopereorder", True):
        slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
        items.sort(key=lambda item: item.path not in slow)
        return
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is not None,
            item.get_closest_marker("slow") is not None,
        )
    )


def pytest_collection_finish() -> None:
    """The tests themselves live to the end: a garbage collection inside one need not look through them all."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, as many tests wait for a server or a process."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def narrated_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of H.264 with AAC."""
    path = tmp_path_factory.mktemp("narrated") / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([find_ffmpeg().path, "-v", "error", *source, *encode, str(path)], check=True)
    return path


@pytest.fixture
def in_vscode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that was started by VS Code."""
    shell = SimpleNamespace(kernel=object(), user_ns={"__vsc_ipynb_file__": "/home/me/talks/a.ipynb"})
    monkeypatch.setattr(environment, "_shell", lambda: shell)


@pytest.fixture
def aviary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an installed package with a recogniser and a voice."""
    from tests.speech.engines import install

    folder = install(tmp_path / "site")
    path = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(part for part in (str(folder), path) if part))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    yield folder
    sys.modules.pop("aviary", None)
