"""Whether counts of requests by version fit a split, judged at any time and as often as one likes.

Each request goes to a version with the probability of its share, so the count of a version is
binomial. Against a share p, weigh the likelihood of every other share alike (the uniform mixture,
a beta-binomial):

    E = ∫ q^k (1 - q)^(n - k) dq / (p^k (1 - p)^(n - k)) = 1 / ((n + 1) Bin(k; n, p))

While p is true, E is a martingale that starts at 1, so it ever reaches 1/alpha with a probability
of at most alpha (Ville's inequality), however often one looks and whenever one stops. Shares with
E < 1/alpha are the confidence sequence of the version. A split is judged by all its versions at
once, each with its part of alpha (Bonferroni).

Sources: J. Ville, Étude critique de la notion de collectif (1939); H. Robbins, Statistical methods
related to the law of the iterated logarithm (1970); S. Howard, A. Ramdas, J. McAuliffe,
J. Sekhon, Time-uniform, nonparametric, nonasymptotic confidence sequences (arXiv:1810.08240);
M. Lindon, A. Malek, Anytime-valid inference for multinomial count data (arXiv:2011.03567).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, lgamma, log
from typing import Final

from crossfade.domain.share import WHOLE, percent_text
from crossfade.domain.split import Split

ALPHA: Final = 0.0001
_TO: Final = "\N{EN DASH}"
_HALVINGS: Final = 50  # leaves less than 1e-15 of a share

FINE: Final = 0.01  # shares below are told with one more decimal
STRAY: Final = 0.5 / WHOLE  # of requests that began before a change, or were counted late

Counts = Mapping[str, int]  # requests by version
Range = tuple[float, float]


class Shares(StrEnum):
    """What the counts say of a change from one split to another."""

    OBEYED = "obeyed"
    CONTRADICTED = "contradicted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the counts say, and the numbers behind it in a sentence."""

    shares: Shares
    sentence: str


def judge(counts: Counts, new: Split, old: Split, alpha: float = ALPHA) -> Judgement:
    """Whether requests divide by the new split, and no longer by the old one.

    Over all looks together, each of the two wrong answers has a probability of at most alpha:
    obeyed, while half of the requests or more go by the old split; contradicted, while all go by
    the new one.
    """
    numbers = _numbers(counts, new, alpha)
    if excludes(counts, new, alpha):
        wanted = ", ".join(f"{name} {percent_text(new.share_of(name))}" for name in _told(new))
        return Judgement(Shares.CONTRADICTED, f"{numbers}, not {wanted}")
    obeyed = leaves(counts, old, new, alpha)
    return Judgement(Shares.OBEYED if obeyed else Shares.OPEN, numbers)


def fits(counts: Counts, split: Split, alpha: float = ALPHA) -> bool:
    """Whether the counts leave it possible that requests divide by the split."""
    return not excludes(counts, split, alpha)


def excludes(counts: Counts, split: Split, alpha: float = ALPHA) -> bool:
    """Whether the counts rule out that requests divide by the split."""
    return _rule_out(counts, {name: _between(share) for name, share in split.weights}, alpha)


def leaves(counts: Counts, old: Split, new: Split, alpha: float = ALPHA) -> bool:
    """Whether the counts rule out that half of the requests, or more, still go by the old split.

    To rule out the old split alone would be too little: one proxy of many that obeys is enough
    to give requests to a version that had none.
    """
    names = dict.fromkeys(name for name, _ in old.weights + new.weights)
    ways = {name: (old.share_of(name), new.share_of(name)) for name in names}
    half = {name: _between(here, (here + there) / 2) for name, (here, there) in ways.items()}
    return _rule_out(counts, half, alpha)


def interval(count: int, total: int, alpha: float) -> tuple[float, float]:
    """The shares that a count of a total leaves possible: the lowest and the highest."""
    limit = log(1 / alpha)
    middle = count / total if total else 0.5
    lowest = _edge(count, total, limit, inside=middle, outside=0.0)
    return lowest, _edge(count, total, limit, inside=middle, outside=1.0)


def log_evidence(count: int, total: int, share: float) -> float:
    """The logarithm of the evidence against a share; infinite where the share is impossible."""
    others = total - count
    if (count and share <= 0) or (others and share >= 1):
        return inf
    ways = lgamma(total + 1) - lgamma(count + 1) - lgamma(others + 1)
    hits = count * log(share) if count else 0.0
    misses = others * log(1 - share) if others else 0.0
    return -(log(total + 1) + ways + hits + misses)


def _between(*shares: float) -> Range:
    """From the least of these hundredths of a percent to the most, as parts of one."""
    lowest, highest = min(shares) / WHOLE, max(shares) / WHOLE
    return min(lowest, 1 - STRAY), max(highest, STRAY)


def _rule_out(counts: Counts, ranges: Mapping[str, Range], alpha: float) -> bool:
    """Whether a version's count rules out all of its range; others may have nothing."""
    total = sum(counts.values())
    names = dict.fromkeys([*ranges, *counts])
    limit = log(len(names) / alpha)
    return any(
        _log_evidence_in(counts.get(name, 0), total, ranges.get(name, _between(0))) >= limit
        for name in names
    )


def _log_evidence_in(count: int, total: int, within: Range) -> float:
    """The evidence against the share of a range that the count is closest to."""
    if total == 0:
        return 0.0
    lowest, highest = within
    return log_evidence(count, total, min(max(count / total, lowest), highest))


def _edge(count: int, total: int, limit: float, *, inside: float, outside: float) -> float:
    """Where the possible shares end, between one that is possible and one that may not be."""
    if log_evidence(count, total, outside) < limit:
        return outside
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if log_evidence(count, total, middle) < limit:
            inside = middle
        else:
            outside = middle
    return inside


def _names(counts: Counts, split: Split) -> tuple[str, ...]:
    """Every version that has a share, or got requests without one."""
    return tuple(dict.fromkeys([*(name for name, _ in split.weights), *counts]))


def _numbers(counts: Counts, split: Split, alpha: float) -> str:
    total = sum(counts.values())
    if total == 0:
        return "no requests yet"
    part = alpha / len(_names(counts, split))
    shares = (_share_text(name, counts.get(name, 0), total, part) for name in _told(split))
    return f"{total:,} requests: {', '.join(shares)}"


def _told(split: Split) -> Iterable[str]:
    """The versions that a person wants to read of: all but the largest, which is the rest."""
    names = [name for name, _ in split.weights]
    rest = max(names, key=split.share_of)
    return [name for name in names if name != rest] or names


def _share_text(name: str, count: int, total: int, alpha: float) -> str:
    lowest, highest = interval(count, total, alpha)
    digits = 1 if highest >= FINE else 2
    low, seen, high = (f"{100 * it:.{digits}f}" for it in (lowest, count / total, highest))
    return f"{name} {seen}% ({low}{_TO}{high}%)"
