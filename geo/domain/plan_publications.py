"""What the publication of a plan has done to grids, things and people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from geo.domain.personal import personal
from geo.domain.plan_partners import CarriedPair

LARGEST_SHARE = "largest-share"
"""Posts, roles and what is to come go to the grid that got the largest share of the ground, of equals to the
lowest code: a merged grid inherits from all its parts, of a split grid one part keeps the people."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Things that are kept by another grid now.

    Attributes
    ----------
    kind : str
        Name of their table; of issues those still open, of activities those to come.
    from_code, to_code : str or None
        The grids before and after; None outside every grid.
    count : int
        How many.
    """

    kind: str
    from_code: str | None
    to_code: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A post that went from a retired grid to its heir.

    Attributes
    ----------
    person_id : int
        Who holds it.
    name : str
        The name of the person.
    post : str
        Key of the post.
    from_code, to_code : str
        The retired grid, and the one that got the largest share of its ground.
    """

    person_id: int
    name: str = field(metadata=personal("person.name"))
    post: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class Held:
    """A post in one grid.

    Attributes
    ----------
    person_id : int
        Who holds it.
    name : str
        The name of the person.
    post : str
        Key of the post.
    code : str
        Code of the grid.
    area_m2 : float
        Its area in square metres.
    households : int
        Its households, 0 where nobody has counted.
    """

    person_id: int
    name: str
    post: str
    code: str
    area_m2: float
    households: int


@dataclass(frozen=True, slots=True)
class PostChange:
    """What somebody lost or gained with a post, over all grids that have changed.

    Attributes
    ----------
    person_id, name, post
        See `Held`.
    lost_codes, gained_codes : tuple of str
        Grids in which they hold it no more, and those in which they hold it now.
    area_m2_before, area_m2_after : float
        Ground of the changed grids in which they hold it.
    households_before, households_after : int
        Households there.
    """

    person_id: int
    name: str = field(metadata=personal("person.name"))
    post: str
    lost_codes: tuple[str, ...]
    gained_codes: tuple[str, ...]
    area_m2_before: float
    area_m2_after: float
    households_before: int
    households_after: int


def changed_posts(before: Iterable[Held], after: Iterable[Held]) -> tuple[PostChange, ...]:
    """Return what each holder of a post has lost or gained, by person and post.

    Parameters
    ----------
    before, after : iterable of Held
        Posts in the grids that change, with their figures before and after.

    Examples
    --------
    >>> before, after = Held(1, "王芳", "head", "a", 9.0, 5), Held(1, "王芳", "head", "b", 12.0, 7)
    >>> [change] = changed_posts([before], [after])
    >>> change.lost_codes, change.gained_codes, change.households_after - change.households_before
    (('a',), ('b',), 2)
    """
    old, new = _by_post(before), _by_post(after)
    return tuple(_change(key, old.get(key, []), new.get(key, [])) for key in sorted(old.keys() | new.keys()))


_Post = tuple[int, str, str]


def _by_post(held: Iterable[Held]) -> dict[_Post, list[Held]]:
    posts: dict[_Post, list[Held]] = defaultdict(list)
    for one in held:
        posts[one.person_id, one.name, one.post].append(one)
    return posts


def _change(post: _Post, before: list[Held], after: list[Held]) -> PostChange:
    old, new = {one.code for one in before}, {one.code for one in after}
    return PostChange(
        *post,
        lost_codes=tuple(sorted(old - new)),
        gained_codes=tuple(sorted(new - old)),
        area_m2_before=sum(one.area_m2 for one in before),
        area_m2_after=sum(one.area_m2 for one in after),
        households_before=sum(one.households for one in before),
        households_after=sum(one.households for one in after),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a publication has changed beside borders.

    Attributes
    ----------
    new_codes, retired_codes : tuple of str
        Codes of grids that came, and of those that went.
    moved : tuple of Moved
        Things, from where to where.
    carried : tuple of Carried
        Posts, from where to where.
    posts : tuple of PostChange
        What holders of posts lost or gained, whether their grid retired or got another shape.
    vacant_codes : tuple of str
        New grids in which nobody holds a post.
    rule : str
        How heirs of retired grids are found: `LARGEST_SHARE`.
    partners : tuple of CarriedPair
        A/B partners of retired grids, and what became of them.
    """

    new_codes: tuple[str, ...]
    retired_codes: tuple[str, ...]
    moved: tuple[Moved, ...]
    carried: tuple[Carried, ...]
    posts: tuple[PostChange, ...]
    vacant_codes: tuple[str, ...]
    rule: str = LARGEST_SHARE
    partners: tuple[CarriedPair, ...] = ()
