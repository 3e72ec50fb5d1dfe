"""Notebook widgets: the panel, the audio input, the player, and a job's progress."""
