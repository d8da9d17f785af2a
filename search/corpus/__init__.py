"""Answers what linguists ask of a corpus: how often words occur over time, and which words stand around them."""
