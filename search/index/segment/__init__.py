"""A segment, open for reading, and the data structures that are made of its columns."""
