"""From bytes to text, and from text to what it says: encodings, lines, languages, dates, named fields."""
