"""The process of a recogniser or a voice: `python -m voxweave_nb.speech.engine_worker`.

Standard input is one line of JSON, the order, and then stays open: when it closes, the parent has exited, and so does
this process. Standard output is lines of JSON.

The order `{"do": "recognise", "engine", "model", "language", "samples"}` is answered by `{"progress": 0 to 1}` now and
then and at last by `{"text", "words", "language", "name"}`; the order `{"do": "speak", "engine", "voice", "rate",
"sentences", "to"}` by `{"sentence", "start", "stop", "rate"}` for each sentence.

`samples` is the path of raw samples (mono, 16 kHz, signed 16 bit), `to` that of a file for them (at the voice's rate);
`start` and `stop` count samples in it. Either may end with `{"error": sentence}`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..errors import VoxweaveError

__all__ = ["main"]


def main() -> int:
    """Carry out the order on standard input; return the exit status, 0 for success."""
    order = json.loads(sys.stdin.readline())
    answers, sys.stdout = sys.stdout, sys.stderr  # a library may print something
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        (_recognise if order["do"] == "recognise" else _speak)(order, answers)
    except VoxweaveError as error:
        _send(answers, error=str(error))
    except MemoryError:
        _send(answers, error=f"{order['engine']} needs more memory than there is. Close other programs.")
    except Exception as error:  # noqa: BLE001  whatever an engine raises
        _send(answers, error=f"{order['engine']} failed: {type(error).__name__}: {error}")
    return 0


def _recognise(order: dict[str, Any], answers: TextIO) -> None:
    from .recognise import recogniser_class

    samples = np.fromfile(order["samples"], "<i2").astype(np.float32) / np.float32(32_768)
    engine = recogniser_class(order["engine"])()
    found = engine.transcribe(
        samples,
        model=order["model"],
        language=order["language"],
        progress=lambda done: _send(answers, progress=round(min(1.0, max(0.0, done)), 3)),
    )
    words = [word.as_list() for word in found.words]
    _send(answers, text=found.text, words=words, language=found.language, name=found.name)


def _speak(order: dict[str, Any], answers: TextIO) -> None:
    from .speaking import speaker_class

    engine, at = speaker_class(order["engine"])(), 0
    sentences: list[str] = order["sentences"]
    with Path(order["to"]).open("wb") as file:
        spoken = engine.synthesize(sentences, voice=order["voice"], rate=order["rate"])
        for number, sound in enumerate(spoken):
            samples = np.ascontiguousarray(sound.samples, "<i2")
            file.write(samples.tobytes())
            file.flush()
            _send(answers, sentence=number, start=at, stop=at + len(samples), rate=sound.rate)
            at += len(samples)


def _send(answers: TextIO, **message: Any) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
