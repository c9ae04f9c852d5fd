"""What the person or grid that a page is about is called."""

from __future__ import annotations

from datetime import date, datetime

from geo.db.unit_of_work import UnitOfWork
from geo.services import grids, people
from webmap.pages.frame import Frame


def subject_of(
    frame: Frame,
    uow: UnitOfWork,
    *,
    person: int | None,
    grid: str | None,
    since: date,
    today: date,
    at: datetime | None,
) -> str:
    """Give the name of a person, or else name and code of a grid, or else that it is the whole city.

    Parameters
    ----------
    frame : Frame
        Who reads, and in which language.
    uow : UnitOfWork
        The transaction.
    person : int or None
        Number of the person.
    grid : str or None
        Code of the grid.
    since : date
        The first day that is told of: who has served since is named.
    today : date
        In the city.
    at : datetime or None
        The grid is one of the division that held then; None for the one in force.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person has served where the actor may read people.
    NotFound
        If there is nobody with this number, or no such grid.
    """
    if person is not None:
        return people.name_of(frame.actor, uow, person, since=since, day=today)
    if grid is not None:
        return f"{grids.get_grid(frame.actor, uow, grid, at=at).name} {grid}"
    return frame.translator.text("statistics.whole_city")
