"""Which profile holds where and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from geo.domain.profiles import Profile

BEGINNING = date.min
"""From when the first regulation of a city holds."""
ENDLESS = date.max
"""Until when something holds that nothing is known to follow."""


@dataclass(frozen=True, slots=True)
class Regulation:
    """A profile that holds somewhere from a day on, until the next one there begins.

    Attributes
    ----------
    id : int
        Its row; of two that begin on the same day, the later one holds.
    grid_code : str or None
        The grid in which it holds, with all below; None for the whole city.
    valid_from : date
        The first day.
    profile : Profile or None
        All of its values; None where what holds above holds here again.
    path : str or None
        The single value that was set; None where a whole profile was adopted.
    adopted_by, adopted_at
        Who wrote it, and when.
    """

    id: int
    grid_code: str | None
    valid_from: date
    profile: Profile | None
    path: str | None
    adopted_by: str
    adopted_at: datetime


@dataclass(frozen=True, slots=True)
class Regime:
    """A profile with the days and the ground in which it holds.

    Attributes
    ----------
    profile : Profile
        What holds.
    since, until : date
        The days, half-open.
    within : str or None
        The grid in which it holds, with all below; None for the whole city.
    except_in : frozenset of str
        Grids below that have rules of their own, with all below them.
    """

    profile: Profile
    since: date
    until: date
    within: str | None
    except_in: frozenset[str]

    def covers(self, chain: Iterable[str]) -> bool:
        """Tell whether a place, given as the codes of its grids on all levels, is ruled by it."""
        codes = set(chain)
        return (self.within is None or self.within in codes) and self.except_in.isdisjoint(codes)


def regimes_of(
    regulations: Sequence[Regulation],
    chains: Mapping[str, Sequence[str]],
    *,
    since: date,
    until: date,
    within: str | None = None,
) -> tuple[Regime, ...]:
    """Give what holds on each day and in each grid, once each.

    Parameters
    ----------
    regulations : sequence of Regulation
        All of them, by first day and row.
    chains : Mapping
        For the grid of each regulation, and for ``within``: its code with those above it, widest first.
    since, until : date
        The days, half-open.
    within : str, optional
        Only what holds in this grid and below.

    Notes
    -----
    In a grid whose rules were withdrawn, what holds in the nearest grid above it holds.
    """
    begins = sorted({since, *(one.valid_from for one in regulations if since < one.valid_from < until)})
    days = [*begins, until] if since < until else []
    found = [
        regime
        for start, end in pairwise(days)
        for regime in _holding(regulations, chains, start, end, within)
    ]
    return joined(found, lambda profile: profile)


def _holding(
    regulations: Sequence[Regulation],
    chains: Mapping[str, Sequence[str]],
    start: date,
    end: date,
    within: str | None,
) -> list[Regime]:
    latest = {one.grid_code: one.profile for one in regulations if one.valid_from <= start}
    holding = {code: profile for code, profile in latest.items() if profile}
    above = [None] if within is None else [None, *chains[within]]
    nearest = next((code for code in reversed(above) if code in holding), None)
    below = {code for code in holding if code not in above and _lies_in(code, within, chains)}
    places = [(within, holding[nearest])] if nearest in holding else []
    places += [(code, holding[code]) for code in below]
    return [Regime(profile, start, end, place, _below(place, below, chains)) for place, profile in places]


def _below(place: str | None, codes: set[str | None], chains: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(code for code in codes if code and code != place and _lies_in(code, place, chains))


def _lies_in(code: str | None, place: str | None, chains: Mapping[str, Sequence[str]]) -> bool:
    return place is None or (code is not None and place in chains[code])


def joined(regimes: Iterable[Regime], part: Callable[[Profile], object]) -> tuple[Regime, ...]:
    """Give regimes with those made one that follow each other in the same grids with an equal part.

    Parameters
    ----------
    regimes : iterable of Regime
        In any order.
    part : callable
        The part of the profile that matters, such as ``lambda profile: profile.duties``.

    Returns
    -------
    tuple of Regime
        By grid and first day; one that was made of several has the profile of the first.
    """
    whole: list[Regime] = []
    for one in sorted(regimes, key=lambda regime: (regime.within or "", regime.since)):
        last = whole[-1] if whole else None
        if (
            last
            and last.until == one.since
            and _same_ground(last, one)
            and part(last.profile) == part(one.profile)
        ):
            whole[-1] = replace(last, until=one.until)
        else:
            whole.append(one)
    return tuple(whole)


def _same_ground(one: Regime, other: Regime) -> bool:
    return (one.within, one.except_in) == (other.within, other.except_in)


def holding_in(
    regulations: Sequence[Regulation], chain: Sequence[str]
) -> tuple[tuple[date, Regulation], ...]:
    """Give what holds in a grid from which day on, the earliest first.

    Parameters
    ----------
    regulations : sequence of Regulation
        All of them, by first day and row.
    chain : sequence of str
        The grid with those above it, widest first; empty for the city.
    """
    known: dict[str | None, Regulation] = {}
    found: dict[date, Regulation] = {}
    for one in regulations:
        if one.grid_code in {None, *chain}:
            known[one.grid_code] = one
            found[one.valid_from] = next(
                known[code] for code in [*reversed(chain), None] if code in known and known[code].profile
            )
    return tuple(found.items())
