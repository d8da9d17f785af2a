"""From text to tokens, words and stems: the one analysis that articles and queries share. The only importer of nltk."""
