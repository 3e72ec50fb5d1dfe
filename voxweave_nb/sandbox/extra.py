"""Raise an error with the install command where the sandbox's dependencies are missing."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import ConfigError

__all__: list[str] = []

for _needed in ("python_multipart", "starlette", "uvicorn"):
    if find_spec(_needed) is None:
        raise ConfigError(
            f"The sandbox needs {_needed.replace('_', '-')}, which is not installed here. Install it with: "
            "pip install 'voxweave-nb[sandbox]'"
        )
