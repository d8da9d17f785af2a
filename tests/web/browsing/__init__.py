"""The pages of the web, used in a real browser as people use them, each with scripts and without."""
