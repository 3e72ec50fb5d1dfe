"""The providers of one service: their instances, keys, settings, availability and slots."""

from __future__ import annotations

import asyncio
import copy
import logging
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import runtime
from ..config import VideoConfig
from ..errors import ConfigError, VoxweaveError
from ..models import VideoProvider
from ..settings import Settings
from ..spellings import provider_name
from . import BUILT_IN, provider_class, registered
from .base import Provider, broken, check_availability
from .secret import Secret, mask_access
from .types import Availability, Model, Plan

__all__ = [
    "LastResort",
    "ProviderPool",
    "configured",
    "default_order",
    "environment_order",
    "listed_order",
]

_log = logging.getLogger(__name__)

_FIRST_KEYS = ("OPENAI_API_KEY", "ZAI_API_KEY")
"""The variables to name when no variable holds a key."""


@dataclass(frozen=True)
class LastResort:
    """The provider at the end of a chain that only replaces providers that cannot be used at all.

    It is not asked after an outage, a doubt, a refusal of the content, an invalid request or a spent budget.

    Attributes:
        name: The provider's name.
        skipped: Why providers that have a key are not in the chain, by name.
    """

    name: str
    skipped: Mapping[str, str] = field(default_factory=dict)


class ProviderPool:
    """Makes each provider once, gives it the service's settings, and closes all of them.

    Args:
        settings: The service's settings.

    Attributes:
        gone: Providers that were found to be shut down or misaddressed, and models that they lack, and why; they are
            not asked again.
        last_resort: The last resort of the service's chain, or None.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gone: dict[str, str] = {}
        self.last_resort: LastResort | None = None
        self._instances: dict[str, Provider] = {}
        self._given: dict[str, Provider] = {}
        self._access: dict[str, dict[str, Any]] = {}
        self._slots: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._lock = threading.Lock()
        # At exit the runtime closes the providers itself.
        weakref.finalize(self, _close_soon, self._instances).atexit = False

    def add(self, provider: str | Provider, access: Mapping[str, Any]) -> str:
        """Add a provider by name or as an instance; return its name.

        Args:
            provider: A registered name, or an instance.
            access: `api_key` and `base_url`, as far as they are given, for a provider by name.

        Raises:
            ConfigError: The name is unknown, or the provider takes no key or address.
        """
        access = mask_access(access)
        if isinstance(provider, Provider):
            self._given[provider.name] = provider
            self._keep(provider.name, provider)
            return provider.name
        name = provider_name(str(provider))
        self._access[name] = access
        self._keep(name, self._make(name))
        return name

    def get(self, name: str) -> Provider:
        """Return the provider of that name, made on first use.

        Raises:
            ConfigError: The name is unknown, or the plug-in is broken.
        """
        name = name if name in self._given else provider_name(name)
        with self._lock:
            known = self._instances.get(name)
        return known or self._keep(name, self._given.get(name) or self._make(name))

    def with_another(self, name: str, change: Callable[[Provider], Provider]) -> ProviderPool:
        """Return a pool in which one provider is replaced; all others, the slots and what is gone are shared.

        Args:
            name: The provider's name.
            change: Returns the provider that takes its place.
        """
        other = copy.copy(self)
        other._given, other._lock = dict(self._given), threading.Lock()
        other._given[name] = change(self.get(name))
        with self._lock:
            other._instances = {key: each for key, each in self._instances.items() if key != name}
        other._keep(name, other._given[name])
        return other

    def plan(self, name: str, config: VideoConfig, duration: float) -> Plan:
        """Return a provider's plan. The first title in a script that Inter does not have takes up to a second.

        Args:
            name: The provider's name.
            config: The config of the video.
            duration: The length of the narration in seconds.

        Raises:
            ProviderUnavailable: The provider does not have the model.
        """
        provider = self.get(name)
        if provider.name == VideoProvider.LOCAL:
            from ..media.fonts import find_fonts

            find_fonts(f"{config.prompt}{config.title or ''}")
        return provider.plan(config, duration)

    def availability(self, name: str) -> Availability:
        """Return whether a provider can be used now; a broken plug-in is not ready and hides no other provider."""
        if name in self.gone:
            return Availability(False, self.gone[name])
        try:
            provider = self.get(name)
        except Exception as error:  # noqa: BLE001  whatever a plug-in's import or constructor raises
            return broken(error)
        return check_availability(provider)

    def without_last_resort(self, names: Sequence[str]) -> list[str]:
        """Return the names without the last resort, unless it is the only one."""
        last = self.last_resort.name if self.last_resort else None
        return [name for name in names if name != last] or list(names)

    def usable(self, names: Sequence[str]) -> list[Provider]:
        """Return the providers of these names.

        Raises:
            ConfigError: None of them can be used now, or a name is unknown.
        """
        providers = [self.get(name) for name in names]
        states = {provider.name: check_availability(provider) for provider in providers}
        if not any(state.ready for state in states.values()):
            reasons = "; ".join(f"{name} {state.reason}" for name, state in states.items())
            raise ConfigError(f"No provider can be used now: {reasons}.")
        return providers

    def slot(self, provider: Provider, model: Model) -> asyncio.Semaphore | None:
        """Return the semaphore to hold while a job of this model runs, or None if the model has no limit."""
        if model.at_once is None:
            return None
        return self._slots.setdefault((provider.name, model.name), asyncio.Semaphore(model.at_once))

    def close(self) -> None:
        """Close the providers' connections and end their running jobs; a later call opens new ones."""
        with self._lock:
            providers = list(self._instances.values())
            self._instances.clear()
        for provider in providers:
            try:
                runtime.submit(provider.aclose()).result(10)
            except Exception:  # noqa: BLE001  a broken plug-in must not keep the others open
                _log.warning("%s could not be closed", provider.name, exc_info=True)

    def _make(self, name: str) -> Provider:
        found, access = provider_class(name), self._access.get(name, {})
        try:
            return found(**_as_text(access)) if _needs_text(found) else found(**access)
        except VoxweaveError:
            raise
        except Exception as error:
            if access and isinstance(error, TypeError):
                raise ConfigError(
                    f"Provider {name!r} takes no {' and no '.join(access)}; leave it out."
                ) from None
            raise ConfigError(f"Provider {name!r} {broken(error).reason}.") from error

    def _keep(self, name: str, provider: Provider) -> Provider:
        provider.use_settings(self.settings)
        runtime.close_at_exit(provider)
        with self._lock:
            return self._instances.setdefault(name, provider)


def _needs_text(provider: type[Provider]) -> bool:
    """Return True for a plug-in with a constructor of its own, which takes its key as text."""
    module: str = getattr(provider.__init__, "__module__", "")
    return not module.startswith(f"{__package__}.")


def _as_text(access: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in access.items()}


def configured() -> list[str]:
    """Return the providers that have a key or an address of their own, in the order in which they are asked.

    A provider whose service was shut down is left out.
    """
    return [name for name, shut in _configured().items() if not shut]


def default_order(settings: Settings | None) -> tuple[list[str], LastResort | None]:
    """Return the order of `default()`: the one that was given, else all configured providers and the last resort."""
    if order := listed_order(settings):
        return order, None
    found = _configured()
    shut = {name: reason for name, reason in found.items() if reason}
    return [*(name for name in found if name not in shut), "local"], LastResort("local", shut)


def environment_order(settings: Settings | None) -> list[str]:
    """Return the order of `from_env()`: the one that was given, else all configured providers.

    Raises:
        ConfigError: No variable holds a key.
    """
    found = _configured()
    if not found:
        raise ConfigError(
            f"Neither {' nor '.join(_FIRST_KEYS)} holds a key, nor does any other provider's variable. Set one of "
            "them, or use VideoGenerationService.local(), which needs no key."
        )
    return listed_order(settings) or list(found)


def listed_order(settings: Settings | None) -> list[str]:
    """Return the order that `VOXWEAVE_PROVIDERS` gives; empty if it gives none."""
    names = (settings or Settings.load()).providers.split(",")
    return [name.strip() for name in names if name.strip()]


def _configured() -> dict[str, str]:
    """Return the providers with a key or an address of their own; for each, why it was shut down, or an empty text."""
    found: dict[str, str] = {}
    for name in registered():
        if name == "local":
            continue
        try:
            provider = provider_class(name)()
            if provider.availability().ready:
                found[name] = provider.shut_down
        except Exception:
            # A malformed key or address of a built-in provider must be seen, not skipped in silence. A broken plug-in
            # is skipped here; `providers()` says why.
            if name in BUILT_IN:
                raise
    return found


def _close_soon(providers: dict[str, Provider]) -> None:
    runtime.close_soon(list(providers.values()))
