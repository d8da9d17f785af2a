"""Files and memory of an index: columns on disk, its folder, staged segments, a cache, memory that processes share."""
