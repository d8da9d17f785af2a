"""From the text of a query to a tree: `parser.parse` reads it, `tree` says what each node matches. Knows no engine."""
