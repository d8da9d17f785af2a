"""A process of its own for the formats that are read by large libraries, and how it is talked to."""
