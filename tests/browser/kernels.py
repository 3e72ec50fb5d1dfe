"""Other releases of ipykernel, beside the environment's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "kernels"


def add_kernel(name: str, release: str, kernels: Path) -> None:
    """Add a kernel of another release to a server; pip fetches it once.

    Args:
        name: The kernel's name in a notebook.
        release: A requirement, such as `ipykernel<7`.
        kernels: The folder of the server's kernels.
    """
    place = CACHE / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    if not place.exists():
        fetched = place.with_suffix(".partial")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run(
            [*pip, "--upgrade", "--target", fetched, release, "nest-asyncio"], check=True, timeout=120
        )
        fetched.rename(place)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": release,
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH")]))},
    }
    (kernels / name).mkdir(parents=True)
    (kernels / name / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
