"""Backups of an index, and the check of its integrity."""
