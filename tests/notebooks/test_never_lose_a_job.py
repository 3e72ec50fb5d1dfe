"""The notebook about the journal, run from top to bottom, with and without a kernel restart in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_never_lose_a_job.ipynb"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # jupyter_client leaves a socket open
]


class Reader:
    """A kernel in which cells of the notebook are run by their ids; `run` returns what a cell printed."""

    def __init__(self, folder: Path) -> None:
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        self._cells = {cell.id: cell.source for cell in notebook.cells}
        self.manager, self._client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def run(self, name: str) -> str:
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            said.append(content.get("text") or str(content.get("data", "")))

        reply = self._client.execute_interactive(self._cells[name], timeout=120, output_hook=hear)
        assert reply["content"]["status"] == "ok", (name, said, reply["content"])
        return "".join(said)

    def restart(self) -> None:
        self.manager.restart_kernel(now=False)
        self._client.wait_for_ready(timeout=60)

    def leave(self) -> None:
        self._client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reading = Reader(tmp_path)
    yield reading
    reading.leave()


@pytest.mark.parametrize("restarted", [False, True], ids=["let go", "restarted"])
def test_the_job_is_resumed_and_paid_once(reader, restarted):
    reader.run("server")
    assert "Nothing was sent" in reader.run("estimate")
    assert "zai accepted the job as" in reader.run("start")
    if restarted:
        reader.restart()
        reader.run("server")
        assert reader.run("let-go") == ""
    else:
        assert "goes on at zai" in reader.run("let-go")
    shown = reader.run("resume")
    assert "is accepted at zai" in shown
    assert "<video " in shown
    assert "0.20" in reader.run("spend").splitlines()[-1]
    assert reader.run("reuse").startswith("True")
    assert "0.20" in reader.run("spend").splitlines()[-1]
    reader.run("end")
