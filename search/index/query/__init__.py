"""From a query tree to the best paragraphs of a generation."""
