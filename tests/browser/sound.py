"""Whether a person would hear a video, measured in the page."""

from __future__ import annotations

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
