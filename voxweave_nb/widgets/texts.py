"""Everything that the panel's Python side says to a person: the one place to translate.

What the page says by itself stands in the table `TEXTS` at the top of each module in `static/`. Words in braces are
filled in. Errors are said where they are raised, like everywhere in this package.
"""

from __future__ import annotations

TITLE, SUBTITLE = "voxweave", "a narration becomes a captioned video"
PANEL_PLAIN = "VideoPanel: run this cell in a notebook to use the panel"
PLAYER_PLAIN = "Player: run this cell in a notebook to play the video"
AUDIO_PLAIN = "AudioInput: run this cell in a notebook to choose or record a narration"
UNEXPECTED = "Something unexpected went wrong ({kind}: {what}). Please report it."

# The panel's controls

NARRATION, SUBTITLES, STYLE, PROMPT, VIDEO, MADE_BY = (
    "Narration", "Subtitles", "Style", "Prompt", "Video", "Made by",
)  # fmt: skip
ASPECT, RESOLUTION, FORMAT = "Aspect", "Resolution", "Format"
SHAPES = {"16:9": "wide", "9:16": "tall", "1:1": "square"}
SUBTITLES_GO = "Subtitles go"
SUBTITLE_MODES = {
    "soft": "into the file", "burn": "onto the picture", "sidecar": "beside the file", "none": "nowhere",
}  # fmt: skip
SUBTITLES_LOOK = "They look"
SUBTITLE_LOOKS = {"box": "white on a box", "outline": "outlined", "large": "large, on a box"}
GENERATE, DRAFT, CANCEL = "Generate", "Draft", "Cancel"
DRAFT_TIP = "A small animatic, made here in seconds, free"
NO_NARRATION = "There is no narration yet. Take the sample, record or drop one, or give a path."
LETTERS = "{letters:,} characters"
LETTERS_OF = "{letters:,} of {most:,} characters"
LETTERS_OVER = ": the last {over:,} will be left out"

# Where the narration and the subtitles come from

SAMPLE, OWN, PATH = "Sample", "Record or drop", "Path"
NONE, FILE, PASTE = "None", "File", "Paste"
SAMPLE_NOTE = "20 seconds on why the deep sea glows, with exact captions."
PATH_NOTE = "A path on the machine that the kernel runs on."
NARRATION_HINT, SUBTITLES_HINT = "talk.mp3", "talk.srt, .vtt or .ass"
LONG_PASTE = "[{lines} lines, {size} kB: the kernel has all of them. Empty this field to paste others.]"
PASTE_HINT = "1\n00:00:00,000 --> 00:00:02,500\nWhat is said …"
NARRATION_FROM, SUBTITLES_FROM = "Where the narration comes from", "Where the subtitles come from"
NARRATION_PATH, SUBTITLES_PATH = "Path of the narration", "Path of the subtitles"
SUBTITLES_TEXT = "The subtitles' text"

# Who makes it

PROVIDER, MODEL, CLIP_LENGTH, SECONDS = "Provider", "Model", "Length of the clip", "Seconds"
AUTOMATIC = "automatic"
AS_NARRATION, OWN_SECONDS = "as long as the narration", "a number of seconds"
SOME_SECONDS = "{seconds:g} s"
NOT_READY, NOT_INSTALLED = "{name} (not ready)", "{name} (not installed)"
THE_DEFAULT, DEFAULT_MODEL = "the default", "{name} (the default)"
AUTOMATIC_ASKS, THEN = "Automatic asks {names}.", ", then "
IS_NOT_INSTALLED = "{name} is not installed."
IS_READY, IS_NOT_READY = "{name}: {reason}.", "{name} cannot be used now: {reason}."
ALL_PROVIDERS = "All providers: {ready} of {all} ready"

# What it would cost

ASKED_FIRST = "asked first: {name}"
PRICE_FOLLOWS = "the price follows the narration's length"
CANNOT_SAY = "{name} cannot say what it would make ({kind}: {what})."
PRICE_UNKNOWN, FREE = "price not known", "free"

# A job

STAGES = {"upload": "Narration", "generate": "Picture", "download": "Download", "subtitles": "Subtitles"}
STOP_TIP = "Stop this job; nothing is left behind"
LOG, LOG_TIP = "Log", "Everything that happened, line by line"
PROGRESS = "Progress of the video"
STOPPING = "Stopping …"
DONE = "Done in {time}"
DONE_BY = "Done in {time} · {story}"
ENDED = {"failed": "Failed after {time}", "canceled": "Canceled after {time}"}
LEFT = " · about {time} left"
UNSAVED = (
    "The video is on the disk and plays here, but the saved notebook does not show it. Show panel.video in a cell of "
    "its own to keep it there."
)

# The same again, what was left, and what was made

SHOW_IT, MAKE_AGAIN = "Show it", "Make it again"
MADE_BEFORE = "Made before, on {when}, {cost}."
PICK_UP, PICK_IT_UP, PICK_THEM_UP = "Pick up", "Pick it up", "Pick them up"
LEFT_ONE = "{what} is still running elsewhere. Picking up costs nothing more."
LEFT_MANY = "{count} jobs are still running elsewhere. Picking up costs nothing more."
LEFT_NAMED, LEFT_NAMELESS = "“{prompt}” ({provider})", "A video at {provider}"
HISTORY = "History"
READING = "Reading the journal …"
NOTHING_YET = "Nothing was made yet."
SHOW, USE_SETTINGS = "Show", "Use settings"
DELETE, REALLY_DELETE = "Delete files", "Really delete?"
ROW_TIP = "{button}: {title}"
RUNNING, FILES_GONE = "running", "its files are gone"
RUN_STATES = {
    "requested": "begun",
    "accepted": "at the provider",
    "downloaded": "fetched, not finished",
    "ambiguous": "in doubt",
    "late": "late: still at the provider",
}
