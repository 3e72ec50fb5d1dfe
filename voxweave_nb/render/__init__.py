"""The local renderer: composed, audio-reactive scenes in the seven styles, without a key or a network."""
