"""What lies around a border that is drawn."""

from __future__ import annotations

from geo.db import context as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.context import Context, ContextLayer
from geo.domain.ground import GroundKind
from geo.domain.shapes import Bounds

MOST_FEATURES = 25_000
"""More than a browser draws without a pause."""


def get_context(actor: Actor, uow: UnitOfWork, layer: ContextLayer, bounds: Bounds) -> Context:
    """Give the features of a layer that meet a box, as far as an actor may read them.

    Parameters
    ----------
    actor : Actor
        Who asks; ground and addresses are public.
    uow : UnitOfWork
        The transaction.
    layer : ContextLayer
        What is wanted.
    bounds : tuple of float
        West, south, east, north, degrees.

    Returns
    -------
    Context
        At most `MOST_FEATURES`; of more ground features, the largest.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    connection = uow.connection
    match layer:
        case ContextLayer.HOUSEHOLDS:
            place = actor.jurisdiction(Action.READ_ENTITIES)
            return rows.households(connection, bounds, place, limit=MOST_FEATURES)
        case ContextLayer.PREMISES:
            place = actor.jurisdiction(Action.READ_ENTITIES)
            return rows.premises(connection, bounds, place, limit=MOST_FEATURES)
        case ContextLayer.ISSUES:
            place = actor.jurisdiction(Action.READ_ISSUES)
            return rows.issues(connection, bounds, place, limit=MOST_FEATURES)
        case ContextLayer.ADDRESSES:
            return rows.addresses(connection, bounds, limit=MOST_FEATURES)
        case _:
            return rows.ground(connection, GroundKind(layer), bounds, limit=MOST_FEATURES)
