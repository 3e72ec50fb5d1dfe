"""Boards whose scenes are made at the sandbox's paid providers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import write_narration
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.storyboard.board import Storyboard

SENTENCES = (
    "The harbour wakes before the town.",
    "Nets are carried down, and then the rain begins.",
    "A lamp swings over the wet boards.",
    "Nobody speaks until the boats are out.",
    "Far below, the water glows.",
    "By noon the gulls have found them.",
)
"""The sentences of the narration, five seconds each."""

SECONDS = 5.0


def srt(sentences: tuple[str, ...] = SENTENCES) -> str:
    """Return the sentences as a subtitle file, with a short pause after each."""
    blocks = []
    for number, sentence in enumerate(sentences):
        start, end = number * SECONDS + 0.2, (number + 1) * SECONDS - 0.2
        blocks.append(f"{number + 1}\n{_time(start)} --> {_time(end)}\n{sentence}\n")
    return "\n".join(blocks)


def _time(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{thousandths:03d}"


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narration of half a minute."""
    return write_narration(tmp_path_factory.mktemp("board") / "talk.wav", SECONDS * len(SENTENCES))


@pytest.fixture
def service(sandbox, tmp_path):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    with VideoGenerationService(["zai", "openai_sora"], settings=settings) as service:
        yield service


@pytest.fixture
def plan(service, talk) -> Callable[..., Storyboard]:
    def planned(**options) -> Storyboard:
        options = {"subtitles": srt(), "provider": "zai", "resolution": "720p", "target": 5.0, **options}
        return service.storyboard(talk, **options).result(60)

    return planned


@pytest.fixture
def board(plan) -> Storyboard:
    return plan()
