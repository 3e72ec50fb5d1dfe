"""The time of `import voxweave_nb`, against `import ipywidgets`, which a notebook needs anyway.

Each import runs in a new process, in turns; medians are compared. Fails when ours takes longer by more than the limit.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

LIMIT = 0.060
"""The difference that is allowed, in seconds."""

ROUNDS = 11
PEER, OURS = "ipywidgets", "voxweave_nb"
TIMED = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"


def main() -> int:
    """Print both times; return 1 if the difference exceeds the limit."""
    seconds: dict[str, list[float]] = {PEER: [], OURS: []}
    for name in seconds:
        import_once(name)  # compiles the bytecode and warms the disk cache
    for _ in range(ROUNDS):
        for name, times in seconds.items():
            times.append(import_once(name))
    peer, ours = (statistics.median(seconds[name]) for name in (PEER, OURS))
    print(
        f"import {PEER} {peer * 1000:.0f} ms, import {OURS} {ours * 1000:.0f} ms, medians of {ROUNDS} processes each"
    )
    print(f"difference {(ours - peer) * 1000:+.0f} ms (at most {LIMIT * 1000:+.0f}), ratio {ours / peer:.2f}")
    return int(ours - peer > LIMIT)


def import_once(name: str) -> float:
    """Return the seconds that one import takes in a new process."""
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(name)], env=environ, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
