"""Tests of the repository itself: its shape, its names, its documentation and its set-up."""
