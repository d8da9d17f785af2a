"""Loops that find phrases and words near each other, in token streams and by what stands beside a posting."""
