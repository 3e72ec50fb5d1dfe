"""`scripts/lowest.py`: the lowest versions that pyproject.toml declares, as constraints for pip."""

from __future__ import annotations

import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "lowest.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def project(*dependencies: str, **extras: list[str]) -> dict:
    return {"name": "sea", "dependencies": list(dependencies), "optional-dependencies": {"dev": [], **extras}}


def test_each_dependency_is_pinned_to_its_bound():
    command = [sys.executable, str(ROOT / "scripts" / "lowest.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    extras = PROJECT["optional-dependencies"]
    declared = [*PROJECT["dependencies"], *extras["dask"], *extras["sandbox"]]
    assert sorted(done.stdout.split()) == sorted(line.replace(">=", "==") for line in declared)


def test_own_extras_count_and_tools_do_not():
    found = SCRIPT["lowest"](
        project(
            "av>=14", dev=["sea[web,gpu]", "pytest>=8"], web=["httpx>=0.27"], gpu=["cupy>=13"], docs=["x>=1"]
        )
    )
    assert found == {"av": "14", "httpx": "0.27", "cupy": "13"}


def test_a_marker_or_extra_hides_no_bound():
    found = SCRIPT["lowest"](project("PSutil>=5.9; sys_platform == 'win32'", "uvicorn[standard]>=0.30"))
    assert found == {"psutil": "5.9", "uvicorn": "0.30"}


@pytest.mark.parametrize("requirement", ["av", "av<15", "av>=14,<15", "av @ file:///av.whl", "av==14"])
def test_a_requirement_without_bound_is_refused(requirement):
    with pytest.raises(ValueError, match=r"has no lowest version; write it as 'name>=version'"):
        SCRIPT["lowest"](project(requirement))


@pytest.mark.parametrize(
    ("installed", "said"),
    [("14.0.0", []), ("14", []), ("14.0.1", ["av is 14.0.1, not 14"]), ("140", ["av is 140, not 14"])],
)
def test_another_installed_version_is_named(installed, said):
    assert SCRIPT["differences"]({"av": "14", "psutil": "5.9"}, {"av": installed}) == said
