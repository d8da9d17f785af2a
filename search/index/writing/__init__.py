"""From articles to a segment, and from small segments to large ones."""
