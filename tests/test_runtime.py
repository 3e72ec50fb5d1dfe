"""The background loop and `run`, on real threads, processes and loops."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import queue
import subprocess
import sys
import textwrap
import threading

import pytest

from tests.systems import interrupt, needs_fork
from voxweave_nb import runtime


async def _where() -> str:
    return threading.current_thread().name


def test_work_runs_in_a_daemon_thread():
    assert runtime.submit(_where()).result(5) == "voxweave"
    assert runtime.background().thread.daemon


def test_waiting_on_another_loop_returns_the_result():
    async def main() -> str:
        return await runtime.wait(runtime.submit(_where()))

    assert asyncio.run(main()) == "voxweave"


def test_cancelling_a_wait_cancels_the_work():
    stopped = threading.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def main() -> None:
        task = asyncio.create_task(runtime.wait(runtime.submit(endless())))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert stopped.wait(5)


def test_a_reload_keeps_the_running_loop():
    before = runtime.background()
    again = importlib.reload(runtime)
    assert again.background() is before


@needs_fork
def test_a_forked_child_gets_its_own_loop():
    assert _script(
        """
        import os, asyncio
        from voxweave_nb import runtime
        async def one(): return 1
        runtime.submit(one()).result(5)
        import warnings; warnings.simplefilter("ignore")
        child = os.fork()
        if child == 0:
            os._exit(40 + runtime.submit(one()).result(5))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    ) == ["41"]


def test_exit_cancels_running_tasks():
    assert _script(
        """
        import asyncio, threading
        from voxweave_nb import runtime
        begun = threading.Event()
        async def endless():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                print("cleaned up", flush=True)
        runtime.submit(endless())
        begun.wait(5)
        """
    ) == ["cleaned up"]


@pytest.mark.slow
def test_exit_waits_for_a_protected_task():
    assert _script(
        """
        import asyncio, threading
        from voxweave_nb import runtime
        begun = threading.Event()
        async def send():
            begun.set()
            await asyncio.sleep(0.3)
            print("sent", flush=True)
        async def start():
            asyncio.create_task(send(), name=runtime.FINISH_BEFORE_EXIT)
        runtime.submit(start()).result(5)
        begun.wait(5)
        """
    ) == ["sent"]


def test_exit_closes_what_was_registered_last():
    assert _script(
        """
        import asyncio, threading
        from voxweave_nb import runtime
        begun = threading.Event()
        class Connection:
            async def aclose(self): print("closed", flush=True)
        class Broken:
            async def aclose(self): raise OSError("broken")
        async def endless():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                print("cancelled", flush=True)
        connection, broken = Connection(), Broken()
        runtime.close_at_exit(broken)
        runtime.close_at_exit(connection)
        runtime.submit(endless())
        begun.wait(5)
        """
    ) == ["cancelled", "closed"]


def test_close_soon_closes_on_the_loop():
    closed = queue.SimpleQueue()

    class Connection:
        async def aclose(self) -> None:
            closed.put(threading.current_thread().name)

    runtime.background()
    runtime.close_soon([Connection(), Connection()])
    assert [closed.get(timeout=5), closed.get(timeout=5)] == ["voxweave", "voxweave"]


def test_close_soon_starts_no_loop():
    assert _script(
        """
        import threading
        from voxweave_nb import runtime
        runtime.close_soon([object()])
        print(threading.active_count())
        """
    ) == ["1"]


def test_only_the_background_thread_is_recognised():
    async def ask() -> bool:
        return runtime.on_background()

    assert runtime.submit(ask()).result(5)
    assert not runtime.on_background()


def test_blocking_ends_with_the_timeout():
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    with pytest.raises(TimeoutError, match=r"Not done after 0\.01 s"):
        runtime.block(future, 0.01)
    future.set_result(7)
    assert runtime.block(future, 0.01) == 7


def test_run_without_a_loop_is_plain():
    assert runtime.run(_where()) == threading.current_thread().name


def test_run_keeps_the_running_loop_alive():
    assert _script(
        """
        import asyncio
        import voxweave_nb
        ticks = 0
        async def tick():
            global ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)
        async def cell():
            task = asyncio.ensure_future(tick())
            value = voxweave_nb.run(asyncio.sleep(0.3, "done"))  # a plain call inside a running loop
            task.cancel()
            print(value, ticks > 5)
        asyncio.run(cell())
        """
    ) == ["done True"]


def test_only_run_patches_asyncio():
    assert _script(
        """
        import asyncio, voxweave_nb
        from voxweave_nb import runtime
        before = asyncio.run
        runtime.submit(asyncio.sleep(0)).result(5)
        print(asyncio.run is before)
        """
    ) == ["True"]


# An interrupt that another thread takes does not end the main thread's wait, nor does one just before the wait begins.
@pytest.mark.parametrize("taken_elsewhere", [False, pytest.param(True, marks=needs_fork)])
@pytest.mark.parametrize("inside_a_loop", [False, True])
def test_an_interrupt_cancels_the_awaitable_of_run(inside_a_loop, taken_elsewhere):
    script = f"""
        import asyncio, signal, threading
        import voxweave_nb
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        if {taken_elsewhere}:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # in this thread only
        async def endless():
            print("begun", flush=True)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                print("cancelled", flush=True)
                raise
        async def cell():
            voxweave_nb.run(endless())
        try:
            asyncio.run(cell()) if {inside_a_loop} else voxweave_nb.run(endless())
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    with _start(script) as process:
        assert process.stdout.readline().strip() == "begun"
        interrupt(process)
        rest, errors = process.communicate(timeout=10)
    assert rest.split() == ["cancelled", "interrupted"], errors


def test_run_falls_back_to_the_background_loop():
    assert _script(
        """
        import asyncio, threading
        import nest_asyncio2
        import voxweave_nb
        def refuse(loop=None): raise ValueError("Can't patch loop of type uvloop.Loop")
        nest_asyncio2.apply = refuse
        async def where(): return threading.current_thread().name
        async def cell(): print(voxweave_nb.run(where()))
        asyncio.run(cell())
        """
    ) == ["voxweave"]


def _start(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _script(script: str) -> list[str]:
    with _start(script) as process:
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    return out.strip().splitlines()
