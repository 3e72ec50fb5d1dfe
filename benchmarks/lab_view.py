"""A lab's view in a real browser: the time until it is usable, its size, scrolling, and a vote to the next pair.

A view is usable when every tile in sight shows its poster and its buttons, and Play can be pressed; kernel and page are
fresh, so the time includes the imports and the opening of the lab. What the machine takes without a lab is measured in
turn with it: a cell that shows a line of HTML, and one that shows an anywidget with nothing in it. Where other programs
take the processors, the CPU seconds of the kernel and of the page's main thread tell more.

While 200 tiles scroll from the first to the last, the page's longest task is taken, and beside it that of a page which
does nothing for as many frames. A vote is timed in the kernel, from the call to the next pair, with 24 variants and 200
votes; the estimate of the votes that are left is in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from ipywidgets.embed import dependency_state

from tests.browser.lab import browser_lab, lab_server, write_notebook
from tests.conftest import write_narration
from tests.lab.stock import stock
from tests.widgets.weight import MOST_LAB, packed_sizes
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.widgets.lab_duel import DuelView
from voxweave_nb.widgets.lab_view import LabView

TURNS = int(os.environ.get("TURNS", "5"))
_VOTES = 40
GOALS = {24: 1.0, 200: 2.0}
LONGEST_TASK, LONGEST_VOTE, MOST_SAVED = 0.1, 0.05, 200_000

FLOORS = {
    "a line of HTML": "from IPython.display import HTML\nHTML('<p class=\"floor\">here</p>')",
    "a bare anywidget": (
        "import anywidget, traitlets\n"
        "class Bare(anywidget.AnyWidget):\n"
        "    _esm = 'export default { render({ el }) { el.innerHTML = \"<p class=floor>here</p>\"; } }'\n"
        "Bare()"
    ),
}
KERNEL = """import time
began = time.process_time()
from voxweave_nb.lab.prompt_lab import PromptLab
import voxweave_nb.widgets.lab_view as views
imported = time.process_time()
lab = PromptLab({name!r})
opened = time.process_time()
views.LabView(lab)
print(imported - began, opened - imported, time.process_time() - opened)
"""
OPEN = "from voxweave_nb.lab.prompt_lab import PromptLab\nPromptLab({name!r})"
RUN = """
    const began = performance.now(), since = () => (performance.now() - began) / 1000;
    const shell = window.jupyterapp.shell.currentWidget;
    shell.content.activeCellIndex = 0;
    window.jupyterapp.commands.execute('notebook:run-cell');
"""
FLOOR = f"""() => new Promise(done => {{
    {RUN}
    const look = () => document.querySelector('.floor')?.offsetHeight ? done(since()) : requestAnimationFrame(look);
    look();
}})"""
USABLE = """() => new Promise(done => {
    const seen = (each, box) => {
        const own = each.getBoundingClientRect();
        return own.bottom > box.top && own.top < box.bottom;
    };
    const whole = () => {
        const grid = document.querySelector('.voxweave-lab .vl-grid');
        if (!grid || !grid.children.length) return false;
        const box = grid.getBoundingClientRect();
        const shown = [...grid.children].filter(each => seen(each, box) && seen(each, {top: 0, bottom: innerHeight}));
        const ready = each => each.querySelector('.vl-row') && each.querySelector('.vl-still')?.complete
            && each.querySelector('.vl-still').naturalWidth;
        return shown.length > 3 && shown.every(ready) && document.querySelector('.voxweave-lab .vl-go');
    };
    RUN
    let there = 0;
    const look = () => {
        if (document.querySelector('.voxweave-lab .vl-tile')) there ||= since();
        return whole() ? done([since(), there]) : requestAnimationFrame(look);
    };
    look();
})""".replace("RUN", RUN)
SCROLL = """() => new Promise(done => {
    const grid = document.querySelector('.vl-grid'), tasks = [0];
    let frames = 0;
    const watch = new PerformanceObserver(list => tasks.push(...list.getEntries().map(each => each.duration)));
    watch.observe({type: 'longtask'});
    const step = () => {
        grid.scrollTop += 240;
        frames++;
        if (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 2) requestAnimationFrame(step);
        else setTimeout(() => done([Math.max(...tasks) / 1000, grid.querySelectorAll('.vl-row').length, frames]), 600);
    };
    step();
})"""

IDLE = """frames => new Promise(done => {
    const tasks = [0];
    const watch = new PerformanceObserver(list => tasks.push(...list.getEntries().map(each => each.duration)));
    watch.observe({type: 'longtask'});
    const step = () => {
        if (frames--) requestAnimationFrame(step);
        else setTimeout(() => done(Math.max(...tasks) / 1000), 600);
    };
    step();
})"""


def main() -> int:
    """Print the figures with their goals; return 1 when one is missed."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "served"
        root.mkdir()
        write_narration(root / "talk.wav", 2.0)
        labs = {count: _make_lab(root, count) for count in GOALS}
        for count in GOALS:
            write_notebook(root / f"lab{count}.ipynb", [OPEN.format(name=f"lab{count}")])
        for name, cell in FLOORS.items():
            write_notebook(root / f"{name}.ipynb", [cell])
        kernel = {count: _in_kernel(root, count) for count in GOALS}
        floors: dict[str, list[Taken]] = {name: [] for name in FLOORS}
        starts: dict[int, list[Taken]] = {count: [] for count in GOALS}
        with lab_server(root) as address:
            for _ in range(TURNS):
                for name, taken in floors.items():
                    taken.append(_run(address, name, FLOOR))
                for count, taken in starts.items():
                    taken.append(_run(address, f"lab{count}", USABLE))
            task, filled, idle = _scroll(address)
        saved = len(json.dumps(dependency_state([LabView(labs[200])], drop_defaults=True)))
        votes, cpu = _vote(labs[24])
    packed = packed_sizes()["lab"]
    print(f"the lab's view, {TURNS} fresh kernels and pages")
    missed = _print_starts(floors, starts, kernel)
    print(
        f"  longest task while 200 scroll     {task:5.3f} s   (goal: at most {LONGEST_TASK}; {filled} filled; "
        f"idle page {idle:.3f})"
    )
    print(
        f"  saved state of 200                {saved / 1000:5.1f} kB  (goal: at most {MOST_SAVED / 1000:.0f})"
    )
    print(
        f"  packed JS and CSS                 {packed / 1000:5.1f} kB  (goal: at most {MOST_LAB / 1000:.0f})"
    )
    print(
        f"  vote to the next pair             {statistics.median(votes):5.3f} s   (goal: at most {LONGEST_VOTE}; "
        f"slowest of {len(votes)}: {max(votes):.3f}; {cpu:.3f} CPU s each)"
    )
    missed |= task > LONGEST_TASK or saved > MOST_SAVED or packed > MOST_LAB
    return int(missed or statistics.median(votes) > LONGEST_VOTE)


def _print_starts(
    floors: Mapping[str, Sequence[Taken]],
    starts: Mapping[int, Sequence[Taken]],
    kernel: Mapping[int, Sequence[float]],
) -> bool:
    """Print the times until a view is usable; return True if one is missed."""
    missed = False
    for name, taken in floors.items():
        print(f"  without a lab: {name:17} {_row(taken)}")
    bare = statistics.median(each.seconds for each in floors["a bare anywidget"])
    for count, taken in starts.items():
        usable = statistics.median(each.seconds for each in taken)
        print(f"  {count:3} variants, cell run to usable  {_row(taken)}")
        print(f"      goal: at most {GOALS[count]}; above the bare anywidget {usable - bare:.2f} s")
        there = statistics.median(each.there for each in taken)
        print(f"      the first tiles, still empty, after {there:.2f} s (median)")
        imports, opening, view = kernel[count]
        print(f"      CPU in a process: imports {imports:.2f} s, opening {opening:.2f} s, view {view:.2f} s")
        missed |= usable > GOALS[count]
    return missed


def _make_lab(root: Path, count: int) -> PromptLab:
    service = VideoGenerationService.local(settings=Settings(home=root.parent / "home"))
    lab = PromptLab(
        f"lab{count}", root / "talk.wav", service=service, folder=root / "voxweave_lab", rater="me"
    )
    lab.grid(
        "a {place: harbour|forest} at {time: dawn|dusk}",
        style=["anime", "cinematic"],
        seed=list(range(count // 8)),
    )
    stock(lab, real=True, clips=12)
    rng = np.random.default_rng(1)
    for _ in range(200):
        left, right = rng.choice(count, 2, replace=False)
        lab.vote(lab.variants[left].id, lab.variants[right].id, "left" if left < right else "right")
    return lab


@dataclass(frozen=True)
class Taken:
    """The seconds of one start.

    Attributes:
        seconds: From running the cell until it is usable.
        there: From running the cell to the first tiles.
        kernel: CPU seconds of the kernel meanwhile.
        page: CPU seconds of the page's main thread meanwhile.
    """

    seconds: float
    there: float
    kernel: float
    page: float


def _run(address: str, name: str, until: str) -> Taken:
    """Run a notebook's cell in a fresh kernel and page, until the script says that it is there."""
    with browser_lab(address) as lab:
        page = lab.open(f"{name}.ipynb").page
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before, kernel = _page_cpu(session), _kernel_cpu()
        found = page.evaluate(until)
        seconds, there = found if isinstance(found, list) else (found, found)
        taken = Taken(seconds, there, _kernel_cpu() - kernel, _page_cpu(session) - before)
        lab.stop_kernel()
        return taken


def _page_cpu(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def _kernel_cpu() -> float:
    """Return the CPU seconds of this program's kernels."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("ipykernel_launcher" in part for part in process.cmdline()):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def _in_kernel(root: Path, count: int) -> list[float]:
    """Return the median seconds of the imports, the opening and the view in fresh processes."""
    home = {
        **os.environ,
        "VOXWEAVE_HOME": str(root.parent / "home"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    command = [sys.executable, "-c", KERNEL.format(name=f"lab{count}")]
    rows = []
    for _ in range(TURNS):
        said = subprocess.run(command, cwd=root, env=home, capture_output=True, text=True, check=True).stdout
        rows.append(list(map(float, said.split())))
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def _row(taken: Sequence[Taken]) -> str:
    seconds = [each.seconds for each in taken]
    kernel, page = (statistics.median(getattr(each, name) for each in taken) for name in ("kernel", "page"))
    return (
        f"{' '.join(f'{each:5.2f}' for each in seconds)} s, median {statistics.median(seconds):.2f}; CPU: kernel "
        f"{kernel:.2f} s, page {page:.2f} s"
    )


def _scroll(address: str) -> tuple[float, int, float]:
    """Return the longest task, the tiles that were filled, and the longest task of an idle page."""
    with browser_lab(address) as lab:
        page = lab.open("lab200.ipynb").page
        page.evaluate(USABLE)
        longest, filled, frames = page.evaluate(SCROLL)
        lab.stop_kernel()
        page = lab.open("a bare anywidget.ipynb").page
        page.evaluate(FLOOR)
        idle = page.evaluate(IDLE, frames)
        lab.stop_kernel()
        return float(longest), int(filled), float(idle)


def _vote(lab: PromptLab) -> tuple[list[float], float]:
    """Return the seconds of each vote, and the CPU seconds of one."""
    duel, seconds, began_cpu = DuelView(lab), [], time.process_time()
    for number in range(_VOTES):
        began = time.perf_counter()
        duel.vote(("left", "right", "tie")[number % 3], shown=1.0)
        seconds.append(time.perf_counter() - began)
    return seconds, (time.process_time() - began_cpu) / _VOTES


if __name__ == "__main__":
    sys.exit(main())
