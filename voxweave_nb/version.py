"""The version, in a room that everybody may import from."""

__version__ = "0.1.0.dev0"
