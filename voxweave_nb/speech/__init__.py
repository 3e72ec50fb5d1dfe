"""Speech: captions from a text that is known, and captions that read well."""
