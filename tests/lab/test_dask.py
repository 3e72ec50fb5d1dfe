"""A real Dask cluster renders and checks; nothing that pays is ever one of its tasks."""

from __future__ import annotations

import asyncio
import os
import pickle
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from distributed import Client, KilledWorker, LocalCluster

from tests.conftest import write_narration
from tests.lab.fields import states
from voxweave_nb import ConfigError, JobCanceled, MediaError, Settings, VideoConfig, VideoGenerationService
from voxweave_nb.lab import dask as crews
from voxweave_nb.lab.dask import DaskCrew
from voxweave_nb.lab.flags import find_flags
from voxweave_nb.lab.prompt_lab import PromptLab
from voxweave_nb.providers.local import LocalProvider
from voxweave_nb.version import __version__

pytestmark = pytest.mark.slow

DRAFT = VideoConfig(quality="draft", provider="local")
LONG = VideoConfig(resolution="1080p", provider="local")
"""With a long narration it renders until it is stopped."""


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something that comes."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)
    return found


def renders() -> list[psutil.Process]:
    """The renders below this process, with their encoders."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if "voxweave_nb.render.worker" in command or "ffmpeg" in command.lower():
            found.append(child)
    return found


def leaders() -> list[psutil.Process]:
    """The processes that lead a render each."""
    return [each for each in renders() if os.getpgid(each.pid) == each.pid and "ffmpeg" not in each.name()]


def new_cluster(**more: Any) -> LocalCluster:
    return LocalCluster(threads_per_worker=1, dashboard_address=":0", **{"n_workers": 2, **more})


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with new_cluster() as cluster:
        yield cluster


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as client:
        client.wait_for_workers(2)
        yield client


@pytest.fixture(scope="module")
def long_narration(tmp_path_factory) -> Path:
    return write_narration(tmp_path_factory.mktemp("long") / "long.wav", 90.0)


@pytest.fixture
def service(tmp_path):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out")
    with VideoGenerationService("local", settings=settings) as service:
        yield service


@pytest.fixture
def open_lab(service, narration_file, tmp_path):
    def opened(narration=narration_file, base=DRAFT, **more) -> PromptLab:
        return PromptLab(
            "harbour", narration, **{"base": base, "service": service, "folder": tmp_path / "labs", **more}
        )

    return opened


@pytest.fixture
def lab(open_lab) -> PromptLab:
    lab = open_lab()
    lab.grid("a {harbour|forest}")
    return lab


@pytest.fixture
def not_here(monkeypatch):
    """Fail where this process would render itself."""

    async def refuse(*_: object) -> None:
        raise MediaError("rendered in this process")

    monkeypatch.setattr(LocalProvider, "_render_here", refuse)


@pytest.fixture
def crew_with(monkeypatch):
    """Give crews other figures than a person's."""

    def change(**more: Any) -> None:
        init = DaskCrew.__init__
        monkeypatch.setattr(DaskCrew, "__init__", lambda self, *args, **_: init(self, *args, **more))

    return change


def test_workers_render_and_check(lab, client, not_here, monkeypatch, service):
    monkeypatch.setattr(crews, "find_flags", None)
    assert lab.run(render_on=client).result(120).made == 2
    assert states(lab) == ["made", "made"]
    videos = [each.video for each in lab.variants]
    assert [video.path.parent for video in videos] == [lab.path / "videos"] * 2
    assert all(video.sprite and video.thumbnails and video.poster and not video.warnings for video in videos)
    runs = service.history()
    assert [run.state.value for run in runs] == ["finished"] * 2
    assert {run.group for run in runs} == {lab._opened.purpose.group}
    assert not list(lab.path.glob(".voxweave*"))
    assert client.futures == {}


def test_files_travel_without_a_shared_disk(lab, client, not_here, crew_with):
    crew_with(shared=False)
    assert lab.run(render_on=client).result(120).made == 2
    assert all(each.video.sprite and not each.video.warnings for each in lab.variants)
    assert all(find_flags(each.video.path) == each.flags for each in lab.variants)
    kept = client.run(lambda dask_worker: sorted(Path(dask_worker.local_directory, "voxweave").iterdir()))
    assert {path.suffix for paths in kept.values() for path in paths} <= {".s16"}


def test_flags_are_those_of_this_machine(open_lab, client, tmp_path):
    with (tmp_path / "silence.wav").open("wb") as file:
        file.write(write_narration(tmp_path / "voice.wav", 8.0).read_bytes()[:44] + bytes(2 * 16_000 * 8))
    lab = open_lab(narration=tmp_path / "silence.wav")
    lab.add(prompt="rain")
    lab.run(render_on=client).result(120)
    assert "silent" in [flag.name for flag in lab.variants[0].flags]


def test_what_is_no_video_is_said(client, tmp_path):
    (tmp_path / "words.mp4").write_text("words", encoding="utf-8")

    async def check() -> None:
        async with DaskCrew(client, tmp_path) as crew:
            with pytest.raises(MediaError, match=r"words\.mp4"):
                await asyncio.to_thread(crew.find_flags, tmp_path / "words.mp4")

    asyncio.run(check())


def test_nothing_that_pays_is_a_task(sandbox, client, tmp_path, narration_file, monkeypatch):
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    orders: list[bytes] = []
    submit = Client.submit
    monkeypatch.setattr(
        Client,
        "submit",
        lambda self, *args, **more: orders.append(pickle.dumps((args, more))) or submit(self, *args, **more),
    )
    environment = client.run(lambda: dict(os.environ))
    with VideoGenerationService(["zai", "local"], settings=settings) as service:
        lab = PromptLab("paid", narration_file, base=DRAFT, service=service, folder=tmp_path / "labs")
        lab.grid("a {harbour|forest}", provider=["local", "zai"])
        assert lab.run(budget=1.0, render_on=client).result(120).made == 4
    assert sandbox.submissions("zai") == 2
    kinds = [pickle.loads(order)[0][1]["kind"] for order in orders]
    assert sorted(kinds) == ["flags"] * 4 + ["render"] * 2
    key = sandbox.env["ZAI_API_KEY"].encode()
    assert not [order for order in orders if key in order or b"zai" in order]
    assert client.run(lambda: dict(os.environ)) == environment
    for modules in client.run(lambda: list(sys.modules)).values():
        assert "voxweave_nb.render.renderer" in modules
        assert not [
            name for name in modules if name.startswith(("voxweave_nb.providers", "voxweave_nb.journal"))
        ]


def test_a_killed_worker_is_replaced(open_lab, client, long_narration, service):
    lab = open_lab(narration=write_narration(long_narration.with_name("some.wav"), 8.0))
    lab.grid("a {harbour|forest}")
    run = lab.run(render_on=client)
    until(lambda: run.progress.fraction > 0.05)
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    assert run.result(120).made == 2
    assert len(service.history()) == 2
    until(lambda: not renders())


def test_a_cluster_may_shrink_to_nothing(open_lab, cluster, client, long_narration, not_here):
    lab = open_lab(narration=write_narration(long_narration.with_name("other.wav"), 8.0))
    lab.grid("a {harbour|forest}")
    run = lab.run(render_on=client)
    until(lambda: run.progress.fraction > 0.05)
    cluster.scale(0)
    until(lambda: not client.nthreads())
    until(lambda: not renders())
    cluster.scale(2)
    assert run.result(120).made == 2


def test_without_workers_this_machine_renders(lab, crew_with):
    crew_with(patience=0.5)
    with new_cluster(n_workers=0, processes=False) as cluster, Client(cluster) as client:
        run = lab.run(render_on=client)
        assert run.result(120).made == 2
    (warning,) = run.warnings
    assert "has had no worker for 0 s; this machine did it instead" in warning
    assert warning.startswith(("2 variants (harbour; forest): ", "2 variants (forest; harbour): "))


def test_a_cancelled_render_ends_soon(open_lab, client, long_narration):
    lab = open_lab(narration=long_narration, base=LONG)
    lab.grid("a {harbour|forest}")
    run = lab.run(render_on=client)
    until(lambda: len(leaders()) == 2)
    run.job_of(lab.variants[0].id).cancel()
    until(lambda: len(leaders()) == 1, 10.0)
    run.cancel()
    with pytest.raises(JobCanceled, match=r"run\(\) makes what is missing"):
        run.result(30)
    until(lambda: not renders(), 10.0)
    assert states(lab) == ["to make"] * 2


def test_a_lost_scheduler_is_said(open_lab, long_narration):
    lab = open_lab(narration=write_narration(long_narration.with_name("third.wav"), 6.0))
    lab.grid("a {harbour|forest}")
    cluster = new_cluster()
    with Client(cluster, timeout=2) as client:
        run = lab.run(render_on=client)
        until(lambda: run.progress.fraction > 0.01)
        cluster.close()
        assert run.result(120).made == 2
    assert "Dask" in run.warnings[0]
    assert "this machine did it instead" in run.warnings[0]
    until(lambda: not renders())


def test_a_closed_client_is_said(lab, cluster):
    client = Client(cluster)
    run = lab.run(render_on=client)
    until(lambda: client.futures)
    client.close()
    assert run.result(120).made == 2
    assert "the client was closed" in run.warnings[0]
    with pytest.raises(ConfigError, match="is closed"):
        lab.run(render_on=client)


def test_an_asynchronous_client_works(lab, not_here):
    async def make() -> None:
        async with (
            LocalCluster(n_workers=1, processes=False, dashboard_address=":0", asynchronous=True) as cluster,
            Client(cluster, asynchronous=True) as client,
        ):
            run = lab.run(render_on=client)
            with pytest.raises(RuntimeError, match="await the run"):
                run.result()
            assert (await run).made == 2

    asyncio.run(make())


def test_other_versions_are_refused(lab, client, monkeypatch):
    monkeypatch.setattr(crews, "__version__", "0.0.1")
    run = lab.run(render_on=client)
    with pytest.raises(
        ConfigError, match=r"the scheduler and 2 more has voxweave_nb .* and not 0\.0\.1"
    ) as caught:
        run.result(30)
    assert "nothing was made" in str(caught.value)
    assert states(lab) == ["to make"] * 2


@pytest.mark.parametrize(
    ("own", "python", "words"),
    [
        (ModuleNotFoundError("voxweave_nb"), "3.11.7", "tcp://a has no voxweave_nb"),
        ("0.0.1", "3.11.7", f"tcp://a has voxweave_nb 0.0.1 and not {__version__}"),
        (__version__, "2.7.18", f"tcp://a has Python 2.7.18 and not {platform.python_version()}"),
        (__version__, platform.python_version().rpartition(".")[0] + ".99", ""),
    ],
)
def test_each_difference_has_its_words(own, python, words):
    assert crews._differences({"tcp://a": (own, python)}) == words


def test_workers_that_end_are_no_mystery():
    error = KilledWorker("render", SimpleNamespace(address="tcp://a"), 3)
    assert "Several Dask workers in turn ended" in crews._why_failed(error)
    assert crews._why_failed(OSError("full")) == "A Dask worker failed twice at this: OSError: full"


def test_checks_that_were_made_here_are_said(lab, crew_with, sandbox, tmp_path, narration_file):
    crew_with(patience=0.5)
    settings = Settings(home=tmp_path / "home", output_dir=tmp_path / "out", poll_interval=0.01)
    with (
        VideoGenerationService("zai", settings=settings) as service,
        new_cluster(n_workers=0, processes=False) as cluster,
        Client(cluster) as client,
    ):
        lab = PromptLab("paid", narration_file, service=service, folder=tmp_path / "labs")
        lab.grid("a {harbour|forest}")
        run = lab.run(render_on=client)
        assert run.result(120).made == 2
    assert "The Dask cluster has had no worker for 0 s; this machine did it instead." in run.warnings


def test_tasks_end_when_nothing_is_heard(open_lab, client, long_narration, crew_with, monkeypatch):
    monkeypatch.setattr(crews, "_BEAT_EVERY", 1000.0)
    crew_with(lease=2.0)
    lab = open_lab(narration=long_narration, base=LONG)
    lab.add(prompt="rain")
    run = lab.run(render_on=client)
    until(lambda: any(client.processing().values()))
    until(lambda: not any(client.processing().values()))
    assert not run.done()
    run.cancel()
    with pytest.raises(JobCanceled):
        run.result(30)


DRIVER = """
import sys
from distributed import Client
from voxweave_nb import Settings, VideoGenerationService
from voxweave_nb.lab.prompt_lab import PromptLab
from pathlib import Path

if __name__ == "__main__":
    address, root, narration = sys.argv[1:]
    settings = Settings(home=Path(root, "home"), output_dir=Path(root, "out"))
    service = VideoGenerationService("local", settings=settings)
    lab = PromptLab("harbour", narration, base={"quality": "draft", "provider": "local"}, service=service,
                    folder=Path(root, "labs"))
    lab.grid("a {harbour|forest|city|field}")
    run = lab.run(render_on=Client(address), at_once=1)
    run.listen(lambda progress: print(progress.made, flush=True))
    run.result()
"""


def test_a_killed_driver_loses_nothing(client, tmp_path, narration_file, open_lab, service):
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    address = client.scheduler_info()["address"]
    command = [sys.executable, str(script), address, str(tmp_path), str(narration_file)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as driver:
        assert driver.stdout is not None
        until(lambda: int(driver.stdout.readline() or 99) >= 1)
        driver.kill()
    lab = open_lab()
    made = states(lab).count("made")
    assert 1 <= made < 4
    before = {each.id: each.video.path.stat().st_mtime_ns for each in lab.variants if each.video}
    assert lab.run(render_on=client).result(120).made == 4
    assert {
        each.id: each.video.path.stat().st_mtime_ns for each in lab.variants if each.id in before
    } == before
    assert sum(run.state.value == "finished" for run in service.history()) == 4


def test_identical_variants_are_reused_across_labs(lab, client, open_lab, tmp_path, service):
    lab.run(render_on=client).result(120)
    other = open_lab(folder=tmp_path / "others")
    other.grid("a {harbour|forest}")
    assert other.run(render_on=client).result(60).made == 2
    assert len(service.history()) == 2


@pytest.mark.parametrize("given", [3, "tcp://127.0.0.1:8786"])
def test_what_is_no_client_is_refused(lab, given):
    with pytest.raises(ConfigError, match="give a Dask client"):
        lab.run(render_on=given)


def test_a_missing_extra_is_named(lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install 'voxweave-nb\[dask\]'"):
        lab.run(render_on=object())
