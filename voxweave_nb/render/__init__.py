"""The local renderer: a narration and a prompt become a picture, on this machine, without a key."""
