"""The tests are collected on Windows, too: simulated, by hiding what that system does not have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_windows_collects_the_tests():
    collect = ["--collect-only", "--quiet", "-p", "no:cacheprovider", "-m", "not browser"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.another_system", *collect],
        cwd=ROOT,
        env={**os.environ, "VOXWEAVE_TEST_SYSTEM": "win32"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
