"""The storyboard: a narration as scenes, each made, kept and chosen by itself, and the film of their takes."""
