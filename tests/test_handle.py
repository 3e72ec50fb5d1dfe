"""The handle that a lab's run and its judge share."""

from __future__ import annotations

import asyncio

import pytest

from voxweave_nb import runtime
from voxweave_nb.handle import Handle


class Count(Handle[int, int]):
    """Counts until it is cancelled."""

    def __init__(self) -> None:
        super().__init__(0)
        self._start(self._count())

    async def _count(self) -> int:
        while not self._canceled:
            self._progress += 1
            for listener in list(self._listeners):
                listener(self._progress)
            await asyncio.sleep(0.01)
        return self._progress

    def result(self, timeout: float | None = None) -> int:
        return self._block(timeout)

    def cancel(self) -> bool:
        self._canceled = True
        return not self.done()


@pytest.fixture
def count():
    count = Count()
    yield count
    count.cancel()
    count.result(20)


def test_listeners_hear_until_they_stop(count):
    heard: list[int] = []
    stop = count.listen(heard.append)
    while len(heard) < 3:
        pass
    stop()
    stop()
    assert count.cancel()
    assert count.result(20) == count.progress >= heard[-1]
    assert not count.cancel()


def test_a_cancelled_wait_cancels_the_work(count):
    async def wait() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(count._wait(), 0.3)

    asyncio.run(wait())
    assert count.result(20) > 0
    assert count.done()


def test_its_own_loop_may_not_block(count):
    async def block() -> int:
        return count.result()

    with pytest.raises(RuntimeError, match="await the run instead"):
        runtime.submit(block()).result(20)
