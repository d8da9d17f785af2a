"""The compiled loops: arrays in, arrays out. They know no Whoosh, no articles, no HTTP.

Everything here is numba: compiled once, kept in a cache, run without the GIL. Arrays from disk are read-only maps, so
signatures take read-only arrays, which writable ones fit too.

Where a docstring does not say otherwise, documents are int32 and ascend, bitmaps are `(n_blocks,) uint64`, encoded
lists and payloads uint8, scores and weights float64, and offsets int64, or uint32 where they come from disk.
"""
