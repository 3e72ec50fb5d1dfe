"""The protocol of an upload as a state machine: whatever the way does to messages, the file is whole or absent."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxweave_nb.widgets import pieces
from voxweave_nb.widgets.pieces import Receiver, Whole, piece_message

PIECE = 64


def offer(data: bytes, id: str = "a-0", **more) -> dict:
    facts = {"name": "talk.wav", "size": len(data), "modified": 7, "piece": PIECE, "ask": 1}
    return {"kind": "begin", "id": id, **facts, **more}


def piece(data: bytes, seq: int, id: str = "a-0") -> tuple[dict, list[bytes]]:
    part = data[seq * PIECE : (seq + 1) * PIECE]
    return {"kind": "piece", "id": id, "seq": seq, "sha": hashlib.sha256(part).hexdigest()}, [part]


def end(data: bytes, id: str = "a-0") -> dict:
    parts = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    sha = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return {"kind": "end", "id": id, "sha": sha}


@dataclass
class Kernel:
    """A receiver and what it received."""

    folder: Path
    largest: int = 10**9
    whole: list[Whole] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.receiver = Receiver(self.folder, self.largest, self.whole.append)

    def say(self, message: dict, buffers=()) -> dict:
        answers = self.receiver.hear(message, buffers)
        return answers[0] if answers else {}

    def send(self, data: bytes, first: int = 0, last: int | None = None, id: str = "a-0") -> None:
        for seq in range(first, -(-len(data) // PIECE) if last is None else last):
            assert self.say(*piece(data, seq, id))["next"] == seq + 1

    @property
    def left(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def kernel(tmp_path) -> Kernel:
    return Kernel(tmp_path / "audio")


DATA = random.Random(1).randbytes(5 * PIECE + 11)


def test_a_file_arrives_whole_under_its_own_name(kernel):
    assert kernel.say(offer(DATA)) == {"kind": "have", "id": "a-0", "next": 0, "ask": 1}
    kernel.send(DATA)
    answer = kernel.say(end(DATA))
    assert answer == {"kind": "whole", "id": "a-0", "sha": end(DATA)["sha"]}
    (whole,) = kernel.whole
    assert (whole.path.name, whole.size) == ("talk.wav", len(DATA))
    assert whole.path.read_bytes() == DATA
    assert kernel.left == [whole.path]


def test_a_second_file_of_the_same_name_gets_another(kernel):
    for name in ("a-0", "b-0"):
        kernel.say(offer(DATA, name))
        kernel.send(DATA, id=name)
        kernel.say(end(DATA, name))
    assert [whole.path.name for whole in kernel.whole] == ["talk.wav", "talk-2.wav"]


def test_a_lost_piece_is_asked_for_and_a_double_is_passed_over(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=2)
    assert kernel.say(*piece(DATA, 3)) == {"kind": "again", "id": "a-0", "next": 2}
    assert kernel.say(*piece(DATA, 1)) == {"kind": "have", "id": "a-0", "next": 2}
    kernel.send(DATA, first=2)
    assert kernel.say(end(DATA))["kind"] == "whole"


def test_a_damaged_piece_is_not_written_and_asked_for_again_then_given_up(kernel):
    kernel.say(offer(DATA))
    message, (part,) = piece(DATA, 0)
    damaged = [bytes([part[0] ^ 1]) + part[1:]]
    for _ in range(4):
        assert kernel.say(message, damaged) == {"kind": "again", "id": "a-0", "next": 0}
    assert "arrived damaged" in kernel.say(message, damaged)["text"]
    assert kernel.left == []


def test_a_whole_whose_checksum_differs_is_not_kept(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA)
    answer = kernel.say({**end(DATA), "sha": "0" * 64})
    assert answer["kind"] == "failed"
    assert "checksums differ" in answer["text"]
    assert kernel.left == []
    assert kernel.whole == []


def test_an_end_that_comes_too_early_says_what_is_missing(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)
    assert kernel.say(end(DATA)) == {"kind": "again", "id": "a-0", "next": 3}


def test_a_reloaded_page_goes_on_where_it_was_left(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=4)
    assert kernel.say(offer(DATA, "b-0"))["next"] == 4
    kernel.send(DATA, first=4, id="b-0")
    assert kernel.say(end(DATA, "b-0"))["kind"] == "whole"
    assert kernel.whole[0].path.read_bytes() == DATA


def test_another_file_of_the_same_name_begins_anew(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=4)
    assert kernel.say(offer(DATA, "b-0", modified=8))["next"] == 0


def test_a_kernel_that_knows_nothing_of_a_transfer_says_so(kernel):
    assert kernel.say(*piece(DATA, 0)) == {"kind": "unknown", "id": "a-0"}
    assert kernel.say({"kind": "ask", "id": "a-0", "ask": 4}) == {"kind": "unknown", "id": "a-0"}


def test_a_last_word_that_was_not_heard_is_said_again(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA)
    assert kernel.say(end(DATA)) == kernel.say(end(DATA)) == kernel.say({"kind": "ask", "id": "a-0"})
    assert len(kernel.whole) == 1


def test_cancel_keeps_nothing(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)
    assert kernel.say({"kind": "cancel", "id": "a-0"}) == {}
    assert kernel.left == []


def test_no_room_is_said_before_a_byte_is_sent(kernel, monkeypatch):
    monkeypatch.setattr(pieces.shutil, "disk_usage", lambda _: pieces.shutil._ntuple_diskusage(100, 90, 10))
    answer = kernel.say(offer(DATA))
    assert answer["kind"] == "failed"
    assert "no room for talk.wav on the kernel's disk" in answer["text"]
    assert kernel.left == []


def test_a_disk_that_is_full_in_the_middle_is_said_and_nothing_half_is_kept(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)

    (partial,) = kernel.left
    partial.unlink()
    partial.symlink_to("/dev/full")  # where every write ends with "no space left on device"
    answer = kernel.say(*piece(DATA, 3))
    assert answer["kind"] == "failed"
    assert "Nothing was kept. Make room there" in answer["text"]
    assert kernel.left == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 0}, "is empty"),
        ({"size": 10**12}, "at most"),
        ({"piece": 10**8}, "empty"),
        ({"size": "x"}, "empty"),
    ],
)
def test_an_offer_that_cannot_be_taken_is_refused_in_words(kernel, change, words):
    assert words in kernel.say(offer(DATA, **change))["text"]


def test_a_name_cannot_lead_out_of_the_folder(kernel):
    kernel.say(offer(DATA, name="../../etc/pass\x00wd: <b>.wav"))
    kernel.send(DATA)
    kernel.say(end(DATA))
    assert kernel.whole[0].path.parent == kernel.folder
    assert kernel.whole[0].path.suffix == ".wav"


def test_where_buffers_are_lost_pieces_come_as_text(kernel):
    kernel.say(offer(DATA))
    for seq in range(6):
        message, (part,) = piece(DATA, seq)
        assert kernel.say({**message, "data": base64.b64encode(part).decode()})["next"] == seq + 1
    assert kernel.say(end(DATA))["kind"] == "whole"


@pytest.mark.parametrize("message", [{}, {"kind": "piece"}, {"kind": 4, "id": 5}, {"kind": "end", "id": []}])
def test_nonsense_is_passed_over(kernel, message):
    assert kernel.say(message) == {}


def test_too_many_at_once_let_the_oldest_go(kernel):
    for place in range(20):
        kernel.say(offer(DATA, f"{place}-0", modified=place))
    assert len(kernel.left) <= 8


def test_a_file_goes_to_the_page_in_pieces(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(DATA)
    assert piece_message(path, 0, text=False) == ({"seq": 0, "length": len(DATA)}, [DATA])
    message, buffers = piece_message(path, 0, text=True)
    assert base64.b64decode(message["data"]) == DATA
    assert buffers == []
    assert piece_message(path, 1, text=False)[1] == [b""]


@dataclass
class Page:
    """A sender by the book: two in flight, going back where it is told to, asking after a silence."""

    data: bytes
    attempt: int = 0
    state: str = "begin"
    next: int = 0
    acked: int = 0
    asked: int = 1

    @property
    def id(self) -> str:
        return f"a-{self.attempt}"

    @property
    def pieces(self) -> int:
        return -(-len(self.data) // PIECE)

    def wants(self) -> tuple[dict, list[bytes]] | None:
        if self.state == "sending" and self.next < self.pieces and self.next - self.acked < 2:
            self.next += 1
            return piece(self.data, self.next - 1, self.id)
        return None

    def silence(self) -> tuple[dict, list[bytes]]:
        self.asked += 1
        if self.state == "begin":
            return offer(self.data, self.id, ask=self.asked), []
        if self.state == "ending":
            return end(self.data, self.id), []
        return {"kind": "ask", "id": self.id, "ask": self.asked}, []

    def hear(self, message: dict) -> None:
        if message.get("id") != self.id:
            return
        kind, there = message["kind"], message.get("next", 0)
        if kind == "unknown":
            self.attempt, self.state = self.attempt + 1, "begin"
        elif kind in ("whole", "failed"):
            self.state = kind
        elif self.state == "begin" and kind == "have":
            self.acked = self.next = there
            self.state = "sending"
        elif kind == "again" or message.get("ask") == self.asked:
            self.acked, self.next = max(self.acked, there), min(self.next, there)
            self.state = "sending" if there < self.pieces else self.state
        else:
            self.acked = max(self.acked, there)
        if self.state == "sending" and self.acked >= self.pieces:
            self.state = "ending"


MISHAPS = ["deliver", "deliver", "deliver", "lose", "double", "swap", "damage", "restart", "reload"]


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(1, 9 * PIECE),
    mishaps=st.lists(st.sampled_from(MISHAPS), max_size=60),
    seed=st.integers(0, 99),
)
def test_whatever_happens_on_the_way_the_file_is_whole_or_absent(tmp_path_factory, size, mishaps, seed):
    data = random.Random(seed).randbytes(size)
    kernel = Kernel(tmp_path_factory.mktemp("audio"))
    page, up, down = Page(data), [], []
    for turn in range(600):
        mishap = mishaps[turn] if turn < len(mishaps) else "deliver"
        if page.state in ("whole", "failed"):
            break
        if mishap == "restart" and not kernel.whole:
            kernel.receiver = Receiver(kernel.folder, kernel.largest, kernel.whole.append)
        elif mishap == "reload" and page.state != "ending":
            page = Page(data, attempt=page.attempt + 1)
        up += [message] if (message := page.wants()) else [] if up or down else [page.silence()]
        step(kernel, page, up, down, mishap)
    assert page.state in ("whole", "failed")
    if page.state == "whole":
        assert kernel.whole[-1].path.read_bytes() == data
    else:
        assert mishaps.count("damage") >= 5


def step(kernel: Kernel, page: Page, up: list, down: list, mishap: str) -> None:
    """One message each way, or what the way makes of it."""
    if mishap == "swap" and len(up) > 1:
        up[0], up[1] = up[1], up[0]
    if up:
        message, buffers = up.pop(0)
        if mishap == "damage":
            buffers = [bytes(len(part)) for part in buffers]
        if mishap != "lose":
            for _ in range(2 if mishap == "double" else 1):
                down += kernel.receiver.hear(message, buffers)
    if down:
        answer = down.pop(0)
        if mishap != "lose":
            page.hear(answer)
