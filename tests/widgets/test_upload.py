"""The protocol of an upload as a state machine: whatever happens to messages, the file is complete or absent."""

from __future__ import annotations

import base64
import random
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.systems import full_device, symlink
from voxweave_nb.environment import FrontEnd
from voxweave_nb.widgets import upload
from voxweave_nb.widgets.upload import ReceivedFile, Receiver, piece_message

PIECE = 64


def offer(data: bytes, id: str = "a-0", **more) -> dict:
    facts = {"name": "talk.wav", "size": len(data), "modified": 7, "piece": PIECE, "ask": 1}
    return {"kind": "begin", "id": id, **facts, **more}


def piece(data: bytes, seq: int, id: str = "a-0") -> tuple[dict, list[bytes]]:
    part = data[seq * PIECE : (seq + 1) * PIECE]
    return {"kind": "piece", "id": id, "seq": seq, "crc": zlib.crc32(part)}, [part]


def end(data: bytes, id: str = "a-0", piece: int = PIECE) -> dict:
    checksums = (zlib.crc32(data[at : at + piece]) for at in range(0, len(data), piece))
    return {"kind": "end", "id": id, "crc": zlib.crc32(b"".join(crc.to_bytes(4, "big") for crc in checksums))}


@dataclass
class Kernel:
    """A receiver and the files that it received."""

    folder: Path
    max_bytes: int = 10**9
    whole: list[ReceivedFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.receiver = Receiver(self.folder, self.max_bytes, self.whole.append)

    def say(self, message: dict, buffers=()) -> dict:
        answers = self.receiver.receive(message, buffers)
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


def test_a_file_arrives_under_its_own_name(kernel):
    assert kernel.say(offer(DATA)) == {"kind": "received", "id": "a-0", "next": 0, "ask": 1}
    kernel.send(DATA)
    answer = kernel.say(end(DATA))
    assert answer == {"kind": "complete", "id": "a-0", "crc": end(DATA)["crc"]}
    (whole,) = kernel.whole
    assert (whole.path.name, whole.size) == ("talk.wav", len(DATA))
    assert whole.path.read_bytes() == DATA
    assert kernel.left == [whole.path]


def test_a_second_file_gets_another_name(kernel):
    for name in ("a-0", "b-0"):
        kernel.say(offer(DATA, name))
        kernel.send(DATA, id=name)
        kernel.say(end(DATA, name))
    assert [whole.path.name for whole in kernel.whole] == ["talk.wav", "talk-2.wav"]


def test_lost_pieces_are_resent_and_doubles_ignored(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=2)
    assert kernel.say(*piece(DATA, 3)) == {"kind": "resend", "id": "a-0", "next": 2}
    assert kernel.say(*piece(DATA, 1)) == {"kind": "received", "id": "a-0", "next": 2}
    kernel.send(DATA, first=2)
    assert kernel.say(end(DATA))["kind"] == "complete"


def test_a_damaged_piece_is_resent_five_times(kernel):
    kernel.say(offer(DATA))
    message, (part,) = piece(DATA, 0)
    damaged = [bytes([part[0] ^ 1]) + part[1:]]
    for _ in range(4):
        assert kernel.say(message, damaged) == {"kind": "resend", "id": "a-0", "next": 0}
    assert "arrived damaged" in kernel.say(message, damaged)["text"]
    assert kernel.left == []


def test_a_file_with_another_checksum_is_discarded(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA)
    answer = kernel.say({**end(DATA), "crc": end(DATA)["crc"] ^ 1})
    assert answer["kind"] == "failed"
    assert "checksums differ" in answer["text"]
    assert kernel.left == []
    assert kernel.whole == []


def test_an_early_end_names_the_missing_piece(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)
    assert kernel.say(end(DATA)) == {"kind": "resend", "id": "a-0", "next": 3}


def test_swapped_pieces_are_not_written(kernel):
    kernel.say(offer(DATA))
    first, second = piece(DATA, 0), piece(DATA, 1)
    assert kernel.say(*second) == {"kind": "resend", "id": "a-0", "next": 0}
    assert kernel.say(first[0], second[1]) == {"kind": "resend", "id": "a-0", "next": 0}
    kernel.send(DATA)
    swapped = DATA[PIECE : 2 * PIECE] + DATA[:PIECE] + DATA[2 * PIECE :]
    assert "checksums differ" in kernel.say(end(swapped))["text"]
    assert kernel.whole == []


def test_a_file_changed_since_the_reload_is_discarded(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)
    changed = b"!" + DATA[1:]
    assert kernel.say(offer(changed, "b-0"))["next"] == 3
    kernel.send(changed, first=3, id="b-0")
    assert "checksums differ" in kernel.say(end(changed, "b-0"))["text"]
    assert (kernel.whole, kernel.left) == ([], [])


@pytest.mark.parametrize("length", [0, 10, PIECE - 1, PIECE + 1])
def test_a_piece_of_another_length_is_refused(kernel, length):
    kernel.say(offer(DATA))
    part = DATA[:length]
    message = {**piece(DATA, 0)[0], "crc": zlib.crc32(part)}
    assert kernel.say(message, [part]) == {"kind": "resend", "id": "a-0", "next": 0}


def test_a_reloaded_page_resumes_its_upload(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=4)
    assert kernel.say(offer(DATA, "b-0"))["next"] == 4
    kernel.send(DATA, first=4, id="b-0")
    assert kernel.say(end(DATA, "b-0"))["kind"] == "complete"
    assert kernel.whole[0].path.read_bytes() == DATA


def test_another_date_begins_a_new_upload(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=4)
    assert kernel.say(offer(DATA, "b-0", modified=8))["next"] == 0


def test_an_unknown_upload_is_answered(kernel):
    assert kernel.say(*piece(DATA, 0)) == {"kind": "unknown", "id": "a-0"}
    assert kernel.say({"kind": "ask", "id": "a-0", "ask": 4}) == {"kind": "unknown", "id": "a-0"}


def test_the_last_answer_is_repeated_on_request(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA)
    assert kernel.say(end(DATA)) == kernel.say(end(DATA)) == kernel.say({"kind": "ask", "id": "a-0"})
    assert len(kernel.whole) == 1


def test_cancel_keeps_nothing(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)
    assert kernel.say({"kind": "cancel", "id": "a-0"}) == {}
    assert kernel.left == []


def test_a_full_disk_is_reported_at_the_offer(kernel, monkeypatch):
    monkeypatch.setattr(upload.shutil, "disk_usage", lambda _: upload.shutil._ntuple_diskusage(100, 90, 10))
    answer = kernel.say(offer(DATA))
    assert answer["kind"] == "failed"
    assert "not enough room for talk.wav on the kernel's disk" in answer["text"]
    assert kernel.left == []


def test_a_disk_that_fills_up_keeps_nothing(kernel):
    kernel.say(offer(DATA))
    kernel.send(DATA, last=3)

    (partial,) = kernel.left
    partial.unlink()
    symlink(partial, full_device())
    answer = kernel.say(*piece(DATA, 3))
    assert answer["kind"] == "failed"
    assert "Nothing was kept. Free some space there" in answer["text"]
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
def test_an_invalid_offer_is_refused(kernel, change, words):
    assert words in kernel.say(offer(DATA, **change))["text"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("CON", "narration-CON"),
        ("nul.wav", "narration-nul.wav"),
        ("Com1.tar.gz", "narration-Com1.tar.gz"),
        ("lpt¹ .mp3", "narration-lpt¹ .mp3"),
        ("contact.wav", "contact.wav"),
        ("talk. .", "talk"),
        ("x" * 99 + " y", "x" * 99),
    ],
)
def test_every_system_takes_a_names_letters(kernel, name, kept):
    kernel.say(offer(DATA, name=name))
    kernel.send(DATA)
    kernel.say(end(DATA))
    assert kernel.whole[0].path.name == kept
    assert kernel.whole[0].name == name


def test_a_name_cannot_lead_out_of_the_folder(kernel):
    kernel.say(offer(DATA, name="../../etc/pass\x00wd: <b>.wav"))
    kernel.send(DATA)
    kernel.say(end(DATA))
    assert kernel.whole[0].path.parent == kernel.folder
    assert kernel.whole[0].path.suffix == ".wav"


def test_pieces_may_be_sent_as_text(kernel):
    kernel.say(offer(DATA))
    for seq in range(6):
        message, (part,) = piece(DATA, seq)
        assert kernel.say({**message, "data": base64.b64encode(part).decode()})["next"] == seq + 1
    assert kernel.say(end(DATA))["kind"] == "complete"


@pytest.mark.parametrize("message", [{}, {"kind": "piece"}, {"kind": 4, "id": 5}, {"kind": "end", "id": []}])
def test_invalid_messages_are_ignored(kernel, message):
    assert kernel.say(message) == {}


def test_the_oldest_of_too_many_is_discarded(kernel):
    for place in range(20):
        kernel.say(offer(DATA, f"{place}-0", modified=place))
    assert len(kernel.left) <= 8


def test_a_file_is_sent_to_the_page(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(DATA)
    assert piece_message(path, {"seq": 0}) == ({"seq": 0, "length": len(DATA)}, [DATA])
    message, buffers = piece_message(path, {"seq": 0, "text": True})
    assert base64.b64decode(message["data"]) == DATA
    assert buffers == []
    assert piece_message(path, {"seq": 1})[1] == [b""]


@dataclass
class Page:
    """A sender that follows the protocol: two pieces on their way, going back on request, asking after a silence."""

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

    def receive(self, message: dict) -> None:
        if message.get("id") != self.id:
            return
        kind, there = message["kind"], message.get("next", 0)
        if kind == "unknown":
            self.attempt, self.state = self.attempt + 1, "begin"
        elif kind in ("complete", "failed"):
            self.state = kind
        elif self.state == "begin" and kind == "received":
            self.acked = self.next = there
            self.state = "sending"
        elif kind == "resend" or message.get("ask") == self.asked:
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
def test_a_file_is_complete_or_absent(tmp_path_factory, size, mishaps, seed):
    data = random.Random(seed).randbytes(size)
    kernel = Kernel(tmp_path_factory.mktemp("audio"))
    page, up, down = Page(data), [], []
    for turn in range(600):
        mishap = mishaps[turn] if turn < len(mishaps) else "deliver"
        if page.state in ("complete", "failed"):
            break
        if mishap == "restart" and not kernel.whole:
            kernel.receiver = Receiver(kernel.folder, kernel.max_bytes, kernel.whole.append)
        elif mishap == "reload" and page.state != "ending":
            page = Page(data, attempt=page.attempt + 1)
        up += [message] if (message := page.wants()) else [] if up or down else [page.silence()]
        step(kernel, page, up, down, mishap)
    assert page.state in ("complete", "failed")
    if page.state == "complete":
        assert kernel.whole[-1].path.read_bytes() == data
    else:
        assert mishaps.count("damage") >= 5


def step(kernel: Kernel, page: Page, up: list, down: list, mishap: str) -> None:
    """Deliver one message in each direction, or lose, damage, double or swap it."""
    if mishap == "swap" and len(up) > 1:
        up[0], up[1] = up[1], up[0]
    if up:
        message, buffers = up.pop(0)
        if mishap == "damage":
            buffers = [bytes(len(part)) for part in buffers]
        if mishap != "lose":
            for _ in range(2 if mishap == "double" else 1):
                down += kernel.receiver.receive(message, buffers)
    if down:
        answer = down.pop(0)
        if mishap != "lose":
            page.receive(answer)


@pytest.mark.parametrize("letter", ["\U00010400", "語"])
def test_a_long_name_leaves_room_for_endings(kernel, letter):
    data = b"sound"
    kernel.say(offer(data, name=letter * 100 + ".wav"))
    kernel.send(data)
    kernel.say(end(data))
    (path,) = kernel.left
    assert path.name.endswith(f"{letter}.wav")
    assert len(f"{path.stem}-1234.56-1234.56.wav.partial".encode()) <= 143


def test_colab_always_gets_text(tmp_path, monkeypatch):
    monkeypatch.setattr("voxweave_nb.widgets.upload.front_end", lambda: FrontEnd.COLAB)
    path = tmp_path / "talk.wav"
    path.write_bytes(DATA)
    message, buffers = piece_message(path, {"seq": 0})
    assert (base64.b64decode(message["data"]), buffers) == (DATA, [])
