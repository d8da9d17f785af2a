"""The archives that engines are tested with, and what they have to find in them."""
