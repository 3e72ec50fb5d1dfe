"""A panel with the local renderer and a journal of its own, a lab, and a storyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import write_narration
from tests.lab.stock import stock
from tests.storyboard.conftest import SECONDS, SENTENCES, srt
from voxweave_nb import Settings, Storyboard, VideoGenerationService, VideoPanel
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.widgets.lab_duel import DuelView
from voxweave_nb.widgets.lab_view import LabView


@pytest.fixture(autouse=True)
def own_journal(tmp_path, monkeypatch) -> None:
    """Give each test an empty journal, so that it finds no video of another test."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))


@pytest.fixture
def service(tmp_path) -> VideoGenerationService:
    return VideoGenerationService.local(output_dir=tmp_path / "out")


@pytest.fixture
def panel(service) -> VideoPanel:
    return VideoPanel(service, resolution="720p", fps=4)


@pytest.fixture
def chain(tmp_path, monkeypatch) -> VideoGenerationService:
    """A service that tries zai first and falls back to the local renderer."""
    monkeypatch.setenv("ZAI_API_KEY", "sk-very-private")
    return VideoGenerationService(["zai", "local"], output_dir=tmp_path / "out")


@pytest.fixture
def lab(service, narration_file, tmp_path) -> PromptLab:
    """A lab of eight variants, of which six have a video."""
    lab = PromptLab("harbour", narration_file, service=service, folder=tmp_path / "labs", rater="me")
    lab.grid("a {place: harbour|forest} at {time: dawn|dusk}", style=["anime", "cinematic"])
    stock(lab, lab.variants[:6])
    return lab


@pytest.fixture
def told(monkeypatch) -> list[tuple]:
    """All that lab widgets send to a page, as pairs of message and buffers."""
    sent: list[tuple] = []
    for widget in (LabView, DuelView):
        monkeypatch.setattr(widget, "send", lambda _, content, buffers=None: sent.append((content, buffers)))
    return sent


@pytest.fixture
def board(sandbox, tmp_path) -> Iterator[Storyboard]:
    """Six scenes of five seconds at the sandbox."""
    talk = write_narration(tmp_path / "talk.wav", SECONDS * len(SENTENCES))
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    with VideoGenerationService(["zai", "openai_sora"], settings=settings) as service:
        options = {"provider": "zai", "resolution": "720p", "target": 5.0}
        board = service.storyboard(talk, subtitles=srt(), **options).result(60)
        for number in range(1, len(SENTENCES)):
            if board.scenes[number].seconds > 7:
                board.split(number, at=board.scenes[number].start + SECONDS)
        assert len(board.scenes) == 6
        yield board
