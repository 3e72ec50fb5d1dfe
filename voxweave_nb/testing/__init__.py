"""Contract tests for plug-ins: subclass `ProviderContract` in your own test module. Needs pytest."""

from __future__ import annotations

try:
    import pytest
except ModuleNotFoundError as error:
    raise ImportError("voxweave_nb.testing needs pytest; install it with: pip install pytest") from error

# Without this a failed assertion would not show the values that it compared.
pytest.register_assert_rewrite(f"{__name__}.provider")

from .provider import ProviderContract, clip_request, small_clip, small_narration  # noqa: E402

__all__ = ["ProviderContract", "clip_request", "small_clip", "small_narration"]
