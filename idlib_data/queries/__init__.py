"""Questions to an opened dataset: filters, single records, the timeline, read-only SQL."""
