"""What to try next: untested cells that look promising by their choices, or more takes of the leader.

A cell is one value of each axis. Variants that share choices may share a part of their scores (see `posterior`), so
votes on some cells tell about others. A proposal is chosen for what it promises beyond the best variant so far: the
mean, over draws of all scores, of its lead over that one, 0 where it has none. The next proposal has to promise
something beyond the first ones too, so that they differ.

Untested cells with some chance come first, then takes of the leading variants, and at most half of what was asked for
is takes of one variant: the votes so far speak for the leader, and four more of its takes would try nothing else.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..config import VideoConfig
from ..errors import ConfigError
from .posterior import Floats, Thumbs, fit
from .ratings import thumbs_of
from .records import Rating, Source, Variant, Vote

__all__ = ["Promise", "more_takes", "promising", "untested_cells"]

_FIELDS = frozenset(each.name for each in fields(VideoConfig))
# A fit takes time with the cube of the number of variants; cells that are unlike the leader are left out first.
_MOST_CELLS, _MOST_ROWS, _MOST_MEMBERS, _NEAR = 120, 5_000, 400, 4
_HIGHEST_SEED = 2**31 - 1
# What is better than the leader with a lower chance than this comes last.
_SOME_CHANCE = 0.1


@dataclass(frozen=True, slots=True)
class Promise:
    """A variant that is worth trying.

    Attributes:
        variant: The variant.
        better: The chance that it is better than the leader, from 0 to 1; None without votes.
        differs: Its choices that are not the leader's.
        take: It differs from the leader in its seed or take only.
        of: The tested variant from which it differs in its seed or take only, or None.
    """

    variant: Variant
    better: float | None
    differs: Mapping[str, Any]
    take: bool
    of: Variant | None = None

    @property
    def why(self) -> str:
        """The reason, in words."""
        if self.better is None:
            return "not tried yet; without votes, cells are chosen to differ from each other"
        chosen = ", ".join(f"{name}={value}" for name, value in self.differs.items())
        tenth = round(10 * self.better)
        chance = f"better than the leader {tenth} in 10" if tenth else "hardly better than the leader"
        if self.take:
            return f"another take of the leader ({chosen}): {chance}"
        if self.of is not None:
            name = ", ".join(map(str, _cell(self.of)[0].values())) or self.of.config.prompt[:40]
            return f"another take of {name}: {chance}"
        return f"the leader with {chosen}: {chance}, by its choices"


def untested_cells(variants: Sequence[Variant], known: Container[str], source: Source) -> list[Variant]:
    """Return the cells between the variants that no variant has yet.

    A choice within a prompt takes the place of the other one in the text of a variant that has the rest, if it occurs
    there once; other cells of a template are left out.

    Args:
        variants: The variants, whose axes and values make the cells.
        known: The ids of variants that exist, dropped ones too.
        source: The narration and subtitles.
    """
    groups: dict[frozenset[str], list[Variant]] = {}
    for variant in variants:
        groups.setdefault(frozenset(variant.axes), []).append(variant)
    found: dict[str, Variant] = {}
    for members in groups.values():
        for row in _missing_rows(members):
            config = _config_of(row, members)
            cell = Variant.of(config, row, source) if config is not None else None
            if cell is not None and cell.id not in known:
                found.setdefault(cell.id, cell)
    return list(found.values())


def more_takes(
    leader: Variant, axis: str, known: Container[str], source: Source, *, count: int
) -> list[Variant]:
    """Return variants that differ from the leader in their seed only.

    Args:
        leader: The leader.
        axis: `"seed"`, or `"take"` where the model takes no seed.
        known: The ids of variants that exist, dropped ones too.
        source: The narration and subtitles.
        count: The number of takes.
    """
    config = leader.config
    found: list[Variant] = []
    seed = config.seed or 0
    while len(found) < count and seed < _HIGHEST_SEED:
        seed += 1
        axes = {name: value for name, value in leader.axes.items() if name not in ("seed", "take")}
        take = Variant.of(config.replace(seed=seed), {**axes, axis: seed}, source)
        if take.id not in known:
            found.append(take)
    return found


def promising(
    tested: Sequence[Variant],
    candidates: Sequence[Variant],
    votes: Sequence[Vote],
    count: int,
    *,
    ratings: Sequence[Rating] = (),
    most_takes: int | None = None,
    seed: int = 0,
) -> list[Promise]:
    """Return the candidates that promise most beyond the best variant so far: first cells, then takes.

    Args:
        tested: The variants that were voted on, or could be.
        candidates: The variants to choose from.
        votes: The votes on the tested ones; others are left out.
        count: The largest number of proposals.
        ratings: Ratings of the tested ones, whose thumbs count; others are left out.
        most_takes: The largest number of takes of one variant before anything else; None for half of the count.
        seed: The seed of the draws: the same votes give the same proposals.
    """
    places = {each.id: place for place, each in enumerate(tested)}
    votes = [each for each in votes if each.left in places and each.right in places]
    thumbs = thumbs_of(ratings, places)
    leader = _leader(tested, votes, places, thumbs) if votes or thumbs else None
    candidates = _nearest(candidates, leader)
    if not candidates:
        return []
    everybody = [*tested, *candidates]
    left, right = [places[each.left] for each in votes], [places[each.right] for each in votes]
    points = [each.choice.points for each in votes]
    draws = fit(
        left, right, points, count=len(everybody), axes=_axes(everybody), thumbs=thumbs, seed=seed
    ).draws
    ahead = draws[:, len(tested) :]
    bar = draws[:, : len(tested)].max(axis=1) if tested else np.full(len(draws), draws.min())
    better = None if leader is None else (ahead > draws[:, places[leader.id], None]).mean(axis=0)
    of = [_original(each, tested) for each in candidates]
    most = (count + 1) // 2 if most_takes is None else most_takes
    found: list[Promise] = []
    for place in _in_turn(
        ahead, bar, better, [None if each is None else each.id for each in of], count, most
    ):
        chance = None if better is None else float(better[place])
        found.append(_promise(candidates[place], leader, chance, of[place]))
    return found


def _in_turn(
    ahead: Floats, bar: Floats, better: Floats | None, of: Sequence[str | None], count: int, most_takes: int
) -> Iterator[int]:
    """Yield the places of the candidates in the order in which they are proposed.

    Args:
        ahead: Draws of the candidates' scores.
        bar: Draws of the score to surpass.
        better: The candidates' chances to be better than the leader, or None without one.
        of: The variant that a candidate is another take of, or None for a cell.
        count: The largest number of places.
        most_takes: The largest number of takes of one variant before all other candidates.
    """
    taken: Counter[str] = Counter()
    left_over = list(range(len(of)))

    def turn(place: int) -> int:
        original, hopeful = of[place], better is None or better[place] >= _SOME_CHANCE
        if original is None:
            return 0 if hopeful else 2
        return 1 if hopeful and taken[original] < most_takes else 3

    for _ in range(min(count, len(left_over))):
        first = min(map(turn, left_over))
        among = [place for place in left_over if turn(place) == first]
        gains = np.maximum(ahead[:, among] - bar[:, None], 0).mean(axis=0)
        place = among[int(gains.argmax())]
        if of[place] is not None:  # its takes are alike: those with the lowest seeds come first
            place = next(each for each in among if of[each] == of[place])
        left_over.remove(place)
        bar = np.maximum(bar, ahead[:, place])
        if (original := of[place]) is not None:
            taken[original] += 1
        yield place


def _original(candidate: Variant, tested: Sequence[Variant]) -> Variant | None:
    """Return the tested variant from which a candidate differs in its seed or take only."""
    cell = _cell(candidate)
    return next((each for each in tested if _cell(each) == cell), None)


def _cell(variant: Variant) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a variant's choices and options without its seed or take."""
    axes = {name: value for name, value in variant.axes.items() if name not in ("seed", "take")}
    return axes, {name: value for name, value in variant.options.items() if name != "seed"}


def _promise(variant: Variant, leader: Variant | None, better: float | None, of: Variant | None) -> Promise:
    differs = {
        name: value
        for name, value in variant.axes.items()
        if leader is None or leader.axes.get(name) != value
    }
    take = leader is not None and bool(differs) and set(differs) <= {"seed", "take"}
    return Promise(variant, better, differs, take, of)


def _leader(
    tested: Sequence[Variant], votes: Sequence[Vote], places: Mapping[str, int], thumbs: Sequence[Thumbs]
) -> Variant:
    left, right = [places[each.left] for each in votes], [places[each.right] for each in votes]
    points = [each.choice.points for each in votes]
    posterior = fit(
        left, right, points, count=len(tested), axes=[each.axes for each in tested], thumbs=thumbs
    )
    return tested[int(posterior.mean.argmax())]


def _axes(variants: Sequence[Variant]) -> list[Mapping[str, Any]]:
    """Return the axes that the fit uses: where takes are all that differs, the takes of one cell share a score."""
    axes = [each.axes for each in variants]
    others = {name for each in axes for name in each} - {"seed", "take"}
    if any(len({str(each.get(name)) for each in axes}) > 1 for name in others):
        return axes
    return [{**each.axes, "": each.config.replace(seed=None).as_content().__repr__()} for each in variants]


def _nearest(candidates: Sequence[Variant], leader: Variant | None) -> list[Variant]:
    if leader is None or len(candidates) <= _MOST_CELLS:
        return list(candidates[:_MOST_CELLS])
    return sorted(candidates, key=lambda each: -_agreement(each.axes, leader.axes))[:_MOST_CELLS]


def _agreement(first: Mapping[str, Any], second: Mapping[str, Any]) -> int:
    return sum(second.get(name) == value for name, value in first.items())


def _missing_rows(members: Sequence[Variant]) -> Iterator[dict[str, Any]]:
    names = list(members[0].axes)
    columns = [list(dict.fromkeys(each.axes[name] for each in members)) for name in names]
    present = {tuple(each.axes[name] for name in names) for each in members}
    for row in itertools.islice(itertools.product(*columns), _MOST_ROWS):
        if row not in present:
            yield dict(zip(names, row, strict=True))


def _config_of(row: Mapping[str, Any], members: Sequence[Variant]) -> VideoConfig | None:
    """Return the config of a cell, made from the variant that is nearest to it; None where it cannot be told."""
    words = [name for name in row if name not in _FIELDS and name != "take"]

    def likeness(member: Variant) -> tuple[int, int]:
        return sum(member.axes[name] == row[name] for name in words), _agreement(row, member.axes)

    near = heapq.nlargest(_NEAR, members[:_MOST_MEMBERS], key=likeness)
    return next(
        (config for each in near if (config := _changed(each, row, words, members)) is not None), None
    )


def _changed(
    near: Variant, row: Mapping[str, Any], words: Sequence[str], members: Sequence[Variant]
) -> VideoConfig | None:
    """Return a variant's config with the choices of a cell; None where its prompt or the config cannot have them."""
    config, changes = near.config, {}
    prompt: str | None = config.prompt
    for name, value in row.items():
        if near.axes[name] == value:
            continue
        if name in words:
            prompt = _swapped(prompt, str(near.axes[name]), str(value))
        else:
            field = "seed" if name == "take" else name
            # The axis has a plain value; the field may hold more.
            donor = next(each for each in members if each.axes[name] == value)
            changes[field] = getattr(donor.config, field)
            if name == "provider" and "title" not in row:
                changes["title"] = donor.config.title  # a lab's local videos have none
    if prompt is None:
        return None
    try:
        return config.replace(**({"prompt": prompt} | changes))
    except ConfigError:  # values that exclude each other
        return None


def _swapped(text: str | None, old: str, new: str) -> str | None:
    return text.replace(old, new) if text is not None and old and text.count(old) == 1 else None
