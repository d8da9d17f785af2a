"""The embedded engine: a Whoosh index in a folder. The only package that imports whoosh."""

from search.index.whoosh_engine import WhooshEngine

__all__ = ["WhooshEngine"]
