"""A/B partners of retired grids: which of their heirs stand in for each other from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from geo.domain.posts import Partnership


@dataclass(frozen=True, slots=True)
class Inherited:
    """A partnership of a retired grid, and what becomes of it.

    Attributes
    ----------
    before : Partnership
        As it was, with at least one retired grid.
    after : Partnership
        The same between the heirs, from the day on which the grid is no more; its number says nothing.
    """

    before: Partnership
    after: Partnership

    @property
    def codes(self) -> tuple[str, str]:
        """The heirs, in the order of the grids before."""
        return self.after.grid_code, self.after.partner_code


@dataclass(frozen=True, slots=True)
class CarriedPair:
    """A/B partners of which at least one retired.

    Attributes
    ----------
    post : str
        Key of the post.
    from_codes : tuple of str
        The two grids before.
    to_codes : tuple of str or None
        The two grids after; None where the heirs are one grid, have no border in common, or have a partner
        already.
    """

    post: str
    from_codes: tuple[str, str]
    to_codes: tuple[str, str] | None


def inherited(pairs: Iterable[Partnership], heirs: Mapping[str, str], day: date) -> tuple[Inherited, ...]:
    """Return what the heirs of retired grids inherit of some partnerships, the oldest first.

    Parameters
    ----------
    pairs : iterable of Partnership
        Each from one side.
    heirs : Mapping[str, str]
        Code of the heir by that of the retired grid.
    day : date
        The first day on which the retired grids are no more.
    """
    concerned = (pair for pair in pairs if pair.grid_code in heirs or pair.partner_code in heirs)
    in_order = sorted(concerned, key=lambda pair: (pair.valid_from, pair.id))
    return tuple(Inherited(pair, _between_heirs(pair, heirs, day)) for pair in in_order)


def _between_heirs(pair: Partnership, heirs: Mapping[str, str], day: date) -> Partnership:
    first, second = (heirs.get(code, code) for code in (pair.grid_code, pair.partner_code))
    return replace(pair, grid_code=first, partner_code=second, valid_from=max(pair.valid_from, day))


def tenable(
    due: Iterable[Inherited], standing: Iterable[Partnership], bordering: Container[tuple[str, str]]
) -> frozenset[Inherited]:
    """Return the inherited partnerships that can hold: of neighbours, and of one partner at a time.

    Parameters
    ----------
    due : iterable of Inherited
        Those that come first have precedence.
    standing : iterable of Partnership
        Partnerships of the heirs that go on, each from one side.
    bordering : container of tuple of str
        Pairs of codes that have a border in common.
    """
    taken: dict[tuple[str, str], list[Partnership]] = defaultdict(list)

    def take(pair: Partnership) -> None:
        for code in (pair.grid_code, pair.partner_code):
            taken[pair.post, code].append(pair)

    for pair in standing:
        take(pair)
    found = set()
    for one in due:
        others = [other for code in one.codes for other in taken[one.after.post, code]]
        if one.codes in bordering and not any(_overlap(one.after, other) for other in others):
            take(one.after)
            found.add(one)
    return frozenset(found)


def _overlap(one: Partnership, other: Partnership) -> bool:
    return one.valid_from < (other.valid_to or date.max) and other.valid_from < (one.valid_to or date.max)
