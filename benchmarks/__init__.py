"""Benchmarks, run by `make bench`: peers and we in the same run, on the same texts and queries; not tests."""
