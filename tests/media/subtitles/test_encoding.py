"""Bytes become text: in the encoding that they are in, or with a word on the guess."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from voxweave_nb import SubtitleError
from voxweave_nb.media.subtitles import read_subtitles

WORDS = {
    "cp1250": "Głębokie morze świeci nocą. Źródło światła jest żywe.",
    "cp1251": "Глубокое море светится ночью. Каждая вспышка — слово на языке.",
    "cp1252": "Le café déjà là, garçon, à l’été. Où êtes-vous ? C’est très loin.",
    "cp1253": "Η βαθιά θάλασσα λάμπει τη νύχτα. Κάθε λάμψη είναι μια λέξη.",
    "cp1254": "Derin deniz geceleri parlıyor. Işığın her parıltısı bir sözcüktür, şimdi.",
    "cp1255": "הים העמוק זוהר בלילה. כל הבזק הוא מילה בשפה שאנחנו לומדים.",
    "cp1256": "البحر العميق يضيء في الليل. كل ومضة هي كلمة في لغة نتعلمها.",
    "cp1257": "Gili jūra šviečia naktį. Kiekvienas blyksnis yra žodis, kurį mokomės.",
    "cp874": "ทะเลลึกเรืองแสงในเวลากลางคืน ทุกแสงวาบเป็นคำ",
    "koi8_r": "Глубокое море светится ночью. Каждая вспышка это слово на языке.",
    "gb18030": "深海在夜里发光。每一次闪光都是我们正在学习的语言中的一个词。",
    "big5": "深海在夜裡發光。每一次閃光都是我們正在學習的語言中的一個字。",
    "cp932": "深い海は夜に光る。すべての光は、私たちが学んでいる言葉です。①～！",
    "cp949": "깊은 바다는 밤에 빛난다. 모든 빛은 우리가 배우는 언어의 단어이다.",
}

LANGUAGES = {
    "German": ("cp1252", "Grüße aus der Tiefsee.\nDie Fische können leuchten.\nWeiß man, wie groß sie sind?"),
    "Spanish": ("cp1252", "¿Dónde está el niño?\nEl océano más profundo.\n¡Qué extraño corazón de luz!"),
    "Portuguese": ("cp1252", "Não há luz lá em baixo.\nAs criaturas põem brilho.\nA emoção é uma língua."),
    "Danish": ("cp1252", "Dybt nede på havets bund.\nLyset er blåt, og ørerne hører intet.\nVæret er smukt."),
    "Icelandic": ("cp1252", "Það er ljós í djúpinu.\nHvað er þetta?\nGóðan daginn, þú þarna."),
    "Estonian": (
        "cp1252",
        "Öö on pikk ja külm.\nSügaval meres õitseb elu.\nKõik särab, aga mõni täht kustub.",
    ),
    "Czech": ("cp1250", "Hluboké moře v noci září.\nKaždý záblesk je slovo řeči.\nPříliš žluťoučký kůň."),
    "Hungarian": (
        "cp1250",
        "A mély tenger éjjel világít.\nMinden villanás egy szó.\nAz erdő hűvös, gyűrött fű.",
    ),
    "Hungarian with German names": (
        "cp1250",
        "A mély tenger éjjel világít.\nAz erdő hűvös, gyűrött fű.\nMädchen, Straße.",
    ),
    "Romanian": ("cp1250", "Marea adâncă străluceşte noaptea.\nFiecare licărire este un cuvânt.\nÎn fiinţe."),
    "Croatian": ("cp1250", "Duboko more noću svijetli.\nSvaki bljesak je riječ.\nŠto je to? Žarulja, đak."),
    "Latvian": (
        "cp1257",
        "Dziļā jūra naktī spīd.\nKatrs uzplaiksnījums ir vārds.\nŠķiet, ka gaisma ir dzīva.",
    ),
    "Ukrainian": (
        "cp1251",
        "Глибоке море світиться вночі.\nКожен спалах є словом.\nЇї світло живе, як і ґанок.",
    ),
    "Persian": ("cp1256", "در شب روشن است.\nهر درخشش يك واژه است.\nنور زنده است و ما گوش مي‌دهيم."),
    "Japanese, from Unix": ("euc_jp", "深い海は夜に光る。\nすべての光は、私たちが学んでいる言葉です。"),
}

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


def srt(folder: Path, words: str, encoding: str) -> Path:
    """A file with a cue for every line."""
    cues = (
        f"{number}\n00:00:{number:02d},000 --> 00:00:{number:02d},900\n{line}\n\n"
        for number, line in enumerate(words.split("\n"), 1)
    )
    path = folder / "talk.srt"
    path.write_bytes("".join(cues).encode(encoding))
    return path


def words_of(path: Path) -> str:
    return "\n".join(cue.text for cue in read_subtitles(path).cues)


@pytest.mark.parametrize("words", ["Grüße", "Grüße, 深海", "深海", "hello"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_without_a_word_with_its_mark_or_without(tmp_path, encoding, words):
    read = read_subtitles(srt(tmp_path, words, encoding))
    assert [cue.text for cue in read.cues] == [words]
    assert read.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_read_in_every_format(tmp_path, encoding):
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
def test_encodings_are_found_out(tmp_path, encoding, words):
    assert words_of(srt(tmp_path, "\n".join([words] * 6), encoding)) == "\n".join([words] * 6)


@pytest.mark.parametrize("encoding", WORDS)
def test_one_caption_is_enough_to_find_out_an_older_encoding(tmp_path, encoding):
    read = read_subtitles(srt(tmp_path, WORDS[encoding], encoding))
    assert read.cues[0].text == WORDS[encoding]
    assert read.encoding == encoding
    assert f"talk.srt are not in UTF-8 and were read as {encoding}" in read.warnings[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_few_captions_tell_a_language_by_its_letters(tmp_path, language):
    encoding, words = LANGUAGES[language]
    path = srt(tmp_path, words, encoding)
    assert words_of(path) == words
    assert f"were read as {encoding}" in read_subtitles(path).warnings[0]


def test_letters_are_told_in_a_long_file_and_in_capitals(tmp_path):
    words = "\n".join([LANGUAGES["Hungarian"][1], WORDS["cp1250"].upper(), "plain words"] * 8)
    assert words_of(srt(tmp_path, words, "cp1250")) == words
    assert words_of(srt(tmp_path, WORDS["cp1251"].upper(), "cp1251")) == WORDS["cp1251"].upper()


@pytest.mark.parametrize("encoding", ["cp1250", "cp1251", "gb18030"])
def test_the_only_caption_with_telling_letters_may_be_the_last(tmp_path, encoding):
    path = tmp_path / "talk.srt"
    last = f"\n9:00:00 --> 9:00:01\n{WORDS[encoding]}\n".encode(encoding)
    path.write_bytes(b"0:01 --> 0:02\nplain words\n" + b"plain words\n" * 20_000 + last)
    assert read_subtitles(path).cues[-1].text == WORDS[encoding]


@pytest.mark.parametrize("shift", [0, 1])
def test_a_long_file_of_two_bytes_a_letter_is_told_wherever_its_sample_ends(tmp_path, shift):
    line = "每一次闪光都是我们正在学习的语言中的一个词" * 4
    path = tmp_path / "talk.srt"
    cues = (f"{second // 60}:{second % 60:02d} --> {second // 60}:59\n{line}\n" for second in range(600))
    path.write_bytes(b"a" * shift + b"\n" + "".join(cues).encode("gb18030"))
    assert {cue.text for cue in read_subtitles(path).cues} == {line}


@pytest.mark.parametrize(
    ("encoding", "words"), [("cp1250", "– „Őz”…\n– „Fűz” – «űr»?"), ("cp1254", "– „Şu” – “iş”… ‘Ağ’!")]
)
def test_quotes_and_dashes_do_not_hide_the_letters(tmp_path, encoding, words):
    assert words_of(srt(tmp_path, words, encoding)) == words


def test_curly_quotes_alone_are_read_as_the_commonest_encoding(tmp_path):
    read = read_subtitles(srt(tmp_path, "It’s “deep” — and dark…", "cp1252"))
    assert (read.cues[0].text, read.encoding) == ("It’s “deep” — and dark…", "cp1252")


def test_a_guessed_encoding_is_said_and_can_be_given(tmp_path):
    path = srt(tmp_path, "Le café déjà là, garçon, à l'été", "cp1252")
    assert "were read as cp1252" in read_subtitles(path).warnings[0]
    assert "save them as UTF-8" in read_subtitles(path).warnings[0]
    assert read_subtitles(path, encoding="cp1252").warnings == ()


def test_an_encoding_that_is_given_is_used_even_where_another_was_guessed(tmp_path):
    read = read_subtitles(srt(tmp_path, "ïðèâåò", "cp1252"), encoding="cp1251")
    assert (read.cues[0].text, read.encoding, read.warnings) == ("привет", "cp1251", ())


@pytest.mark.parametrize("encoding", ["utf-8", "klingon", "base64", "a\x00b", ""])
def test_an_encoding_that_cannot_be_is_refused_in_words(tmp_path, encoding):
    with pytest.raises(SubtitleError, match=r"are not in .* Leave the encoding out"):
        read_subtitles(srt(tmp_path, WORDS["cp1252"], "cp1252"), encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_cut_in_the_middle_of_a_letter_keeps_all_the_others(tmp_path, encoding):
    path = srt(tmp_path, "Größe, Maße, Füße, Öl, Übermut, Ärger, süß, weiß, Grüße, Bäume, €", encoding)
    cut = "€\n\n".encode(encoding.replace("-sig", "")).removeprefix(b"\xff\xfe")
    path.write_bytes(path.read_bytes()[: 1 - len(cut)])
    read = read_subtitles(path)
    assert read.cues[0].text == "Größe, Maße, Füße, Öl, Übermut, Ärger, süß, weiß, Grüße, Bäume, �"
    assert "talk.srt are damaged" in read.warnings[0]
    assert "shown as �" in read.warnings[0]


def test_a_few_letters_in_utf8_do_not_make_an_older_file_utf8(tmp_path):
    path = srt(tmp_path, WORDS["cp1252"], "cp1252")
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


def test_marks_and_zero_bytes_within_a_file_go(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes("\ufeff0:01 --> 0:02\na\x00\n\n\ufeff0:03 --> 0:04\n\ufeffb\n\x00\x00".encode())
    assert words_of(path) == "a\nb"


@pytest.mark.parametrize("content", POSING, ids=lambda content: POSING[content])
def test_what_poses_as_subtitles_is_called_by_its_name(tmp_path, content):
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
def test_words_that_only_begin_like_another_file_are_read(tmp_path, start):
    path = tmp_path / "talk.srt"
    path.write_text(f"{start}\n0:01 --> 0:02\nhello\n", encoding="utf-8")
    assert words_of(path) == "hello"


def test_accents_that_were_typed_apart_stay_apart(tmp_path):
    words = unicodedata.normalize("NFD", "Déjà vu à Orléans")
    assert words_of(srt(tmp_path, words, "utf-8")) == words
