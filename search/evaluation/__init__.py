"""Measure the ranking on test collections: documents, queries, and judgments of which documents answer which query."""
