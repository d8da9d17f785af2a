"""Pages, JSON and CSV of what `search.corpus` counts and lists."""
