"""Runs that write the next generation into the cluster."""
