"""Round bars at any slope, lit from above."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .arrays import Mask, Planes, as_mask, bound
from .space import Points, Runs

__all__ = ["Rods"]

_RAMP = np.stack([np.ones(4096, np.float32), np.arange(4096, dtype=np.float32)])


class _Bar(NamedTuple):
    """A bar ready to be painted.

    Attributes:
        windows: Every run of `span` pixels of the planes, in the bar's direction.
        places: Indices of the runs that it covers, from one end to the other.
        clear: Share of the background that stays visible at each pixel.
        shine: Brightness of each pixel, times the bar's coverage.
        color: Its colour.
    """

    windows: Planes
    places: npt.NDArray[np.intp]
    clear: Mask
    shine: Mask
    color: Points


class _Bars(NamedTuple):
    """Bars measured and sorted by span; a bar's main coordinate is the one along which it is longer.

    Attributes:
        order: Number of each bar as given.
        lies: True for a bar that is painted by columns.
        starts: Where each begins, shape (2, count).
        way: Vector from its start to its end, shape (2, count).
        turn: Its direction, main coordinate first, shape (2, count).
        long: Length in pixels.
        widths: Thickness in pixels.
        soft: Width of the edge in pixels.
        reach: Half the thickness, with the edge.
        aside: Half the pixels across it that are painted.
        spans: Pixels across it that are painted.
        outside: True for a bar outside the frame.
    """

    order: npt.NDArray[np.intp]
    lies: npt.NDArray[np.bool_]
    starts: Points
    way: Points
    turn: Points
    long: Points
    widths: Points
    soft: Points
    reach: Points
    aside: Points
    spans: npt.NDArray[np.intp]
    outside: npt.NDArray[np.bool_]


class Rods:
    """Many round bars, measured in one step and painted one by one.

    Args:
        planes: The target, C-contiguous.
        starts: Where each begins: columns and rows, shape (2, count).
        ends: Where each ends.
        widths: Thickness in pixels.
        colors: Shape (count, 3).
        soft: Width of the edges in pixels.
    """

    def __init__(
        self, planes: Planes, starts: Points, ends: Points, widths: Points, colors: Points, soft: Points
    ) -> None:
        self._planes = planes
        _, height, width = planes.shape
        # Bars are painted row by row or column by column: the rectangle around a slanting bar is nearly empty.
        bars = _measure(starts, ends, widths, soft, height, width)
        runs = _runs_along(bars, height, width)
        first, beside = _pixels_across(bars, runs, height, width)
        places = np.arange(len(first)) + runs.spread(runs.first - runs.start)
        places = np.where(runs.spread(bars.lies), first * width + places, places * width + first)
        self._each: list[_Bar | None] = [None] * len(bars.order)
        self._shade(bars, runs, places, *_distances(bars, runs, beside), colors)

    def paint(self, index: int) -> None:
        """Paint one bar."""
        if (bar := self._each[index]) is None:
            return
        part = bar.windows[:, bar.places]
        part *= bar.clear
        part += bar.shine * bar.color
        bar.windows[:, bar.places] = part

    def _shade(
        self,
        bars: _Bars,
        runs: Runs,
        places: npt.NDArray[np.intp],
        lines: Points,
        half: Points,
        edge: Points,
        colors: Points,
    ) -> None:
        """Compute every bar's pixels, all bars of one span together."""
        begins, ends = runs.start.tolist(), (runs.start + runs.count).tolist()
        numbers, lying = bars.order.tolist(), bars.lies.tolist()
        for span, same in itertools.groupby(range(len(bars.order)), bars.spans.tolist().__getitem__):
            group = list(same)
            first_row = begins[group[0]]
            some = slice(first_row, ends[group[-1]])
            clear, shine = _shaded(lines[:, some], half[some, None], edge[some, None], span)
            windows = {lies: self._windows(span, lies) for lies in {lying[bar] for bar in group}}
            for bar in group:
                if begins[bar] < ends[bar]:
                    here = slice(begins[bar] - first_row, ends[bar] - first_row)
                    self._each[numbers[bar]] = _Bar(
                        windows[lying[bar]],
                        places[begins[bar] : ends[bar]],
                        clear[here],
                        shine[here],
                        colors[numbers[bar], :, None, None],
                    )

    def _windows(self, span: int, lies: bool) -> Planes:
        """Return a view of every run of `span` pixels, downwards or to the right, by the index of its first pixel."""
        _, height, width = self._planes.shape
        plane, row, pixel = self._planes.strides
        step, count = (row, (height - span + 1) * width) if lies else (pixel, height * width - span + 1)
        return np.ndarray((3, count, span), np.float32, self._planes, 0, (plane, pixel, step))


def _measure(starts: Points, ends: Points, widths: Points, soft: Points, height: int, width: int) -> _Bars:
    """Measure the bars and sort them by span."""
    way = ends - starts
    # A bar without a length becomes a dot.
    way[0] += np.where(np.abs(way).max(0) < np.float32(1e-3), np.float32(1e-3), np.float32(0))
    long = np.hypot(way[0], way[1])
    lies = np.abs(way[0]) > np.abs(way[1])
    turn = np.where(lies, way, way[::-1]) / long
    reach = widths * np.float32(0.5) + soft
    slope = np.maximum(np.abs(turn[0]), np.float32(0.7))
    aside = np.ceil(reach / slope) + np.float32(1)
    spans = np.minimum(2 * aside, np.where(lies, height, width)).astype(np.intp)
    # Bars of one span are neighbours from here on, so that they are shaded in one step.
    order = np.argsort(spans, kind="stable")
    starts, ends, reach = starts[:, order], ends[:, order], reach[order]
    low, high = np.minimum(starts, ends) - reach, np.maximum(starts, ends) + reach
    return _Bars(
        order=order,
        lies=lies[order],
        starts=starts,
        way=way[:, order],
        turn=turn[:, order],
        long=long[order],
        widths=widths[order],
        soft=soft[order],
        reach=reach,
        aside=aside[order],
        spans=spans[order],
        outside=(high < 0).any(0) | (low[0] > width) | (low[1] > height),
    )


def _runs_along(bars: _Bars, height: int, width: int) -> Runs:
    """Return the pixels of each bar along its main coordinate."""
    main = np.where(bars.lies, bars.starts[0], bars.starts[1])
    return Runs(
        main + bars.turn[0] * bars.long * np.float32(0.5),
        np.abs(bars.turn[0]) * bars.long * np.float32(0.5) + bars.reach,
        np.where(bars.outside, 0, np.where(bars.lies, width, height)),
    )


def _pixels_across(
    bars: _Bars, runs: Runs, height: int, width: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.floating]]:
    """Return the first pixel across the bar at each step along it, and its distance from the bar's centre."""
    other = np.where(bars.lies, bars.starts[1], bars.starts[0])
    middle = other + bars.turn[1] * bars.long * np.float32(0.5)
    slope = bars.turn[1] / np.where(bars.turn[0] == 0, 1, bars.turn[0])
    at = runs.away * runs.spread(slope) + runs.spread(middle - bars.aside)
    last = runs.spread(np.where(bars.lies, height, width) - bars.spans)
    first = np.clip(np.floor(at), 0, last).astype(np.intp)
    return first, first + np.float32(0.5) - runs.spread(middle)


def _distances(
    bars: _Bars, runs: Runs, beside: npt.NDArray[np.floating]
) -> tuple[Points, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the arguments `lines`, `half` and `edge` of `_shaded`, for each step along each bar."""
    scale = 1 / bars.soft
    # The brightest line lies on the side of the lamp at the upper left.
    toward = np.where(bars.lies, -1, 1) * (np.float32(0.6) * bars.way[1] - np.float32(0.8) * bars.way[0])
    lean = -0.184 * (toward / bars.long)
    values = [bars.turn[1] * scale, -bars.turn[0] * scale, 1.2 * bars.soft / bars.widths, lean]
    values += [bars.long * scale * 0.5, (bars.long + bars.widths) * scale * 0.5 + 0.5]
    forward, sideways, round_, leaning, half, edge = np.repeat(as_mask(values), runs.count, axis=1)
    side = runs.away * forward + beside * sideways
    lines = np.empty((3, len(side), 2), np.float32)
    lines[0, :, 0], lines[0, :, 1] = beside * forward - runs.away * sideways, forward
    lines[1, :, 0], lines[1, :, 1] = side, sideways
    lines[2, :, 0], lines[2, :, 1] = side * round_ + leaning, sideways * round_
    return lines, half, edge


def _shaded(lines: Points, half: Points, edge: Points, span: int) -> tuple[Mask, Mask]:
    """Return the share of the background that stays visible and the bars' brightness, pixel by pixel.

    Args:
        lines: Three distances: along the bar, from its axis, from its brightest line; for each the value at the first
            pixel of a row and the increase per pixel, shape (3, rows, 2). The unit is the width of the edge.
        half: Half the bar's length at each row, in the same unit.
        edge: The same plus half its thickness, where its edge is half transparent.
        span: Pixels of a row.
    """
    alpha, across, shine = np.matmul(lines, _RAMP[:, :span])
    np.abs(alpha, out=alpha)
    np.maximum(alpha, half, out=alpha)
    alpha += np.abs(across, out=across)
    np.subtract(edge, alpha, out=alpha)
    bound(alpha)
    shine *= shine
    np.subtract(np.float32(1.12), shine, out=shine)
    bound(shine, 0.3, 1.12)
    shine *= alpha
    return np.subtract(np.float32(1), alpha, out=alpha), shine
