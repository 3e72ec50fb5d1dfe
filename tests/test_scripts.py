"""The scripts, run in a fresh copy of the checkout with nothing but a Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.systems import shell_program
from voxweave_nb.media.probe import probe
from voxweave_nb.sample import sample_narration

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
COMMANDS = ["demo", "test", "check", "bench", "docs", "prose"]
SHELL = [SCRIPTS / name for name in [*COMMANDS, "environment.sh"]] + [ROOT / ".ci" / "run"]


def sh(
    *words: str, cwd: Path = ROOT, timeout: float = 60, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", *words], cwd=cwd, env={**os.environ, **environ}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_a_script_is_sound_posix_shell(script):
    assert sh("-n", str(script)).returncode == 0
    text = script.read_text()
    assert not re.search(r"\[\[|\bfunction \w|<<<|\blocal\b|=\(|\$'", text), "this is bash, not POSIX sh"


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_a_script_names_no_address(script):
    assert "://" not in script.read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_can_be_called_by_its_path(name):
    assert os.access(SCRIPTS / name, os.X_OK)


def test_ci_runs_what_a_person_runs():
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("sh ")]
    assert commands == ["sh scripts/test"]


@pytest.mark.parametrize("name", ["test", "check"])
@pytest.mark.parametrize("version", ["3.9", "3.99"])
def test_an_unsuitable_python_is_refused_with_a_reason(name, version):
    done = sh(f"scripts/{name}", "--python", version)
    assert done.returncode == 1
    assert f"no Python {version} with venv and pip was found; 3.11 is the oldest" in done.stderr
    assert not (ROOT / f".venv-{version}").exists()


def test_windows_environments_are_used_too(tmp_path):
    """A virtual environment has `Scripts` there in place of `bin`."""
    (tmp_path / "scripts").mkdir()
    for path in ("scripts/environment.sh", "pyproject.toml"):
        shutil.copy(ROOT / path, tmp_path / path)
    created = 'mkdir -p "$4/Scripts"; cp "$0" "$4/Scripts/python"'
    shell_program(
        tmp_path / "python3",
        f'case "$1 $2" in "-m venv") {created};; "-m pip") ;; *) exec "{sys.executable}" "$@";; esac',
    )
    (tmp_path / "scripts" / "ours").write_text(
        '. "$(dirname -- "$0")/environment.sh"\nprepare ""\nprintf "%s\\n" "$bin" "$python"\n'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = sh(str(tmp_path / "scripts" / "ours"), PATH=path)
    programs = tmp_path / ".venv" / "Scripts"
    assert done.stdout.split() == [str(programs), str(programs / "python")], done.stderr


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git knows the files of a checkout only")
def test_line_ends_are_the_same_on_every_system():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")[:-1]
    asked = ["git", "check-attr", "-z", "binary", "eol", "--", *files]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    attributes = dict(zip(zip(told[::3], told[1::3], strict=False), told[2::3], strict=False))
    for name in files:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" in content:
            assert attributes[name, "binary"] == "set", name
        else:
            assert attributes[name, "eol"] == "lf", name
            assert b"\r\n" not in content or "tests/" in name, name


def test_python_without_a_version_is_refused():
    assert "--python needs a version" in sh("scripts/test", "--python").stderr


@pytest.mark.parametrize("other", ["--fast", "--lowest"])
def test_everywhere_needs_browsers(other):
    done = sh("scripts/test", other, "--everywhere")
    assert done.returncode == 1
    assert done.stderr == "test: --everywhere needs browsers, which --fast and --lowest leave out.\n"


@pytest.mark.parametrize("words", [("--lowest", "--python", "3.12"), ("--python=3.12", "--lowest")])
def test_lowest_takes_no_other_python(words):
    done = sh("scripts/test", *words)
    assert (done.returncode, done.stderr) == (
        1,
        "test: --lowest tests with Python 3.11; leave --python out.\n",
    )


def test_docs_refuses_an_unknown_option():
    done = sh("scripts/docs", "--offline")
    assert done.returncode == 1
    assert "unknown option --offline" in done.stderr


# The demo


@dataclass(frozen=True)
class Demo:
    root: Path
    lines: list[str]

    @property
    def video(self) -> Path:
        return Path(self.lines[-2])

    @property
    def page(self) -> Path:
        return Path(self.lines[-1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run `sh scripts/demo` in a copy of the checkout without a virtual environment."""
    root = tmp_path_factory.mktemp("fresh") / "a checkout"
    unwanted = shutil.ignore_patterns(
        ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "voxweave_out", "dist"
    )
    shutil.copytree(ROOT, root, ignore=unwanted)
    # A journal of its own: the developer's may be unreadable, and must not be written to.
    environ = {"VOXWEAVE_HOME": str(root.parent / "home"), "OPENAI_API_KEY": "", "ZAI_API_KEY": ""}
    done = sh("scripts/demo", cwd=root, timeout=280, **environ)
    assert done.returncode == 0, done.stderr[-3000:]
    return Demo(root, done.stdout.strip().splitlines())


@pytest.mark.slow
def test_the_demo_installs_no_developer_tools(demo):
    python = str(demo.root / ".venv" / "bin" / "python")
    code = (
        "import importlib.util, voxweave_nb; print(voxweave_nb.__file__, importlib.util.find_spec('pytest'))"
    )
    done = subprocess.run(
        [python, "-c", code], cwd=demo.root.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{demo.root / 'voxweave_nb' / '__init__.py'} None"


@pytest.mark.slow
def test_the_demo_video_is_captioned_and_complete(demo):
    assert demo.video.parent == demo.root / "voxweave_out"
    assert "cyberpunk" in demo.video.name
    info, sample = probe(demo.video), probe(sample_narration())
    assert "mp4" in info.container.split(",")
    assert (info.video.codec, info.video.pix_fmt) == ("h264", "yuv420p")
    assert (info.video.width, info.video.height) == (1280, 720)
    assert info.audio.codec == "aac"
    assert info.audio.duration == pytest.approx(sample.duration, abs=0.1)
    assert [stream.codec for stream in info.subtitles] == ["mov_text"]


@pytest.mark.slow
def test_the_demo_prints_no_warning(demo):
    assert [line for line in demo.lines if line.startswith("warning")] == []


@pytest.mark.slow
def test_a_second_demo_installs_nothing_again(demo):
    done = sh("scripts/demo", "--help", cwd=demo.root)
    assert done.returncode == 0
    assert "Installing" not in done.stderr


@pytest.mark.slow
@pytest.mark.browser
def test_the_demos_page_plays_the_video_with_captions(tmp_path):
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "voxweave_nb", "demo", "--quality", "draft"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=True)
    shown_page = tmp_path / Demo(tmp_path, done.stdout.strip().splitlines()).page
    chromium = os.environ.get("VOXWEAVE_CHROMIUM") or shutil.which("chromium")
    assert chromium, "scripts/test installs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page()
        page.goto(shown_page.as_uri())
        page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; return v.play(); }")
        page.wait_for_function(
            "() => { const v = document.querySelector('video');"
            " return v.currentTime > 1 && v.textTracks[0].activeCues.length; }"
        )
        shown = page.evaluate("() => document.querySelector('video').textTracks[0].activeCues[0].text")
        browser.close()
    assert shown == "Far below the waves, sunlight fades to nothing."


# The benchmarks


@pytest.mark.slow
def test_importing_stays_within_its_limit():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "import_time.py")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "ratio" in done.stdout
    assert done.returncode == 0, done.stdout
