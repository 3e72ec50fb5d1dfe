"""The wheel that is shipped: its files and its metadata."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from voxweave_nb.media.burn import WEIGHTS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "voxweave_nb"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def metadata(wheel: zipfile.ZipFile) -> dict[str, list[str]]:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    message = Parser().parsestr(wheel.read(name).decode())
    return {key: message.get_all(key) or [] for key in set(message.keys())}


def test_it_fits_every_machine(wheel):
    assert wheel.filename.endswith("-py3-none-any.whl")


def test_it_holds_the_package_and_the_quickstart_only(wheel):
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert held == expected | {"voxweave_nb/notebooks/01_quickstart.ipynb"}


@pytest.mark.parametrize("kind", [".py", ".toml", ".sql", ".m4a", ".srt", "py.typed"])
def test_it_holds_files_of_every_kind(wheel, kind):
    assert any(name.endswith(kind) for name in wheel.namelist())


def test_the_sample_is_small(wheel):
    sizes = [info.file_size for info in wheel.infolist() if info.filename.startswith("voxweave_nb/sample/")]
    assert sum(sizes) < 400_000


def test_fonts_are_small_and_have_their_licence(wheel):
    fonts = [info for info in wheel.infolist() if info.filename.endswith(".ttf")]
    assert len(fonts) == len(WEIGHTS)
    assert sum(font.compress_size for font in fonts) < 1_000_000
    assert any(name.endswith("licenses/voxweave_nb/media/fonts/OFL.txt") for name in wheel.namelist())


def test_it_brings_the_command_and_the_licence(wheel):
    (entry,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "voxweave-nb = voxweave_nb.__main__:main" in wheel.read(entry).decode()
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    assert metadata(wheel)["License-Expression"] == ["MIT AND OFL-1.1"]


def test_dependencies_accept_the_oldest_supported_python(wheel):
    facts = metadata(wheel)
    assert facts["Requires-Python"] == [">=3.11"]
    needed = [line for line in facts["Requires-Dist"] if "extra ==" not in line]
    assert len(needed) <= 12
    assert not any(line.startswith("av>=19") for line in needed)
