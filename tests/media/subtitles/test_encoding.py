"""Decoding subtitle files: every Unicode encoding, given encodings, damage, and files of other kinds."""

from __future__ import annotations

import unicodedata

import pytest

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import read_subtitles

from .samples import words_of, write_srt

POSING = {
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR": "a PNG image",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)): "a JPEG image",
    b"GIF89a\x01\x00": "a GIF image",
    b"RIFF\x24\x00\x00\x00WEBPVP8 ": "a WebP image",
    b"%PDF-1.7\n1 0 obj\n": "a PDF document",
    b"{\\rtf1\\ansi\n1\\par\n00:00:01,000 --> 00:00:02,000\nHello\\par\n}": "an RTF document, not plain text",
    b"PK\x03\x04\x14\x00": "a ZIP archive or an office document",
    b"\x1f\x8b\x08\x00": "a gzip archive",
    b"Rar!\x1a\x07\x01\x00": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"ID3\x04\x00\x00": "an MP3 file",
    b"\xff\xfb\x90\x64": "an MP3 file",
    b"fLaC\x00\x00\x00\x22": "a FLAC file",
    b"OggS\x00\x02": "an Ogg file",
    b"RIFF\x24\x00\x00\x00WAVEfmt ": "a WAV file",
    b"RIFF\x24\x00\x00\x00AVI LIST": "an AVI video",
    b"\x1aE\xdf\xa3\x01\x00": "a WebM or Matroska video",
    b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00": "an MP4 or MOV video",
    b"\x00\xff\x80\x00" * 50: "not text",
    bytes(range(1, 256)) * 40: "not text",
}


@pytest.mark.parametrize("words", ["Grüße", "Grüße, 深海", "深海", "hello"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_needs_no_mark_and_no_warning(tmp_path, encoding, words):
    read = read_subtitles(write_srt(tmp_path, words, encoding))
    assert [cue.text for cue in read.cues] == [words]
    assert read.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_works_in_every_format(tmp_path, encoding):
    path = tmp_path / "talk.txt"
    path.write_bytes("WEBVTT\n\n00:01.000 --> 00:02.000\n\u3000\u3000\u3000\u3000海\n".encode(encoding))
    assert words_of(path) == "海"
    path.write_bytes("[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,海\n".encode(encoding))
    assert words_of(path) == "海"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "Grüße"),
        ("utf-8-sig", "Grüße"),
        ("utf-16", "Grüße"),
        ("gb18030", "深海发光的生物在黑暗中交流"),
    ],
)
def test_encodings_are_detected(tmp_path, encoding, words):
    assert words_of(write_srt(tmp_path, "\n".join([words] * 6), encoding)) == "\n".join([words] * 6)


def test_a_guess_warns_and_can_be_overridden(tmp_path):
    path = write_srt(tmp_path, "Le café déjà là, garçon, à l'été", "cp1252")
    assert "were read as cp1252" in read_subtitles(path).warnings[0]
    assert "save them as UTF-8" in read_subtitles(path).warnings[0]
    assert read_subtitles(path, encoding="cp1252").warnings == ()


def test_a_given_encoding_is_used(tmp_path):
    read = read_subtitles(write_srt(tmp_path, "ïðèâåò", "cp1252"), encoding="cp1251")
    assert (read.cues[0].text, read.encoding, read.warnings) == ("привет", "cp1251", ())


@pytest.mark.parametrize("encoding", ["utf-8", "klingon", "base64", "a\x00b", ""])
def test_a_wrong_given_encoding_is_refused(tmp_path, encoding):
    with pytest.raises(SubtitleError, match=r"are not in .* Leave the encoding out"):
        read_subtitles(write_srt(tmp_path, "Le café déjà là, garçon, à l’été.", "cp1252"), encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_half_a_letter_loses_only_that_letter(tmp_path, encoding):
    path = write_srt(tmp_path, "Größe, Maße, Füße, Öl, Übermut, Ärger, süß, weiß, Grüße, Bäume, €", encoding)
    cut = "€\n\n".encode(encoding.replace("-sig", "")).removeprefix(b"\xff\xfe")
    path.write_bytes(path.read_bytes()[: 1 - len(cut)])
    read = read_subtitles(path)
    assert read.cues[0].text == "Größe, Maße, Füße, Öl, Übermut, Ärger, süß, weiß, Grüße, Bäume, �"
    assert "talk.srt are damaged" in read.warnings[0]
    assert "shown as �" in read.warnings[0]


def test_one_utf8_letter_does_not_mean_utf8(tmp_path):
    path = write_srt(tmp_path, "Le café déjà là, garçon, à l’été.", "cp1252")
    path.write_bytes(path.read_bytes() + "\n2\n00:00:02,000 --> 00:00:03,000\né\n".encode())
    assert read_subtitles(path).encoding == "cp1252"


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"], ids=["lf", "crlf", "cr", "crcrlf"])
@pytest.mark.parametrize("head", ["", "WEBVTT\n\n"], ids=["srt", "webvtt"])
def test_every_line_ending_keeps_every_cue(tmp_path, mark, end, head):
    text = f"{head}00:00:01.000 --> 00:00:02.000\none\nmore\n\n00:00:03.000 --> 00:00:04.000\ntwo\n"
    whole = mark + text.replace("\n", end)
    path = tmp_path / "talk.txt"
    path.write_bytes(whole.encode())
    assert [cue.text for cue in read_subtitles(path).cues] == ["one\nmore", "two"]
    assert read_subtitles(path).cues == read_subtitles(whole).cues


def test_marks_and_zero_bytes_are_removed(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes("\ufeff0:01 --> 0:02\na\x00\n\n\ufeff0:03 --> 0:04\n\ufeffb\n\x00\x00".encode())
    assert words_of(path) == "a\nb"


@pytest.mark.parametrize("content", POSING, ids=lambda content: POSING[content])
def test_other_kinds_of_files_are_named(tmp_path, content):
    path = tmp_path / "talk.srt"
    path.write_bytes(content)
    with pytest.raises(
        SubtitleError, match=rf"^The subtitles talk\.srt are {POSING[content]}\. SubRip"
    ) as caught:
        read_subtitles(path)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "start", ["PK: ", "ID3 tags\n", "GIF8\n", "RIFF\n", "fLaC\n", "OggS\n", "soft ftyp\n"]
)
def test_text_that_begins_like_another_file_is_read(tmp_path, start):
    path = tmp_path / "talk.srt"
    path.write_text(f"{start}\n0:01 --> 0:02\nhello\n", encoding="utf-8")
    assert words_of(path) == "hello"


def test_decomposed_accents_stay_decomposed(tmp_path):
    words = unicodedata.normalize("NFD", "Déjà vu à Orléans")
    assert words_of(write_srt(tmp_path, words, "utf-8")) == words
