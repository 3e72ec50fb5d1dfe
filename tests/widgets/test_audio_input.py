"""The audio input, driven by the messages of a page."""

from __future__ import annotations

import json
import queue
import threading
import zlib

import pytest
from ipywidgets.embed import dependency_state

from tests.media.files import write_tone
from tests.widgets.test_upload import PIECE, end, offer, piece
from voxweave_nb import AudioInput, ConfigError
from voxweave_nb.environment import FrontEnd
from voxweave_nb.media.probe import probe


class Page:
    """The messages to and from a page."""

    def __init__(self, audio: AudioInput) -> None:
        self.audio, self.told = audio, []
        audio.send = lambda content, buffers=None: self.told.append((content, buffers or []))

    def say(self, message: dict, buffers=()) -> None:
        self.audio._on_message(self.audio, message, buffers)

    def upload(self, data: bytes, id: str = "a-0", name: str = "talk.wav", choose: bool = True) -> None:
        """Send a file and wait until it was decoded."""
        settled = threading.Event()
        self.audio.observe(lambda change: change.new in ("ready", "failed") and settled.set(), "state")
        self.say(
            {**offer(data, id, name=name, modified=hash(id) % 1000), "piece": PIECE * 1024, "choose": choose}
        )
        step = PIECE * 1024
        for seq, at in enumerate(range(0, len(data), step)):
            self.say(*resized(data[at : at + step], seq, id))
        self.say(end(data, id, step))
        assert settled.wait(20)
        self.audio.unobserve_all("state")


def resized(part: bytes, seq: int, id: str):
    message, _ = piece(part[:PIECE], 0, id)
    return {**message, "seq": seq, "crc": zlib.crc32(part)}, [memoryview(part)]


@pytest.fixture
def audio() -> AudioInput:
    return AudioInput()


@pytest.fixture
def page(audio) -> Page:
    return Page(audio)


def test_a_new_one_is_empty(audio):
    assert (audio.path, audio.name, audio.size, audio.duration, audio.selection) == (None, "", 0, 0.0, None)
    assert (audio.state, audio.error, audio.files) == ("empty", "", ())
    with pytest.raises(ConfigError, match="No narration was uploaded yet"):
        audio.narration()


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="max_size"):
        AudioInput(max_size=3)


def test_every_trait_has_a_help_text(audio):
    own = {name: trait for name, trait in audio.traits().items() if name in AudioInput.class_own_traits()}
    assert [name for name, trait in own.items() if not trait.help and name != "_esm"] == []


def test_an_uploaded_file_is_observed_and_used(audio, page, narration_file):
    seen = []
    audio.observe(lambda change: seen.append(change.new), "path")
    page.upload(narration_file.read_bytes())
    assert seen == [audio.path]
    assert audio.path.read_bytes() == narration_file.read_bytes()
    assert (audio.name, audio.state, audio.error) == ("talk.wav", "ready", "")
    assert audio.duration == pytest.approx(2.0, abs=0.01)
    assert audio.size == narration_file.stat().st_size
    assert audio.narration() == audio.path
    assert ("ready", "a-0") in [(content["kind"], content["id"]) for content, _ in page.told]


def test_a_part_is_cut_once(audio, page, narration_file):
    page.upload(narration_file.read_bytes())
    page.say({"kind": "select", "part": [0.5, 1.25]})
    assert audio.selection == (0.5, 1.25)
    part = audio.narration()
    assert probe(part).duration == pytest.approx(0.75, abs=0.001)
    assert audio.narration() is part
    assert audio.path != part
    audio.selection = None
    assert audio.narration() == audio.path


@pytest.mark.parametrize("part", [(-1.0, 1.0), (1.0, 1.0), (1.5, 0.5), (0.0, 9.0)])
def test_an_invalid_part_is_refused(audio, page, narration_file, part):
    page.upload(narration_file.read_bytes())
    with pytest.raises(ConfigError, match=r"within the 2\.0 s"):
        audio.selection = part
    assert audio.selection is None


def test_a_file_without_sound_is_refused(audio, page):
    page.upload(b"only words " * 500)
    assert audio.state == "failed"
    assert "cannot be opened" in audio.error
    assert audio.path is None
    assert [path for path in audio._folder.rglob("*") if path.is_file()] == []
    assert page.told[-1][0]["kind"] == "failed"


def test_one_of_several_files_is_chosen(audio, page, narration_file):
    data = narration_file.read_bytes()
    page.upload(data, "a-0", "one.wav")
    page.upload(data, "b-0", "two.wav", choose=False)
    assert [path.name for path in audio.files] == ["one.wav", "two.wav"]
    assert audio.name == "one.wav"
    page.say({"kind": "choose", "id": "b-0"})
    assert audio.path.name == "two.wav"
    audio.choose(audio.files[0])
    assert audio.name == "one.wav"
    with pytest.raises(ConfigError, match="not among the uploaded files"):
        audio.choose("three.wav")
    page.say({"kind": "remove", "id": "a-0"})
    assert [path.name for path in audio.files] == ["two.wav"]
    assert audio.name == "two.wav"
    assert not (audio._folder / "one.wav").exists()


def test_clear_deletes_everything(audio, page, narration_file):
    page.upload(narration_file.read_bytes())
    audio.selection = (0.5, 1.0)
    audio.narration()
    page.say(offer(b"x" * 999, "b-0"))
    audio.clear()
    assert (audio.path, audio.files, audio.state, audio.selection) == (None, (), "empty", None)
    assert [path for path in audio._folder.rglob("*") if path.is_file()] == []
    assert page.told[-1][0] == {"kind": "cleared"}


def test_a_reloaded_page_gets_the_sound_back(audio, page, narration_file):
    page.upload(narration_file.read_bytes())
    page.say({"kind": "pull", "what": "a-0", "turn": "t-1", "seq": 0, "text": False})
    content, buffers = page.told[-1]
    assert (content["kind"], content["what"], content["turn"], content["seq"]) == ("piece", "a-0", "t-1", 0)
    assert buffers == [narration_file.read_bytes()]


def test_a_missing_sound_is_answered(audio, page, narration_file):
    page.say({"kind": "pull", "what": "a-0", "turn": "t-1", "seq": 0})
    assert page.told[-1][0] == {"kind": "gone", "what": "a-0", "turn": "t-1", "name": "a-0"}
    page.upload(narration_file.read_bytes())
    audio.path.unlink()
    page.say({"kind": "pull", "what": "a-0", "turn": "t-2", "seq": 0})
    assert page.told[-1][0] == {"kind": "gone", "what": "a-0", "turn": "t-2", "name": "talk.wav"}


def test_an_observers_error_is_shown(audio, page, narration_file):
    audio.observe(lambda change: 1 / 0 if change.new else None, "path")
    page.upload(narration_file.read_bytes())
    assert "ZeroDivisionError" in audio.error
    assert (audio.state, audio.path.name) == ("ready", "talk.wav")


def test_pieces_arrive_on_any_thread(audio, page, narration_file):
    thread = threading.Thread(target=lambda: page.upload(narration_file.read_bytes()))
    thread.start()
    thread.join(30)
    assert audio.state == "ready"


def test_the_saved_state_is_small(audio, page, narration_file):
    page.upload(narration_file.read_bytes())
    state = json.dumps(dependency_state([audio]))
    assert len(state) < 200_000
    assert str(audio.path) not in state


def test_a_reader_without_a_kernel_gets_instructions(audio):
    data = audio._repr_mimebundle_()[0]
    assert "run this cell" in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_removing_another_file_is_shown(audio, page, narration_file):
    page.upload(narration_file.read_bytes(), "a-0", "one.wav")
    page.upload(narration_file.read_bytes(), "b-0", "two.wav", choose=False)
    page.say({"kind": "remove", "id": "b-0"})
    assert (audio.name, [each["name"] for each in audio._files]) == ("one.wav", ["one.wav"])


def test_clear_discards_a_file_being_decoded(audio, page, narration_file, monkeypatch):
    from voxweave_nb.media import peaks

    began, cleared, left = threading.Event(), threading.Event(), threading.Event()
    original = peaks.shape_of

    def slow(path):
        shape = original(path)
        began.set()
        assert cleared.wait(20)
        return shape

    monkeypatch.setattr(peaks, "shape_of", slow)
    monkeypatch.setattr(audio, "_decode", lambda file, own=audio._decode: (own(file), left.set()))
    data = narration_file.read_bytes()
    page.say({**offer(data), "piece": 2**20})
    page.say(*resized(data, 0, "a-0"))
    page.say(end(data, "a-0", 2**20))
    assert began.wait(20)
    audio.clear()
    cleared.set()
    assert left.wait(20)
    assert (audio.files, audio.state) == ((), "empty")
    assert [path for path in audio._folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("front", "text"), [(FrontEnd.COLAB, True), (FrontEnd.LAB, False)])
def test_colabs_page_is_asked_for_text(monkeypatch, front, text):
    monkeypatch.setattr("voxweave_nb.widgets.audio_input.front_end", lambda: front)
    assert AudioInput().get_state()["_text"] is text


def test_an_undecodable_narration_is_sent_as_mp3(audio, page, tmp_path, monkeypatch):
    tone = write_tone(tmp_path / "talk.m4a", "aac", 1.0)
    page.upload(tone.read_bytes(), name="talk.m4a")
    assert audio._files[0]["codec"] == "aac"
    answers: queue.Queue[dict] = queue.Queue()
    monkeypatch.setattr(
        audio, "send", lambda content, buffers=None: answers.put({**content, "buffers": buffers})
    )
    for _ in range(2):  # made once
        page.say({"kind": "rendition", "turn": "t-1", "of": "a-0", "format": "mp3"})
    answer = answers.get(timeout=60)
    assert answers.get(timeout=60) == answer
    assert (answer["kind"], answer["turn"], answer["what"]) == ("rendition", "t-1", "a-0.mp3")
    page.say({"kind": "pull", "what": "a-0.mp3", "turn": "t-2", "seq": 0})
    (sound,) = answers.get(timeout=60)["buffers"]
    (tmp_path / "played.mp3").write_bytes(sound)
    assert len(sound) == answer["size"]
    assert probe(tmp_path / "played.mp3").audio.codec.startswith("mp3")
    page.say({"kind": "remove", "id": "a-0"})
    assert [path for path in audio._folder.rglob("*") if path.is_file()] == []


def test_a_missing_narration_has_no_copy(audio, page, monkeypatch):
    answers: queue.Queue[dict] = queue.Queue()
    monkeypatch.setattr(audio, "send", lambda content, buffers=None: answers.put(content))
    page.say({"kind": "rendition", "turn": "t-1", "of": "a-7", "format": "mp3"})
    assert "missing on the kernel's disk" in answers.get(timeout=60)["error"]
