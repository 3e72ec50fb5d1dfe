"""Keep what takes long to make in .cache/site until its sources change."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "site"
SOURCES = (".py", ".toml", ".js", ".css", ".ipynb", ".m4a", ".srt")


def cached(name: str, sources: Iterable[Path], make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` has filled, from the cache if the sources are unchanged.

    Args:
        name: The folder's name in the cache.
        sources: Files, and folders whose Python, TOML and other source files count.
        make: Fills an empty folder. If it raises, nothing is kept.
    """
    target = CACHE / name
    mark = target / ".sources"
    digest = _digest(sources)
    if mark.exists() and mark.read_text() == digest:
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    # A folder of its own, since two builds may run at the same time; the last one to finish is kept.
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=CACHE) as work:
        unfinished = Path(work) / name
        unfinished.mkdir()
        make(unfinished)
        (unfinished / ".sources").write_text(digest)
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    return target


def _digest(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and path.suffix in SOURCES:
                digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()
