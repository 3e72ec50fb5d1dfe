"""The clip lengths of a model: which length to request for a scene, and what it costs."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ConfigError
from ..providers.types import Price
from ..validation import positive

if TYPE_CHECKING:
    from ..config import VideoConfig
    from ..providers.base import Provider

__all__ = ["MOST_SLACK", "SCENE_SECONDS", "TARGET", "ClipLengths"]

MOST_SLACK = 0.08
"""The largest share by which a clip may be slowed down to fill its scene; it is never played faster."""

SCENE_SECONDS = (4.0, 12.0)
"""Seconds of a scene where the model sets no limit: long enough to be seen, short enough not to tire."""

TARGET = 8.0
"""Preferred seconds of a scene, as far as the model's lengths and prices allow."""

# A scene may be longer than its clip by a rounding error: far less than a frame.
_TOLERANCE = 1e-6
_LONG = 3600.0
_UNKNOWN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class ClipLengths:
    """The lengths that a model makes, and their prices.

    Attributes:
        lengths: Seconds, shortest first; empty if the model makes any length.
        continuous: True if it makes every length between the first and the last of `lengths`.
        price: Returns the price of a clip of so many seconds in US dollars; None if it is not known.
        slack: The share by which a clip may be slowed down to fill a longer scene, 0 to 0.08.
        step: Seconds between two lengths of a continuous model, such as 1 for whole seconds; 0 for any length.

    Raises:
        ConfigError: A length is not positive or out of order, or `slack` is out of range.
    """

    lengths: tuple[float, ...] = ()
    continuous: bool = False
    price: Callable[[float], float] | None = None
    slack: float = MOST_SLACK
    step: float = 0.0
    _classes: tuple[Sequence[float], Sequence[float]] = field(
        default=((), ()), init=False, repr=False, compare=False
    )
    _rate: float = field(default=0.0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "lengths", tuple(positive(each, "a clip length") for each in self.lengths))
        if any(after <= before for before, after in itertools.pairwise(self.lengths)):
            raise ConfigError(f"The clip lengths are {self.lengths}; give each once, shortest first.")
        set_field(self, "slack", positive(self.slack, "slack", zero=True))
        set_field(self, "step", positive(self.step, "step", zero=True))
        if self.slack > MOST_SLACK:
            raise ConfigError(
                f"slack is {self.slack:g}; a clip is slowed down by at most {MOST_SLACK:g}. Give 0 to {MOST_SLACK:g}."
            )
        if self.price is not None:
            rates = [self.price(each) / each for each in self.lengths or SCENE_SECONDS]
            set_field(self, "_rate", min(rates))
        # The longest scene of each class, and the length to request for it.
        bounds = sorted({*self.lengths, *(each * (1 + self.slack) for each in self.lengths)})
        set_field(self, "_classes", (bounds, [self._cheapest(bound) for bound in bounds]))

    @classmethod
    def of(cls, provider: Provider, config: VideoConfig, *, slack: float = MOST_SLACK) -> ClipLengths:
        """Return the lengths of the model that a provider plans for a config, without any request.

        They are read from the provider's plans, so that they are the lengths and prices that it would be sent. If the
        config has `seconds`, every clip has that length, except at a provider that makes any length.

        Args:
            provider: The provider.
            config: The config, with the model and the size that the price depends on.
            slack: The share by which a clip may be slowed down, 0 to 0.08.

        Raises:
            ProviderUnavailable: The provider does not have the model.
        """
        lengths, continuous, step = _lengths(provider, config)
        return cls(lengths, continuous, _price(provider, config, lengths, continuous), slack, step)

    @property
    def unlimited(self) -> bool:
        """True if the model makes a clip of any length."""
        return not self.lengths

    @property
    def shortest(self) -> float:
        """Seconds of the shortest clip; the shortest scene by sense if the model makes any length."""
        return self.lengths[0] if self.lengths else SCENE_SECONDS[0]

    @property
    def longest(self) -> float:
        """Seconds of the longest scene: the longest clip, slowed down; 12 if the model makes any length."""
        return self.lengths[-1] * (1 + self.slack) if self.lengths else SCENE_SECONDS[1]

    @property
    def target(self) -> float:
        """Preferred seconds of a scene: 8, or the longest clip where a longer one costs no more."""
        if self.unlimited:
            return TARGET
        if len(self.lengths) > 1 and self._is_paid_by_the_video():
            return self.lengths[-1]
        return min(max(TARGET, self.lengths[0]), self.lengths[-1])

    def asked(self, seconds: float) -> float | None:
        """Return the length to request for a scene, or None if the scene is too long for the model.

        It is the cheapest that fills the scene, slowed down within `slack` if need be; of equal ones the one that needs
        no slowing, then the shortest.
        """
        if self.unlimited:
            return seconds
        if seconds > self.longest + _TOLERANCE:
            return None
        if not self.continuous:
            bounds, choices = self._classes
            return choices[min(bisect.bisect_left(bounds, seconds - _TOLERANCE), len(choices) - 1)]
        if self.step:
            # Whole steps: the next lower one if the clip can be slowed down to fill the scene.
            low, high = (
                math.floor(seconds / self.step) * self.step,
                math.ceil(seconds / self.step) * self.step,
            )
            seconds = low if low and seconds <= low * (1 + self.slack) + _TOLERANCE else high
        return min(max(seconds, self.lengths[0]), self.lengths[-1])

    def usd(self, asked: float) -> float | None:
        """Return the price of a clip of so many seconds in US dollars, or None if it is not known."""
        return None if self.price is None else self.price(asked)

    def paid_seconds(self, asked: float) -> float:
        """Return the price of a clip in seconds at the model's lowest price of a second.

        A clip of 5 s that costs as much as one of 10 s counts 10; 0 if clips are free, `asked` if prices are unknown.
        """
        if self.price is None:
            return asked
        return self.price(asked) / self._rate if self._rate else 0.0

    @property
    def free(self) -> bool:
        """True if clips are known to cost nothing."""
        return self.price is not None and not self._rate

    def _is_paid_by_the_video(self) -> bool:
        return self.price is not None and 0 < self.price(self.lengths[-1]) <= self.price(self.lengths[0])

    def _cheapest(self, seconds: float) -> float:
        fitting = [each for each in self.lengths if each * (1 + self.slack) >= seconds - _TOLERANCE]
        return min(fitting, key=lambda each: (self.paid_seconds(each), each < seconds - _TOLERANCE, each))


def _lengths(provider: Provider, config: VideoConfig) -> tuple[tuple[float, ...], bool, float]:
    """Return the lengths that a provider plans, whether all between them are possible, and their step."""
    if config.seconds is not None:
        planned = provider.plan(config, _LONG).seconds
        return ((planned,) if 0 < planned < _LONG else ()), False, 0.0
    plan = provider.plan(config, _LONG)
    if plan.model.lengths:
        lengths = tuple(sorted({float(each) for each in plan.model.lengths}))
        continuous = plan.model.continuous and len(lengths) > 1
        return lengths, continuous, _step(provider, config, lengths) if continuous else 0.0
    # The provider chooses the length itself, or makes the whole narration in one clip.
    if plan.seconds <= 0 or plan.seconds >= _LONG - 1 or plan.seconds > _UNKNOWN_SECONDS:
        return (), False, 0.0
    whole = range(1, math.ceil(plan.seconds) + 1)
    made = {each: provider.plan(config, float(each)).seconds for each in whole}
    lengths = tuple(sorted({each for each in made.values() if each > 0}))
    continuous = len(lengths) > 1 and all(abs(made[each] - each) < _TOLERANCE for each in whole)
    return lengths, continuous, _step(provider, config, lengths) if continuous else 0.0


def _step(provider: Provider, config: VideoConfig, lengths: Sequence[float]) -> float:
    """Return 1 for a provider that takes whole seconds only, else 0."""
    odd = math.floor(lengths[0]) + 1.3 if lengths[-1] - lengths[0] > 2 else sum(lengths) / len(lengths)
    planned = provider.plan(config.replace(seconds=odd), odd).seconds
    return 0.0 if abs(planned - odd) < _TOLERANCE else 1.0


def _price(
    provider: Provider, config: VideoConfig, lengths: Sequence[float], continuous: bool
) -> Callable[[float], float] | None:
    """Return the price by length, as far as the provider's plans state one."""
    ends = lengths if lengths and not continuous else (lengths or SCENE_SECONDS)[:: max(1, len(lengths) - 1)]
    found = {each: provider.plan(config.replace(seconds=each), each).usd for each in ends}
    prices = {each: usd for each, usd in found.items() if usd is not None}
    if len(prices) < len(found):
        return None
    if lengths and not continuous:
        return lambda seconds: prices[min(prices, key=lambda each: abs(each - seconds))]
    short, long = min(prices), max(prices)
    by_video = abs(prices[short] - prices[long]) < _TOLERANCE
    return Price(prices[long] if by_video else prices[long] / long, "video" if by_video else "second").of
