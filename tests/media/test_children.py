"""Child processes that no event loop policy can break."""

from __future__ import annotations

import asyncio
import sys
import warnings

import pytest

from voxweave_nb import VideoGenerationService, runtime
from voxweave_nb.media.children import PIPE, start_child

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
