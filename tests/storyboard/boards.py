"""A small board that no provider is asked for."""

from __future__ import annotations

from voxweave_nb import Cue, VideoConfig
from voxweave_nb.storyboard.scene import SceneRecord, Take
from voxweave_nb.storyboard.state import BoardState, Purpose

CUES = (
    Cue(0.2, 4.8, "The harbour wakes before the town."),
    Cue(5.2, 9.8, "Nets are carried down, and then the rain begins."),
    Cue(10.2, 14.8, "A lamp swings over the wet boards."),
    Cue(15.2, 19.8, "Nobody speaks until the boats are out."),
)


def take(run: str = "run-1", **values) -> Take:
    given = {"key": "k", "file": f"{run}.mp4", "sha": "ab", "provider": "zai", "model": None, "seed": None}
    return Take(run, **{**given, "prompt": "", "seconds": 5.0, "usd": 0.2, "at": 1.0, **values})


def state(scenes: int = 4, **values) -> BoardState:
    """Return a board of scenes of five seconds with the ids `s1`, `s2` and so on."""
    purpose = Purpose(
        name="talk",
        group="board-1",
        narration="/tmp/talk.wav",
        nearby="../talk.wav",
        narration_sha="ab",
        seconds=5.0 * scenes,
        chain=("zai", "openai_sora"),
        config=VideoConfig(prompt="a film", resolution="720p"),
        bible="teal dusk",
        target=5.0,
        origin="o",
        created=2.0,
    )
    records = [
        SceneRecord(f"s{number}", 5.0 * number - 5.0, 5.0 * number, asked=5.0, kind="sentence")
        for number in range(1, scenes + 1)
    ]
    places = tuple((5.0 * number, "sentence") for number in range(1, scenes))
    more = {"scenes": tuple(records), "cues": CUES[:scenes], "boundaries": places, **values}
    return BoardState(purpose=purpose, **more)
