"""The command line: options, commands, and what a terminal shows of them."""
