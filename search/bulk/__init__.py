"""What programs take as a whole: every paragraph that a search finds, and the list of all articles."""
