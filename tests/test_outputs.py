"""The output folder: names, work folders, captions beside the video."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.systems import symlink
from voxweave_nb import ConfigError, Cue, JobTimeout, MediaError, SubtitleMode, VideoConfig, VideoFormat
from voxweave_nb.media import rendition
from voxweave_nb.media.probe import probe
from voxweave_nb.outputs import FinishedFiles, make_rendition, publish, work_folder
from voxweave_nb.renditions import rendition_path, renditions_of
from voxweave_nb.request import VideoRequest

REQUEST = VideoRequest(Path("My talk (1).mp3"), None, VideoConfig(style="anime"))
CUES = (Cue(0.0, 1.0, "hello"),)


def finished(work: Path, *, mode: SubtitleMode = SubtitleMode.SOFT, **more) -> FinishedFiles:
    video = work / "video.mp4"
    video.write_bytes(b"video")
    return FinishedFiles(video, CUES, mode, **more)


# Work folders


def test_a_work_folder_is_hidden_and_temporary(tmp_path):
    with work_folder(tmp_path / "out") as work:
        (work / "part").write_bytes(b"1")
        assert work.parent == (tmp_path / "out").resolve()
        assert work.name.startswith(".voxweave-")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_error_deletes_the_work_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), work_folder(tmp_path):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_output_folder_is_a_config_error(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with (
        pytest.raises(ConfigError, match=r"cannot be written to .*VOXWEAVE_OUTPUT_DIR"),
        work_folder(file / "out"),
    ):
        pass


def test_stale_work_folders_are_deleted(tmp_path):
    day = 24 * 3600
    for name, age in ((".voxweave-old", day + 60), (".voxweave-new", day - 60), ("mine", 2 * day)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with work_folder(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".voxweave-new", "mine"]


def test_a_living_owner_keeps_its_work_folder(tmp_path):
    ago = time.time() - 3 * 24 * 3600
    with work_folder(tmp_path) as mine, living_process(tmp_path) as (theirs, kill):
        for folder in (mine, theirs):
            os.utime(folder, (ago, ago))
        with work_folder(tmp_path):
            assert (mine.is_dir(), theirs.is_dir()) == (True, True)
        kill()
        with work_folder(tmp_path):
            assert (mine.is_dir(), theirs.is_dir()) == (True, False)


def test_a_killed_owners_folder_is_deleted_at_once(tmp_path):
    with living_process(tmp_path) as (theirs, kill), work_folder(tmp_path) as mine:
        assert theirs.is_dir()
        kill()
        with work_folder(tmp_path):
            assert (mine.is_dir(), theirs.is_dir()) == (True, False)


def test_without_locks_no_marked_folder_is_deleted(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", refuse(errno.ENOLCK))
    ago = time.time() - 3 * 24 * 3600
    with work_folder(tmp_path) as mine:
        os.utime(mine, (ago, ago))
        with work_folder(tmp_path):
            assert mine.is_dir()


@contextlib.contextmanager
def living_process(output_dir: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Yield the work folder of another process and a function that kills that process."""
    code = "import sys, time\nfrom pathlib import Path\nfrom voxweave_nb.outputs import work_folder\n"
    code += "with work_folder(Path(sys.argv[1])) as work:\n    print(work, flush=True)\n    time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, output_dir], stdout=subprocess.PIPE, text=True)

    def kill() -> None:
        process.kill()
        process.wait()

    try:
        yield Path(process.stdout.readline().strip()), kill
    finally:
        kill()
        process.stdout.close()


# Publishing


def test_a_name_has_narration_style_and_time(tmp_path):
    with work_folder(tmp_path) as work:
        files = publish(finished(work), tmp_path, REQUEST)
    assert re.fullmatch(r"My-talk-1-anime-\d{8}-\d{6}\.mp4", files.video.name)
    assert files.video.read_bytes() == b"video"
    assert files.captions == files.video.with_suffix(".vtt")
    assert files.captions.read_text().startswith("WEBVTT")
    assert files.poster is None


@pytest.mark.parametrize("name", ["....mp3", ".mp3", "___.wav"])
def test_a_nameless_narration_gets_a_name(tmp_path, name):
    request = VideoRequest(Path(name), None, VideoConfig())
    with work_folder(tmp_path) as work:
        assert publish(finished(work), tmp_path, request).video.name.startswith("narration-cyberpunk-")


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_taken_name_is_numbered(tmp_path, monkeypatch, links):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    for _ in range(3):
        with work_folder(tmp_path) as work:
            publish(finished(work, mode=SubtitleMode.NONE), tmp_path, REQUEST)
    stem = "My-talk-1-anime-20260102-030405"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{stem}-2.mp4",
        f"{stem}-3.mp4",
        f"{stem}.mp4",
    ]


def refuse(code: int):
    def link(source, target) -> None:
        raise OSError(code, "refused")

    return link


@pytest.mark.parametrize("code", [errno.EACCES, errno.EINVAL, errno.ENOSPC, errno.EIO, errno.ENOTTY])
def test_any_failure_of_a_link_falls_back(tmp_path, monkeypatch, code):
    monkeypatch.setattr(os, "link", refuse(code))
    with work_folder(tmp_path) as work:
        video = publish(finished(work), tmp_path, REQUEST).video
    assert video.read_bytes() == b"video"


def test_a_system_without_links_publishes(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "link")
    with work_folder(tmp_path) as work:
        video = publish(finished(work), tmp_path, REQUEST).video
    assert video.read_bytes() == b"video"


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_all_names_are_claimed_together(tmp_path, monkeypatch, links):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    stem = "My-talk-1-anime-20260102-030405"
    taken = [
        f"{stem}.vtt",
        f"{stem}-2.jpg",
        f"{stem}-3.sprite.jpg",
        f"{stem}-4.thumbnails.vtt",
        f"{stem}-5.srt",
    ]
    taken += [f"{stem}-6.subtitles.txt", f"{stem}-7.mp4", f"{stem}-8.chapters.vtt"]
    for name in taken:
        (tmp_path / name).write_text("another run's")
    with work_folder(tmp_path) as work:
        files = publish(everything(work), tmp_path, REQUEST)
    assert files.video.name == f"{stem}-9.mp4"
    assert [(tmp_path / name).read_text() for name in taken] == ["another run's"] * len(taken)
    endings = (
        ".chapters.vtt",
        ".jpg",
        ".mp4",
        ".sprite.jpg",
        ".srt",
        ".subtitles.txt",
        ".thumbnails.vtt",
        ".vtt",
    )
    new = {path.name for path in tmp_path.iterdir()} - set(taken)
    assert sorted(new) == [f"{stem}-9{ending}" for ending in endings]
    assert files.thumbnails.read_text() == f"WEBVTT\n\n{stem}-9.sprite.jpg#xywh=0,0,1,1\n"
    assert files.sprite.read_bytes() == b"sheet"
    assert "00:00:00.000 --> 00:00:02.000\nShore" in files.chapters.read_text()


def everything(work: Path) -> FinishedFiles:
    for file, text in (("still.jpg", "still"), ("sprite.jpg", "sheet")):
        (work / file).write_text(text)
    (work / "thumbnails.vtt").write_text("WEBVTT\n\nsprite.jpg#xywh=0,0,1,1\n")
    return finished(
        work,
        mode=SubtitleMode.SIDECAR,
        poster=work / "still.jpg",
        unreadable="no subtitles",
        sprite=work / "sprite.jpg",
        thumbnails=work / "thumbnails.vtt",
        chapters=(Cue(0.0, 2.0, "Shore"), Cue(2.0, 4.0, "Night")),
    )


def test_publishing_side_by_side_overwrites_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    cues = [(Cue(0.0, 1.0, f"number {number}"),) for number in range(24)]

    def one(number: int) -> bool:
        with work_folder(tmp_path) as work:
            video = work / ("video.mp4" if number % 2 else "video.webm")
            video.write_text(f"number {number}")
            files = publish(FinishedFiles(video, cues[number], SubtitleMode.SOFT), tmp_path, REQUEST)
        texts = (files.video.read_text(), files.captions.read_text())
        return all(text.rstrip().endswith(f"number {number}") for text in texts)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(one, range(24))) == [True] * 24
    assert len(list(tmp_path.iterdir())) == 48


def test_a_planted_symlink_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    victim, stem = tmp_path / "victim", "My-talk-1-anime-20260102-030405"
    out = tmp_path / "out"
    out.mkdir()
    for name in (f".{stem}.vtt.partial", f".{stem}.srt.partial", f"{stem}.subtitles.txt", f"{stem}-2.vtt"):
        symlink(out / name, victim)
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    with work_folder(out) as work:
        assert publish(everything(work), out, REQUEST).video.name == f"{stem}-3.mp4"
    assert not victim.exists()


@pytest.mark.parametrize(
    "name", ["\U00010400" * 60, "語" * 80, "a" * 250, "é" * 120, "न" * 40 + "्" * 30], ids=range(5)
)
def test_every_name_fits_into_143_bytes(tmp_path, monkeypatch, name):
    monkeypatch.setattr(time, "strftime", lambda form: "20260102-030405")
    request = VideoRequest(Path(f"{name}.mp3"), None, VideoConfig(style="educational"))
    for _ in range(2):
        with work_folder(tmp_path) as work:
            publish(everything(work), tmp_path, request)
    longest = max(len(os.fsencode(f".{path.name}.partial")) for path in tmp_path.iterdir())
    assert 110 < longest <= 143


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("हिन्दी की कहानी", "हिन्दी-की-कहानी"),
        ("สวัสดีผู้ฟัง", "สวัสดีผู้ฟัง"),
        ("プロダクトが", "プロダクトが"),
        ("Cafe\u0301", "Café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200d a\udcff\u202eb", "a-b"),
        ("\u0301\u0301", "narration"),
    ],
)
def test_a_name_keeps_its_letters(tmp_path, name, start):
    given = unicodedata.normalize("NFD", name) if name.isalnum() else name
    with work_folder(tmp_path) as work:
        files = publish(finished(work), tmp_path, VideoRequest(Path(f"{given}.mp3"), None, VideoConfig()))
    assert files.video.name.startswith(f"{start}-cyberpunk-")


def test_a_cut_name_ends_with_a_whole_letter(tmp_path):
    request = VideoRequest(Path("a" * 59 + "x\u0302\u0323.mp3"), None, VideoConfig())
    with work_folder(tmp_path) as work:
        files = publish(finished(work), tmp_path, request)
    assert files.video.name.startswith("a" * 59 + "-cyberpunk-")


def test_subtitles_that_vanished_cost_no_video(tmp_path):
    with work_folder(tmp_path) as work:
        files = publish(finished(work, unreadable=tmp_path / "gone.xyz"), tmp_path, REQUEST)
    assert files.video.exists()
    assert "gone.xyz could not be kept" in files.warnings[0]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), 7),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/source", None, "/somewhere/out/target"),
        MediaError("FFmpeg ended with status 228: Error writing trailer: No space left on device"),
    ],
    ids=["write", "descriptor", "copy", "FFmpeg"],
)
def test_a_full_disk_is_a_sentence(tmp_path, error):
    words = r"^The output folder \S+/out cannot be written to \(No space left on device\)\. Free some space there, or"
    with pytest.raises(ConfigError, match=words), work_folder(tmp_path / "out"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ECONNREFUSED, "refused"),
        JobTimeout("late", provider="zai", job_id="1"),
        MediaError("not a video"),
    ],
    ids=["network", "time-out", "media"],
)
def test_other_errors_stay_as_they_are(tmp_path, error):
    with pytest.raises(type(error)) as caught, work_folder(tmp_path):
        raise error
    assert caught.value is error


def test_the_poster_moves_with_the_video(tmp_path):
    with work_folder(tmp_path) as work:
        (work / "still.jpg").write_bytes(b"still")
        files = publish(finished(work, poster=work / "still.jpg"), tmp_path, REQUEST)
    assert files.poster == files.video.with_suffix(".jpg")
    assert files.poster.read_bytes() == b"still"


@pytest.mark.parametrize(
    ("mode", "endings"),
    [
        (SubtitleMode.SOFT, [".mp4", ".vtt"]),
        (SubtitleMode.BURN, [".mp4", ".vtt"]),
        (SubtitleMode.SIDECAR, [".mp4", ".srt", ".vtt"]),
        (SubtitleMode.NONE, [".mp4"]),
    ],
)
def test_the_mode_decides_the_caption_files(tmp_path, mode, endings):
    with work_folder(tmp_path) as work:
        files = publish(finished(work, mode=mode), tmp_path, REQUEST)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == endings
    assert (files.captions is None) == (mode is SubtitleMode.NONE)


def test_unreadable_subtitles_are_kept(tmp_path):
    source = tmp_path / "talk.xyz"
    source.write_bytes(b"\x89PNG")
    with work_folder(tmp_path / "out") as work:
        by_file = publish(finished(work, unreadable=source), tmp_path / "out", REQUEST).video
    with work_folder(tmp_path / "out") as work:
        by_text = publish(finished(work, unreadable="no subtitles"), tmp_path / "out", REQUEST).video
    assert by_file.with_name(f"{by_file.stem}.subtitles.xyz").read_bytes() == b"\x89PNG"
    assert by_text.with_suffix(".subtitles.txt").read_text() == "no subtitles"


def test_huge_unreadable_subtitles_are_not_kept(tmp_path):
    source = tmp_path / "talk.xyz"
    with source.open("wb") as file:
        file.truncate(5_000_001)
    with work_folder(tmp_path / "out") as work:
        publish(finished(work, unreadable=source), tmp_path / "out", REQUEST)
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".mp4", ".vtt"]


# Renditions


@pytest.fixture
def film(narrated_clip, tmp_path) -> Path:
    (tmp_path / "films").mkdir()
    return Path(shutil.copy(narrated_clip, tmp_path / "films" / "a [b].mp4"))


@pytest.fixture
def encoded(monkeypatch) -> list[Path]:
    """The videos that were encoded."""
    videos: list[Path] = []
    original = rendition.encode_rendition

    async def encode(video, to, **options):
        videos.append(video)
        await original(video, to, **options)

    monkeypatch.setattr(rendition, "encode_rendition", encode)
    return videos


def test_a_rendition_is_made_once(film, encoded):
    async def ask_three_times() -> list[Path]:
        made = await asyncio.gather(make_rendition(film), make_rendition(film))
        return [*made, await make_rendition(film)]

    made = asyncio.run(ask_three_times())
    assert made == [rendition_path(film)] * 3
    assert encoded == [film]
    assert sorted(film.parent.iterdir()) == sorted([film, made[0]])
    assert probe(made[0]).audio.codec.startswith("mp3")


def test_a_changed_video_gets_another_rendition(film, encoded):
    before = asyncio.run(make_rendition(film))
    os.utime(film, ns=(1, 1))
    after = asyncio.run(make_rendition(film))
    assert (before.exists(), after.exists()) == (False, True)
    assert encoded == [film, film]


def test_both_formats_lie_side_by_side(film):
    made = {asyncio.run(make_rendition(film, each)) for each in (VideoFormat.MP4, VideoFormat.WEBM)}
    assert set(renditions_of(film)) == made
    assert len(made) == 2


def test_a_video_with_mp3_is_its_own_rendition(film, encoded):
    made = asyncio.run(make_rendition(film))
    assert asyncio.run(make_rendition(made)) == made
    assert encoded == [film]


def test_a_failed_rendition_leaves_nothing(film):
    film.write_bytes(film.read_bytes()[:200])
    with pytest.raises(MediaError):
        asyncio.run(make_rendition(film))
    with pytest.raises(MediaError, match="cannot be read"):
        asyncio.run(make_rendition(film.with_name("gone.mp4")))
    assert list(film.parent.iterdir()) == [film]


def test_a_video_changed_meanwhile_has_no_rendition(film, monkeypatch):
    original = rendition.encode_rendition

    async def encode(video, to, **options):
        await original(video, to, **options)
        os.utime(video, ns=(1, 1))

    monkeypatch.setattr(rendition, "encode_rendition", encode)
    with pytest.raises(MediaError, match="has changed while a copy of it was made"):
        asyncio.run(make_rendition(film))
    assert list(film.parent.iterdir()) == [film]


def test_only_the_last_cancelled_caller_stops_it(film, monkeypatch):
    began, ended = asyncio.Event(), asyncio.Event()

    async def encode(video, to, **options):
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
            raise

    monkeypatch.setattr(rendition, "encode_rendition", encode)

    async def cancel_one_by_one() -> None:
        first, second = (asyncio.create_task(make_rendition(film)) for _ in range(2))
        await began.wait()
        first.cancel()
        await asyncio.wait([first])
        assert not ended.is_set()
        second.cancel()
        await asyncio.wait([second])
        await asyncio.wait_for(ended.wait(), 20)

    asyncio.run(cancel_one_by_one())
    assert [path for path in film.parent.iterdir() if path != film] == []
