"""`voxweave-nb storyboard`: the plan, a film, one more take, a draft, over a narration or a board's folder."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import write_narration
from tests.storyboard.conftest import SECONDS, SENTENCES, srt
from tests.systems import interrupt
from tests.widgets.actions import wait_for
from voxweave_nb import Storyboard
from voxweave_nb.cli import main
from voxweave_nb.sandbox import Sandbox

from .conftest import COMMAND

PLANNED = ("--prompt", "a harbour", "--provider", "zai", "--resolution", "720p", "--target", "5")


@pytest.fixture(scope="module")
def narrated(tmp_path_factory) -> tuple[str, str]:
    """A narration of half a minute, and its subtitles."""
    folder = tmp_path_factory.mktemp("narrated")
    (folder / "talk.srt").write_text(srt(), encoding="utf-8")
    return str(write_narration(folder / "talk.wav", SECONDS * len(SENTENCES))), str(folder / "talk.srt")


@pytest.fixture
def board(sandbox, narrated, tmp_path, monkeypatch, capsys):
    """Run `storyboard ...`; return the exit code and the lines of both streams."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOXWEAVE_POLL_INTERVAL", "0.02")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> tuple[int, list[str], list[str]]:
        code = main(["storyboard", *words])
        streams = capsys.readouterr()
        return code, streams.out.splitlines(), streams.err.splitlines()

    return command


@pytest.fixture
def talk(board, narrated):
    """Run `storyboard` with the narration and the options of the tests."""
    return lambda *words: board(narrated[0], "--subtitles", narrated[1], *PLANNED, *words)


def test_the_plan_is_printed_and_nothing_sent(talk, sandbox):
    code, out, err = talk()
    assert code == 0
    assert out[0].split() == ["#", "from", "length", "clip", "state", "takes", "price", "words"]
    assert [line.split()[0] for line in out[1:4]] == ["1", "2", "3"]
    assert all("zai $0.20" in line and "to make" in line for line in out[1:4])
    assert max(map(len, out[:4])) <= 80
    assert "3 scenes, 30.0 s; $0.00 spent, 3 to make: $0.60" in out
    assert out[-1].startswith("voxweave-nb storyboard voxweave_out/talk.board --make makes what is missing")
    assert "Cutting the narration into scenes" in err
    assert sandbox.submissions("zai") == 0
    # Again, it is the same board; so is its folder.
    assert any("made before" in line for line in talk("--plan")[2])
    assert list(Path("voxweave_out").glob("*.board")) == [Path("voxweave_out/talk.board")]


def test_a_plan_is_json_for_programs(talk):
    code, out, err = talk("--json", "--quiet")
    facts = json.loads("\n".join(out))
    assert (code, err) == (0, [])
    assert (facts["board"], facts["usd"], facts["to_make"]) == ("voxweave_out/talk.board", 0.6, 3)
    assert [scene["number"] for scene in facts["scenes"]] == [1, 2, 3]
    assert facts["scenes"][0]["words"] == " ".join(SENTENCES[:2])
    assert facts["scenes"][-1]["end"] == 30


@pytest.mark.slow
def test_a_film_and_one_more_take(talk, board, sandbox):
    code, out, err = talk("--make", "--budget", "1")
    assert code == 0, err
    assert "in all: 0 of 3 made, $0.00 spent, $0.60 to go" in err
    first = Path(out[-1])
    assert first.is_file()
    assert sandbox.submissions("zai") == 3
    # The folder instead of the narration: one more take of one scene, paid once, and a film of its own.
    code, out, err = board("voxweave_out/talk.board", "--redo", "2", "--seed", "8", "--prompt", "a wet lamp")
    assert code == 0, err
    assert "Scene 2: one more take $0.20; the takes before are kept." in err
    assert Path(out[-1]) != first
    assert first.is_file()
    assert Path(out[-1]).is_file()
    assert sandbox.submissions("zai") == 4
    scene = Storyboard.open("voxweave_out/talk.board").scenes[2]
    assert [take.seed for take in scene.takes] == [None, 8]
    assert "a wet lamp" in scene.takes[1].prompt
    # Nothing is missing: making again pays nothing.
    code, out, _ = talk("--make", "--no-film")
    assert (code, out) == (0, ["3 of 3 made; voxweave_out/talk.board"])
    assert sandbox.submissions("zai") == 4


@pytest.mark.slow
def test_a_budget_is_an_exit_code(talk):
    code, out, err = talk("--make", "--budget", "0.25", "--at-once", "1", "--no-film", "--quiet")
    assert code == 1
    assert out == ["1 of 3 made, 2 failed, $0.20; voxweave_out/talk.board"]
    assert any("budget" in line for line in err)


@pytest.mark.slow
def test_a_draft_and_a_partial_film_are_free(talk, sandbox):
    code, out, _ = talk("--animatic", "--aspect", "1:1", "--quiet")
    assert code == 0
    assert Path(out[-1]) == Path("voxweave_out/talk.board/animatic.mp4")
    code, out, _ = talk("--assemble", "--aspect", "1:1", "--quiet", "--json")
    assert code == 0
    facts = json.loads("\n".join(out))
    assert Path(facts["path"]).is_file()
    assert (facts["board"], facts["usd"]) == ("voxweave_out/talk.board", 0)
    assert any("no take yet; the animatic is shown there" in each for each in facts["warnings"])
    assert sandbox.submissions("zai") == 0


def test_a_chat_model_writes_the_prompts(talk, board, sandbox):
    prompts = [{"scene": number, "prompt": f"view {number}"} for number in (1, 2, 3)]
    sandbox.next_answers(json.dumps({"scenes": prompts}))
    writer = ("--write", "chat", "--write-base-url", sandbox.base_url("chat"), "--write-usd", "0.01")
    code, out, _ = talk(*writer, "--json", "--quiet")
    facts = json.loads("\n".join(out))
    assert code == 0
    assert [scene["prompt"] for scene in facts["scenes"]] == ["view 1", "view 2", "view 3"]
    assert facts["spent"] == 0.01
    talk(*writer)
    assert sandbox.submissions("chat") == 1


def test_unwritten_prompts_are_not_paid_for(talk, sandbox):
    writer = ("--write", "chat", "--write-base-url", sandbox.closed_url(), "--write-usd", "0.01")
    code, out, err = talk(*writer, "--make")
    assert (code, out) == (1, [])
    assert "Nothing was made. The prompts were not written by chat" in err[-1]
    assert sandbox.submissions("zai") == 0


def test_options_of_a_board_can_be_changed(talk, board):
    talk()
    assert board("voxweave_out/talk.board", "--transition", "dissolve")[0] == 0
    assert Storyboard.open("voxweave_out/talk.board").transition == "dissolve"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "narration|board"),
        (("nowhere.mp3",), "There is no narration"),
        (("nowhere.board",), "nowhere.board holds no board"),
        ((".", "--make"), " holds no board"),
        (("TALK", "--budget", "5"), "--budget is for --make and --redo"),
        (("TALK", "--at-once", "5"), "--at-once is for --make and --redo"),
        (("TALK", "--make", "--budget", "lots"), "invalid float value: 'lots'"),
        (("TALK", "--make", "--budget", "-1"), "give a number of at least 0"),
        (("TALK", "--make", "--at-once", "0"), "give a whole number from 1 to 64"),
        (("TALK", "--make", "--redo", "2"), "not allowed with argument"),
        (("TALK", "--redo", "99"), "The board has no scene 99: scenes are counted from 1, and the last is 3"),
        (("TALK", "--redo", "2"), "has no take yet. Make it with --make"),
        (("TALK", "--redo", "2", "--write", "gpt"), "--write is for the whole board"),
        (("TALK", "--write-usd", "1"), "is for the chat model that --write MODEL names"),
        (("TALK", "--narration", "x.mp3"), "goes with the folder of a board"),
        (("TALK", "--transition", "wipe"), "choose from"),
        (("TALK", "--bibel", "x"), "Did you mean '--bible'?"),
        (("TALK", "--poll-interval", "1"), "unrecognized arguments"),
        (("BOARD", "--style", "anime"), "--style is for a new board"),
        (("BOARD", "--redo", "0"), "The board has no scene 0: scenes are counted from 1"),
        (("BOARD", "--redo", "2", "--provider", "zai,fal"), "a scene is made by one"),
        (("BOARD", "--redo", "2", "--anew", "3"), "another scene than --redo 2"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_bad_words_get_a_sentence(talk, board, narrated, sandbox, words, message):
    if "BOARD" in words:
        talk()
    first = {
        "TALK": [narrated[0], "--subtitles", narrated[1], *PLANNED],
        "BOARD": ["voxweave_out/talk.board"],
    }
    code, out, err = board(*(word for each in words for word in first.get(each, [each])))
    assert code in (1, 2)
    assert out == []
    assert message in err[-1]
    assert sandbox.submissions("zai") == 0


@pytest.mark.slow
def test_an_interrupt_leaves_paid_jobs_running(narrated, tmp_path):
    with Sandbox(seconds=600) as sandbox:
        environment = {**os.environ, **sandbox.env, "VOXWEAVE_HOME": str(tmp_path / "home")}
        words = [narrated[0], "--subtitles", narrated[1], *PLANNED, "--make"]
        with (
            (tmp_path / "errors").open("w") as told,
            subprocess.Popen(
                [*COMMAND, "storyboard", *words],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=told,
                text=True,
            ) as process,
        ):
            wait_for(lambda: sandbox.accepted("zai"))
            interrupt(process, signal.SIGINT)
            process.wait(timeout=30)
        errors = (tmp_path / "errors").read_text("utf-8")
        assert process.returncode == 130
        assert "Accepted jobs go on at their providers; voxweave-nb storyboard" in errors
        assert "Traceback" not in errors
        assert "cancel" not in {asked.step for asked in sandbox.history}
    command = errors.partition("providers; ")[2].partition(" --make")[0]
    assert shlex.split(command)[-1] == "voxweave_out/talk.board"
