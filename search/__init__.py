"""Stemma."""
