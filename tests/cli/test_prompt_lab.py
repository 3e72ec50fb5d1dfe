"""`voxweave-nb prompt-lab`: a grid, its price, a run, votes and the ranking, over one folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from voxweave_nb.cli import main
from voxweave_nb.cli.prompt_lab import parse_axis
from voxweave_nb.lab.prompt_lab import PromptLab


@pytest.fixture
def lab(sandbox, narration_file, tmp_path, monkeypatch, capsys):
    """Run `prompt-lab ACTION harbour ...`; return the exit code and the lines of both streams."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOXWEAVE_POLL_INTERVAL", "0.02")
    monkeypatch.chdir(tmp_path)

    def command(action: str, *words: str, name: str = "harbour") -> tuple[int, list[str], list[str]]:
        code = main(["prompt-lab", action, name, *words])
        streams = capsys.readouterr()
        return code, streams.out.splitlines(), streams.err.splitlines()

    return command


@pytest.fixture
def grid(lab, narration_file):
    """The lab with four variants for a paid provider."""
    words = ("--prompt", "a {harbour|forest}", "--axis", "style=anime,cinematic", "--provider", "zai")
    return lab("grid", str(narration_file), *words)


def test_a_grid_prints_its_price(grid, tmp_path):
    code, out, err = grid
    assert (code, err) == (0, [])
    assert out[0].startswith("4 new variants, 4 in all; folder ")
    assert out[1] == "zai: 4 variants, 0 made, 4 to make ($0.80)"
    assert (tmp_path / "voxweave_lab" / "harbour" / "lab.json").is_file()


def test_a_grid_grows_without_its_narration(grid, lab):
    code, out, err = lab("grid", "--prompt", "a {harbour|town}", "--style", "anime")
    # One of the two is in the grid already.
    assert (code, out[0].split(";")[0]) == (0, "1 new variant, 5 in all")
    assert err == [
        "warning: The base config has changed; new variants start from the new one, the old ones are kept."
    ]
    # The provider of the base stays.
    assert out[1].startswith("zai: 5 variants")


def test_the_variants_are_listed(grid, lab):
    code, out, _ = lab("show")
    assert code == 0
    assert out[0].split() == ["id", "state", "USD", "choice", "1,", "style"]
    assert [line.split("  ")[-1].strip() for line in out[1:]] == [
        "harbour, anime", "harbour, cinematic", "forest, anime", "forest, cinematic"
    ]  # fmt: skip


@pytest.mark.slow
def test_a_run_and_votes_make_a_ranking(grid, lab):
    code, out, err = lab("run", "--budget", "0.85", "--at-once", "2", "--quiet")
    assert code == 0
    # The sandbox's clips are small.
    assert [line for line in err if "delivered 640x360" not in line] == []
    assert out[-1].startswith("4 of 4 made, $0.80; ")
    variants = PromptLab("harbour").variants
    for other in variants[1:]:
        for _ in range(6):
            PromptLab("harbour", rater="Ada").vote(variants[0], other, "left")
    code, out, _ = lab("rank")
    assert code == 0
    assert "harbour, anime is the best" in out[0]
    assert variants[0].id in out[2]
    facts = json.loads("\n".join(lab("rank", "--json", "--by", "Ada")[1]))
    assert facts["variants"][0]["axes"] == {"choice 1": "harbour", "style": "anime"}
    assert facts["votes"] == 18
    assert lab("rank", "--by", "Bob")[1] == ["4 variants, 0 votes: no votes yet"]
    code, out, _ = lab("export")
    assert code == 0
    assert "harbour.html" in out[0]
    assert "harbour, anime" in Path("harbour.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_budget_is_an_exit_code(grid, lab):
    code, out, err = lab("run", "--budget", "0.25", "--quiet")
    assert code == 1
    assert out[-1].startswith("1 of 4 made, 3 failed, $0.20; ")
    assert "3 variants" in err[0]
    assert "budget" in err[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show",), "does not exist"),
        (("run", "--at-once", "0"), "does not exist"),
        (("grid", "--axis", "seed"), "not an axis"),
        (("grid", "--list", "weather"), "not a list"),
    ],
)
def test_bad_words_get_a_sentence(lab, words, message):
    code, out, err = lab(*words)
    assert (code, out) == (2, [])
    assert message in err[0]


def test_an_option_is_no_axis_too(grid, lab):
    code, _, err = lab("grid", "--style", "anime", "--axis", "style=anime,biotech")
    assert code == 2
    assert "style is given as an option and as an axis" in err[0]


def test_lists_come_from_files(grid, lab, tmp_path):
    (tmp_path / "weather.txt").write_text("fog\nrain\n", encoding="utf-8")
    code, out, _ = lab(
        "grid", "--prompt", "__weather__", "--list", "weather=weather.txt", "--note", "by list"
    )
    assert (code, out[0].split(";")[0]) == (0, "2 new variants, 6 in all")
    assert PromptLab("harbour").variants[-1].note == "by list"


@pytest.mark.parametrize(
    ("word", "axis"),
    [
        ("seed=1,2", ("seed", [1, 2])),
        ("style= anime , 3d", ("style", ["anime", "3d"])),
        ("subtitle-mode=burn", ("subtitle_mode", ["burn"])),
        ('title=["a, b", "c"]', ("title", ["a, b", "c"])),
        ("reduce_motion=true,false", ("reduce_motion", [True, False])),
    ],
)
def test_an_axis_is_read(word, axis):
    assert parse_axis(word) == axis


@pytest.mark.parametrize("word", ["", "seed", "seed=", "=1", "two words=1"])
def test_a_bad_axis_is_refused(word):
    with pytest.raises(argparse.ArgumentTypeError, match="not an axis"):
        parse_axis(word)
