"""What linguists ask of a corpus: how often words occur over time, and in what context."""
