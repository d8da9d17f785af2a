"""Measures of a ranking and a paired test between two, by ir_measures and SciPy. The only importer of both.

Measures are those of trec_eval, which orders documents by score. A query without results counts as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import ir_measures
import numpy as np
import pytrec_eval  # noqa: F401 - ir_measures needs it, but does not say so until it measures
from scipy.stats import permutation_test

MEASURES = {
    "nDCG@10": ir_measures.nDCG @ 10,
    "MAP": ir_measures.AP,
    "recall@100": ir_measures.R @ 100,
    "judged@10": ir_measures.Judged @ 10,
}
"""Measures by the name that reports give them; the first is the chief one."""
RESAMPLES = 9_999
"""Random assignments of the paired test where there are too many to try all."""
BATCH_ELEMENTS = 1 << 21
"""Numbers that the paired test holds at a time."""

Values = dict[str, dict[str, float]]
"""Value of each measure by query and name."""


class Difference(NamedTuple):
    """The difference of a measure between a run and an earlier one, over the same queries.

    `p` is that of the two-sided paired randomisation test (Smucker, Allan and Carterette: A comparison of statistical
    significance tests for information retrieval evaluation, CIKM 2007); None for fewer than two queries.
    """

    mean: float
    earlier: float
    difference: float
    p: float | None
    wins: int
    losses: int
    ties: int


def measure(judgments: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]) -> Values:
    """Return the measures of each judged query; `run` has the score of each document that was found, by query."""
    asked = {query_id: dict(grades) for query_id, grades in judgments.items()}
    found = {query_id: dict(scores) for query_id, scores in run.items() if scores and query_id in asked}
    names = {measure: name for name, measure in MEASURES.items()}
    values: Values = {query_id: {} for query_id in asked}
    for metric in ir_measures.evaluator(list(names), asked).iter_calc(found):
        values[metric.query_id][names[metric.measure]] = float(metric.value)
    return values


def means(values: Values) -> dict[str, float]:
    """Return the mean of each measure over all queries."""
    return {name: fmean(by_name[name] for by_name in values.values()) for name in MEASURES}


def compare(values: Values, earlier: Values) -> dict[str, Difference]:
    """Return the difference of each measure between two runs that have the same queries."""
    queries = list(values)
    return {
        name: _difference([values[q][name] for q in queries], [earlier[q][name] for q in queries]) for name in MEASURES
    }


def _difference(values: Sequence[float], earlier: Sequence[float]) -> Difference:
    difference = np.subtract(values, earlier)
    wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
    p = None
    if len(difference) > 1:
        p = permutation_test(
            (difference,),
            np.mean,
            permutation_type="samples",
            n_resamples=RESAMPLES,
            batch=max(1, BATCH_ELEMENTS // len(difference)),
            rng=0,
        ).pvalue
    return Difference(
        fmean(values),
        fmean(earlier),
        float(difference.mean()),
        None if p is None else float(p),
        wins,
        losses,
        len(difference) - wins - losses,
    )
