"""What is asked: queries in no engine's language, and how they are drawn and kept."""
