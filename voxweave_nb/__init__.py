"""From a narration to a captioned video, in a Jupyter notebook."""

__version__ = "0.1.0.dev0"
