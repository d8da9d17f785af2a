"""The data structures that all loops share: bitmaps, postings, token streams, tables of dense terms."""
