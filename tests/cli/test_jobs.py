"""`voxweave-nb jobs` and `voxweave-nb spend`, over a journal with an unfinished job."""

from __future__ import annotations

import contextlib

import pytest

from voxweave_nb import JobTimeout, Settings, VideoGenerationService
from voxweave_nb.cli import main


@pytest.fixture
def unfinished(sandbox, narration_file, tmp_path, monkeypatch) -> str:
    """The id of a job that outlasted its deadline at zai."""
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOXWEAVE_POLL_INTERVAL", "0.02")
    settings = Settings(output_dir=tmp_path / "out")
    sandbox.next_job("zai", polls=4)
    with contextlib.closing(VideoGenerationService("zai", settings=settings)) as service:
        job = service.submit(narration_file, resolution="720p", prompt="a quiet sea", poll_tries=1)
        with pytest.raises(JobTimeout):
            job.result(60)
    return job.id


def test_an_empty_journal_is_said_to_be_empty(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path))
    assert main(["jobs"]) == 0
    assert capsys.readouterr().out == "The journal is empty.\n"
    assert main(["jobs", "--resume"]) == 0
    assert "nothing to resume" in capsys.readouterr().out


@pytest.mark.slow
def test_an_unfinished_job_is_listed_resumed_and_deleted(unfinished, capsys, tmp_path):
    assert main(["jobs"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "state", "provider", "USD", "prompt"]
    assert row.split()[:4] == [unfinished, "late", "zai", "0.20"]
    assert main(["jobs", "--resume", unfinished]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().out
    assert main(["jobs", "--prune", "0"]) == 0
    assert capsys.readouterr().out == "Deleted 1 job from the journal.\n"


def test_an_unfinished_job_can_be_canceled(unfinished, capsys):
    assert main(["jobs", "--cancel", unfinished]) == 0
    assert "zai" in capsys.readouterr().out
    assert main(["jobs", "--cancel", unfinished]) == 2
    assert unfinished in capsys.readouterr().err


def test_a_failed_resume_is_an_exit_code(unfinished, sandbox, capsys, monkeypatch):
    monkeypatch.setattr("voxweave_nb.pipeline.polling._FORGOTTEN_AFTER", 0.1)
    sandbox.reset()  # the provider has lost the job
    assert main(["jobs", "--resume"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{unfinished}: zai no longer knows job ")


def test_an_unknown_job_is_a_wrong_argument(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path))
    assert main(["jobs", "--show", "nothing"]) == 2
    assert "`voxweave-nb jobs` lists them" in capsys.readouterr().err


def test_spend_shows_the_cost_by_provider(unfinished, capsys):
    assert main(["spend"]) == 0
    shown = capsys.readouterr().out
    assert "zai" in shown
    assert "0.20" in shown


def test_spend_starts_anew_after_damage(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VOXWEAVE_HOME", str(tmp_path))
    (tmp_path / "journal.sqlite3").write_bytes(b"no database" * 1000)
    assert main(["spend"]) == 0
    assert "voxweave-nb spend --start-anew" in capsys.readouterr().out
    assert main(["spend", "--start-anew"]) == 0
    assert "damaged-" in capsys.readouterr().out
    assert main(["spend"]) == 0
    assert "--start-anew" not in capsys.readouterr().out
