"""Loops over words: numbering the tokens of texts, looking up terms, fuzzy matching, unions of many terms."""
