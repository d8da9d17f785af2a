"""Queries over the segments of a generation: plans, matching, ranking, and the collection of results."""
