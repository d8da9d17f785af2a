"""Text from bytes, and what the text states: encodings, lines, languages, dates and named fields."""
