"""A reader for each format: a file to records."""
