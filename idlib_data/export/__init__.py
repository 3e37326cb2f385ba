"""One writer per format; each writes the same bytes for the same rows and the same library."""
