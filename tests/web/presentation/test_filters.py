"""The form of all filters, which /filters shows."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.dom import Dom


def test_a_form_of_filters_knows_what_is_written_out(page: Callable[..., Dom]) -> None:
    """An address may say what holds anyway; one box of each group is chosen all the same."""
    for path in ("/filters?q=moon", "/filters?q=moon&match=all&scope=paragraph&duplicates=show"):
        html = page(path)
        for name in ("match", "scope", "duplicates"):
            assert len([one for one in html.all("input", type="radio", name=name) if "checked" in one]) == 1, path
