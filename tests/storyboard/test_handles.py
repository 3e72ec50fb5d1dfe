"""Work on a board is awaited, blocked on, followed and canceled like any other."""

from __future__ import annotations

import asyncio

import pytest

from voxweave_nb import ConfigError, JobCanceled
from voxweave_nb.storyboard.handles import BoardWork


async def quick(say):
    say("begun")
    return 7


async def forever(say):
    say("begun")
    await asyncio.Event().wait()


def test_it_is_awaited_and_blocked_on():
    async def wait():
        return await BoardWork(quick, "The work")

    work = BoardWork(quick, "The work")
    assert asyncio.run(wait()) == work.result(10) == 7
    assert work.progress == "begun"
    assert repr(work) == "<The work: done>"
    assert not work.cancel()


def test_it_is_followed():
    heard: list[str] = []
    work = BoardWork(quick, "The work")
    work.listen(heard.append)
    work.result(10)
    assert heard[-1] == "begun"


def test_it_is_cancelled():
    work = BoardWork(forever, "The work")
    assert work.cancel()
    with pytest.raises(JobCanceled, match="The work was canceled"):
        work.result(10)


def test_an_error_arrives():
    async def fail(say):
        raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        BoardWork(fail, "The work").result(10)
