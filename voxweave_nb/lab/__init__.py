"""The prompt lab: many variants of one video, votes on them, and a ranking that says how sure it is."""
