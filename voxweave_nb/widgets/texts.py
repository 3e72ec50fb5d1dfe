"""Text that the widgets' Python side shows to a person, in one place so that it can be translated.

Text that the page writes itself is in the `TEXTS` table at the top of each module in `static/`. Words in braces are
filled in. Error messages are written where the error is raised, as everywhere in this package.
"""

from __future__ import annotations

TITLE, SUBTITLE = "voxweave", "Turn a narration into a captioned video"
PANEL_PLAIN = "VideoPanel: run this cell in a notebook to use the panel"
PLAYER_PLAIN = "Player: run this cell in a notebook to play the video"
LAB_PLAIN = "{lab}: run this cell in a notebook to see its videos"
BOARD_PLAIN = "{board}: run this cell in a notebook to see its scenes"
FILM_TITLE, ANIMATIC_TITLE, TAKE_TITLE = "{name}: the film", "{name}: animatic", "Scene {number}, take {take}"
DUEL_PLAIN = "A duel of the lab {name!r}: run this cell in a notebook to compare two videos at a time"
AUDIO_PLAIN = "AudioInput: run this cell in a notebook to choose or record a narration"
PANEL_IN_TERMINAL = (
    "VideoPanel needs a notebook; `voxweave-nb lab` opens one.\n"
    "In a shell, `voxweave-nb generate --help` does the same. In Python, without a panel:"
)
PANEL_IN_MARIMO = (
    "VideoPanel is made of controls of ipywidgets, which marimo does not show. These cells do the same; run the third "
    "and the fourth one when a narration has been uploaded."
)
COLAB_CODE = "from google.colab import output; output.enable_custom_widget_manager()"
ENABLE_IN_COLAB = f"If only this line appears, enable widgets, then run the cell again: {COLAB_CODE}"
UNEXPECTED = "Something unexpected went wrong ({kind}: {what}). Please report it."

# Panel controls

NARRATION, SUBTITLES, STYLE, PROMPT, VIDEO, PROVIDER_GROUP = (
    "Narration", "Subtitles", "Style", "Prompt", "Video", "Provider and model",
)  # fmt: skip
ASPECT, RESOLUTION, FORMAT = "Aspect ratio", "Resolution", "Format"
MORE, SEED, NO_SEED, QUALITY = "More", "Seed", "From the prompt", "Quality"
QUALITIES = {"standard": "Standard", "fine": "Fine", "draft": "Draft"}
ANOTHER_TAKE = "Another take"
ANOTHER_TAKE_TIP = "Choose the next seed; Generate then makes another take of the same prompt"
VIDEO_TITLE, OWN_TITLE, FPS = "Title", "Title text", "Frames per second"
TITLES = {"derived": "From the prompt", "none": "None", "own": "Custom"}
IMAGE, NO_IMAGE, IMAGE_IS = "Starts from an image", "Path of a PNG, JPEG or WebP", "starts from {name}"
CALM_MOTION, CALM_MOTION_TIP = "Calm motion", "Fewer flashes and less camera motion"
SEED_IS, FPS_IS, TITLED, UNTITLED = "seed {seed}", "{fps} fps", "title “{title}”", "no title"
SHAPES = {"16:9": "wide", "9:16": "tall", "1:1": "square"}
SUBTITLE_MODE = "Subtitles"
SUBTITLE_MODES = {
    "soft": "Embedded track", "burn": "Burned in", "sidecar": "Separate file", "none": "None",
}  # fmt: skip
CAPTION_STYLE = "Caption style"
CAPTION_STYLES = {"box": "White on dark box", "outline": "White with outline", "large": "Large on dark box"}
GENERATE, DRAFT, CANCEL = "Generate", "Draft", "Cancel"
DRAFT_TIP = "Render a small preview on this machine: free, ready in seconds"
NO_NARRATION = "No narration yet. Choose the sample, record or upload a file, or enter a file path."
CHARACTERS = "{count:,} characters"
CHARACTERS_OF = "{count:,} of {limit:,} characters"
CHARACTERS_OVER = "; the last {over:,} will be cut off"

# Narration and subtitle sources

SAMPLE, OWN, PATH, WRITE = "Sample", "Record or upload", "File path", "Write"
NONE, FILE, PASTE, FROM_TEXT, AUTO = "None", "File path", "Paste", "From my text", "Listen to it"
WRITE_HINT, WRITE_TIP = "The words that a voice speaks ...", "The narration's text"
WRITE_NOTE = "A voice speaks it on this machine; the words become the captions."
VOICE, SPEED, LISTEN, STOP = "Voice", "Speed", "Listen", "Stop"
SPEEDS = (
    ("Slow (0.8)", 0.8), ("Calm (0.9)", 0.9), ("Normal (1.0)", 1.0), ("Brisk (1.1)", 1.1), ("Fast (1.25)", 1.25),
    ("Very fast (1.5)", 1.5),
)  # fmt: skip
LISTEN_TIP = "Speak the text and play it"
WRITTEN = "About {length} long."
SPOKEN = "{length} long, {count} captions."
STOPPED = "Stopped; nothing was kept."
NOTHING_WRITTEN = "There are no words yet: write what the voice is to speak."
FROM_TEXT_NOTE = "The words that the voice speaks, each at its time."
FROM_TEXT_MISSING = "For a narration under Write. For a recording, choose Paste and give its words."
AUTO_NOTE = "The words are recognised on this machine when the video is made."
SAMPLE_NOTE = "20 seconds about why the deep sea glows, with matching subtitles."
PATH_NOTE = "A path on the machine that runs the kernel."
URL_NOT_FETCHED = "A URL is not fetched. Download the file, then enter its path or upload it."
FOLDER = "A folder. Add the name of a file in it."
NO_FILE, NO_FOLDER, NO_PATH = "No such file in {folder}", "No such folder: {folder}", "Not a path of a file"
NO_SOUND, SOUND_OF_VIDEO = "This file has no sound.", "the sound of a video"
TOO_LONG, TOO_LARGE = "longer than the limit of {limit}", "larger than the limit of {limit}"
ONE_CAPTION, CAPTIONS, UNTIL = "1 caption", "{count:,} captions", "until {end}"
PASTED_PATH = "This looks like a path: choose File path for it."
PATH_LABEL, TEXT_LABEL = "Path", "Text"
NARRATION_HINT, SUBTITLES_HINT = "talk.mp3", "talk.srt, .vtt, .ass or .txt"
LONG_PASTE = "[{lines} lines, {size} kB, all kept in the kernel. Clear this field to paste other subtitles.]"
PASTE_HINT = "1\n00:00:00,000 --> 00:00:02,500\nThe first caption …\n\nOr just the words that are spoken."
WORDS, ALIGNED = "{count:,} words without times", "which are found in the narration"
NARRATION_SOURCE, SUBTITLES_SOURCE = "Narration source", "Subtitle source"
NARRATION_PATH, SUBTITLES_PATH = "Narration file path", "Subtitle file path"
SUBTITLES_TEXT = "Subtitle text"

# Provider and model

PROVIDER, MODEL, CLIP_LENGTH, SECONDS = "Provider", "Model", "Clip length", "Seconds"
AUTOMATIC = "Automatic"
SAME_AS_NARRATION, CUSTOM_LENGTH = "Same as narration", "Custom"
SECONDS_OPTION = "{seconds:g} s"
NOT_READY, NOT_INSTALLED = "{name} (not ready)", "{name} (not installed)"
DEFAULT, DEFAULT_MODEL = "Default", "{name} (default)"
AUTOMATIC_ORDER, THEN = "Automatic tries {names}.", ", then "
LAST_RESORT = "; {name} only if none of these can be used"
PROVIDER_MISSING = "{name} is not installed."
PROVIDER_READY, PROVIDER_NOT_READY = "{name}: {reason}.", "{name} is not ready: {reason}."
ALL_PROVIDERS = "All providers: {ready} of {all} ready"

# Price

TRIED_FIRST = "{name} is tried first"
MAY_BILL = "; {names} may bill if it cannot make the video"
PRICE_BY_LENGTH = "Price depends on the narration's length"
PLAN_FAILED = "{name} could not plan this video ({kind}: {what})."

# Comparing variants in a prompt lab

COMPARE, COMPARE_TIP = "Compare", "Make several variants of this video, play them in sync, and rank them"
LAB_NAME, LAB_NAME_HINT, LAB_PROMPT, LAB_STYLES, LAB_TAKES = "Name", "lab", "Prompt", "Styles", "Takes"
LAB_NOTE = (
    "Alternatives in the prompt make variants, such as {harbour|forest} in “a {harbour|forest} at {dawn|dusk}”; so do "
    "several styles (Ctrl or Shift and a click) and takes."
)
LAB_ADD, LAB_MAKE = "Add to the lab", "Make {count} video{plural} ({price})"
LAB_COUNT, LAB_FREE, LAB_UNKNOWN = "{count} variant{plural}", "free", "{count} of unknown price"
LAB_OPENED = "{new} new variant{plural}, {size} in all. In code, this lab is {code}."
NO_SHEET = "The contact sheet could not be made: {reason}"
LAB_CLOSED = "No lab is open yet; add variants to one first."

# A narration that is longer than a clip

REPEAT = "Repeat one clip ({price})"
BOARD, BOARD_TIP = (
    "Storyboard",
    "Cut the narration into scenes, each with a clip of its own. Nothing is sent yet",
)
BOARD_OFFER = "Storyboard ({count} scene{plural}, {price})"
BOARD_AGAIN = "Open storyboard ({made} of {count} made)"
BOARD_OPENED = "In code, this storyboard is {code}."
BOARD_INSTEAD = "Storyboard makes a film of scenes instead."

# Job progress

STAGES = {"upload": "Narration", "generate": "Clip", "download": "Download", "subtitles": "Subtitles"}
CANCEL_TIP = "Cancel this job and delete its unfinished files"
LOG, LOG_TIP = "Log", "Show every step of this job"
PROGRESS = "Video progress"
EARLIER_FAILURE = "Before this change: {message}"
CANCELING = "Canceling …"
DONE = "Done in {time}"
DONE_BY = "Done in {time} · {story}"
PLAY_WITH = "{path} · Player(job.video) plays it."
ENDED = {"failed": "Failed after {time}", "canceled": "Canceled after {time}"}
TIME_LEFT = " · about {time} left"
NOT_IN_NOTEBOOK = (
    "The video is saved as a file and plays here, but the saved notebook does not include it. To keep it there, run "
    "panel.video in a cell of its own."
)

# Reuse, resume and history

SHOW_VIDEO, GENERATE_AGAIN = "Show video", "Generate again"
ALREADY_GENERATED = "This video was already generated on {when} ({cost})."
RESUME, RESUME_ALL = "Resume", "Resume all"
ONE_UNFINISHED = "{job} is unfinished. Resuming it costs nothing extra."
MANY_UNFINISHED = "{count} jobs are unfinished. Resuming them costs nothing extra."
ONE_UNSEEN = "{job} may still be running in another process. Checking again in {seconds} s."
MANY_UNSEEN = "{count} jobs may still be running in other processes. Checking again in {seconds} s."
JOB_WITH_PROMPT, JOB_WITHOUT_PROMPT = "“{prompt}” ({provider})", "A video from {provider}"
HISTORY = "History"
LOADING_HISTORY = "Loading history …"
NO_HISTORY = "No videos yet."
SHOW, USE_SETTINGS = "Show", "Use settings"
DELETE, CONFIRM_DELETE = "Delete files", "Confirm delete"
ROW_TIP = "{button}: {title}"
RUNNING, PERHAPS_RUNNING, FILES_MISSING = "running", "perhaps running", "files missing"
INTERRUPTED = "interrupted"
RUN_STATES = {
    "accepted": "interrupted, accepted by the provider",
    "downloaded": "interrupted, clip downloaded",
    "ambiguous": "submission in doubt",
    "late": "timed out, still at the provider",
}
