"""The production server: granian, its main process and its workers."""
