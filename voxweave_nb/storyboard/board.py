"""`Storyboard`: a narration as scenes, in a folder; each scene is made, kept and chosen by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

from .. import display
from ..errors import ConfigError, VoxweaveError
from ..inputs import clean_path
from ..job import Job
from ..pipeline.studio import Studio
from ..providers.pool import LastResort, ProviderPool
from ..request import check_narration
from ..settings import Settings
from ..validation import positive, shown, whole
from . import edits
from .estimate import BoardEstimate, estimated
from .films import Cutter, animatic, assemble
from .folder import SUFFIX, BoardFolder
from .handles import BoardWork
from .making import Bench, BoardRun, collect
from .orders import Orders, Status
from .planning import open_group, write_scenes
from .rows import SceneRow, rows_of
from .scene import SceneRecord
from .scenes import TRANSITIONS, Scene, Scenes
from .state import BoardState
from .table import text_of
from .writing import PromptWriter, Written

__all__ = ["Storyboard"]

_MOST_AT_ONCE = 64


class _HasStudio(Protocol):
    """A service."""

    @property
    def _studio(self) -> Studio: ...


class Storyboard:
    """A narration as scenes, in a folder `<name>.board` beside the finished videos.

    `service.storyboard(...)` makes one, `Storyboard.open(...)` opens it again. Scenes are counted from 1. Every edit is
    written to disk at once; one that another program has made meanwhile is not overwritten, but told.

    Args:
        folder: The board's folder.
        studio: The providers, the settings and the journal.
        narration: The narration's file, or None to look where it was.

    Raises:
        ConfigError: The folder holds no board, or a damaged one.
    """

    def __init__(self, folder: BoardFolder, studio: Studio, *, narration: Path | None = None) -> None:
        state = collect(studio, folder)
        self.folder = folder
        self._studio = replace(studio, chain=state.purpose.chain)
        self._narration = narration
        self._state = self._seen = state
        self._stamp = self._stamped()
        self._runs: list[BoardRun] = []

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        narration: str | os.PathLike[str] | None = None,
        service: _HasStudio | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Open a board that was made before; it may have been moved.

        Args:
            path: The board's folder, such as `"voxweave_out/talk.board"`.
            narration: The narration, if it is not where it was.
            service: The service whose providers and journal are used; by default the environment's keys.
            settings: The settings without a service; by default the environment's.

        Raises:
            ConfigError: The folder holds no board, or a damaged one, or a provider of it is not installed.
            NarrationError: The narration that was given does not exist.
        """
        folder = BoardFolder(clean_path(path, ConfigError, "board"))
        if folder.path.name == "board.json":
            folder = BoardFolder(folder.path.parent)
        state = folder.read()
        if state is None:
            raise ConfigError(f"{folder.path} holds no board; give the folder that ends in {SUFFIX}.")
        audio = None if narration is None else check_narration(narration)
        if service is not None:
            return cls(folder, service._studio, narration=audio)
        limits = settings or Settings.load()
        pool = ProviderPool(limits)
        if state.purpose.last_resort:
            pool.last_resort = LastResort(state.purpose.last_resort)
        return cls(folder, Studio(pool, limits, state.purpose.chain), narration=audio)

    @property
    def name(self) -> str:
        """The board's name."""
        return self._state.purpose.name

    @property
    def path(self) -> Path:
        """The board's folder."""
        return self.folder.path

    @property
    def state(self) -> BoardState:
        """All of the board as it is on disk."""
        stamp = self._stamped()
        if stamp != self._stamp:
            found = self.folder.read()
            if found is None:
                raise ConfigError(f"The board {self.path} is gone.")
            self._state, self._stamp = found, stamp
        return self._state

    @property
    def scenes(self) -> Scenes:
        """The scenes, counted from 1."""
        return Scenes([Scene(self, each.id) for each in self._seen.scenes])

    @property
    def bible(self) -> str:
        """The words that begin every prompt."""
        return self._state.purpose.bible

    @property
    def transition(self) -> str:
        """`"cut"` or `"dissolve"` between scenes that do not say."""
        return self.state.transition

    @transition.setter
    def transition(self, value: str) -> None:
        if value not in TRANSITIONS:
            raise ConfigError(f"transition is {shown(value)}; give 'cut' or 'dissolve'.")
        self._state = self.folder.change(lambda now: replace(now, transition=value))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What differs from what was asked, in sentences."""
        return self.state.warnings

    @property
    def spent(self) -> float:
        """US dollars that the board's submissions have cost or may have cost."""
        return self._studio.journal.spent("group", group=self._state.purpose.group)

    def refresh(self) -> None:
        """Take over what other programs have changed, and finished takes that the journal has."""
        self._state = self._seen = collect(self._studio, self.folder)
        self._stamp = self._stamped()

    # Edits

    def split(self, number: int, *, at: str | float) -> None:
        """Split a scene in two; the first part keeps its id and takes.

        Args:
            number: The scene's number, from 1.
            at: Words before which it is split, such as `"and then"`, or seconds from the start of the narration.

        Raises:
            ConfigError: The words are not spoken in the scene, a part would be too short, or another program has
                changed the scene meanwhile.
        """
        scene = self.scenes[number]._record
        words = isinstance(at, str)
        time = edits.place_of(str(at), self.state.transcript, scene, number) if words else positive(at, "at")
        self._edit(
            [scene.id], ("start", "end"), lambda now: edits.split(now, scene.id, time, self._asked(now))
        )

    def merge(self, number: int, other: int) -> None:
        """Merge two neighbours; the first one's id and options stay, and the takes of both.

        Raises:
            ConfigError: They are not neighbours, no provider fills the whole, or another program has changed one of
                them meanwhile.
        """
        first, second = (self.scenes[each].id for each in sorted((number, other)))
        self._edit(
            [first, second],
            ("start", "end", "prompt"),
            lambda now: edits.merge(now, first, second, self._asked(now)),
        )

    def move(self, number: int, *, end: float, snap: bool = True) -> None:
        """Move the end of a scene, which is the start of the next one.

        Args:
            number: The scene's number, from 1.
            end: Seconds from the start of the narration.
            snap: Move on to the nearest end of a sentence, a clause or a pause within 0.3 s.

        Raises:
            ConfigError: It is the last scene, a scene would be too short or too long, or another program has changed
                it meanwhile.
        """
        time, scenes = positive(end, "end"), self.scenes
        ids = [scenes[number].id, *([scenes[number + 1].id] if number < len(scenes) else [])]
        self._edit(
            ids, ("start", "end"), lambda now: edits.move(now, ids[0], time, self._asked(now), snap=snap)
        )

    def edit_scene(self, id: str, changes: Mapping[str, Any]) -> None:
        """Set options of a scene, found by its id; what `Scene`'s properties do, without their checks."""
        asks = changes.keys() & {"provider", "model", "still", "clip"}
        names = [name for name in changes if name != "chosen"]
        self._edit(
            [id],
            names,
            lambda now: edits.set_options(now, id, changes, self._asked(now) if asks else None),
        )

    # Prices and states

    def estimate(self) -> BoardEstimate:
        """Return what `make()` would make and what it costs, a row per provider. Nothing is sent."""
        state, orders = self.state, self._orders()
        firsts = [orders.names_of(each)[0] for each in state.scenes]
        return estimated(state.scenes, orders.statuses(), firsts, self.spent)

    def rows(self) -> tuple[SceneRow, ...]:
        """Return the scenes as they are now, as a view shows them."""
        runs = self._studio.journal.runs_of(self._state.purpose.group)
        return rows_of(self.state, self._orders(), runs, self.current_runs)

    @property
    def current_runs(self) -> tuple[BoardRun, ...]:
        """The runs that make scenes now."""
        return tuple(run for run in self._runs if not run.done())

    def prompt_of(self, id: str) -> str:
        """Return the prompt of a scene without the bible."""
        scene, orders = self._record(id), self._orders()
        plan = self._studio.pool.plan(orders.names_of(scene)[0], orders.config_of(scene), scene.length)
        return orders.prompt_of(scene, plan)

    def state_of(self, id: str) -> str:
        """Return the state of a scene in a word; see `Scene.state`."""
        if any(run.job_of(id) is not None for run in self.current_runs):
            return "running"
        return self._status(id).state

    def price_of(self, id: str) -> float | None:
        """Return the price of one more take of a scene in US dollars, or None if not known."""
        status = self._status(id)
        return 0.0 if status.state == "own" else status.plan.usd if status.plan else None

    def check_provider(self, name: str) -> None:
        """Check that a provider is installed.

        Raises:
            ConfigError: It is not.
        """
        self._studio.pool.get(name)

    # Making

    def make(
        self,
        *,
        budget: float | None = None,
        at_once: int = 4,
        unknown_prices: bool = False,
        anew: Sequence[int] = (),
    ) -> BoardRun:
        """Make the takes that are missing or stale, side by side; return at once.

        What was left is resumed, and nothing is paid twice. One failure or refusal does not stop the others; a scene
        that failed is tried anew, one whose content was refused is not until its prompt is edited.

        Args:
            budget: US dollars for the board's whole life; None keeps the one that was given before.
            at_once: The number of jobs side by side, 1 to 64; each model's own limit holds too.
            unknown_prices: Allow submissions of unknown price although there is a budget.
            anew: Numbers of scenes to submit once more although an earlier submission may have been accepted and
                billed: look at the provider's site first.

        Raises:
            ConfigError: An option is invalid, no provider can be used, the narration is not there, or this board is
                being made already.
            JournalError: The journal cannot be read or written.
        """
        at_once = whole(at_once, "at_once", 1, _MOST_AT_ONCE)
        limit = None if budget is None else positive(budget, "budget", zero=True)
        if self.current_runs:
            raise ConfigError("This board is being made already; wait for it, or cancel it.")
        again = [self.scenes[each].id for each in anew]
        self.refresh()
        statuses = self._orders().statuses()
        wanted = [
            each.id
            for each, status in zip(self._state.scenes, statuses, strict=True)
            if status.missing or each.id in again
        ]
        return self._run(wanted, limit, at_once, unknown_prices, anew=again)

    def redo(
        self,
        number: int,
        *,
        seed: int | None = None,
        budget: float | None = None,
        unknown_prices: bool = False,
        anew: bool = False,
    ) -> BoardRun:
        """Make one more take of a scene; return at once. The takes before are kept: `board.scenes[4].takes`.

        A take of the scene that was left before it was finished is fetched instead of paid for once more.

        Args:
            number: The scene's number, from 1.
            seed: Another seed for the scene, or None for its own.
            budget: US dollars for the board's whole life; None keeps the one that was given before.
            unknown_prices: Allow a submission of unknown price although there is a budget.
            anew: Submit although an earlier submission may have been accepted and billed.

        Raises:
            ConfigError: An option is invalid, the scene shows one's own picture or clip, or it is being made.
        """
        scene = self.scenes[number]
        limit = None if budget is None else positive(budget, "budget", zero=True)
        if scene._record.own:
            raise ConfigError(
                f"Scene {number} shows {scene._record.own} of your own; set still or clip to None first."
            )
        if any(run.makes(scene.id) for run in self.current_runs):
            raise ConfigError(f"Scene {number} is being made; wait for it.")
        if seed is not None:
            scene.seed = seed
        self.edit_scene(scene.id, {})
        return self._run(
            [scene.id], limit, 1, unknown_prices, anew=[scene.id] if anew else [], once_more=[scene.id]
        )

    def assemble(self) -> Job:
        """Make the film of the chosen takes; free. Scenes without a take show the animatic.

        Returns:
            The job; its result is the film, under a name of its own: films made before stay.

        Raises:
            ConfigError: The narration is not there.
        """
        return assemble(self._cutter())

    def animatic(self) -> Job:
        """Render a free draft of the whole on this machine, with narration, captions and the scenes' numbers.

        Raises:
            ConfigError: The narration is not there.
        """
        return animatic(self._cutter())

    def write(self, writer: PromptWriter, *, unknown_prices: bool = False) -> BoardWork[Written]:
        """Let a chat model write the prompts of all scenes in one call; it is paid from the board's budget.

        Args:
            writer: The chat model.
            unknown_prices: Allow a call of unknown price although there is a budget.
        """
        return BoardWork(
            lambda say: write_scenes(
                self._studio, self.folder, self.narration, writer, say, unknown_prices=unknown_prices
            ),
            "The writing of the prompts",
        )

    @property
    def narration(self) -> Path:
        """The narration's file.

        Raises:
            ConfigError: It is neither where it was nor beside the moved board.
        """
        purpose = self._state.purpose
        nearby = self.folder.path / purpose.nearby if purpose.nearby else None
        for path in (self._narration, Path(purpose.narration), nearby):
            if path is not None and path.is_file():
                return path
        raise ConfigError(
            f"The narration {purpose.narration} is not there. Open the board with its path: "
            f"Storyboard.open({str(self.path)!r}, narration='talk.mp3')."
        )

    # Parts of them

    def _run(
        self,
        wanted: Sequence[str],
        budget: float | None,
        at_once: int,
        unknown_prices: bool,
        *,
        anew: Sequence[str] = (),
        once_more: Sequence[str] = (),
    ) -> BoardRun:
        open_group(self._studio, self._state, budget)
        bench = Bench(
            studio=self._studio,
            folder=self.folder,
            narration=self.narration,
            unknown_prices=unknown_prices,
            anew=frozenset(anew),
            once_more=frozenset(once_more),
        )
        made = sum(
            status.state in ("made", "own") and each.id not in wanted
            for each, status in zip(self._state.scenes, self._orders().statuses(), strict=True)
        )
        total = made + len(wanted) if not once_more else len(wanted)
        run = BoardRun(bench, wanted, at_once=at_once, total=total, made=0 if once_more else made)
        self._runs = [*self.current_runs, run]
        return run

    def _cutter(self) -> Cutter:
        return Cutter(self._studio, self.folder, self.state, self.narration)

    def _orders(self) -> Orders:
        return Orders(self._studio, self.state, self.folder)

    def _asked(self, now: BoardState) -> edits.Asked:
        return Orders(self._studio, now, self.folder).asked

    def _record(self, id: str) -> SceneRecord:
        found = next((each for each in self.state.scenes if each.id == id), None)
        if found is None:
            raise ConfigError("This scene was merged into another one; look it up in board.scenes again.")
        return found

    def _status(self, id: str) -> Status:
        state = self.state
        statuses = dict(zip((each.id for each in state.scenes), self._orders().statuses(), strict=True))
        self._record(id)
        return statuses[id]

    def _edit(
        self, ids: Collection[str], names: Collection[str], edit: Callable[[BoardState], BoardState]
    ) -> None:
        """Apply an edit to the board on disk, if the scenes are as the person saw them."""

        def apply(now: BoardState) -> BoardState:
            edits.check_unchanged(now, self._seen, ids, names)
            return edit(now)

        try:
            after = self.folder.change(apply)
        except VoxweaveError:
            # The message tells what it is now: the same edit, repeated, goes through.
            if (now := self.folder.read()) is not None:
                self._take_in(now, ids)
            raise
        self._take_in(after, ids)

    def _take_in(self, now: BoardState, ids: Collection[str]) -> None:
        """Count scenes as seen; others stay as they were shown, so that editing them tells what has changed."""
        shown_before = {each.id: each for each in self._seen.scenes}
        scenes = tuple(each if each.id in ids else shown_before.get(each.id, each) for each in now.scenes)
        self._state, self._seen, self._stamp = now, replace(now, scenes=scenes), self._stamped()

    def _stamped(self) -> tuple[int, int, int]:
        try:
            stat = self.folder.file.stat()
        except OSError:
            return (0, 0, 0)
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _ipython_display_(self) -> None:
        display.show_board(self)

    def _display_(self) -> object:
        """Return what marimo displays."""
        return display.board_widget(self)

    def __repr__(self) -> str:
        return f"<Storyboard {self.name!r}: {len(self._seen.scenes)} scenes, {self._state.purpose.seconds:.1f} s>"

    def __str__(self) -> str:
        """Return the board as a table, with its warnings and what to call next."""
        return text_of(self)
