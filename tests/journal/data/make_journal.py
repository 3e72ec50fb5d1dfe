"""Write `journal-0.1.0.dev0.sqlite3`: a journal as release 0.1.0.dev0 (commit 64facf3) left it.

The release's own code writes it, so run this in a checkout of that commit:

    python make_journal.py FOLDER

Paths, times and process names are invented, so that two runs of it give the same rows on any machine. The file is
never rewritten: later releases must be able to open it.
"""

from __future__ import annotations

import itertools
import sys
from datetime import date
from pathlib import Path

from voxweave_nb import Cue, GeneratedVideo, VideoConfig
from voxweave_nb.journal import Journal, Requested, store
from voxweave_nb.models import SubtitleMode
from voxweave_nb.result import Provenance

HOME = Path("/home/someone")
OUT = HOME / "talks" / "voxweave_output"
WORDS = "1\n00:00:00,000 --> 00:00:02,000\nThe harbour is quiet.\n"
BEGIN = 1_700_000_000.0


class Clock:
    """Stands in for the module `time`: ten seconds later at each look."""

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def time(self) -> float:
        """Return seconds since 1970."""
        return BEGIN + 10.0 * next(self._ticks)


class Today:
    """Stands in for `datetime.date`."""

    @staticmethod
    def today() -> date:
        """Return the day that is written beside each attempt."""
        return date(2023, 11, 14)


def main(folder: str) -> None:
    """Write the journal into a folder and pack it into one file."""
    store.time, store.date = Clock(), Today  # type: ignore[assignment,attr-defined]
    store.me = lambda: "somewhere/boot/pid:[1] 4242 777"  # type: ignore[attr-defined]
    journal = Journal(Path(folder))
    fill(journal)
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal._connection.execute("VACUUM")
    journal.close()
    journal.path.rename(Path(folder) / "journal-0.1.0.dev0.sqlite3")


def fill(journal: Journal) -> None:
    """Write runs in every state, with attempts in every outcome and prices of every kind."""
    # requested: one before anything was sent, one that died while its answer was on the way
    request(journal, "20231114-221320-aaaa01", subtitles=None, chain=["local"])
    request(journal, "20231114-221320-aaaa02", config=VideoConfig(prompt="rain", style="cyberpunk", seed=7))
    intend(journal, "20231114-221320-aaaa02", usd=0.2)

    # accepted by the second provider, after the first had refused it
    run = request(
        journal, "20231114-221320-aaaa03", subtitles=HOME / "talks" / "talk.srt", chain=["fal", "zai"]
    )
    journal.settle(
        intend(journal, run, provider="fal", model="veo", usd=1.5), "refused", words="fal is busy (429)"
    )
    journal.settle(intend(journal, run, usd=0.2), "accepted", job_id="zai-job-3")
    journal.status(run, "zai-job-3", "running", "at work")
    journal.end(run, "accepted", message="The connection broke.")

    # downloaded, at a price that nobody knows; the narration's name is in no known encoding
    odd = Path("/home/someone/caf\udce9.wav")
    run = request(journal, "20231114-221320-aaaa04", narration=odd)
    journal.settle(intend(journal, run, provider="gateway", model=None, usd=None), "accepted", job_id="gw-4")
    journal.downloaded(run, "gw-4", HOME / ".local/share/voxweave_nb/pictures/aaaa04.video", "f" * 64)
    journal.end(run, "downloaded", message="The disk is full.")

    # finished: a paid one whose provider reported the cost, and a free one
    run = request(journal, "20231114-221320-aaaa05", reuse_key="key-5")
    journal.settle(intend(journal, run, usd=0.2), "accepted", job_id="zai-job-5")
    journal.status(run, "zai-job-5", "succeeded")
    journal.cost(run, "zai-job-5", 0.17)
    journal.downloaded(run, "zai-job-5", HOME / ".local/share/voxweave_nb/pictures/aaaa05.video", "e" * 64)
    made = video(run, "zai", "zai-job-5", usd=0.2)
    journal.end(run, "finished", result=made.as_dict(), message="done")
    run = request(journal, "20231114-221320-aaaa06", chain=["local"], reuse_key="key-6")
    journal.settle(
        intend(journal, run, provider="local", model="local", usd=0.0), "accepted", job_id="local-6"
    )
    journal.downloaded(run, "local-6", HOME / ".local/share/voxweave_nb/pictures/aaaa06.video", "d" * 64)
    journal.end(run, "finished", result=video(run, "local", "local-6", usd=0.0).as_dict(), message="done")

    # failed: there after it was accepted, and refused by everybody
    run = request(journal, "20231114-221320-aaaa07")
    journal.settle(intend(journal, run, usd=0.2), "accepted", job_id="zai-job-7")
    journal.failed_at_provider(run, "zai-job-7", "the content was refused")
    journal.end(run, "failed", message="zai: the content was refused")
    run = request(journal, "20231114-221320-aaaa08")
    journal.settle(intend(journal, run, usd=0.2), "refused", words="zai refuses the key (401)")
    journal.end(run, "failed", message="zai refuses the key (401)")

    # canceled, in doubt, late, abandoned
    run = request(journal, "20231114-221320-aaaa09")
    journal.settle(intend(journal, run, provider="gemini", model="omni", usd=0.8), "accepted", job_id="gem-9")
    journal.end(run, "canceled", message="gemini has stopped job gem-9")
    run = request(journal, "20231114-221320-aaaa10")
    journal.settle(intend(journal, run, usd=0.2), "ambiguous", words="the connection was reset")
    journal.end(run, "ambiguous", message="zai may have accepted and billed it")
    run = request(journal, "20231114-221320-aaaa11", chain=["openai_sora"])
    late = intend(journal, run, provider="openai_sora", model="sora-2-pro", usd=2.4)
    journal.settle(late, "accepted", job_id="video_11")
    journal.status(run, "video_11", "running")
    journal.end(run, "late", message="It is still at work after 300 s.")
    run = request(journal, "20231114-221320-aaaa12")
    journal.settle(intend(journal, run, usd=None, model="new-model"), "accepted", job_id="zai-job-12")
    journal.end(run, "abandoned", message="zai cannot stop job zai-job-12")


def request(journal: Journal, run: str, **more: object) -> str:
    """Write one run's request; a process that no longer runs holds it."""
    given = {
        "narration": HOME / "talks" / "talk.mp3",
        "narration_sha": "a" * 64,
        "seconds": 22.4,
        "subtitles": WORDS,
        "config": VideoConfig(prompt="a quiet harbour", style="anime"),
        "chain": ["zai"],
        "reuse_key": f"key-of-{run}",
        "output_dir": OUT,
        **more,
    }
    journal.request(run, Requested(**given))  # type: ignore[arg-type]
    return run


def intend(
    journal: Journal, run: str, *, usd: float | None, provider: str = "zai", model: str | None = "cogvideox-3"
) -> int:
    """Write that a submission is about to be sent."""
    return journal.intend(
        run, provider=provider, model=model, base_url=f"https://{provider}.example/v1", request_id=f"voxweave-{run}",
        usd=usd, budgets={}, unknown_prices=False,
    )  # fmt: skip


def video(run: str, provider: str, job_id: str, *, usd: float) -> GeneratedVideo:
    """Return what a finished run left."""
    config = VideoConfig(prompt="a quiet harbour", style="anime")
    return GeneratedVideo(
        path=OUT / f"{run}.mp4", captions=OUT / f"{run}.vtt", poster=OUT / f"{run}.jpg", duration=22.4, width=1280,
        height=720, subtitle_mode=SubtitleMode.SOFT, cues=(Cue(0.0, 2.0, "The harbour is quiet."),),
        warnings=("The clip was looped.",),
        provenance=Provenance(
            provider=provider, model=None, job_id=job_id, config=config, narration="talk.mp3", created=BEGIN,
            seconds=41.0, declined={"fal": "fal has no key"}, understood={"time": "dawn"}, usd=usd,
            version="0.1.0.dev0",
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
