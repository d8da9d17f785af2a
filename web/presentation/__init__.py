"""From what was found to what a template or a program is given."""
