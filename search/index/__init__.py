"""The embedded engine: a Whoosh index in a folder, with columns and compiled loops of our own."""

from search.index.whoosh_engine import WhooshEngine

__all__ = ["WhooshEngine"]
