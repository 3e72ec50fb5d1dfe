"""Contract tests for plug-ins: subclass `ProviderContract` in your own test module. Needs pytest."""

from __future__ import annotations

from .provider import ProviderContract, clip_request

__all__ = ["ProviderContract", "clip_request"]
