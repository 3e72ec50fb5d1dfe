"""How fast a large lab opens: 2,000 variants and 20,000 votes, each variant with a video's record and a flag.

Opening reads `lab.json` and all lines, and compares the narration with the stored one. `lab.variants` then looks for
every video's file. Beside it, in the same run: parsing the same lines as JSON, which nobody can do without.

The limit holds for CPU seconds, since other programs on the machine stretch the rest.

`scripts/bench --lab_opening`, or `python benchmarks/lab_opening.py`
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from tests.conftest import write_narration
from tests.lab.fields import film
from voxweave_nb import Settings, VideoConfig, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.lab.records import Choice, Flag, Made, Rating, Vote

VARIANTS, VOTES = 2_000, 20_000
MOST_SECONDS = 1.0


def build(folder: Path, service: VideoGenerationService) -> None:
    """Write a lab with its votes, records and flags, and empty files for the videos."""
    narration = write_narration(folder / "talk.wav")
    lab = PromptLab("large", narration, base=VideoConfig(quality="draft"), service=service, folder=folder)
    lab.grid(
        "a {place: harbour|forest|city|desert|river} at {time: dawn|noon|dusk|night}",
        style=["anime", "cinematic", "realistic", "cyberpunk"],
        seed=list(range(25)),
        sure=True,
    )
    ids = list(lab._folder.variants)
    assert len(ids) == VARIANTS
    lab._folder.videos.mkdir()
    made = []
    for number, each in enumerate(ids):
        name = f"{number}.mp4"
        (lab._folder.videos / name).touch()
        made.append(Made(each, f"run-{number}", film(name), 0.2, at=1.0).as_line())
    lab._folder._write("variants", made)
    lab._folder.flag(Flag(each, "frozen", 3.0, "frozen for 3.0 s") for each in ids)
    rng = np.random.default_rng(0)
    lab._folder.vote(
        *(
            Vote.of(ids[left], ids[(left + 1 + step) % VARIANTS], Choice.LEFT, rater="me", at=float(at))
            for at, (left, step) in enumerate(rng.integers(0, VARIANTS - 1, (VOTES, 2)))
        )
    )
    lab._folder._write("votes", [Rating(each, stars=4, at=1.0).as_line() for each in ids])


def parse_seconds(path: Path) -> float:
    """Return the seconds that it takes to parse the lines of all files."""
    began = time.perf_counter()
    for file in path.glob("*.jsonl"):
        for line in file.read_bytes().splitlines():
            json.loads(line)
    return time.perf_counter() - began


def main() -> int:
    """Print the times; return 1 if opening takes too long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", output_dir=folder / "out")
        with VideoGenerationService("local", settings=settings) as service:
            build(folder, service)
            wall, cpu = [], []
            for _ in range(3):
                began, used = time.perf_counter(), time.process_time()
                lab = PromptLab("large", service=service, folder=folder)
                wall.append(time.perf_counter() - began)
                cpu.append(time.process_time() - used)
            began = time.perf_counter()
            assert len(lab.variants) == VARIANTS
            listed = time.perf_counter() - began
            again = time.perf_counter()
            assert len(lab.votes) == VOTES
            read = time.perf_counter() - again
            parsed = min(parse_seconds(lab.path) for _ in range(3))
    opened = min(cpu)
    print(
        f"{VARIANTS:,} variants and {VOTES:,} votes: opened in {opened:.2f} CPU s (at most {MOST_SECONDS} s), "
        f"{min(wall):.2f} s by the clock; parsing the lines alone {parsed:.2f} s; lab.variants {listed:.2f} s, "
        f"lab.votes {read:.2f} s"
    )
    return int(opened > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
