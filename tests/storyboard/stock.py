"""A board whose takes were made by nobody: for the views of a board, quickly."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from voxweave_nb import Storyboard
from voxweave_nb.media.ffmpeg import find_ffmpeg
from voxweave_nb.storyboard.scene import Take

_COLOURS = ("0x1f4e5f", "0x5f3a1f", "0x3b2a5c", "0x245c3a", "0x5c2440", "0x4a5c24")


def clips(folder: Path) -> list[Path]:
    """Return six clips of a second, each of another colour."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, colour in enumerate(_COLOURS):
        to = folder / f"clip-{number}.mp4"
        source = f"gradients=s=640x360:r=12:d=1:c0={colour}:c1=0xd9c9a3:nb_colors=2:speed=0.01:seed={number}"
        command = [
            find_ffmpeg().path,
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            source,
            "-pix_fmt",
            "yuv420p",
            str(to),
        ]
        subprocess.run(command, check=True)
        found.append(to)
    return found


def cut(film: Path, times: Sequence[float], folder: Path) -> list[Path]:
    """Return clips of two seconds of a film, at times in seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, at in enumerate(times):
        to = folder / f"cut-{number}.mp4"
        command = [
            find_ffmpeg().path,
            "-v",
            "error",
            "-y",
            "-ss",
            str(at + 0.6),
            "-i",
            str(film),
            "-t",
            "2",
            "-an",
            str(to),
        ]
        subprocess.run(command, check=True)
        found.append(to)
    return found


def stock(
    board: Storyboard, numbers: Sequence[int], *, takes: int = 1, made: Sequence[Path] | None = None
) -> None:
    """Give scenes takes, of which the newest is chosen and is as the scene is now.

    Args:
        board: The board.
        numbers: The numbers of the scenes.
        takes: The number of takes of each.
        made: The clips, one after the other; by default some of plain colours.
    """
    made = made or clips(board.path / "cache" / "stock")
    orders, state = board._orders(), board.state
    board.folder.takes.mkdir(exist_ok=True)
    for number in numbers:
        scene = state.scenes[number - 1]
        order = orders.order(number, scene)
        for place in range(takes):
            file = f"{scene.id}-{place}.mp4"
            shutil.copy(made[(number - 1 + place) % len(made)], board.folder.takes / file)
            scene = scene.with_take(
                Take(
                    f"stock-{number}-{place}",
                    order.key,
                    file,
                    "ab",
                    "zai",
                    None,
                    place or None,
                    "",
                    1.0,
                    0.2,
                    1.0,
                )
            )
        state = state.changed(scene)
    board.folder.change(lambda now: replace(now, scenes=state.scenes))
    board.refresh()
