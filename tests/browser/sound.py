"""Whether a person would hear a video, measured in the page."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SILENCE = 0.01
"""The loudest sample that counts as silence, where 1 is full scale; speech and the tests' tones reach 0.1 and more."""

# Plays from the start until a sample is louder than silence, or until the video has ended. An element has at most one
# such node, so it is kept. Only Chromium tells how many bytes were decoded.
METER = """async (video, silence) => {
    if (!video.meter) {
        const context = new AudioContext();
        video.meter = context.createAnalyser();
        context.createMediaElementSource(video).connect(video.meter).connect(context.destination);
    }
    await video.meter.context.resume();
    Object.assign(video, {muted: false, volume: 1, loop: false, currentTime: 0});
    await video.play();
    const samples = new Float32Array(video.meter.fftSize);
    let level = 0;
    while (!video.paused && !video.error && level <= silence) {
        await new Promise(done => setTimeout(done, 20));
        video.meter.getFloatTimeDomainData(samples);
        level = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    }
    return {level, decoded: video.webkitAudioDecodedByteCount ?? null};
}"""


def heard(scope: Any) -> bool:
    """Play the first video inside from its start, and return whether sound is decoded and louder than silence.

    The browser has to allow autoplay. It counts as silent where the page may not read the video's samples, as with
    another file that is opened from disk.
    """
    video = scope.locator("video").first
    video.wait_for()
    found = video.evaluate(METER, SILENCE)
    return bool(found["level"] > SILENCE and found["decoded"] != 0)


@contextlib.contextmanager
def sound_server() -> Iterator[str]:
    """Start a sound server that plays to nobody, and yield its address.

    Without one, no level of a microphone or a video can be measured in Firefox, and a video in WebKit stops where its
    sound begins.
    """
    command = shutil.which("pulseaudio")
    if not command:
        raise FileNotFoundError(
            "The tests in Firefox and WebKit need Debian's package pulseaudio, on a machine without sound."
        )
    with tempfile.TemporaryDirectory(prefix="voxweave-sound-") as folder:
        socket = Path(folder) / "native"
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        modules = [
            "-L",
            "module-null-sink",
            "-L",
            f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        ]
        with subprocess.Popen(
            [command, *options, *modules], env={**os.environ, "HOME": folder}, stderr=subprocess.DEVNULL
        ) as server:
            try:
                while not socket.exists():
                    if server.poll() is not None:
                        raise RuntimeError(f"PulseAudio ended with {server.returncode}.")
                    time.sleep(0.02)
                yield f"unix:{socket}"
            finally:
                server.terminate()
