"""The local renderer: makes a video from a narration and a prompt on this machine, without a key."""
