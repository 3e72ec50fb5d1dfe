"""`binder/`, read by repo2docker and then installed step by step in a new environment with Binder's versions.

Docker is not needed: repo2docker prints its steps, and its lock file has the versions of its image. The image's
operating system is not covered.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
UNWANTED = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "voxweave_out", "dist"
)
BASE = [
    "ipykernel",
    "ipywidgets",
    "jupyter_server",
    "jupyterlab",
    "jupyterlab_widgets",
    "nbclient",
    "nbconvert",
    "notebook",
]
"""The packages of the image that a notebook depends on."""


def binder_version() -> str:
    return (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")


def requirements() -> list[str]:
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def checked(*words: str | Path, cwd: Path = ROOT, timeout: float = 300, **environ: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env={**os.environ, **environ}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def interpreter(version: str) -> str | None:
    """Return a Python of that version, found as the scripts find it, or None."""
    search = '. ./scripts/environment.sh; find_python "$1"'
    done = subprocess.run(
        ["sh", "-c", search, "scripts/test", version], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or None


def locked(version: str) -> dict[str, str]:
    """Return the versions of `BASE` in repo2docker's image for a version of Python."""
    lock = f"repo2docker/buildpacks/conda/environment.py-{version}-linux-64.lock"
    text = Path(str(distribution("jupyter-repo2docker").locate_file(lock))).read_text()
    found = {name: re.search(rf"/{name}-(\d[^-]*)-[^-]+$", text, re.MULTILINE) for name in BASE}
    return {name: match[1] for name, match in found.items() if match}


@dataclass(frozen=True)
class Image:
    version: str
    checkout: Path
    python: Path
    base: dict[str, str]


# The files


def test_binder_installs_only_the_project_with_its_sandbox():
    assert requirements() == [".[sandbox]"]
    assert sorted(path.name for path in BINDER.iterdir()) == ["requirements.txt", "runtime.txt"]


def test_binder_uses_a_tested_python():
    assert binder_version() in {"3.11", "3.12", "3.13"}


@pytest.mark.slow
def test_repo2docker_understands_the_folder():
    said = checked(
        sys.executable, "-m", "repo2docker", "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", ROOT
    )  # fmt: skip
    assert f"python={binder_version()}" in said
    assert re.findall(r'pip install --no-cache-dir -r "([^"]+)"', said) == ["binder/requirements.txt"]


# The installation


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Install what `binder/` lists in a new environment, beside a copy of the checkout."""
    version = binder_version()
    found = interpreter(version)
    if found is None:
        version, found = ".".join(map(str, sys.version_info[:2])), sys.executable
    folder = tmp_path_factory.mktemp("binder")
    checkout = shutil.copytree(ROOT, folder / "jovyan", ignore=UNWANTED)
    checked(found, "-m", "venv", folder / "venv")
    python, base = folder / "venv" / "bin" / "python", locked(version)
    pip = (python, "-m", "pip", "install", "--quiet")
    checked(*pip, *(f"{name}=={pinned}" for name, pinned in base.items()))
    checked(*pip, "-r", "binder/requirements.txt", cwd=checkout)
    return Image(version, checkout, python, base)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_image_has_binders_python(image):
    if image.version != binder_version():
        pytest.skip(f"Python {binder_version()} is not installed here: {image.version} was used instead")


@pytest.mark.slow
def test_the_lock_names_what_a_notebook_depends_on(image):
    assert {"ipykernel", "ipywidgets", "jupyterlab", "jupyter_server"} <= set(image.base)


@pytest.mark.slow
def test_the_images_own_versions_are_left_alone(image):
    listed = json.loads(checked(image.python, "-m", "pip", "list", "--format", "json"))
    installed = {package["name"].lower().replace("-", "_"): package["version"] for package in listed}
    assert {name: installed[name] for name in image.base} == image.base


@pytest.mark.slow
def test_the_installed_packages_are_compatible(image):
    assert "No broken requirements" in checked(image.python, "-m", "pip", "check")


@pytest.mark.slow
def test_the_installed_package_is_imported(image):
    code = "import voxweave_nb; print(voxweave_nb.__file__)"
    said = checked(image.python, "-c", code, cwd=image.checkout / "notebooks")
    assert Path(said.strip()).is_relative_to(image.python.parent.parent)


@pytest.mark.slow
def test_the_sandbox_starts_there(image):
    code = "from voxweave_nb.sandbox import Sandbox\nwith Sandbox() as sandbox: print(sandbox.url)"
    assert "http://127.0.0.1:" in checked(image.python, "-c", code, cwd=image.checkout / "notebooks")


@pytest.mark.everywhere
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_quickstart_runs_there_without_a_key(image):
    folder = image.checkout / "notebooks"
    checked(
        image.python, "-m", "jupyter", "execute", "--inplace", "--timeout=240", "01_quickstart.ipynb",
        cwd=folder, timeout=560, HOME=str(image.checkout), OPENAI_API_KEY="", ZAI_API_KEY="",
        PATH=f"{image.python.parent}{os.pathsep}{os.environ['PATH']}",
    )  # fmt: skip
    notebook = json.loads((folder / "01_quickstart.ipynb").read_text(encoding="utf-8"))
    shown = json.dumps([cell.get("outputs") for cell in notebook["cells"]])
    assert shown.count("<video ") == 3
    assert len(list((folder / "voxweave_out").glob("*.mp4"))) == 3
