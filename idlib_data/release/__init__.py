"""Releases: one state of the data, with everything that is made of it, in fixed bytes."""
