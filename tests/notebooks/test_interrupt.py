"""An interrupt in a real kernel stops the job at once, however the cell waits for it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

pytestmark = pytest.mark.slow

SETUP = """
import voxweave_nb
from voxweave_nb import VideoGenerationService
from voxweave_nb.sample import sample_narration
service = VideoGenerationService.local(output_dir="out")
def begin():
    job = service.submit(sample_narration(), resolution="4k")
    job.listen(lambda event: event.progress > 21 and open("begun", "w").close())
    return job
%load_ext voxweave_nb
"""


class Kernel:
    """A kernel, its client, and the folder that it works in."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, folder: Path) -> None:
        self.manager, self.client, self.folder = manager, client, folder

    def run(self, code: str) -> dict:
        return self.client.execute_interactive(code, timeout=60, output_hook=lambda message: None)["content"]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    environ = {**os.environ, "VOXWEAVE_HOME": f"{folder}-home"}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environ)
    started = Kernel(manager, client, folder)
    assert started.run(SETUP)["status"] == "ok"
    yield started
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # jupyter_client leaves a socket open
@pytest.mark.parametrize(
    "cell",
    [
        "await begin()",
        "begin().result()",
        "voxweave_nb.run(begin())",
        "job = begin()\nwhile not job.done(): pass",
    ],
    ids=["await", "result", "run", "a loop of one's own"],
)
def test_an_interrupt_ends_the_cell_without_remains(kernel, cell):
    begun = kernel.folder / "begun"
    begun.unlink(missing_ok=True)
    # By default a kernel also aborts the requests that follow an error.
    request = kernel.client.execute(cell, stop_on_error=False)
    deadline = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kernel.manager.interrupt_kernel()
    while (reply := kernel.client.get_shell_msg(timeout=5))["parent_header"].get("msg_id") != request:
        pass
    assert reply["content"]["status"] == "error"
    assert reply["content"]["ename"] in ("KeyboardInterrupt", "CancelledError")
    left = "import os, time\nif 'job' in dir(): job.cancel()\nend = time.time() + 5\n"
    left += "while os.listdir('out') and time.time() < end: time.sleep(0.05)\nassert os.listdir('out') == []"
    assert kernel.run(left)["status"] == "ok"
