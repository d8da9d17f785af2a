"""Turn text into tokens, words and stems, for articles and queries alike. The only importer of nltk."""
