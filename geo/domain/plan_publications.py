"""What the publication of a plan has done to grids, things and people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moved:
    """Things that are kept by another grid now.

    Attributes
    ----------
    kind : str
        ``entity``, ``address`` or ``issue``, of the last those still open.
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
    name: str
    post: str
    from_code: str
    to_code: str


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
    vacant_codes : tuple of str
        New grids in which nobody holds a post.
    """

    new_codes: tuple[str, ...]
    retired_codes: tuple[str, ...]
    moved: tuple[Moved, ...]
    carried: tuple[Carried, ...]
    vacant_codes: tuple[str, ...]
