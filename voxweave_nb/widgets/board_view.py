"""The view of a storyboard: the newest film, the waveform with the scenes' boundaries, and a table of the scenes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import traitlets

from .. import runtime
from ..errors import VoxweaveError
from ..job import Job
from ..models import JobEvent
from ..providers import registered
from ..storyboard.board import Storyboard
from ..storyboard.making import BoardProgress, BoardRun
from ..storyboard.newest import film_record, is_animatic, newest_film
from ..storyboard.rows import SceneRow
from ..storyboard.thumbnails import film_poster
from ..storyboard.waveform import peaks_of
from . import texts
from .assets import module
from .board_actions import BoardActions
from .board_page import cost_of, places_for_page, row_for_page, run_for_page
from .board_sheet import BoardSheet
from .board_thumbnails import BoardThumbnails
from .contact_sheet import display_sheet
from .elements import error_text
from .fallback import fallback, with_fallback
from .player import Player
from .progress import Throttle

__all__ = ["BoardView", "display_board"]

_LOOK = 0.4
"""Seconds between two looks at the board's files: another program, or a cell, may have changed it."""

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
    _ended = True

    def __init__(self, board: Storyboard) -> None:
        self._board = board
        self._actions, self._thumbnails = BoardActions(board), BoardThumbnails(board)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._runs: list[BoardRun] = []
        self._jobs: dict[str, Job] = {}
        self._installed: tuple[str, ...] = ()
        self._seen: Any = None
        self._counts: Any = None
        self._film_seen: Any = None
        self._progress: Throttle[bool] = Throttle(lambda _: self._show_progress())
        super().__init__()
        self._ended = False
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

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def close(self) -> None:
        """Close the view; the board stays, and what is being made goes on."""
        self._ended = True
        super().close()

    # What is shown

    def _described(self, rows: tuple[SceneRow, ...]) -> dict[str, Any]:
        board, state = self._board, self._board.state
        width, height = state.purpose.config.size
        return {
            "name": board.name,
            "seconds": state.purpose.seconds,
            "bible": state.purpose.bible,
            "spent": board.spent,
            "cost": cost_of(rows),
            "budget": self._budget(),
            "chain": state.purpose.config.provider or state.purpose.chain[0],
            "providers": self._providers(rows),
            "warnings": list(state.warnings),
            "aspect": width / height,
            "playing": self._about.get("playing", ""),
            "drawn": self._about.get("drawn", ""),
        }

    def _providers(self, rows: tuple[SceneRow, ...]) -> list[list[Any]]:
        """Return the providers to choose from, and whether each can be used now."""
        pool, chain = self._board._studio.pool, self._board.state.purpose.chain
        known = [*chain, *(row.provider for row in rows if row.provider)]
        names = dict.fromkeys((*known, *self._installed))
        ready = {name: pool.availability(name).ready for name in names}
        return [[name, ready[name]] for name in ready if ready[name] or name in known]

    def _budget(self) -> float | None:
        group = self._board._studio.journal.group(self._board.state.purpose.group)
        return None if group is None else group.budget

    def _say(self, scene: str, text: str) -> None:
        """Tell why something was not done, at its scene; an empty text takes the words back."""
        with self._lock:
            said = {name: words for name, words in self._said.items() if name != scene}
            self._said = {**said, scene: text} if text else said

    def _stamp(self) -> tuple[Any, ...]:
        """Return what changes whenever the board does."""
        runs = tuple(map(id, self._board.current_runs))
        return (_stat(self._board.folder.file), runs)

    async def _watch(self) -> None:
        """Look for changes until the view is closed; on the background loop."""
        wave = asyncio.create_task(asyncio.to_thread(self._read_more))
        while not self._ended:
            try:
                await asyncio.to_thread(self._look)
            except Exception as error:  # noqa: BLE001  shown in the page: nobody would see the traceback
                self._say("board", error_text(error))
            await asyncio.sleep(_LOOK)
        await wave

    def _look(self) -> None:
        if self._stamp() != self._seen:
            self.refresh()
        self._show_newest()

    def _read_more(self) -> None:
        """Read what takes longer than the table may take: the narration, and which providers are installed."""
        board = self._board
        try:
            peaks = peaks_of(board.folder, board.narration, board.state.purpose.narration_sha)
        except VoxweaveError as error:  # the scenes can be edited all the same
            peaks = []
            self._say("wave", str(error))
        self._wave = {"peaks": peaks, "places": places_for_page(board.state)}
        self._installed = registered()
        self._seen = None  # the next look refreshes

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
        poster = film_poster(folder, film)
        with self._lock, self.hold_sync():
            self.show(film, title=title, settings="", poster=poster)
            if not self._facts.get("chapters"):
                self._facts = {**self._facts, "chapters": self._chapters()}
            self._about = {**self._about, "playing": "animatic" if draft else "film", "drawn": str(stamp)}
        self._thumbnails.film = film

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
                run.listen(self._on_progress)

    def _on_progress(self, progress: BoardProgress) -> None:
        self._progress.update(True, now=progress.state.final)

    def _show_progress(self) -> None:
        runs = list(self._runs)
        shares = {}
        for run in runs:
            for row in self._rows:
                if (job := run.job_of(row["id"])) is not None:
                    shares[row["id"]] = round(job.progress / 100, 3)
        with self._lock, self.hold_sync():
            self._shares, self._run = shares, run_for_page(runs)
        progress = [run.progress for run in runs]
        counts = [(each.made, each.failed, each.running, each.state) for each in progress]
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
        if kind == "thumbnail":
            self._thumbnails.send(str(message.get("of")), self.send)
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
                with self._lock:  # the page gets the state before the answer
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
