"""The ground behind the grids."""

from __future__ import annotations

from geo.db import ground as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.ground import Ground
from geo.domain.shapes import Bounds

MOST_FEATURES = 20_000
"""More than a browser draws without a pause."""


def get_ground(uow: UnitOfWork, bounds: Bounds) -> Ground:
    """Give what the default background of a box is drawn from. It is public.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    bounds : tuple of float
        West, south, east, north, degrees.

    Returns
    -------
    Ground
        In the order in which it is drawn; of more than `MOST_FEATURES` features, the largest.
    """
    return rows.ground(uow.connection, bounds, limit=MOST_FEATURES)
