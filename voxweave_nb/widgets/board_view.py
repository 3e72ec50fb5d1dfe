"""The view of a storyboard: the newest film, the waveform with the scenes' boundaries, and a table of the scenes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import traitlets

from .. import runtime
from ..errors import VoxweaveError
from ..job import Job
from ..models import JobEvent
from ..storyboard.board import Storyboard
from ..storyboard.making import BoardProgress, BoardRun
from ..storyboard.newest import film_record, is_animatic, newest_film
from ..storyboard.rows import SceneRow
from . import texts
from .assets import module
from .board_actions import BoardActions
from .board_page import cost_of, places_for_page, row_for_page, run_for_page
from .board_pictures import BoardPictures
from .board_sheet import BoardSheet
from .contact_sheet import display_sheet
from .elements import error_text
from .fallback import fallback, with_fallback
from .player import Player
from .progress import Throttle

__all__ = ["BoardView", "display_board"]

_LOOK = 0.4
"""Seconds between two looks at the board's files: another program, or a cell, may have changed it."""

_PEAKS = 1000

_WORKS = ("animatic", "film")


class BoardView(Player):
    """Show a storyboard: its newest film or animatic, its waveform with the scenes, and a table to edit and make them.

    Every change of the board is shown, also one that is made in Python, in another view or by another program. It is a
    player of the newest film; with `show`, of any other video.

    Args:
        board: The board.
    """

    _about = traitlets.Dict(help="The board's name, length, money, providers and warnings.").tag(sync=True)
    _rows = traitlets.List(help="The scenes, as `row_for_page` returns them.").tag(sync=True)
    _run = traitlets.Dict(help="The progress of the making, empty without one.").tag(sync=True)
    _shares = traitlets.Dict(help="The progress of the scenes that are made now, 0 to 1, by id.").tag(
        sync=True
    )
    _works = traitlets.Dict(help="The animatic and the film that are being made: progress or error.").tag(
        sync=True
    )
    _said = traitlets.Dict(help="Why the last edit of a scene was not made, by its id.").tag(sync=True)
    _wave = traitlets.Dict(help="The narration's peaks, and the places where scenes may end.").tag(sync=True)

    # A view whose making failed is closed too, when it is collected.
    _closed = True

    def __init__(self, board: Storyboard) -> None:
        self._board = board
        self._actions, self._pictures = BoardActions(board), BoardPictures(board)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._runs: list[BoardRun] = []
        self._jobs: dict[str, Job] = {}
        self._seen: Any = None
        self._counts: Any = None
        self._film_seen: Any = None
        self._progress: Throttle[bool] = Throttle(lambda _: self._show_progress())
        super().__init__()
        self._closed = False
        self.refresh()
        runtime.submit(self._watch())

    @staticmethod
    def _module() -> str:
        return module("board", "player", "board")

    @property
    def board(self) -> Storyboard:
        """The board that is shown."""
        return self._board

    def refresh(self) -> None:
        """Show the board as it is now; it does so by itself after each change."""
        with self._lock:
            self._seen = self._stamp()
            try:
                self._board.refresh()
                rows = self._board.rows()
                about = self._described(rows)
            except VoxweaveError as error:  # the board was removed, or its journal cannot be read
                self._say("read", str(error))
                return
            with self.hold_sync():
                self._rows, self._about = [row_for_page(row) for row in rows], about
                self._say("read", "")
            self._follow_runs()
        for listener in list(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change of the board; return a function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def close(self) -> None:
        """Close the view; the board stays, and what is being made goes on."""
        self._closed = True
        super().close()

    # What is shown

    def _described(self, rows: tuple[SceneRow, ...]) -> dict[str, Any]:
        board, state = self._board, self._board.state
        pool = board._studio.pool
        names = dict.fromkeys(
            [*state.purpose.chain, *(each.provider for each in rows if each.provider), "local"]
        )
        width, height = state.purpose.config.size
        return {
            "name": board.name,
            "seconds": state.purpose.seconds,
            "bible": state.purpose.bible,
            "spent": board.spent,
            "cost": cost_of(rows),
            "budget": self._budget(),
            "chain": state.purpose.config.provider or state.purpose.chain[0],
            "providers": [[name, pool.availability(name).ready] for name in names if name in pool],
            "warnings": list(state.warnings),
            "aspect": width / height,
            "playing": self._about.get("playing", ""),
        }

    def _budget(self) -> float | None:
        group = self._board._studio.journal.group(self._board.state.purpose.group)
        return None if group is None else group.budget

    def _say(self, scene: str, text: str) -> None:
        """Tell why something was not done, at its scene; an empty text takes the words back."""
        said = {name: words for name, words in self._said.items() if name != scene}
        self._said = {**said, scene: text} if text else said

    def _stamp(self) -> tuple[Any, ...]:
        """Return what changes whenever the board does."""
        runs = tuple(map(id, self._board.current_runs))
        return (_stat(self._board.folder.file), runs)

    async def _watch(self) -> None:
        """Look for changes until the view is closed; on the background loop."""
        await asyncio.to_thread(self._read_wave)
        while not self._closed:
            try:
                await asyncio.to_thread(self._look)
            except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
                self._say("board", error_text(error))
            await asyncio.sleep(_LOOK)

    def _look(self) -> None:
        if self._stamp() != self._seen:
            self.refresh()
        self._show_newest()

    def _read_wave(self) -> None:
        from ..media.peaks import shape_of

        try:
            peaks = shape_of(self._board.narration, bins=_PEAKS).peaks
        except VoxweaveError as error:  # the scenes can be edited all the same
            peaks = ()
            self._say("wave", str(error))
        self._wave = {"peaks": list(peaks), "places": places_for_page(self._board.state)}

    # The film

    def _show_newest(self, *, anew: bool = False) -> None:
        """Show the newest film, if it is another one than before."""
        folder = self._board.folder
        stamp = _stat(film_record(folder))
        if stamp == self._film_seen and not anew:
            return
        self._film_seen = stamp
        film = newest_film(folder)
        if film is None:
            return
        draft = is_animatic(folder, film)
        title = (texts.ANIMATIC_TITLE if draft else texts.FILM_TITLE).format(name=self._board.name)
        with self._lock, self.hold_sync():
            self.show(film, title=title, settings="")
            if not self._facts.get("chapters"):
                self._facts = {**self._facts, "chapters": self._chapters()}
            self._about = {**self._about, "playing": "animatic" if draft else "film", "drawn": str(stamp)}
        self._pictures.film = film

    def _chapters(self) -> list[list[Any]]:
        state = self._board.state
        return [
            [scene.start, scene.end, f"{number}. {state.words_of(scene)[:60]}"]
            for number, scene in enumerate(state.scenes, 1)
        ]

    def _play_take(self, run: str) -> None:
        for number, scene in enumerate(self._board.state.scenes, 1):
            for place, take in enumerate(scene.takes, 1):
                if take.run == run:
                    title = texts.TAKE_TITLE.format(number=number, take=place)
                    self.show(self._board.folder.takes / take.file, title=title, settings="")
                    self._about = {**self._about, "playing": run}
                    return

    # The making

    def _follow_runs(self) -> None:
        for run in self._board.current_runs:
            if run not in self._runs:
                self._runs = [each for each in self._runs if not each.done()] + [run]
                run.listen(lambda progress, run=run: self._on_progress(run, progress))

    def _on_progress(self, run: BoardRun, progress: BoardProgress) -> None:
        self._progress.update(True, now=progress.state.final)

    def _show_progress(self) -> None:
        runs = list(self._runs)
        shares = {}
        for run in runs:
            for row in self._rows:
                if (job := run.job_of(row["id"])) is not None:
                    shares[row["id"]] = round(job.progress / 100, 3)
        with self.hold_sync():
            self._shares, self._run = shares, run_for_page(runs)
        counts = [
            (each.progress.made, each.progress.failed, each.progress.running, each.progress.state)
            for each in runs
        ]
        if counts != self._counts:
            self._counts = counts
            self._seen = None  # the next look refreshes

    def _work(self, kind: str) -> None:
        """Begin an animatic or a film, unless it is being made."""
        job = self._jobs.get(kind)
        if job is not None and not job.done():
            return
        board = self._board
        job = self._jobs[kind] = board.animatic() if kind == "animatic" else board.assemble()
        throttle: Throttle[JobEvent] = Throttle(lambda event: self._show_work(kind, event))
        job.listen(lambda event: throttle.update(event, now=event.state.final))

    def _show_work(self, kind: str, event: JobEvent) -> None:
        job = self._jobs[kind]
        state = {"share": round(event.progress / 100, 3), "text": event.message}
        if event.state.final:
            failed = event.state.value == "failed"
            state = {"error": job.message} if failed else {}
            state |= {"notes": list(job.warnings)} if job.warnings else {}
        others = {name: each for name, each in self._works.items() if name != kind}
        self._works = {**others, kind: state} if state else others

    # Messages arrive on the kernel's main thread or a subshell's.

    def _on_message(self, widget: Any, message: Any, buffers: Any) -> None:
        if not isinstance(message, Mapping):
            return
        kind, scene = message.get("kind"), str(message.get("of") or "board")
        if kind == "picture":
            self._pictures.send(str(message.get("of")), self.send)
            return
        try:
            if not self._do(message):
                super()._on_message(widget, message, buffers)
                return
            self._say(scene, "")
        except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
            self._say(scene, error_text(error))
        finally:
            if "turn" in message and kind not in ("pull", "rendition"):
                self.refresh()
                self.send({"kind": "done", "turn": message["turn"]})

    def _do(self, message: Mapping[str, Any]) -> bool:
        """Do what a message asks for; return False if it is for the player."""
        match message.get("kind"):
            case "work":
                if message.get("what") in _WORKS:
                    self._work(str(message["what"]))
            case "stop":
                job = self._jobs.get(str(message.get("what")))
                if job is not None:
                    job.cancel()
            case "take":
                self._play_take(str(message.get("run")))
            case "film":
                self._show_newest(anew=True)
            case "refresh":
                self.refresh()
            case _:
                return self._actions.receive(message)
        return True

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return with_fallback(super()._repr_mimebundle_(**options), _in_words(self._board))


def display_board(board: Storyboard) -> BoardView:
    """Display a board in a cell, above the contact sheet that stays in the saved notebook."""
    view = BoardView(board)
    sheet = BoardSheet(board)
    display_sheet(sheet, view, _in_words(board))
    sheet.follow(view.listen)
    return view


def _in_words(board: Storyboard) -> dict[str, str]:
    """Return the text that stands in for the view."""
    return fallback(texts.BOARD_PLAIN.format(board=repr(board).strip("<>")))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
