"""The results as Markdown, written into a page between two markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from benchmarks.report.growth import growth
from benchmarks.report.markdown import short, table
from benchmarks.report.processes import built, indexing, serving
from benchmarks.report.requests import beside_opensearch, http
from benchmarks.timing import PERCENTILES

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
COMPARED = "tantivy"
"""The engine that ours is compared with first."""
UNCOUNTED = "tantivy-uncounted"
OTHERS = (
    "lucene",
    "lucene-uncounted",
    "lucene-reordered",
    "lucene-reordered-uncounted",
    "fts5",
    "xapian",
    "bm25s",
    "pisa",
)
WHOLE = 1_024_151
"""Paragraphs of the whole set."""


def write(page: Path, results: Mapping[str, Any]) -> None:
    """Put the results where the page has its figures; a page that is not there is made."""
    text = page.read_text("utf-8") if page.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{figures(results)}\n{END}{after}", "utf-8")


def figures(results: Mapping[str, Any]) -> str:
    """All sections."""
    main = results["main"]
    sections = [
        setup(results["machine"], main["corpus"]),
        *(against_tantivy(main) if COMPARED in main["peers"] else []),
        *other_engines(main),
        *(against_whoosh(results["whoosh"]) if "whoosh" in results else []),
        *indexing(main),
        *serving(main),
        *http(main),
        *beside_opensearch(main),
        *growth(results.get("growth", ())),
        *differences(main, results.get("whoosh")),
    ]
    return "\n\n".join(sections) + "\n"


def setup(machine: Mapping[str, Any], corpus: Mapping[str, Any]) -> str:
    """Where, when and on what."""
    small = "" if corpus["paragraphs"] == WHOLE else " **A sample of the whole set: not what it is measured by.**"
    before, after = machine["load"]
    return (
        f"Measured on {machine['date']} by `{machine['command']}` on {machine['cores']} cores of {machine['processor']}"
        f", {machine['memory'] / 2**30:.0f} GiB, {machine['system']}, Python {machine['python']}; load before "
        f"{before:.1f}, after {after:.1f}. {corpus['paragraphs']:,} paragraphs of {corpus['articles']:,} articles "
        f"({', '.join(corpus['sets'])}), {corpus['bytes'] / 1e6:.0f} MB of text.{small}"
    )


def against_tantivy(main: Mapping[str, Any]) -> Iterator[str]:
    """The table that matters most, what it comes to, and where ours loses."""
    kinds = {kind: each for kind, each in main["kinds"].items() if COMPARED in each and "ours" in each}
    yield "### Next to Tantivy"
    yield _summary(kinds)
    yield _lost(kinds)
    yield "Milliseconds of CPU for a query, and our percentile divided by Tantivy's (below 1 ours is faster):"
    head = ["kind", *(f"ours p{n}" for n in PERCENTILES), *(f"Tantivy p{n}" for n in PERCENTILES)]
    head += [f"ratio p{n}" for n in PERCENTILES] + [f"ratio p{n}, no total" for n in PERCENTILES]
    head += ["queries", "equal totals", "ours complete"]
    yield table(head, (_compared(kind, each) for kind, each in kinds.items()))
    yield "Milliseconds on the wall:"
    head = ["kind", *(f"{name} p{n}" for name in ("ours", "Tantivy") for n in PERCENTILES)]
    pairs = ((kind, each["ours"], each[COMPARED]) for kind, each in kinds.items())
    yield table(head, ([f"`{kind}`", *_times(mine, "wall"), *_times(other, "wall")] for kind, mine, other in pairs))


def _summary(kinds: Mapping[str, Any]) -> str:
    rows = []
    for name, peer in (("with exact totals", COMPARED), ("Tantivy without totals", UNCOUNTED)):
        ratios = [each[peer]["ratio"] for each in kinds.values() if peer in each]
        if ratios:
            row = [name]
            for n in PERCENTILES:
                values = [ratio[str(n)] for ratio in ratios]
                won = sum(value < 1 for value in values)
                typical = f"{median(values):.2f} / {geometric_mean(values):.2f} / {max(values):.2f}"
                row.append(f"{typical} / {won} of {len(values)}")
            rows.append(row)
    return "Over all kinds, median / geometric mean / worst of the ratios / kinds where ours is faster:\n\n" + table(
        ["", *(f"p{n}" for n in PERCENTILES)], rows
    )


def _lost(kinds: Mapping[str, Any]) -> str:
    """The kinds where ours is slower, the worst first."""
    lost = [
        (each[COMPARED]["ratio"][str(n)], f"`{kind}` p{n} ({each[COMPARED]['ratio'][str(n)]:.2f})")
        for kind, each in kinds.items()
        for n in PERCENTILES
        if each[COMPARED]["ratio"][str(n)] > 1
    ]
    named = ", ".join(name for _, name in sorted(lost, reverse=True))
    return f"Where Tantivy, with totals, is faster: {named or 'nowhere'}."


def _compared(kind: str, each: Mapping[str, Any]) -> list[str]:
    theirs, uncounted = each[COMPARED], each.get(UNCOUNTED)
    row = [f"`{kind}`", *_times(each["ours"], "cpu"), *_times(theirs, "cpu")]
    for peer in (theirs, uncounted):
        row += [f"{peer['ratio'][str(n)]:.2f}" if peer else "" for n in PERCENTILES]
    counted = theirs["counted"]
    row.append(f"{counted['queries']:,}")
    row.append(f"{counted['equal']:.0%}" if counted["compared"] else "")
    row.append(f"{each['ours']['counted']['exact']:.0%}")
    return row


def _times(peer: Mapping[str, Any], measure: str) -> list[str]:
    return [short(peer[measure][str(n)]) for n in PERCENTILES]


def _cell(peer: Mapping[str, Any] | None, all_queries: int) -> str:
    if peer is None:
        return ""
    n = peer["counted"]["queries"]
    few = f" ({n:,} queries)" if n < all_queries else ""
    return " / ".join([*_times(peer, "cpu"), short(peer["cpu"]["mean"])]) + few


def other_engines(main: Mapping[str, Any]) -> Iterator[str]:
    """Everybody else, in one table."""
    names = [name for name in ("ours", COMPARED, *OTHERS) if name in main["peers"]]
    if set(names) & set(OTHERS):
        yield "### Next to others"
        yield _multiples(main, names[1:])
        yield _cells(main, names)


def against_whoosh(part: Mapping[str, Any]) -> Iterator[str]:
    """Plain Whoosh, on what it can do in the time."""
    if "whoosh" in part["peers"]:
        yield "### Next to plain Whoosh"
        yield f"On {part['corpus']['paragraphs']:,} of these paragraphs."
        yield _multiples(part, ["whoosh"])
        yield _cells(part, ["ours", "whoosh"])
        yield from built(part)


def _multiples(result: Mapping[str, Any], names: Sequence[str]) -> str:
    """How many times ours each engine's figures are."""
    rows = []
    for name in names:
        ratios = [each[name]["ratio"] for each in result["kinds"].values() if name in each]
        row = [f"`{name}`", str(len(ratios))]
        for n in PERCENTILES:
            values = [1 / ratio[str(n)] for ratio in ratios]
            row.append(" / ".join(short(value) for value in (median(values), geometric_mean(values), min(values))))
        rows.append(row)
    head = ["engine", "kinds", *(f"p{n}" for n in PERCENTILES)]
    text = "How many times ours their figures are, over the kinds: median / geometric mean / least."
    return f"{text}\n\n{table(head, rows)}"


def _cells(result: Mapping[str, Any], names: Sequence[str]) -> str:
    rows = []
    for kind, each in result["kinds"].items():
        most = max(peer["counted"]["queries"] for peer in each.values())
        rows.append([f"`{kind}`", *(_cell(each.get(name), most) for name in names)])
    text = "Milliseconds of CPU for a query: p50 / p95 / p99 / mean. An engine that was slow got to fewer queries."
    return f"{text}\n\n{table(['kind', *names], rows)}"


def differences(main: Mapping[str, Any], part: Mapping[str, Any] | None) -> Iterator[str]:
    """What figures of different programs cannot say."""
    peers = main["peers"] | {name: one for name, one in (part or {"peers": {}})["peers"].items() if name == "whoosh"}
    yield "### What differs"
    rows = ([f"`{name}`", one["version"], one["differs"]] for name, one in peers.items())
    lines = table(["engine", "version", "differs"], rows).replace("| ---: | ---: |", "| --- | --- |")
    yield lines
