"""A film of scenes and a storyboard's animatic, rendered really."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.conftest import write_narration
from tests.systems import processes_in
from voxweave_nb import ConfigError, Settings, VideoConfig
from voxweave_nb.media.probe import probe
from voxweave_nb.models import SubtitleMode, VideoQuality
from voxweave_nb.pipeline.scene_film import SceneFilm, draft_config, labelled, render_animatic, render_scenes
from voxweave_nb.providers.local import LocalProvider
from voxweave_nb.render.scene_list import FilmScene
from voxweave_nb.request import VideoRequest

SUBTITLES = "1\n00:00:00,100 --> 00:00:01,400\nThe city.\n\n2\n00:00:01,600 --> 00:00:02,800\nThe desert.\n"
SCENES = (FilmScene(0.0, 1.51, spoken="The city."), FilmScene(1.51, 3.0, spoken="The desert."))


@pytest.fixture(scope="module")
def narration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds."""
    return write_narration(tmp_path_factory.mktemp("scenes") / "talk.wav", 3.0)


def made(make: Callable[..., Any], narration: Path, to: Path, **changes: Any) -> SceneFilm:
    config = VideoConfig(style="cinematic", prompt="a slow day", title="", **changes)
    request = VideoRequest.of(narration, SUBTITLES, config)

    async def whole() -> SceneFilm:
        provider = LocalProvider(settings=Settings())
        try:
            film: SceneFilm = await make(request, SCENES, to, provider=provider, settings=Settings())
            return film
        finally:
            await provider.aclose()

    return asyncio.run(whole())


def test_a_draft_is_local_and_small() -> None:
    config = VideoConfig(provider="zai", model="m", seconds=5, resolution="4k", style="anime", prompt="rain")
    draft = draft_config(config)
    assert (draft.provider, draft.model, draft.seconds) == (None, None, None)
    assert (draft.quality, draft.size) == (VideoQuality.DRAFT, (640, 360))
    assert (draft.style, draft.prompt) == (config.style, "rain")


def test_scenes_are_labelled_from_one() -> None:
    own = FilmScene(3.0, 4.0, label="map")
    assert [scene.label for scene in labelled((*SCENES, own))] == ["1", "2", "map"]


@pytest.mark.slow
def test_an_animatic_has_sound_and_captions(narration: Path, tmp_path: Path) -> None:
    film = made(render_animatic, narration, tmp_path / "animatic.mp4", resolution="1080p")
    info = probe(film.path)
    assert info.video.fps == 24
    assert (info.video.width, info.video.height, info.audio.codec) == (640, 360, "aac")
    assert info.duration == pytest.approx(3.0, abs=0.1)
    assert [track.codec for track in info.subtitles] == ["mov_text"]
    assert (film.fps, film.frames, film.subtitle_mode) == (24, (0, 36), SubtitleMode.SOFT)
    assert [cue.text for cue in film.cues] == ["The city.", "The desert."]
    assert film.understood["scene 1"].startswith("city in haze")
    assert film.understood["scene 2"].startswith("dunes")
    assert [path.name for path in tmp_path.iterdir()] == ["animatic.mp4"]


@pytest.mark.slow
def test_burnt_captions_keep_the_frames(narration: Path, tmp_path: Path) -> None:
    film = made(render_animatic, narration, tmp_path / "animatic.mp4", subtitle_mode="burn")
    with av.open(str(film.path)) as container:
        images = [frame.to_ndarray(format="gray").astype(float) for frame in container.decode(video=0)]
    assert len(images) == 3 * 24
    apart = [np.abs(after - before).mean() for before, after in itertools.pairwise(images)]
    assert int(np.argmax(apart)) + 1 == film.frames[1]


@pytest.mark.slow
def test_bare_frames_replace_the_file_before(narration: Path, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_text("old")

    async def bare(*args: Any, **options: Any) -> SceneFilm:
        return await render_scenes(*args, sound=False, **options)

    film = made(bare, narration, tmp_path / "clip.mp4", resolution="720p", fps=8)
    info = probe(film.path)
    assert (info.video.width, info.video.height, info.audio, info.subtitles) == (1280, 720, None, ())
    assert (film.fps, film.frames) == (8, (0, 12))


def test_a_missing_place_of_a_scene_is_said(narration: Path, tmp_path: Path) -> None:
    async def by_the_sea(
        request: VideoRequest, scenes: tuple[FilmScene, ...], *args: Any, **how: Any
    ) -> SceneFilm:
        asked = (scenes[0], FilmScene(1.51, 3.0, "the sea"))
        return await render_animatic(request, asked, *args, **how)

    film = made(by_the_sea, narration, tmp_path / "animatic.mp4", fps=4, subtitle_mode="none")
    assert "Scene 2: cinematic has no sea; realistic and anime do." in film.warnings


def test_a_gap_is_refused_before_rendering(narration: Path, tmp_path: Path) -> None:
    async def half(request: VideoRequest, scenes: tuple[FilmScene, ...], *args: Any, **how: Any) -> SceneFilm:
        return await render_animatic(request, scenes[:1], *args, **how)

    with pytest.raises(ConfigError, match=r"Scene 1 ends at 1.51 s, but the narration at 3.00 s"):
        made(half, narration, tmp_path / "animatic.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_animatic_leaves_nothing(narration: Path, tmp_path: Path) -> None:
    async def cancelled(*args: Any, **how: Any) -> None:
        drawing = asyncio.Event()

        def follow(share: float) -> None:
            if share > 0:
                drawing.set()

        task = asyncio.create_task(render_scenes(*args, on_progress=follow, **how))
        await drawing.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert how["provider"]._renders == {}

    made(cancelled, narration, tmp_path / "film.mp4", resolution="4k", fps=60)
    assert list(tmp_path.iterdir()) == []
    assert not processes_in(tmp_path)


def test_progress_rises_to_one(narration: Path, tmp_path: Path) -> None:
    seen: list[float] = []

    async def followed(*args: Any, **how: Any) -> SceneFilm:
        return await render_animatic(*args, on_progress=seen.append, **how)

    made(followed, narration, tmp_path / "animatic.mp4", fps=4)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
