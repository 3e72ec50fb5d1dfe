"""The notebooks as committed, and executed in a kernel without an API key."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import get_exporter

from voxweave_nb.media.probe import probe

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
QUICKSTART = FOLDER / "01_quickstart.ipynb"
SANDBOX = FOLDER / "03_sandbox.ipynb"
LAB = FOLDER / "04_prompt_lab.ipynb"
STORYBOARD = FOLDER / "06_storyboard.ipynb"


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def cell(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def html(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_valid_and_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(notebook))
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_installs_nothing_and_names_no_machine(path):
    source = "\n".join(cell.source for cell in code_cells(nbformat.read(path, as_version=4)))
    assert not re.search(r"^\s*[!%].*\b(pip|conda|apt)\b", source, re.MULTILINE)
    assert not re.search(r"/(home|root|Users|tmp)/", source)


def test_the_quickstart_shows_the_panel_first():
    first = code_cells(nbformat.read(QUICKSTART, as_version=4))[0]
    assert first.source.endswith("VideoPanel()")


def executed(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook in a folder of its own, without API keys and with a journal of its own."""
    notebook = nbformat.read(path, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENAI_API_KEY", "ZAI_API_KEY", "VOXWEAVE_OUTPUT_DIR"):
            patch.delenv(name, raising=False)
        patch.setenv("VOXWEAVE_HOME", f"{folder}-home")
        NotebookClient(
            notebook,
            timeout=240,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        ).execute()
    return notebook


def complaints(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [
        output
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, Path]:
    """Return the executed quickstart and its folder."""
    folder = tmp_path_factory.mktemp("quickstart")
    return executed(QUICKSTART, folder), folder


@pytest.fixture(scope="module")
def broken_on_purpose(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """Return the executed notebook about the sandbox."""
    return executed(SANDBOX, tmp_path_factory.mktemp("sandbox"))


@pytest.mark.slow
def test_the_quickstart_runs_without_errors_or_warnings(run):
    assert complaints(run[0]) == []


@pytest.mark.slow
def test_the_saved_panel_says_to_run_the_cell(run):
    panel, *_ = cell(run[0], "panel").outputs
    assert "application/vnd.jupyter.widget-view+json" in panel.data
    assert "run this cell" in panel.data["text/html"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["await", "events-video", "magic"])
def test_a_finished_video_plays_inline_with_its_captions(run, name):
    shown = html(cell(run[0], name))
    assert "<video " in shown
    assert '<track kind="subtitles"' in shown
    assert "Listen closely: the ocean is speaking." in shown


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["notebook", "markdown"])
def test_a_saved_quickstart_has_each_video_once(run, kind):
    notebook, folder = run
    text, _ = get_exporter(kind)().from_notebook_node(notebook)
    films = [film.stat().st_size for film in (folder / "voxweave_out").glob("*.mp4")]
    assert len(text.encode()) <= sum(1.35 * size + 200_000 for size in films)


@pytest.mark.slow
def test_the_events_are_followed_through_all_stages(run):
    lines = printed(cell(run[0], "events"))
    assert re.findall(r"%  (\w+)", lines) == ["upload", "generate", "download", "subtitles"]
    assert "succeeded after" in lines


@pytest.mark.slow
def test_the_videos_beside_the_notebook_match_the_requests(run):
    _, folder = run
    films = sorted((folder / "voxweave_out").glob("*.mp4"))
    found = [probe(film) for film in films]
    assert len(films) == 3
    assert [(info.video.width, info.video.height) for info in found] == [(1280, 720)] * 3
    assert all(info.subtitles for info in found)
    assert sorted(path.name for path in folder.iterdir()) == ["voxweave_out"]


@pytest.mark.slow
def test_a_canceled_job_leaves_nothing_behind(run):
    notebook, folder = run
    assert printed(cell(notebook, "cancel")).strip()
    names = {path.name.partition(".")[0] for path in (folder / "voxweave_out").iterdir()}
    assert len(names) == 3, names


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_provider_makes_a_video_against_the_sandbox(broken_on_purpose):
    assert complaints(broken_on_purpose) == []
    assert "<video " in html(cell(broken_on_purpose, "each"))
    (table,) = cell(broken_on_purpose, "table").outputs
    rows = table.data["text/markdown"].splitlines()[2:]
    assert [row.split()[1] for row in rows] == ["openai_sora", "zai", "gateway", "fal", "gemini"]


@pytest.mark.slow
def test_each_fault_is_explained(broken_on_purpose):
    notebook = broken_on_purpose
    assert "Trying zai next." in printed(cell(notebook, "gone"))
    assert "Provider: zai (cogvideox-3), about $0.20; openai_sora declined: 127.0.0.1:" in printed(
        cell(notebook, "story")
    )
    assert "zai may have accepted the job, and may bill it" in printed(cell(notebook, "lost"))
    for name in ("lost", "found"):
        assert "submissions sent: 1 - jobs accepted: 1" in printed(cell(notebook, name))
    assert "looking for the job in its list" in printed(cell(notebook, "found"))
    assert printed(cell(notebook, "busy")).count("zai is rate-limited (HTTP 429); retrying in 2 s.") == 2


@pytest.mark.slow
def test_the_lab_goes_from_grid_to_choice(tmp_path):
    lab = executed(LAB, tmp_path)
    assert complaints(lab) == []
    assert "8 of 8 made, $0.80" in printed(cell(lab, "run"))
    assert "4 submissions were sent, for $0.80" in printed(cell(lab, "again"))
    assert "dusk beats dawn" in printed(cell(lab, "effects"))
    assert "time=dusk" in printed(cell(lab, "best"))
    assert (tmp_path / "harbour.html").read_text(encoding="utf-8").count("<video") >= 1


@pytest.mark.slow
def test_the_storyboard_goes_from_plan_to_film(tmp_path):
    notebook = executed(STORYBOARD, tmp_path)
    assert complaints(notebook) == []
    assert "6 scenes, 20.3 s; $0.00 spent, 6 to make" in printed(cell(notebook, "plan"))
    assert "6 of 6 made" in printed(cell(notebook, "make"))
    assert "5 submissions were sent, for $1.00" in printed(cell(notebook, "again"))
    assert "2 takes of scene 2; $1.20 spent" in printed(cell(notebook, "redo"))
    for name in ("animatic", "film"):
        shown = html(cell(notebook, name))
        assert "<video " in shown
        assert "Listen closely: the ocean is speaking." in shown
    films = sorted((tmp_path / "voxweave_out").glob("*.mp4"))
    assert [probe(film).duration for film in films] == pytest.approx([20.3] * 2, abs=0.2)
    assert len(list((tmp_path / "voxweave_out").glob("*chapters*"))) == 2
