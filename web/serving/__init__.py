"""The production server: granian, with a main process and worker processes that answer requests."""
