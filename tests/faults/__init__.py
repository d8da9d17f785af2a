"""What is left of an index when a reindex dies or the disk refuses, at each of its writes, syncs and renames."""
