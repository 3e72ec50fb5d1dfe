"""Guessing older encodings by the letters that languages use."""

from __future__ import annotations

import pytest

from voxweave_nb.media.subtitles import read_subtitles

from .samples import words_of, write_srt

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


@pytest.mark.parametrize("encoding", WORDS)
def test_one_caption_reveals_an_older_encoding(tmp_path, encoding):
    read = read_subtitles(write_srt(tmp_path, WORDS[encoding], encoding))
    assert read.cues[0].text == WORDS[encoding]
    assert read.encoding == encoding
    assert f"talk.srt are not in UTF-8 and were read as {encoding}" in read.warnings[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_reveal_the_language(tmp_path, language):
    encoding, words = LANGUAGES[language]
    path = write_srt(tmp_path, words, encoding)
    assert words_of(path) == words
    assert f"were read as {encoding}" in read_subtitles(path).warnings[0]


def test_long_files_and_capitals_are_recognised(tmp_path):
    words = "\n".join([LANGUAGES["Hungarian"][1], WORDS["cp1250"].upper(), "plain words"] * 8)
    assert words_of(write_srt(tmp_path, words, "cp1250")) == words
    assert words_of(write_srt(tmp_path, WORDS["cp1251"].upper(), "cp1251")) == WORDS["cp1251"].upper()


@pytest.mark.parametrize("encoding", ["cp1250", "cp1251", "gb18030"])
def test_the_only_revealing_caption_may_be_last(tmp_path, encoding):
    path = tmp_path / "talk.srt"
    last = f"\n9:00:00 --> 9:00:01\n{WORDS[encoding]}\n".encode(encoding)
    path.write_bytes(b"0:01 --> 0:02\nplain words\n" + b"plain words\n" * 20_000 + last)
    assert read_subtitles(path).cues[-1].text == WORDS[encoding]


@pytest.mark.parametrize("shift", [0, 1])
def test_a_sample_may_end_within_a_letter(tmp_path, shift):
    line = "每一次闪光都是我们正在学习的语言中的一个词" * 4
    path = tmp_path / "talk.srt"
    cues = (f"{second // 60}:{second % 60:02d} --> {second // 60}:59\n{line}\n" for second in range(600))
    path.write_bytes(b"a" * shift + b"\n" + "".join(cues).encode("gb18030"))
    assert {cue.text for cue in read_subtitles(path).cues} == {line}


@pytest.mark.parametrize(
    ("encoding", "words"), [("cp1250", "– „Őz”…\n– „Fűz” – «űr»?"), ("cp1254", "– „Şu” – “iş”… ‘Ağ’!")]
)
def test_quotes_and_dashes_do_not_hide_letters(tmp_path, encoding, words):
    assert words_of(write_srt(tmp_path, words, encoding)) == words


def test_curly_quotes_alone_mean_cp1252(tmp_path):
    read = read_subtitles(write_srt(tmp_path, "It’s “deep” — and dark…", "cp1252"))
    assert (read.cues[0].text, read.encoding) == ("It’s “deep” — and dark…", "cp1252")
