"""The notebook magics, in a real IPython shell."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from tests.conftest import write_narration
from tests.pictures import quarters
from voxweave_nb import GeneratedVideo, Job, Storyboard, VideoGenerationService

SMALL = "--resolution 720p --fps 4"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXWEAVE_OUTPUT_DIR", str(tmp_path / "out"))
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "voxweave_nb")
    yield shell
    InteractiveShell.clear_instance()


def test_the_cells_body_is_the_prompt(shell, narration_file):
    line = f"--audio '{narration_file}' {SMALL} --quality draft --style cyberpunk --into video"
    assert shell.run_cell_magic("voxweave", line, "rain on neon glass\n") is None
    video = shell.user_ns["video"]
    assert isinstance(video, GeneratedVideo)
    assert video.provenance.config.prompt == "rain on neon glass"


def test_a_cell_adds_a_template_to_a_lab(shell, narration_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = f"--audio '{narration_file}' --quality draft --lab harbour --axis style=anime,cinematic --into lab"
    lab = shell.run_cell_magic("voxweave", line, "a {harbour|forest}\n")
    assert lab is shell.user_ns["lab"]
    assert [each.axes["choice 1"] for each in lab.variants] == ["harbour", "harbour", "forest", "forest"]
    assert {each.state for each in lab.variants} == {"to make"}
    # The line alone opens the lab again.
    assert shell.run_line_magic("voxweave", "--lab harbour").size == 4


def test_a_cell_plans_a_storyboard(shell, sandbox, tmp_path):
    talk = write_narration(tmp_path / "talk.wav", 30.0)
    line = f"--storyboard --audio '{talk}' --provider zai --bible 'teal dusk' --target 5 --into board"
    board = shell.run_cell_magic("voxweave", line, "a harbour\n")
    assert isinstance(board, Storyboard)
    assert board is shell.user_ns["board"]
    assert (board.bible, board.state.purpose.config.prompt) == ("teal dusk", "a harbour")
    assert {scene.state for scene in board.scenes} == {"to make"}
    assert sandbox.submissions("zai") == 0
    # The same cell opens the same board, and so does its folder.
    board.scenes[2].prompt = "a lamp"
    assert shell.run_cell_magic("voxweave", line, "a harbour\n").scenes[2].prompt == "a lamp"
    folder = shell.run_line_magic("voxweave", f"--storyboard --audio '{board.path}'")
    assert folder.scenes[2].prompt == "a lamp"


@pytest.mark.slow
def test_a_cell_makes_a_storyboard(shell, sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("VOXWEAVE_POLL_INTERVAL", "0.02")
    talk = write_narration(tmp_path / "talk.wav", 20.0)
    line = f"--storyboard --audio '{talk}' --provider zai --resolution 720p --make --budget 2 --into board"
    board = shell.run_cell_magic("voxweave", line, "a harbour\n")
    assert {scene.state for scene in board.scenes} == {"made"}
    assert sandbox.submissions("zai") == len(board.scenes)
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 1
    run = shell.run_line_magic("voxweave", f"--storyboard --audio '{board.path}' --make --no-wait")
    assert run.result(60).made == len(board.scenes)
    assert sandbox.submissions("zai") == len(board.scenes)


@pytest.mark.parametrize(
    ("option", "message"), [("--budget 0.10", "0.10"), ("--budget 1 --provider gateway", "unknown")]
)
def test_a_budget_holds_in_a_cell(shell, narration_file, sandbox, option, message):
    option += "" if "--provider" in option else " --provider zai"
    with pytest.raises(UsageError, match=message):
        shell.run_line_magic("voxweave", f"--audio '{narration_file}' {SMALL} {option}")
    assert sandbox.submissions("zai") == sandbox.submissions("gateway") == 0


def test_a_pasted_path_is_understood(shell, narration_file):
    size = "--resolution 720x1280 --fps 4 --quality draft"
    line = f"--audio {narration_file.as_uri()} {size} --provider local --into video"
    shell.run_cell_magic("voxweave", line, "rain")
    assert (shell.user_ns["video"].width, shell.user_ns["video"].height) == (360, 640)


def test_a_variable_is_a_narration(shell, narration_file):
    shell.user_ns |= {"talk": narration_file.read_bytes(), "words": [(0, 1, "Hello")]}
    shell.run_cell(
        f"%%voxweave --audio talk --subtitles words {SMALL} --quality draft --provider local --into video\n"
    )
    assert [cue.text for cue in shell.user_ns["video"].cues] == ["Hello"]


def test_a_variable_is_an_image(shell, narration_file, sandbox):
    shell.user_ns["drawing"] = quarters()
    line = (
        f"--audio '{narration_file}' {SMALL} --provider zai --poll-interval 0.1 --image drawing --into video"
    )
    shell.run_cell_magic("voxweave", line, "a map")
    assert shell.user_ns["video"].provenance.config.image.path.name.startswith("image-")
    (create,) = [asked for asked in sandbox.history if asked.step == "create"]
    assert create.fields["image_url"].startswith("data:image/jpeg;base64,")


@pytest.mark.slow
def test_no_wait_returns_the_job_at_once(shell, narration_file):
    job = shell.run_line_magic("voxweave", f"--audio '{narration_file}' {SMALL} --quality draft --no-wait")
    assert isinstance(job, Job)
    assert job.result(60).path.exists()


@pytest.mark.slow
def test_providers_are_tried_in_the_given_order(shell, narration_file):
    line = f"--audio '{narration_file}' {SMALL} --provider zai,local --aspect 1:1 --into video"
    shell.run_line_magic("voxweave", line)
    made = shell.user_ns["video"]
    assert (made.width, made.height) == (720, 720)
    assert list(made.provenance.declined) == ["zai"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--audio nowhere.mp3", "There is no narration"),
        ("--audio x.mp3 --style cubist", "choose one of: realistic"),
        ("", "narration is missing. Give --audio FILE, or --sample"),
        ("--sample --axis seed=1,2", "name it with --lab NAME"),
        ("--lab harbour", "does not exist"),
        ("--sample --lab harbour --style anime --axis style=3d", "as an option and as an axis"),
        ("--sample --budget lots", "budget"),
        ("--audio 'x.mp3", "No closing quotation"),
        ("--sample --into 2fast", "not a valid name for a variable"),
        ("--sample --bible teal", "--bible is for a storyboard; add --storyboard"),
        ("--lab harbour --make", "--make is for a storyboard"),
        ("--storyboard", "--audio FOLDER for a board that exists"),
        ("--storyboard --sample --budget 5", "--budget is for making the scenes; add --make"),
        ("--storyboard --sample --reuse", "--reuse is not for a storyboard"),
        ("--storyboard --sample --lab harbour", "--lab is not for a storyboard"),
        ("--storyboard --audio nowhere.board", "nowhere.board holds no board"),
    ],
)
def test_a_wrong_line_is_a_usage_error(shell, line, says):
    with pytest.raises(UsageError, match=says):
        shell.run_line_magic("voxweave", line)


# Completion of the service


@pytest.mark.slow
@pytest.mark.parametrize("jedi", [True, False], ids=["jedi", "no jedi"])
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("service.submit(", "style="),
        ("service.generate_video(", "style="),
        ("service.generate_video('talk.mp3', pro", "prompt="),
        ("service.plan(20, sty", "style="),
        ("service.upload_audio('talk.mp3', pro", "provider="),
    ],
)
def test_completion_offers_the_options(shell, line, offered, jedi):
    shell.user_ns["service"] = VideoGenerationService.local()
    shell.Completer.use_jedi = jedi
    with provisionalcompleter():
        found = {completion.text for completion in shell.Completer.completions(line, len(line))}
    assert offered in found
