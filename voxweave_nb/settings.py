"""Where this installation keeps its files and what limits it sets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from .errors import ConfigError
from .validation import positive, whole

__all__ = ["Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where files go and where caps lie: an argument wins, then the environment, then the default.

    Attributes:
        output_dir: Where finished videos land (`VOXWEAVE_OUTPUT_DIR`, default `voxweave_out` in the folder
            that the process works in; Jupyter does not serve folders whose name begins with a dot).
        max_narration_seconds: The longest narration, in seconds (`VOXWEAVE_MAX_NARRATION_SECONDS`, 1800).
        max_narration_bytes: The largest narration file, in bytes (`VOXWEAVE_MAX_NARRATION_BYTES`, 512 MB).
        embed_limit: Up to how many bytes a video is embedded in the notebook (`VOXWEAVE_EMBED_LIMIT`, 8 MB).
        poll_interval: Seconds between two status requests (`VOXWEAVE_POLL_INTERVAL`, 1); a provider may
            state its own.
        poll_tries: How many status requests before the deadline (`VOXWEAVE_POLL_TRIES`, 300).
        patience: Seconds to wait altogether for a provider that turns a create away for now, before the next one
            is asked (`VOXWEAVE_PATIENCE`, 60); 0 never sends a create again, even if the server itself turned it away.
        http_timeout: Seconds without a sign of life after which a request is given up (`VOXWEAVE_HTTP_TIMEOUT`, 60).
        max_download_bytes: The largest picture that is fetched, in bytes (`VOXWEAVE_MAX_DOWNLOAD_BYTES`, 4 GB).
        home: Where the journal lies, and fetched pictures that are not finished yet (`VOXWEAVE_HOME`; a folder of the
            person's own unless given).
        budget_usd: US dollars that may be spent in all, over this journal's life (`VOXWEAVE_BUDGET_USD`); None for
            no limit.
        budget_usd_per_day: US dollars that may be spent on one day (`VOXWEAVE_BUDGET_USD_PER_DAY`).
        budget_usd_per_video: US dollars that one video may cost (`VOXWEAVE_BUDGET_USD_PER_VIDEO`).
        providers: The names of the providers in the order in which they are asked, separated by commas
            (`VOXWEAVE_PROVIDERS`); empty for all that have a key.

    Raises:
        ConfigError: A value is not a number, or not above 0.
    """

    output_dir: Path = Path("voxweave_out")
    max_narration_seconds: float = 1800.0
    max_narration_bytes: int = 512_000_000
    embed_limit: int = 8_000_000
    poll_interval: float = 1.0
    poll_tries: int = 300
    patience: float = 60.0
    http_timeout: float = 60.0
    max_download_bytes: int = 4_000_000_000
    home: Path | None = None
    budget_usd: float | None = None
    budget_usd_per_day: float | None = None
    budget_usd_per_video: float | None = None
    providers: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "output_dir", Path(self.output_dir).expanduser())
        put(self, "home", _home() if self.home is None else Path(self.home).expanduser())
        for name in ("budget_usd", "budget_usd_per_day", "budget_usd_per_video"):
            if getattr(self, name) is not None:
                put(self, name, positive(getattr(self, name), name, zero=True))
        for name in ("max_narration_seconds", "poll_interval", "http_timeout"):
            put(self, name, positive(getattr(self, name), name))
        put(self, "patience", positive(self.patience, "patience", zero=True))
        for name in ("max_narration_bytes", "poll_tries", "max_download_bytes"):
            put(self, name, whole(getattr(self, name), name, 1, 2**63 - 1))
        put(self, "embed_limit", whole(self.embed_limit, "embed_limit", 0, 2**63 - 1))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Self:
        """The settings in force; an argument of None counts as not given, an empty variable as missing."""
        environ = os.environ if environ is None else environ
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ConfigError(f"{', '.join(unknown)} is no setting; there are: {', '.join(sorted(known))}.")
        values: dict[str, Any] = {}
        for name in known:
            if given.get(name) is not None:
                values[name] = given[name]
            elif text := environ.get(f"VOXWEAVE_{name.upper()}", "").strip():
                values[name] = text
        return cls(**values)


def _home() -> Path:
    from platformdirs import user_data_path

    if chosen := os.environ.get("VOXWEAVE_HOME", "").strip():
        return Path(chosen).expanduser()
    return user_data_path("voxweave_nb", appauthor=False)
