"""Child processes that no event loop policy can break."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from tests.systems import shell_program
from voxweave_nb import VideoGenerationService, child_environment, runtime
from voxweave_nb.media import children, ffmpeg
from voxweave_nb.media.children import PIPE, end_group, start_child
from voxweave_nb.sandbox import Sandbox

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="policies with other loops exist on Unix only"
)


@pytest.fixture
def foreign_policy():
    """Returns a function that installs a policy without child watchers, as uvloop's is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        before = asyncio.get_event_loop_policy()

        class Policy(asyncio.DefaultEventLoopPolicy):
            def get_child_watcher(self):
                raise NotImplementedError

            def new_event_loop(self):
                raise AssertionError("a loop was made by the user's policy")

        yield lambda: asyncio.set_event_loop_policy(Policy())
        asyncio.set_event_loop_policy(before)


@pytest.mark.slow
def test_a_policy_between_two_videos_breaks_nothing(foreign_policy, narration_file, tmp_path):
    small = {"prompt": "a quiet sea", "resolution": "720p", "fps": 4}
    with VideoGenerationService.local(output_dir=tmp_path) as service:
        service.submit(narration_file, **small).result(60)
        foreign_policy()
        assert service.submit(narration_file, **small).result(60).path.exists()


def test_the_background_loop_ignores_the_policy(foreign_policy):
    foreign_policy()
    started = runtime.Background()
    assert started.submit(asyncio.sleep(0, "done")).result(5) == "done"
    started.close()
    started.loop.close()


def run(*command: str, given: bytes | None = None) -> tuple[bytes, bytes, int]:
    async def main() -> tuple[bytes, bytes, int]:
        child = await start_child(command, stdin=PIPE if given is not None else None)
        if given is not None:
            child.stdin.write(given)
            await child.stdin.drain()
            child.stdin.close()
        out, log, code = await asyncio.gather(child.stdout.read(), child.stderr.read(), child.wait())
        assert child.returncode == code
        return out, log, code

    return asyncio.run(main())


def test_a_child_is_fed_and_read():
    code = "import sys; t = sys.stdin.read(); print(len(t)); print('end', file=sys.stderr); sys.exit(3)"
    out, log, status = run(sys.executable, "-c", code, given=b"x" * 1_000_000)
    assert (out, log, status) == (b"1000000\n", b"end\n", 3)


def test_a_child_without_input_reads_nothing():
    assert run(sys.executable, "-c", "import sys; print(sys.stdin.read() == '')")[0] == b"True\n"


def test_a_signal_is_a_negative_status():
    assert run(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")[2] == -9


def test_a_missing_program_is_an_error():
    with pytest.raises(FileNotFoundError):
        run("/nowhere/program")


def test_a_child_that_stops_reading_breaks_nothing():
    async def main() -> int:
        child = await start_child([sys.executable, "-c", "import os; os.close(0)"], stdin=PIPE)
        try:
            for _ in range(50):
                child.stdin.write(b"x" * 100_000)
                await child.stdin.drain()
        except ConnectionError:
            pass
        return await child.wait()

    assert asyncio.run(main()) == 0


def test_a_start_that_is_cancelled_leaves_nothing_open(monkeypatch):
    """Pipes that no stream has taken yet are closed too; pytest reports those that are left."""
    started: list[int] = []
    start = children.Child.__init__

    def remember(child, process):
        started.append(process.pid)
        start(child, process)

    async def main() -> None:
        task = asyncio.create_task(start_child([sys.executable, "-c", "input()"], stdin=PIPE))
        while not started:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(children.Child, "__init__", remember)
    asyncio.run(main())
    gc.collect()
    assert not psutil.pid_exists(started[0])


# Windows


class WindowsSelectorLoop(asyncio.SelectorEventLoop):
    """A loop as ipykernel's policy makes it on Windows: it starts no process."""

    async def subprocess_exec(self, *_, **__):
        raise NotImplementedError


@pytest.fixture
def windows(monkeypatch) -> Iterator[list[int]]:
    """Start processes as on Windows, under ipykernel's policy; give their creation flags."""
    flags: list[int] = []

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            return WindowsSelectorLoop()

    start = asyncio.create_subprocess_exec

    async def create(*command, creationflags, **options):
        flags.append(creationflags)
        return await start(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create)
    monkeypatch.setattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop, raising=False)
    for module in (children, child_environment, runtime):
        monkeypatch.setattr(module, "sys", SimpleNamespace(platform="win32"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        before = asyncio.get_event_loop_policy()
        asyncio.set_event_loop_policy(Policy())
        yield flags
        asyncio.set_event_loop_policy(before)


def test_the_policy_of_ipykernel_starts_no_process(windows):
    with pytest.raises(NotImplementedError):
        run(sys.executable, "-c", "")


@pytest.mark.slow
def test_videos_are_made_under_the_policy(windows, narration_file, tmp_path, monkeypatch):
    monkeypatch.setattr(ffmpeg, "creation_flags", lambda: 0)  # Linux refuses those of Windows
    small = {"prompt": "a quiet sea", "resolution": "720p", "fps": 4}
    with Sandbox(polls=1) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        for provider in ("local", "zai"):
            with VideoGenerationService(provider, output_dir=tmp_path) as service:
                assert service.submit(narration_file, **small).result(60).path.exists()
    no_window, new_group = 0x0800_0000, 0x0000_0200
    assert windows
    assert set(windows) == {no_window | new_group}


@pytest.mark.parametrize(("code", "kills"), [(0, 0), (128, 1)], ids=["tree killed", "tool failed"])
def test_windows_kills_a_process_once(windows, tmp_path, monkeypatch, code, kills):
    """A second kill looks for the exit code itself: asyncio could not read it then, and said 255."""
    (tmp_path / "System32").mkdir()
    shell_program(tmp_path / "System32" / "taskkill.exe", f"exit {code}")
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    killed: list[bool] = []
    process = SimpleNamespace(pid=1, kill=lambda: killed.append(True))

    with asyncio.Runner(loop_factory=runtime.new_loop) as runner:
        runner.run(children._kill_group(process))
    assert len(killed) == kills


def test_windows_kills_what_a_process_has_started(windows, tmp_path, monkeypatch):
    (tmp_path / "System32").mkdir()
    shell_program(tmp_path / "System32" / "taskkill.exe", f'echo "$*" >"{tmp_path}/asked"; kill -9 "$4"')
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))

    async def main() -> tuple[int, int | None]:
        child = await start_child([sys.executable, "-c", "input()"], stdin=PIPE)
        await end_group(child)
        return child.pid, child.returncode

    with asyncio.Runner(loop_factory=runtime.new_loop) as runner:
        pid, status = runner.run(main())
    assert status == -9
    assert (tmp_path / "asked").read_text().split() == ["/T", "/F", "/PID", str(pid)]
