"""Providers in packages of other people: really installed, found by their entry points."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, VideoGenerationService, providers

EXAMPLE = Path(__file__).parent / "example_plugin"


@pytest.mark.slow
def test_a_provider_in_a_package_of_its_own_is_found_and_makes_a_video(narration_file, tmp_path):
    place = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place), str(EXAMPLE)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    script = f"""
        import json
        from voxweave_nb import VideoGenerationService
        service = VideoGenerationService("stillness", output_dir={str(tmp_path / "out")!r})
        video = service.submit({str(narration_file)!r}, resolution="720p", aspect="1:1", fps=10).result(60)
        order = list(VideoGenerationService.local().providers())
        print(json.dumps([video.provenance.provider, video.provenance.model, video.width, video.height, order]))
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={"PYTHONPATH": str(place), "PATH": ""}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    provider, model, width, height, order = json.loads(done.stdout)
    assert (provider, model, width, height) == ("stillness", "wall", 720, 720)
    assert (
        order[-1] == "stillness"
    )  # after those of this package; `local`, which the service was made for, is first


def broken(name: str, value: str, monkeypatch) -> None:
    point = EntryPoint(name, value, providers.GROUP)
    monkeypatch.setattr(providers, "entry_points", lambda group: [point])


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("no_such_module:Thing", "cannot be loaded .ModuleNotFoundError"),
        ("pathlib:Path", "is not a subclass of"),
    ],
)
def test_a_broken_one_is_named_with_its_package_and_hides_nobody_else(monkeypatch, value, says):
    broken("theirs", value, monkeypatch)
    states = VideoGenerationService.local().providers()
    assert states["local"].ready
    assert not states["theirs"].ready
    with pytest.raises(ConfigError, match=says):
        VideoGenerationService("theirs")


def test_a_broken_one_does_not_stop_the_default(monkeypatch):
    broken("theirs", "no_such_module:Thing", monkeypatch)
    assert VideoGenerationService.default().chain == ("local",)


def test_nobody_takes_the_name_of_one_that_is_here(monkeypatch):
    broken("local", "no_such_module:Thing", monkeypatch)
    assert providers.registered().count("local") == 1
    assert providers.provider_class("local").__module__.startswith("voxweave_nb.")
