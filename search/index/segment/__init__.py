"""A segment, open for reading, and the data structures that are read of it."""
