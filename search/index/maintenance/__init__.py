"""Backups of an index, and the check whether it is what was written."""
