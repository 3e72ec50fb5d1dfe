"""Accessibility checks by axe-core in the page."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parents[2] / ".cache" / "npm"
PACKAGE = "axe-core@4"
BAD = ("serious", "critical")


@functools.cache
def source() -> str:
    """Return axe-core's script, fetched once by npm.

    Raises:
        FileNotFoundError: npm is not installed.
    """
    if not list(CACHE.glob("axe-core-*.tgz")):
        if not shutil.which("npm"):
            raise FileNotFoundError("axe-core comes from the npm registry. Install Debian's package npm.")
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(CACHE)], check=True, timeout=120
        )
    with tarfile.open(max(CACHE.glob("axe-core-*.tgz"))) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


def serious(page: Any, selector: str) -> list[str]:
    """Return the serious findings of axe in a part of the page; colours are checked as they are painted now."""
    page.evaluate(source())
    found = page.evaluate("async selector => (await axe.run(selector)).violations", selector)
    return [
        f"{rule['impact']}: {rule['help']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in BAD
    ]
