"""The paragraphs' texts: compressed in blocks with dictionaries, written once, read when shown."""
