"""A separate process, bounded in memory and time, that reads the formats which need large libraries."""
