"""The settings of this installation: folders, limits and budgets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from .errors import ConfigError
from .kept_files import default_home
from .validation import positive, whole

__all__ = ["Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Folders, limits and budgets. An argument wins over the environment, which wins over the default.

    Attributes:
        output_dir: The folder for finished videos (`VOXWEAVE_OUTPUT_DIR`, default `voxweave_out` in the working
            folder; Jupyter does not serve folders whose name begins with a dot).
        max_narration_seconds: The longest narration, in seconds (`VOXWEAVE_MAX_NARRATION_SECONDS`, 1800).
        max_narration_bytes: The largest narration file, in bytes (`VOXWEAVE_MAX_NARRATION_BYTES`, 512 MB).
        embed_limit: The largest video that is embedded in the notebook, in bytes (`VOXWEAVE_EMBED_LIMIT`, 8 MB).
        poll_interval: Seconds between two status requests (`VOXWEAVE_POLL_INTERVAL`, 1), unless a provider has its
            own.
        deadline: Seconds after which a job counts as late and is left at its provider (`VOXWEAVE_DEADLINE`); None for
            the provider's own: half an hour, an hour for a server of your own, no limit for the local renderer, and
            five minutes for a plug-in that does not say.
        poll_tries: The largest number of status requests, in place of a deadline (`VOXWEAVE_POLL_TRIES`).
        patience: Seconds in all to retry a submission that a provider turned away for now, before the next provider
            is tried (`VOXWEAVE_PATIENCE`, 60); 0 never retries.
        on_doubt: What to do when nobody can tell whether a submission was accepted (`VOXWEAVE_ON_DOUBT`, `stop`):
            `stop`, or `next` to ask the next provider, which may be paid as well.
        http_timeout: Seconds without any data after which a request times out (`VOXWEAVE_HTTP_TIMEOUT`, 60).
        max_download_bytes: The largest clip to download, in bytes (`VOXWEAVE_MAX_DOWNLOAD_BYTES`, 4 GB).
        home: The folder of the journal and of unfinished clips (`VOXWEAVE_HOME`; the user's data folder by default).
        budget_usd: The most US dollars to spend over this journal's life (`VOXWEAVE_BUDGET_USD`); None for no limit.
        budget_usd_per_day: The most US dollars to spend in one day in UTC (`VOXWEAVE_BUDGET_USD_PER_DAY`).
        budget_usd_per_video: The most US dollars to spend on one video (`VOXWEAVE_BUDGET_USD_PER_VIDEO`).
        providers: The names of the providers in the order they are tried, separated by commas
            (`VOXWEAVE_PROVIDERS`); empty for all that have a key.

    Raises:
        ConfigError: A value is not a number, or out of range.
    """

    output_dir: Path = Path("voxweave_out")
    max_narration_seconds: float = 1800.0
    max_narration_bytes: int = 512_000_000
    embed_limit: int = 8_000_000
    poll_interval: float = 1.0
    deadline: float | None = None
    poll_tries: int | None = None
    patience: float = 60.0
    on_doubt: str = "stop"
    http_timeout: float = 60.0
    max_download_bytes: int = 4_000_000_000
    home: Path | None = None
    budget_usd: float | None = None
    budget_usd_per_day: float | None = None
    budget_usd_per_video: float | None = None
    providers: str = ""

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "output_dir", Path(self.output_dir).expanduser())
        set_field(self, "home", default_home() if self.home is None else Path(self.home).expanduser())
        for name in ("budget_usd", "budget_usd_per_day", "budget_usd_per_video"):
            if getattr(self, name) is not None:
                set_field(self, name, positive(getattr(self, name), name, zero=True))
        for name in ("max_narration_seconds", "poll_interval", "http_timeout"):
            set_field(self, name, positive(getattr(self, name), name))
        set_field(self, "patience", positive(self.patience, "patience", zero=True))
        if self.on_doubt not in ("stop", "next"):
            raise ConfigError(f"on_doubt is {self.on_doubt!r}; choose 'stop' or 'next'.")
        if self.deadline is not None:
            set_field(self, "deadline", positive(self.deadline, "deadline"))
        if self.poll_tries is not None:
            set_field(self, "poll_tries", whole(self.poll_tries, "poll_tries", 1, 2**63 - 1))
        for name in ("max_narration_bytes", "max_download_bytes"):
            set_field(self, name, whole(getattr(self, name), name, 1, 2**63 - 1))
        set_field(self, "embed_limit", whole(self.embed_limit, "embed_limit", 0, 2**63 - 1))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Self:
        """Return the settings from arguments and the environment; None and empty variables count as not given.

        Raises:
            ConfigError: An unknown setting or an invalid value.
        """
        known = {f.name for f in fields(cls)}
        environ = _own_variables(os.environ if environ is None else environ, known)
        if unknown := sorted(set(given) - known):
            raise ConfigError(
                f"Unknown setting {', '.join(map(repr, unknown))}; the settings are: {', '.join(sorted(known))}."
            )
        values: dict[str, Any] = {}
        for name in known:
            if given.get(name) is not None:
                values[name] = given[name]
            elif text := environ.get(f"VOXWEAVE_{name.upper()}", "").strip():
                values[name] = text
        return cls(**values)


def _own_variables(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the variables of the settings alone."""
    # A verbose traceback shows the local variables of `load`: not the whole environment with its keys.
    ours = {f"VOXWEAVE_{name.upper()}" for name in names}
    return {name: environ[name] for name in ours if name in environ}
