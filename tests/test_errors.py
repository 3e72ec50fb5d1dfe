"""The error tree: its drawing is correct, and every error keeps its attributes."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

import voxweave_nb
from voxweave_nb import errors

from .samples import unpickle

DRAWN = re.compile(
    r"^(?P<indent>(?:│   |    )*)(?:├── |└── )(?P<name>\w+)(?: \((?P<builtin>\w+)\))?", re.MULTILINE
)

SAMPLES = [
    errors.VoxweaveError("what happened"),
    errors.ConfigError("what happened"),
    errors.NarrationError("what happened", path=Path("talk.mp3")),
    errors.SubtitleError("what happened"),
    errors.SpeechError("what happened"),
    errors.MediaError("what happened"),
    errors.FFmpegMissing("what happened"),
    errors.FFmpegFailed("what happened", returncode=-9, stderr="its words"),
    errors.ProviderError("what happened", provider="zai", status=500, job_id="7"),
    errors.ProviderUnavailable("what happened", provider="zai", status=401, gone=True, retry_after=2.5),
    errors.NoProviderLeft("what happened", provider="zai, fal", declined={"zai": "no key", "fal": "busy"}),
    errors.RequestRefused("what happened", provider="zai", status=400, body="its words"),
    errors.ContentRefused("what happened", provider="zai", job_id="7"),
    errors.SubmissionInDoubt("what happened", provider="zai", status=502),
    errors.DownloadFailed("what happened", provider="zai", job_id="7"),
    errors.GenerationFailed("what happened", provider="zai", job_id="7"),
    errors.BudgetExceeded("what happened", usd=14.0, spent=2.5, budget=10.0),
    errors.JournalError("what happened", path=Path("journal.sqlite3")),
    errors.JobTimeout("what happened", provider="zai", job_id="7"),
    errors.JobCanceled("what happened"),
]


def drawn() -> dict[str, tuple[str, str | None]]:
    """Each error of the drawing with its parent and the built-in that it also is."""
    path, found = ["VoxweaveError"], {}
    for line in DRAWN.finditer(errors.__doc__ or ""):
        depth = len(line["indent"]) // 4 + 1
        path[depth:] = [line["name"]]
        found[line["name"]] = (path[depth - 1], line["builtin"])
    return found


def public_parent(kind: type) -> str:
    return next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))


def test_the_drawn_tree_is_the_real_one():
    real = {
        name: public_parent(kind)
        for name in errors.__all__
        if (kind := getattr(errors, name)) is not errors.VoxweaveError
    }
    assert {name: parent for name, (parent, _) in drawn().items()} == real


def test_the_drawn_builtins_are_the_real_ones():
    for name, (_, builtin) in drawn().items():
        kind = getattr(errors, name)
        others = {base.__name__ for base in kind.__mro__} & {"ValueError", "TimeoutError"}
        assert ({builtin} if builtin else set()) == others - (
            {"ValueError"} if builtin is None and issubclass(kind.__base__, ValueError) else set()
        )


def test_there_is_a_sample_of_every_error():
    assert {type(sample).__name__ for sample in SAMPLES} == set(errors.__all__)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_prints_its_message(error):
    assert str(error) == "what happened"


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"]
)
def test_an_error_survives_copying_and_pickling(error, again):
    other = again(error)
    assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))


def test_a_provider_error_carries_its_job():
    error = errors.GenerationFailed("no", provider="openai_sora", status=400, job_id="video_1")
    assert (error.provider, error.status, error.job_id) == ("openai_sora", 400, "video_1")


def test_a_timeout_is_a_builtin_timeout():
    with pytest.raises(TimeoutError) as caught:
        raise errors.JobTimeout("late", provider="zai", job_id="7")
    assert caught.value.job_id == "7"


@pytest.mark.parametrize("module", [errors, voxweave_nb], ids=["errors", "package"])
def test_the_old_name_of_an_error_still_works(module):
    with pytest.warns(DeprecationWarning, match="AmbiguousCreate is now called SubmissionInDoubt") as caught:
        assert module.AmbiguousCreate is errors.SubmissionInDoubt
    assert caught[0].filename == __file__


def test_an_unknown_error_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'AmbiguousCreation'"):
        errors.AmbiguousCreation  # noqa: B018


def test_pickles_of_an_earlier_release_open():
    error = unpickle("over_budget")
    assert (type(error), str(error)) == (errors.BudgetExceeded, "too much")
    assert (error.usd, error.spent, error.budget) == (14.0, 2.5, 10.0)
    with pytest.warns(DeprecationWarning, match="SubmissionInDoubt"):
        error = unpickle("in_doubt")
    assert (type(error), error.provider, error.status) == (errors.SubmissionInDoubt, "zai", 502)
