"""The panel in a real browser: the time from running the cell until it is usable, its size, and its bar under load.

The panel is usable when all its parts are drawn and Generate can be pressed; kernel and page are fresh, so the time
includes the imports. The size is that of the widgets' modules as they are sent. The gaps are those between two
movements of the bar in the page while a cell in the same kernel counts; the job's provider reports some progress ten
times a second.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.lab import BUSY, browser_lab, lab_server, write_notebook
from tests.widgets.weight import MOST_PACKED, panel_sizes

TURNS = 5
LONGEST_START, LONGEST_GAP = 1.0, 0.3

PANEL = "from voxweave_nb import VideoPanel\nVideoPanel()"
STEADY = """import time
from voxweave_nb import JobState, VideoGenerationService, VideoPanel
from voxweave_nb.providers.base import Accepted, Availability, Capabilities, Model, Provider, ProviderStatus

class Steady(Provider):
    name = "steady"
    capabilities = Capabilities((Model("hand"),), cancel=True, poll_interval=0.1, free=True, source="this benchmark")
    def availability(self): return Availability(True, "moves on")
    async def upload(self, narration, on_bytes): return ""
    async def submit(self, request): return Accepted(str(time.time()))
    async def status(self, job_id): return ProviderStatus(JobState.RUNNING, (time.time() - float(job_id)) / 60)
    async def download(self, job_id, to, on_bytes): pass
    async def cancel(self, job_id): return True

VideoPanel(VideoGenerationService(Steady()))"""
COUNT = "import time\nend = time.time() + 5\nwhile time.time() < end: sum(range(1000))"

USABLE = """() => new Promise(done => {
    const shell = window.jupyterapp.shell.currentWidget;
    shell.content.activeCellIndex = 0;
    const whole = () => {
        const panel = document.querySelector('.voxweave-panel');
        const seen = each => each && each.getClientRects().length && !each.disabled;
        const labels = ['Generate', 'Draft', 'History'];
        const buttons = panel ? [...panel.querySelectorAll('button')].filter(seen).map(each => each.textContent) : [];
        return labels.every(label => buttons.some(text => text.includes(label)))
            && seen(panel.querySelector('.vx-prompt textarea')) && panel.querySelectorAll('select').length >= 5
            && seen([...panel.querySelectorAll('.vx-card')].at(-1));
    };
    const began = performance.now();
    const look = () => whole() ? done((performance.now() - began) / 1000) : requestAnimationFrame(look);
    window.jupyterapp.commands.execute('notebook:run-cell');
    look();
})"""
WATCH = """() => {
    window.moves = [performance.now() / 1000];
    const bar = document.querySelector('.voxweave-job .progress-bar');
    let width = bar.style.width;
    new MutationObserver(() => {
        if (bar.style.width !== width) window.moves.push(performance.now() / 1000);
        width = bar.style.width;
    }).observe(bar, {attributes: true});
}"""
END = "() => [...window.moves, performance.now() / 1000]"
BAR = "() => parseFloat(document.querySelector('.voxweave-job .progress-bar')?.style.width || '0') > 20"


def main() -> int:
    """Print the figures with their goals; return 1 when one is missed."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "served"
        root.mkdir()
        write_notebook(root / "panel.ipynb", [PANEL])
        write_notebook(root / "busy.ipynb", [STEADY, COUNT])
        with lab_server(root) as address:
            starts = [_start(address) for _ in range(TURNS)]
            gaps = _gaps(address)
    sizes = panel_sizes()
    start, gap, packed = statistics.median(starts), max(gaps), sum(sizes.values())
    print(
        f"the panel, {TURNS} fresh kernels and pages, and {len(gaps)} movements of the bar while a cell computes"
    )
    print(
        f"  cell run to usable   {' '.join(f'{each:5.2f}' for each in starts)} s   (goal: at most {LONGEST_START})"
    )
    print(f"  packed JS and CSS    {packed / 1000:5.1f} kB  (goal: at most {MOST_PACKED / 1000:.0f})")
    print(f"                       {', '.join(f'{name} {size / 1000:.1f}' for name, size in sizes.items())}")
    print(
        f"  largest gap          {gap:5.2f} s   (goal: at most {LONGEST_GAP}; median {statistics.median(gaps):.2f})"
    )
    return int(start > LONGEST_START or packed > MOST_PACKED or gap > LONGEST_GAP)


def _start(address: str) -> float:
    with browser_lab(address) as lab:
        seconds = float(lab.open("panel.ipynb").page.evaluate(USABLE))
        lab.stop_kernel()
        return seconds


def _gaps(address: str) -> list[float]:
    with browser_lab(address) as lab:
        page: Any = lab.open("busy.ipynb").page
        lab.run(0)
        lab.cell(0).get_by_role("button", name="Generate").click()
        page.wait_for_function(BAR)
        lab.start(1)
        page.wait_for_function(BUSY)
        page.evaluate(WATCH)
        page.wait_for_function(f"() => !({BUSY})()")
        moves = [float(each) for each in page.evaluate(END)]
        lab.cell(0).get_by_role("button", name="Cancel").first.click()
        lab.stop_kernel()
        return [after - before for before, after in itertools.pairwise(moves)]


if __name__ == "__main__":
    sys.exit(main())
