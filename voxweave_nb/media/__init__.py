"""Everything that opens, measures, joins or writes media files; the only room that starts FFmpeg."""
