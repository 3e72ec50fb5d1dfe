"""Providers in packages of other people: really installed, found by their entry points."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from voxweave_nb import ConfigError, VideoGenerationService, providers

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def python(*arguments: str | Path, site: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python away from the checkout, with the packages in `site` before all others."""
    environment = {**os.environ, "PYTHONPATH": str(site), "VOXWEAVE_HOME": str(folder / "home")}
    for name in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTHONWARNINGS"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which our wheel and those of the example plug-ins are really installed."""
    site = tmp_path_factory.mktemp("site")
    packages = [ROOT, HERE / "example_plugin", HERE / "example_http_plugin", HERE / "old_plugin"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, *packages]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=240)
    return site


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model"), [("stillness", "wall"), ("oldness", "wall")], ids=["new", "of the first release"]
)
def test_an_installed_plugin_makes_a_video(site, narration_file, tmp_path, name, model):
    script = f"""
        import json, voxweave_nb
        from voxweave_nb import VideoGenerationService
        service = VideoGenerationService({name!r}, output_dir={str(tmp_path / "out")!r})
        video = service.submit({str(narration_file)!r}, resolution="720p", aspect="1:1", fps=4).result(60)
        made = [video.provenance.model, video.width, video.height]
        print(json.dumps([voxweave_nb.__file__, made, list(VideoGenerationService.local().providers())]))
        """
    done = python("-c", textwrap.dedent(script), site=site, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    package, made, order = json.loads(done.stdout)
    assert Path(package).is_relative_to(site)
    assert made == [model, 720, 720]
    # After those of this package; `local`, which the service was made for, is first.
    assert set(order[-3:]) == {"lantern", "oldness", "stillness"}


@pytest.mark.slow
def test_an_old_plugin_is_told_what_to_change(site, tmp_path):
    done = python("-W", "always", "-c", "import voxweave_oldness", site=site, folder=tmp_path)
    assert "voxweave_oldness.py:12: DeprecationWarning: Assignment is called ClipRequest now" in done.stderr
    assert "voxweave_oldness.py:23: DeprecationWarning" in done.stderr
    assert "rename it to submit(request)" in done.stderr


def contract(
    site: Path, folder: Path, *changes: tuple[str, str], only: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the HTTP plug-in's own tests against the installed packages, with some of its code changed."""
    for path in (HERE / "example_http_plugin").glob("*.py"):
        if path.stem != "voxweave_lantern" or changes:
            shutil.copy(path, folder)
    if changes:
        module = folder / "voxweave_lantern.py"
        code = module.read_text(encoding="utf-8")
        for old, new in changes:
            assert code.count(old) == 1
            code = code.replace(old, new)
        module.write_text(code, encoding="utf-8")
    options = [
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:timeout",
        "-p",
        "no:hypothesispytest",
        "-k",
        only,
    ]
    return python("-m", "pytest", *options, folder, site=site, folder=folder)


@pytest.mark.slow
def test_an_http_plugin_passes_the_contract(site, tmp_path):
    done = contract(site, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "23 passed, 2 skipped" in done.stdout


def test_the_http_plugin_has_sixty_lines():
    code = (HERE / "example_http_plugin" / "voxweave_lantern.py").read_text(encoding="utf-8")
    assert len(code.splitlines()) <= 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "old", "new"),
    [
        ("test_cancelling_an_unknown_job_is_no_error", 'method="DELETE")).ok', 'method="DELETE")).data["stopped"].ok'),
        ("test_an_unknown_job_has_no_status", "raise self.no_status(reply, job_id)", 'data["state"] = "lit"'),
        ("test_a_plan_can_be_sent_as_it_is", "vw.Price(0.05", "vw.Price(-1.0"),
        ("test_a_finished_job_gives_a_video", "/clip", ""),
        ("test_a_cancelled_job_is_really_stopped", 'method="DELETE"', 'method="GET"'),
    ],
)  # fmt: skip
def test_a_broken_http_plugin_fails_the_contract(site, tmp_path, test, old, new):
    done = contract(site, tmp_path, (old, new), only=test)
    assert done.returncode == 1
    assert f"::{test}" in done.stdout


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
def test_a_broken_plugin_is_named_and_hides_nobody(monkeypatch, value, says):
    broken("theirs", value, monkeypatch)
    states = VideoGenerationService.local().providers()
    assert states["local"].ready
    assert not states["theirs"].ready
    with pytest.raises(ConfigError, match=says):
        VideoGenerationService("theirs")


def test_a_broken_plugin_does_not_stop_the_default(monkeypatch):
    broken("theirs", "no_such_module:Thing", monkeypatch)
    assert VideoGenerationService.default().chain == ("local",)


def test_a_plugin_cannot_take_a_builtin_name(monkeypatch):
    broken("local", "no_such_module:Thing", monkeypatch)
    assert providers.registered().count("local") == 1
    assert providers.provider_class("local").__module__.startswith("voxweave_nb.")
