"""The front ends in which the package was seen to work, and the tests that saw it.

README's table is written from this list: `python -m tests.frontends`. A cell says "yes" only with a test, so to add a
front end, write its tests first and name them here by their pytest ids. `tests/test_frontends.py` checks that README
has this table, that pytest finds each test, and that none of them is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
HEADING = ("front end", "panel", "upload", "`Player`", "sound is heard", "finished video", "seen")

CHROMIUM = "in Chromium"
FIREFOX = "in Firefox"
WEBKIT = "in WebKit"
SIMULATION = "by simulation"
KERNEL = "in a kernel, without a page"
TERMINAL = "in a pseudo-terminal"
EXPECTED = "no; expected to work"
NOT_YET = "no"


@dataclass(frozen=True)
class Cell:
    """The words of a cell and the tests that prove them."""

    words: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A front end. Each cell but `how` has tests, or says "not seen" or that there is nothing to see."""

    front_end: str
    panel: Cell
    upload: Cell
    player: Cell
    sound: Cell
    video: Cell
    how: str

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells with their tests."""
        return (self.panel, self.upload, self.player, self.sound, self.video)


NOT_SEEN = Cell("not seen")
NOTHING = Cell("–")


def seen(*tests: str, words: str = "yes") -> Cell:
    """Return a cell that was seen by tests, given as pytest ids below `tests/`."""
    return Cell(words, tuple(f"tests/{test}" for test in tests))


def everywhere(place: str) -> str:
    """Return the id of the test that works through all widgets in one place."""
    return f"browser/test_everywhere.py::test_upload_player_and_panel_work_everywhere[{place}]"


DISPLAYS = "browser/test_displays.py::"
SAVED = f"{DISPLAYS}test_a_saved_notebook_plays_without_a_kernel"
PLAYER = "browser/test_player.py::test_a_video_streams_with_captions_and_transcript"
VSCODE = "browser/test_vscode.py::"
COLAB = "browser/test_colab.py::"
MARIMO = "browser/test_marimo.py::"
MARIMO_MAKES = f"{MARIMO}test_the_notebook_makes_and_plays_a_video"
MARIMO_SHOWS = f"{MARIMO}test_panel_shows_cells_player_and_video_play"
EXECUTED = "notebooks/test_panel_executed.py::test_an_executed_panel_leaves_text_and_video"
SHELL = "notebooks/test_terminal.py::"
FIREFOX_TESTS = "browser/test_firefox.py::"
WEBKIT_DRAFT = "browser/test_webkit.py::test_a_draft_plays_with_captions_in_webkit"
FIREFOX_DRAFT = f"{FIREFOX_TESTS}test_a_draft_is_heard_read_and_saved"


def everywhere_row(front_end: str, place: str, player: str) -> Row:
    """Return the row of a front end that only `test_everywhere.py` opens."""
    test = everywhere(place)
    return Row(
        front_end,
        panel=seen(test),
        upload=seen(test),
        player=seen(test, words=player),
        sound=seen(test),
        video=NOT_SEEN,
        how=CHROMIUM,
    )


ROWS = (
    Row(
        "JupyterLab 4",
        panel=seen(
            "browser/test_panel.py::test_the_quickstarts_video_plays_without_a_kernel",
            "browser/test_panel_keyboard.py::test_the_whole_panel_works_by_keyboard",
        ),
        upload=seen(
            "browser/test_audio_input.py::test_a_large_file_waits_for_a_busy_kernel",
            "browser/test_audio_input.py::test_the_microphone_is_recorded_twice",
            words="yes, and recording",
        ),
        player=seen(PLAYER, words="streams"),
        sound=seen(PLAYER),
        video=seen(f"{SAVED}[embedded]", f"{SAVED}[beside the notebook]"),
        how=CHROMIUM,
    ),
    everywhere_row("the same behind a JupyterHub's address", "JupyterHub's address", "streams"),
    everywhere_row("Notebook 7", "Notebook 7", "streams"),
    everywhere_row("Voila 0.5", "Voila", "sent by the kernel"),
    Row(
        "a saved notebook, without a kernel",
        panel=seen(
            "browser/test_saved_panel.py::test_a_reader_sees_the_video_and_transcript[without-True]",
            words="its video",
        ),
        upload=NOTHING,
        player=NOTHING,
        sound=seen(f"{SAVED}[embedded]", f"{SAVED}[beside the notebook]"),
        video=seen(f"{SAVED}[embedded]", f"{SAVED}[beside the notebook]"),
        how=CHROMIUM,
    ),
    Row(
        "an untrusted notebook",
        panel=seen(
            "browser/test_saved_panel.py::test_a_reader_sees_the_video_and_transcript[with-False]",
            words="its video",
        ),
        upload=NOTHING,
        player=NOTHING,
        sound=seen(f"{DISPLAYS}test_an_untrusted_notebook_plays_and_shows_the_transcript"),
        video=seen(
            f"{DISPLAYS}test_an_untrusted_notebook_plays_and_shows_the_transcript[embedded]",
            words="yes; a transcript in place of captions",
        ),
        how=CHROMIUM,
    ),
    Row(
        "nbconvert's HTML, opened from disk",
        panel=NOTHING,
        upload=NOTHING,
        player=NOTHING,
        sound=seen(f"{DISPLAYS}test_an_export_to_html_plays_with_captions"),
        video=seen(f"{DISPLAYS}test_an_export_to_html_plays_with_captions"),
        how=CHROMIUM,
    ),
    Row(
        "`jupyter execute`, papermill",
        panel=seen(
            f"{EXECUTED}[jupyter execute]", f"{EXECUTED}[papermill]", words="its video; waits for nobody"
        ),
        upload=NOTHING,
        player=NOTHING,
        sound=NOTHING,
        video=seen(
            "notebooks/test_notebooks.py::test_a_finished_video_plays_inline_with_its_captions[await]"
        ),
        how=KERNEL,
    ),
    Row(
        "VS Code",
        panel=seen(
            f"{VSCODE}test_a_draft_is_heard_and_outlives_its_kernel",
            f"{VSCODE}test_the_panel_is_readable_in_both_themes",
        ),
        upload=seen(f"{VSCODE}test_twelve_megabytes_are_uploaded_in_small_pieces"),
        player=seen(f"{VSCODE}test_a_players_narration_is_heard", words="sent by the kernel"),
        sound=seen(f"{VSCODE}test_a_players_narration_is_heard"),
        video=seen(f"{VSCODE}test_a_draft_is_heard_and_outlives_its_kernel"),
        how=f"{SIMULATION}, {CHROMIUM}",
    ),
    Row(
        "Google Colab",
        panel=seen(f"{COLAB}test_the_panel_makes_a_draft_and_plays_it"),
        upload=seen(f"{COLAB}test_a_narration_is_uploaded_as_text"),
        player=seen(f"{COLAB}test_a_video_is_sent_as_text", words="sent by the kernel"),
        sound=seen(f"{COLAB}test_a_video_is_sent_as_text"),
        video=seen(f"{COLAB}test_a_result_plays_in_another_origins_frame"),
        how=f"{SIMULATION}, {CHROMIUM}",
    ),
    Row(
        "marimo",
        panel=seen(MARIMO_SHOWS, words="no; shows the cells that do the same"),
        upload=seen(MARIMO_MAKES),
        player=seen(MARIMO_SHOWS, MARIMO_MAKES, words="sent by the kernel"),
        sound=seen(MARIMO_SHOWS, MARIMO_MAKES),
        video=seen(MARIMO_SHOWS),
        how=CHROMIUM,
    ),
    Row(
        "IPython in a terminal",
        panel=seen(
            f"{SHELL}test_a_panel_tells_what_to_do_instead", words="no; shows the lines that do the same"
        ),
        upload=NOTHING,
        player=NOTHING,
        sound=NOTHING,
        video=seen(f"{SHELL}test_a_wait_shows_bar_then_video", words="path, length and captions"),
        how=TERMINAL,
    ),
    Row(
        "JupyterLab 4 in Firefox",
        panel=seen(FIREFOX_DRAFT),
        upload=seen(
            f"{FIREFOX_TESTS}test_a_12_mb_narration_is_uploaded",
            f"{FIREFOX_TESTS}test_the_microphone_is_recorded",
            words="yes, and recording",
        ),
        player=seen(f"{FIREFOX_TESTS}test_keyboard_and_downloads_work_in_the_player", words="streams"),
        sound=seen(FIREFOX_DRAFT),
        video=seen(FIREFOX_DRAFT),
        how=FIREFOX,
    ),
    Row(
        "JupyterLab 4 in WebKit",
        panel=seen(WEBKIT_DRAFT),
        upload=NOT_SEEN,
        player=seen(WEBKIT_DRAFT, words="streams"),
        sound=NOT_SEEN,
        video=NOT_SEEN,
        how=WEBKIT,
    ),
    Row("Windows, macOS", NOT_SEEN, NOT_SEEN, NOT_SEEN, NOT_SEEN, NOT_SEEN, how=EXPECTED),
)


def table(rows: tuple[Row, ...] = ROWS) -> str:
    """Return README's table."""
    lines = [HEADING, ("---",) * len(HEADING)]
    lines += [(row.front_end, *(cell.words for cell in row.cells), row.how) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_in(text: str) -> str:
    """Return the table of front ends that a text has; empty without one."""
    _, heading, rest = text.partition(f"| {HEADING[0]} |")
    return heading + rest.partition("\n\n")[0] if heading else ""


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(table_in(text), table()), encoding="utf-8")
