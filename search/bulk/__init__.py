"""Gives programs whole lists: every paragraph that a search finds, and all articles of an index by their changes."""
