"""The way of a video: script, clips (plan, submit once, poll, download), assembly, publishing."""
