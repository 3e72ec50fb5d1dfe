"""A narration and subtitles in every form that a person gives them."""

from __future__ import annotations

import io
import shutil
from datetime import timedelta

import numpy as np
import pytest
from IPython.display import Audio

from voxweave_nb import Cue, NarrationError, SubtitleError, VideoGenerationService
from voxweave_nb.media.probe import probe
from voxweave_nb.media.subtitles import read_subtitles
from voxweave_nb.request import check_narration, check_subtitles
from voxweave_nb.widgets.audio_input import AudioInput

from .conftest import write_narration

TONE = np.sin(np.arange(16_000) * 0.1)


@pytest.fixture
def folder(tmp_path, narration_file, monkeypatch):
    shutil.copyfile(narration_file, tmp_path / "my talk.wav")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def seconds_of(narration) -> float:
    return round(probe(check_narration(narration)).duration, 2)


# Paths


@pytest.mark.parametrize(
    "written",
    [
        "my talk.wav",
        '"my talk.wav"',
        "'my talk.wav'",
        " my talk.wav\n",
        "“my talk.wav”",
        r"my\ talk.wav",
        b"my talk.wav",
    ],
)
def test_a_path_is_found_as_it_was_pasted(folder, written):
    assert check_narration(written).samefile(folder / "my talk.wav")
    assert check_subtitles(written).samefile(folder / "my talk.wav")


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}", "FILE://{}", "file:{}", "'file://{}'"])
def test_a_file_url_is_a_path(folder, form):
    escaped = (folder / "my talk.wav").as_uri().removeprefix("file://")
    assert check_narration(form.format(escaped)).samefile(folder / "my talk.wav")


def test_quotes_in_a_name_are_kept(folder):
    (folder / "'odd'").write_bytes(b"x")
    assert check_narration("'odd'").name == "'odd'"


@pytest.mark.parametrize(
    "address", ["https://example.org/talk.mp3", "HTTP://x/y.mp3", "s3://bucket/talk.mp3"]
)
def test_an_address_is_told_not_to_be_fetched(address):
    for check, error in ((check_narration, NarrationError), (check_subtitles, SubtitleError)):
        with pytest.raises(error, match=r"is not fetched\. Download the file"):
            check(address)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("my tlak.wav", "my talk.wav"), ("my talk.mp3", "my talk.wav"), ("MY TALK.WAV", "my talk.wav")],
)
def test_a_missing_file_gets_a_suggestion(folder, wrong, near):
    with pytest.raises(NarrationError, match=f"Did you mean '{near}'"):
        check_narration(wrong)
    with pytest.raises(SubtitleError, match=f"Did you mean '{near}'"):
        check_subtitles(wrong)


# Bytes, files and samples


def _open(path):
    return path.open("rb")


def _written(data):
    buffer = io.BytesIO()
    buffer.write(data)  # its position is the end
    return buffer


FORMS = {
    "bytes": lambda path, data: data,
    "bytearray": lambda path, data: bytearray(data),
    "memoryview": lambda path, data: memoryview(data),
    "buffer": lambda path, data: _written(data),
    "file": lambda path, data: _open(path),
    "text file": lambda path, data: path.open(encoding="latin-1"),
    "upload": lambda path, data: (
        {"name": "talk.wav", "type": "audio/wav", "size": 1, "content": memoryview(data)},
    ),
    "display": lambda path, data: Audio(data=data),
    "display of a file": lambda path, data: Audio(filename=str(path)),
    "display of samples": lambda path, data: Audio(TONE, rate=8_000),
    "samples": lambda path, data: (8_000, TONE),
    "samples first": lambda path, data: (TONE, 8_000),
    "whole samples": lambda path, data: (8_000, (TONE * 9_000).astype(np.int16)),
    "stereo": lambda path, data: (8_000, np.stack([TONE, TONE])),
    "list": lambda path, data: (8_000, list(TONE)),
}


@pytest.mark.parametrize("form", FORMS)
def test_sound_in_any_form_is_kept(form, narration_file):
    given = FORMS[form](narration_file, narration_file.read_bytes())
    assert seconds_of(given) == 2.0
    if hasattr(given, "close") and not isinstance(given, memoryview):
        given.close()


def test_the_same_bytes_are_kept_once(narration_file):
    data = narration_file.read_bytes()
    first = check_narration(data)
    assert check_narration(io.BytesIO(data)) == first
    assert first.read_bytes() == data


def test_the_chosen_upload_is_the_narration(tmp_path):
    class Chosen(AudioInput):
        def narration(self):
            return tmp_path

    tmp_path = write_narration(tmp_path / "uploaded.wav")
    assert check_narration(Chosen()) == tmp_path


def test_an_open_file_keeps_its_position(narration_file):
    with narration_file.open("rb") as file:
        file.seek(7)
        check_narration(file)
        assert file.tell() == 7


def test_bytes_over_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXWEAVE_MAX_NARRATION_BYTES", "2000000")
    service = VideoGenerationService.local()
    for large in (bytes(2_000_001), io.BytesIO(bytes(3_000_000)), (16_000, np.zeros(1_000_001, np.int16))):
        with pytest.raises(NarrationError, match="max_narration_bytes in Settings"):
            service.submit(large)


# Refusals


class Odd:
    def __repr__(self) -> str:
        return "x" * 10_000_000


@pytest.mark.parametrize(
    "wrong",
    [
        None, 7, 1.5, True, Odd(), object(), {}, {"a": 1}, [], (), "", "  ", b"", io.BytesIO(), io.StringIO("x"),
        [1, 2], (1, 2), (1, 2, 3), ["a.mp3", "b.mp3"], TONE, np.zeros((2, 3, 4)), (0, TONE), (-1, TONE), ("x", TONE),
        (16_000.5, TONE), (16_000, TONE * np.nan), (16_000, np.array([])), (16_000, np.array(["a", "b"])),
        (16_000, TONE.astype(complex)), (16_000, np.zeros((100, 100))), "x" * 1_000_000, "a\0b", "data:audio/wav,A",
        "https://example.org/" + "x" * 5000, "x/" * 1500, "x" * 300, Audio(url="https://example.org/a.mp3"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_refused_narration_is_told_shortly(wrong):
    with pytest.raises(NarrationError) as caught:
        check_narration(wrong)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        Odd(),
        {},
        {"a": 1},
        [1],
        ["a", "b"],
        [(1, 2)],
        [(0, "x", "a")],
        [(None, 1, "a")],
        [(0, 1, b"a")],
        b"",
        TONE,
    ],
    ids=lambda value: type(value).__name__,
)
def test_refused_subtitles_are_told_shortly(wrong):
    with pytest.raises(SubtitleError) as caught:
        check_subtitles(wrong)
    assert len(str(caught.value)) < 300


# Subtitles


@pytest.mark.parametrize(
    "given",
    [
        [(0, 1, "One & <two>"), (1.5, 2, "{Three}\n\nfour")],
        [[0, 1, "One & <two>"], (np.float32(1.5), 2, "{Three}\n\nfour")],
        [("0:00", "00:00:01,000", "One & <two>"), (timedelta(seconds=1.5), 2.0, "{Three}\n\nfour")],
        [Cue(0.0, 1.0, "One & <two>"), Cue(1.5, 2.0, "{Three}\nfour")],
        {
            "segments": [
                {"id": 0, "start": 0, "end": 1, "text": " One & <two>"},
                {"start": 1.5, "end": 2, "text": "{Three}\nfour"},
            ]
        },
    ],
    ids=["tuples", "lists", "stamps", "cues", "segments"],
)
def test_a_list_of_times_and_text_is_subtitles(given):
    read = read_subtitles(check_subtitles(given))
    assert read.cues == (Cue(0.0, 1.0, "One & <two>"), Cue(1.5, 2.0, "{Three}\nfour"))
    assert read.warnings == ()


def test_no_cues_are_no_subtitles():
    assert check_subtitles([]) is None


SRT = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"


@pytest.mark.parametrize("given", [SRT.encode(), io.BytesIO(SRT.encode("utf-16")), io.StringIO(SRT)])
def test_subtitles_are_taken_as_bytes(given):
    assert read_subtitles(check_subtitles(given)).cues == (Cue(0.0, 1.0, "Hello"),)


def test_a_wrong_cue_is_named():
    with pytest.raises(
        SubtitleError, match=r"Cue 2 has the times 1 and 'later'; expected \(start, end, text\)"
    ):
        check_subtitles([(0, 1, "a"), (1, "later", "b")])


# The whole way


@pytest.mark.slow
def test_bytes_become_a_video_once(tmp_path, narration_file):
    service = VideoGenerationService.local(output_dir=tmp_path)
    options = {"quality": "draft", "fps": 4, "subtitles": [(0, 1, "Hello")]}
    video = service.submit(narration_file.read_bytes(), **options).result(120)
    assert [cue.text for cue in video.cues] == ["Hello"]
    run = service.made_before(io.BytesIO(narration_file.read_bytes()), **options)
    assert service.result_of(run).path == video.path
    assert run.narration.is_file()
    again = service.submit(narration_file, reuse=True, **options).result(60)
    assert again.path == video.path
