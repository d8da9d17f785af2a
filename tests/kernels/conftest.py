"""Tests of loops. Coverage is not measured: no line of a loop is seen to run, and other code takes thrice as long."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _without_coverage(no_cover: None) -> None:
    """Have pytest-cov pause for each test."""
