"""Opening, measuring, muxing and writing media files; only this room and the sandbox start FFmpeg."""
