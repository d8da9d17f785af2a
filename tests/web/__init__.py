"""Tests of the web front end: its JSON, its pages, its errors, what hostile input does to it, and a real browser."""
