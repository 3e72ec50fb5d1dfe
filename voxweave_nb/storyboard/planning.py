"""Planning a board: reading the narration, cutting it into scenes, finding a folder. No clip is paid for."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from ..config import MAX_PROMPT
from ..errors import ConfigError, VoxweaveError
from ..journal import Requested, RunLedger, file_sha
from ..outputs import work_folder
from ..pipeline.script import ReadScript, read_script
from ..pipeline.studio import Studio
from ..request import VideoRequest
from ..validation import positive, shown, text
from .cutting import boundaries, cut
from .folder import SUFFIX, BoardFolder
from .lengths import ClipLengths
from .orders import Orders
from .prompts import room_for, shots_of
from .scene import SceneRecord, new_id
from .state import BoardState, Purpose
from .writing import PromptWriter, SceneWords, Written, begins, new_run_id, write_prompts

__all__ = ["BoardPreview", "Wish", "find_board", "open_group", "plan_board", "preview_board", "write_scenes"]

_MOST_BOARDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked a board to be.

    Attributes:
        request: The narration, the subtitles and the options of all scenes.
        bible: The words that begin every prompt.
        target: Preferred seconds of a scene, or None.
        transition: `"cut"` or `"dissolve"`.
        name: The name of the board, or None for the narration's.
        write: The chat model that writes the prompts, or None.
    """

    request: VideoRequest
    bible: str = ""
    target: float | None = None
    transition: str = "cut"
    name: str | None = None
    write: PromptWriter | None = None

    @classmethod
    def of(
        cls,
        request: VideoRequest,
        *,
        bible: str = "",
        target: float | None = None,
        transition: str = "cut",
        name: str | None = None,
        write: PromptWriter | None = None,
    ) -> Self:
        """Check what a person gave.

        Raises:
            ConfigError: A value is invalid.
        """
        if transition not in ("cut", "dissolve"):
            raise ConfigError(f"transition is {shown(transition)}; give 'cut' or 'dissolve'.")
        if write is not None and not isinstance(write, PromptWriter):
            raise ConfigError(f"write is {shown(write)}; give a PromptWriter with a model.")
        if name is not None and not re.fullmatch(r"\w[\w .-]*", text(name, "name", 60)):
            raise ConfigError(
                f"The board's name is {shown(name)}; give letters, digits, - and _. It names the folder."
            )
        return cls(
            request=request,
            bible=text(bible, "bible", MAX_PROMPT),
            target=None if target is None else positive(target, "target"),
            transition=transition,
            name=name,
            write=write,
        )

    def origin(self, narration_sha: str, chain: tuple[str, ...]) -> str:
        """Return a hash of all of it: the same call, made again, opens the same board."""
        source = self.request.subtitles
        content = source.read_bytes() if isinstance(source, Path) else (source or "").encode()
        config = self.request.config.as_dict()
        if self.request.config.image is not None:
            config["image"] = self.request.config.image.sha256
        writer = "" if self.write is None else f"{self.write.base_url} {self.write.model}"
        # A provider that was named is asked alone, whichever others have a key that day.
        asked = [self.request.config.provider] if self.request.config.provider else list(chain)
        facts = [
            narration_sha,
            hashlib.sha256(content).hexdigest(),
            config,
            self.bible,
            self.target,
            asked,
        ]
        whole = json.dumps([*facts, self.transition, self.name, writer], sort_keys=True, default=str)
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


async def plan_board(studio: Studio, wish: Wish, say: Callable[[str], None]) -> BoardFolder:
    """Make a board, or find the one that the same call has made before; a chat model is called only for a new one.

    Args:
        studio: The providers, the journal, and the folder in which the board is.
        wish: What was asked.
        say: Called with a sentence for the person.

    Raises:
        NarrationError: The narration is missing, not audio, too long or too large.
        ConfigError: The board cannot be written, or the provider is not known.
        ProviderUnavailable: The provider does not have the model.
    """
    sha = await asyncio.to_thread(file_sha, wish.request.narration)
    origin = wish.origin(sha, studio.chain)
    root, name = studio.settings.output_dir, wish.name or _stem(wish.request.narration)
    if found := await asyncio.to_thread(_made_before, root, name, origin):
        say(f"This board was made before: {found.path} is opened as it was left.")
        return found
    say(f"Reading {wish.request.narration.name}")
    with work_folder(root) as work:
        script = await read_script(wish.request, work, studio.settings)
        say("Cutting the narration into scenes")
        state = await asyncio.to_thread(_planned, studio, wish, script, sha, origin)
    folder = await asyncio.to_thread(_created, root, name, state)
    if wish.write is not None:
        await _written_or_warned(studio, folder, wish.request.narration, wish.write, say)
    return folder


@dataclass(frozen=True, slots=True)
class BoardPreview:
    """The figures of a board, before a person asks for it.

    Attributes:
        folder: Its folder, or None if it is not made yet.
        scenes: The number of scenes.
        made: Those that are made, or show a picture or clip of one's own.
        usd: The price of the others in US dollars, as far as it is known.
        unknown: The number of those without a known price.
    """

    folder: BoardFolder | None
    scenes: int
    made: int
    usd: float
    unknown: int

    @classmethod
    def of(cls, studio: Studio, state: BoardState, folder: BoardFolder | None) -> Self:
        """Return the figures of a board."""
        statuses = Orders(studio, state, folder or BoardFolder(studio.settings.output_dir)).statuses()
        prices = [each.plan.usd if each.plan else None for each in statuses if each.missing]
        made = sum(each.state in ("made", "own") for each in statuses)
        return cls(folder, len(statuses), made, sum(usd or 0.0 for usd in prices), prices.count(None))


def find_board(studio: Studio, wish: Wish) -> BoardPreview | None:
    """Return the board that the same call has made before, or None; reads the narration's file and the boards."""
    origin = wish.origin(file_sha(wish.request.narration), studio.chain)
    name = wish.name or _stem(wish.request.narration)
    folder = _made_before(studio.settings.output_dir, name, origin)
    state = None if folder is None else folder.read()
    return None if state is None else BoardPreview.of(studio, state, folder)


async def preview_board(studio: Studio, wish: Wish) -> BoardPreview:
    """Return what a board would be; nothing is sent, and nothing is kept on disk.

    Raises:
        NarrationError: The narration is missing, not audio, too long or too large.
        ConfigError: The provider is not known.
        ProviderUnavailable: The provider does not have the model.
    """
    with work_folder(Path(tempfile.gettempdir())) as work:
        script = await read_script(wish.request, work, studio.settings)
        state = await asyncio.to_thread(_planned, studio, wish, script, "", "")
    return await asyncio.to_thread(BoardPreview.of, studio, state, None)


async def write_scenes(
    studio: Studio,
    folder: BoardFolder,
    narration: Path,
    writer: PromptWriter,
    say: Callable[[str], None],
    *,
    unknown_prices: bool = False,
) -> Written:
    """Let a chat model write the prompts of all scenes in one call; it counts in the board's budget.

    Raises:
        VoxweaveError: The call failed, or the journal cannot be written.
    """
    state = folder.read()
    if state is None:
        raise ConfigError(f"The board {folder.path} is gone.")
    orders, purpose, run = Orders(studio, state, folder), state.purpose, new_run_id()
    rooms = [
        room_for(purpose.bible, orders.plan(orders.order(n, each)).model.prompt) for n, each in _paid(state)
    ]
    limits = [room for room in rooms if room is not None]
    requested = Requested(
        narration=narration,
        narration_sha=purpose.narration_sha,
        seconds=0.0,
        subtitles=None,
        config=purpose.config,
        chain=(),
        reuse_key=run,
        output_dir=folder.path,
        group=purpose.group,
    )
    await asyncio.to_thread(open_group, studio, state, None)
    await asyncio.to_thread(begins(studio.journal, run, requested))
    budgets = {scope: most for scope, most in studio.budgets().items() if scope != "run"}
    warnings: list[str] = []
    ledger = RunLedger(
        studio.journal, run, budgets=budgets, unknown_prices=unknown_prices, warn=warnings.append
    )
    ids = [each.id for each in state.scenes]

    def keep(written: Written) -> None:
        folder.change(lambda now: _with_prompts(now, ids, written))

    written = await write_prompts(
        writer,
        [SceneWords(state.words_of(each), each.shot, each.length) for each in state.scenes],
        ledger=ledger,
        prompt=purpose.config.prompt,
        bible=purpose.bible,
        room=min(limits, default=None),
        keep=keep,
        patience=studio.settings.patience,
        say=say,
    )
    if warnings:
        folder.change(lambda now: replace(now, warnings=tuple(dict.fromkeys((*now.warnings, *warnings)))))
    return written


def open_group(studio: Studio, state: BoardState, budget: float | None) -> None:
    """Write the board's group into the journal, with its budget; None keeps the one that was given before."""
    purpose, journal = state.purpose, studio.journal
    earlier = journal.group(purpose.group)
    kept = earlier.budget if earlier is not None and budget is None else budget
    journal.open_group(purpose.group, kind="board", name=purpose.name, budget=kept)


async def _written_or_warned(
    studio: Studio, folder: BoardFolder, narration: Path, writer: PromptWriter, say: Callable[[str], None]
) -> None:
    """Let the prompts be written; a call that fails leaves a board with its own prompts, and a warning."""
    try:
        await write_scenes(studio, folder, narration, writer, say)
    except VoxweaveError as error:
        warning = f"The prompts were not written by {writer.model}: {error} board.write(...) tries again."
        await asyncio.to_thread(folder.change, lambda now: replace(now, warnings=(*now.warnings, warning)))


def _with_prompts(now: BoardState, ids: list[str], written: Written) -> BoardState:
    for name, prompt in zip(ids, written.prompts, strict=True):
        scene = next((each for each in now.scenes if each.id == name), None)
        if scene is not None and prompt:
            now = now.changed(replace(scene, prompt=prompt, error="", refused=False))
    return replace(now, warnings=tuple(dict.fromkeys((*now.warnings, *written.problems))))


def _planned(studio: Studio, wish: Wish, script: ReadScript, sha: str, origin: str) -> BoardState:
    from ..media.pauses import find_pauses

    config, duration = wish.request.config, script.narration.duration
    names = (config.provider,) if config.provider else studio.chain
    lengths = ClipLengths.of(studio.pool.get(names[0]), config)
    pauses = find_pauses(script.narration.samples)
    places = boundaries(script.cues, pauses, duration, longest=lengths.longest)
    spans = cut(places, lengths, wish.target)
    scenes = [
        SceneRecord(new_id(), each.start, each.end, asked=each.asked, kind=each.closes, shot=shot)
        for each, shot in zip(spans, shots_of(spans), strict=True)
    ]
    last = studio.pool.last_resort
    purpose = Purpose(
        name="",
        group=f"board-{secrets.token_hex(8)}",
        narration=str(wish.request.narration.absolute()),
        nearby="",
        narration_sha=sha,
        seconds=duration,
        chain=studio.chain,
        last_resort=last.name if last else "",
        config=config,
        bible=wish.bible,
        target=wish.target,
        origin=origin,
        created=time.time(),
    )
    return BoardState(
        purpose=purpose,
        cues=script.cues,
        boundaries=tuple((each.time, each.kind) for each in places[1:-1]),
        scenes=tuple(scenes),
        transition=wish.transition,
        warnings=script.warnings,
    )


def _made_before(root: Path, name: str, origin: str) -> BoardFolder | None:
    for path in sorted(root.glob(f"{_escaped(name)}*{SUFFIX}")):
        with contextlib.suppress(ConfigError):  # a damaged board is not this one
            state = BoardFolder(path).read()
            if state is not None and state.purpose.origin == origin:
                return BoardFolder(path)
    return None


def _created(root: Path, name: str, state: BoardState) -> BoardFolder:
    """Write a board into a folder of its own: no other board is touched."""
    for number in range(1, _MOST_BOARDS):
        named = name if number == 1 else f"{name}-{number}"
        folder = BoardFolder(root / f"{named}{SUFFIX}")
        if folder.path.exists() and not folder.is_empty():
            continue
        narration = state.purpose.narration
        try:
            nearby = Path(os.path.relpath(narration, folder.path.absolute())).as_posix()
        except ValueError:  # on another drive of Windows
            nearby = ""
        if folder.create(replace(state, purpose=replace(state.purpose, name=named, nearby=nearby))):
            return folder
    raise ConfigError(f"There are too many boards called {name} in {root}; give another name.")


def _paid(state: BoardState) -> list[tuple[int, SceneRecord]]:
    return [(number, each) for number, each in enumerate(state.scenes, 1) if not each.own]


def _stem(path: Path) -> str:
    return re.sub(r"[^\w.-]+", "-", path.stem)[:60].strip("-.") or "narration"


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
