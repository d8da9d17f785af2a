"""Prepare search results for templates and for JSON."""
