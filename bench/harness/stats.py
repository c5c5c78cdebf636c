"""Medians of ratios, and how sure one can be of them.

A ratio is taken within a round, where both servers met the same machine; rounds are then compared, never single
figures of different rounds (Abedi and Brecht, "Conducting Repeatable Experiments in Highly Variable Cloud Computing
Environments", ICPE 2017).
"""

import random
import statistics
from dataclasses import dataclass

RESAMPLES = 4000
SEED = 1  # the same rounds give the same interval


@dataclass(frozen=True)
class Estimate:
    median: float
    low: float  # of the 95 % interval
    high: float
    rounds: int


def estimate(values):
    """The median of `values` and its 95 % interval by the percentile bootstrap. Nothing for no values."""
    values = list(values)
    if not values:
        return None
    source = random.Random(SEED)
    medians = sorted(statistics.median(source.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return Estimate(statistics.median(values), medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES) - 1],
                    len(values))


def ratios(numerators, denominators):
    """Round by round; a round in which either is missing, or the latter is 0, gives none."""
    return [a / b for a, b in zip(numerators, denominators, strict=True) if a is not None and b]


def verdict(found, relation, limit):
    """`reached` where the bound of the interval is on the right side of the limit; `undecided` where only the median
    is."""
    if found is None:
        return "not measured"
    bound, holds = (found.low, float.__ge__) if relation == ">=" else (found.high, float.__le__)
    if holds(float(bound), float(limit)):
        return "reached"
    return "undecided" if holds(float(found.median), float(limit)) else "not reached"
