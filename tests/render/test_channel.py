"""Messages between two processes arrive whole, and no wait lasts for ever."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from voxweave_nb.render import channel
from voxweave_nb.render.channel import Channel, open_channel


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = open_channel()
    with contextlib.closing(ours), contextlib.closing(theirs):
        yield ours, theirs


@pytest.mark.parametrize("message", [None, [1, "two"], bytes(5_000_000)], ids=["none", "small", "large"])
def test_messages_arrive_in_order(message: object, ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    sender = threading.Thread(target=lambda: [ours.send(message), ours.send("last")])
    sender.start()
    assert theirs.receive() == message
    assert theirs.receive() == "last"
    sender.join()


def test_a_closed_end_is_reported(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    ours.send("last")
    ours.close()
    assert theirs.receive() == "last"
    with pytest.raises(EOFError):
        theirs.receive()
    with pytest.raises(BrokenPipeError):
        theirs.send(None)


@pytest.mark.slow
def test_waiting_ends_without_progress(
    ends: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "PATIENCE", 1)
    ours, theirs = ends
    with pytest.raises(TimeoutError, match="did not respond for 1 seconds"):
        theirs.receive()
    with pytest.raises(TimeoutError, match="did not respond for 1 seconds"):
        ours.send(bytes(50_000_000))  # nobody reads it
    with pytest.raises(TimeoutError, match="did not respond for 1 seconds"):
        theirs.receive()  # the rest of the message never comes
