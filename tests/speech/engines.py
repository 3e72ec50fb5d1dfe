"""A package with a recogniser and a voice, as another project would ship them; the engines run in real processes."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = ["The", "ferry", "leaves", "at", "six.", "Nobody", "waves."]

_CODE = '''
import json, sys, time
from pathlib import Path

import numpy as np

from voxweave_nb import Recogniser, Sound, Speaker, SpeechError, Transcript, Voice, Word


class Parrot(Recogniser):
    """Hears what a file tells it to; the file's name is that of its weights."""

    name = "parrot"

    def model_for(self, model, language):
        if language == "xx":
            raise SpeechError("The parrot does not know xx; teach it.")
        return model or str(Path(__file__).with_name("heard.json"))

    def transcribe(self, samples, *, model, language, progress):
        if model == "forever":
            print("this is no answer", flush=True)
            while True:
                time.sleep(0.01)
                progress(0.5)
        if model == "broken":
            raise ValueError("no such feather")
        if model == "dead":
            sys.stderr.write("out of seed\\n")
            sys.stderr.flush()
            import os; os._exit(3)
        progress(0.5)
        heard = json.loads(Path(model).read_text("utf-8"))
        words = tuple(Word(*word) for word in heard["words"])
        return Transcript(heard["text"], words, language or "en", "parrot 1")


class Hummer(Speaker):
    """Hums a third of a second for each word."""

    name = "hummer"

    def voices(self):
        return (Voice("hummer/low", "low (en)", "en", "hummer"), Voice("hummer/tief", "tief (de)", "de", "hummer"))

    def missing(self):
        return None

    def synthesize(self, sentences, *, voice, rate):
        counted = Path(__file__).with_name("spoken.txt")
        for sentence in sentences:
            with counted.open("a", encoding="utf-8") as file:
                file.write(sentence + "\\n")
            if "forever" in sentence:
                time.sleep(1000)
            if "nothing" in sentence:
                yield Sound(np.zeros(4000, np.int16), 22050)
                continue
            hum = (9000 * np.sin(np.arange(round(6600 / rate)) * 0.05)).astype(np.int16)
            parts = [np.zeros(4410, np.int16)]
            for _ in sentence.split():
                parts += [hum, np.zeros(660, np.int16)]
            yield Sound(np.concatenate([*parts, np.zeros(4410, np.int16)]), 22050)
'''

_ENTRIES = """[voxweave_nb.recognisers]
parrot = aviary:Parrot

[voxweave_nb.speakers]
hummer = aviary:Hummer
"""


def install(folder: Path) -> Path:
    """Write the package into a folder, which is to be on the path; return the folder."""
    folder.mkdir(parents=True)
    (folder / "aviary.py").write_text(_CODE, encoding="utf-8")
    about = folder / "aviary-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: aviary\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(_ENTRIES, encoding="utf-8")
    teach(folder, WORDS)
    return folder


def teach(folder: Path, words: list[str], *, start: float = 0.5, sure: float = 0.9) -> None:
    """Tell the recogniser what it hears: a word each 0.3 seconds."""
    timed = [[word, start + 0.3 * k, start + 0.3 * k + 0.28, sure] for k, word in enumerate(words)]
    heard = {"text": " ".join(words), "words": timed}
    (folder / "heard.json").write_text(json.dumps(heard), encoding="utf-8")


def spoken(folder: Path) -> list[str]:
    """The sentences that the voice was asked for."""
    path = folder / "spoken.txt"
    return path.read_text("utf-8").splitlines() if path.exists() else []
