"""A storyboard's table of 60 scenes in a real browser: the time until it is usable, its size, and scrolling.

The table is usable when every scene in sight shows its thumbnail and its buttons, and the waveform has its boundaries;
kernel and page are fresh, so the time includes the imports and the opening of the board. While 60 scenes scroll from
the first to the last, the page's longest task is taken. An edit is timed in the kernel, from the page's message to its
answer.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ipywidgets.embed import dependency_state

from tests.browser.lab import browser_lab, lab_server, write_notebook
from tests.conftest import write_narration
from tests.storyboard.conftest import SECONDS, SENTENCES, srt
from tests.storyboard.stock import stock
from tests.widgets.weight import MOST_BOARD, packed_sizes
from voxweave_nb import Settings, Storyboard, VideoGenerationService
from voxweave_nb.widgets.board_view import BoardView

TURNS = 5
SCENES = 60
GOAL, LONGEST_TASK, LONGEST_EDIT, MOST_SAVED = 1.0, 0.1, 0.25, 200_000

OPEN = "from voxweave_nb import Storyboard\nStoryboard.open('voxweave_out/talk.board')"
USABLE = """() => new Promise(done => {
    const seen = each => {
        const box = document.querySelector('.vb-table').getBoundingClientRect(), own = each.getBoundingClientRect();
        return own.bottom > box.top && own.top < Math.min(box.bottom, innerHeight);
    };
    const whole = () => {
        const rows = [...document.querySelectorAll('.voxweave-board .vb-row')];
        if (!rows.length || !document.querySelector('.vb-edge')) return false;
        const ready = each => each.querySelector('.vb-redo')?.textContent
            && each.querySelector('.vb-thumbnail img').complete
            && each.querySelector('.vb-thumbnail img').naturalWidth;
        return rows.filter(seen).length > 1 && rows.filter(seen).every(ready);
    };
    const began = performance.now();
    const look = () => whole() ? done((performance.now() - began) / 1000) : requestAnimationFrame(look);
    const shell = window.jupyterapp.shell.currentWidget;
    shell.content.activeCellIndex = 0;
    window.jupyterapp.commands.execute('notebook:run-cell');
    look();
})"""
SCROLL = """() => new Promise(done => {
    const table = document.querySelector('.vb-table'), tasks = [0];
    const watch = new PerformanceObserver(list => tasks.push(...list.getEntries().map(each => each.duration)));
    watch.observe({type: 'longtask'});
    const step = () => {
        table.scrollTop += 240;
        if (table.scrollTop + table.clientHeight < table.scrollHeight - 2) requestAnimationFrame(step);
        else setTimeout(() => done(Math.max(...tasks) / 1000), 600);
    };
    step();
})"""


def main() -> int:
    """Print the figures with their goals; return 1 when one is missed."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "served"
        root.mkdir()
        board = make_board(root, SCENES)
        write_notebook(root / "board.ipynb", [OPEN])
        with lab_server(root) as address:
            starts = [_start(address) for _ in range(TURNS)]
            task = _scroll(address)
        view = BoardView(board)
        edits = [_edit(view, number) for number in range(1, 11)]
        saved = len(json.dumps(dependency_state([view], drop_defaults=True)))
        view.close()
    packed, median = packed_sizes()["board"], statistics.median(starts)
    print(f"the storyboard's table with {SCENES} scenes, {TURNS} fresh kernels and pages")
    print(
        f"  cell run to usable       {' '.join(f'{each:5.2f}' for each in starts)} s   (goal: at most {GOAL}; "
        f"median {median:.2f})"
    )
    print(f"  longest task, scrolling  {task:5.3f} s   (goal: at most {LONGEST_TASK})")
    print(
        f"  an edit in the kernel    {statistics.median(edits):5.3f} s   (goal: at most {LONGEST_EDIT}; slowest of "
        f"{len(edits)}: {max(edits):.3f})"
    )
    print(f"  saved state              {saved / 1000:5.1f} kB  (goal: at most {MOST_SAVED / 1000:.0f})")
    print(f"  packed JS and CSS        {packed / 1000:5.1f} kB  (goal: at most {MOST_BOARD / 1000:.0f})")
    missed = median > GOAL or task > LONGEST_TASK or statistics.median(edits) > LONGEST_EDIT
    return int(missed or saved > MOST_SAVED or packed > MOST_BOARD)


def make_board(root: Path, count: int, *, made: int | None = None) -> Storyboard:
    """Return a board beside the notebooks, of scenes of five seconds; all have a take, or the first of them."""
    sentences = tuple(SENTENCES[number % len(SENTENCES)] for number in range(count))
    talk = write_narration(root / "talk.wav", SECONDS * count)
    settings = Settings(home=root.parent / "home", output_dir=root / "voxweave_out")
    service = VideoGenerationService(["zai"], settings=settings)
    options = {"provider": "zai", "resolution": "720p", "target": SECONDS}
    board = service.storyboard(talk, subtitles=srt(sentences), **options).result(120)
    number = 1
    while number <= len(board.scenes):
        if board.scenes[number].seconds > 1.5 * SECONDS:
            board.split(number, at=board.scenes[number].start + SECONDS)
        number += 1
    stock(board, range(1, (made if made is not None else len(board.scenes)) + 1))
    return board


def _start(address: str) -> float:
    with browser_lab(address) as lab:
        seconds = float(lab.open("board.ipynb").page.evaluate(USABLE))
        lab.stop_kernel()
        return seconds


def _scroll(address: str) -> float:
    with browser_lab(address) as lab:
        page = lab.open("board.ipynb").page
        page.evaluate(USABLE)
        longest = float(page.evaluate(SCROLL))
        lab.stop_kernel()
        return longest


def _edit(view: BoardView, number: int) -> float:
    scene, began = view.board.scenes[number], time.perf_counter()
    of = {"of": scene.id, "turn": str(number), "was": scene.prompt}
    view._on_message(view, {"kind": "edit", "field": "prompt", "value": f"a lamp {number}", **of}, [])
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
