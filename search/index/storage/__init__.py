"""Files and memory: arrays on disk, the folder of an index, what is kept in memory, what processes share."""
