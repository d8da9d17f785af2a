"""The embedded engine: a Whoosh index in a folder. The only package that imports whoosh."""

from search.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
