"""The compiled loops: arrays in, arrays out. They know no Whoosh, no articles, no HTTP.

Everything here is numba: compiled once, kept in a cache, run without the GIL. Arrays from disk are read-only maps, so
signatures take read-only arrays, which writable ones fit too.
"""
