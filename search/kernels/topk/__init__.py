"""Loops that find the k best paragraphs: of OR, of AND, of a bitmap, with or without block-max bounds."""
