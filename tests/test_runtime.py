"""The background loop and `run`, on real threads, processes and loops."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from voxweave_nb import runtime


async def _where() -> str:
    return threading.current_thread().name


def test_work_runs_in_one_daemon_thread_of_our_own():
    assert runtime.submit(_where()).result(5) == "voxweave"
    assert runtime.background().thread.daemon


def test_waiting_on_another_loop_gives_the_result():
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_gets_a_loop_of_its_own():
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


def test_leaving_python_cancels_what_is_running():
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


def test_run_without_a_loop_is_plain():
    assert runtime.run(_where()) == threading.current_thread().name


def test_run_lets_the_running_loop_go_on_turning():
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


def test_asyncio_is_patched_by_nothing_but_run():
    assert _script(
        """
        import asyncio, voxweave_nb
        from voxweave_nb import runtime
        before = asyncio.run
        runtime.submit(asyncio.sleep(0)).result(5)
        print(asyncio.run is before)
        """
    ) == ["True"]


@pytest.mark.parametrize("inside_a_loop", [False, True])
def test_an_interrupt_cancels_what_run_was_waiting_for(inside_a_loop):
    script = f"""
        import asyncio, sys
        import voxweave_nb
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
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
    assert rest.split() == ["cancelled", "interrupted"], errors


def test_run_waits_on_the_background_loop_where_a_loop_cannot_be_patched():
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
