"""Files that are only looked at: read within the limits, put where they belong, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.actors import Action, Actor
from geo.domain.exchange import Layer
from geo.errors import BadValue
from geo.geometry.crs import to_storage
from geo.services.exchange.intake import read_rows
from geo.services.exchange.limits import Limits
from geo.services.exchange.opening import Reading
from geo.services.exchange.options import Options
from geo.services.exchange.table import Column

MOST_FEATURES, MOST_VERTICES = 25_000, 500_000
"""More than a browser draws without a pause."""
_EARTH = np.array([180, 90, 180, 90])


@dataclass(frozen=True, slots=True)
class ReferenceLayer:
    """What a file shows on a map.

    Attributes
    ----------
    name : str
        What the file is called.
    reference : str
        What its numbers were taken for.
    labels : tuple of str or None
        What its rows are called.
    geometries : NDArray[object], shape (n,)
        EPSG:4326, lon, lat.
    left_out : int
        How many rows have no place on earth.
    """

    name: str
    reference: str
    labels: tuple[str | None, ...]
    geometries: Column
    left_out: int


def read_reference_layer(
    actor: Actor,
    path: Path,
    limits: Limits,
    *,
    reference: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> ReferenceLayer:
    """Give what a file shows on a map; nothing of it is kept.

    Parameters
    ----------
    actor : Actor
        Who looks at it; whoever may read plans.
    path : Path
        The file, of any format that can be imported.
    limits : Limits
        How large it may be; what a browser has to draw is bounded by `MOST_FEATURES`, `MOST_VERTICES` too.
    reference : str, optional
        What its numbers are; by default what it declares.
    encoding, layer : str, optional
        How its text is encoded, and which of its layers or sheets is meant.

    Returns
    -------
    ReferenceLayer
        In the reference of the storage.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    UnknownFormat, Malformed, LimitExceeded, UnknownReference
        If the file can't be read, or is larger than allowed.
    BadValue
        If nobody says what its numbers are, or it shows nothing at all.
    """
    actor.jurisdiction(Action.READ_PLANS)
    bounded = replace(
        limits,
        features=min(limits.features, MOST_FEATURES),
        vertices=min(limits.vertices, MOST_VERTICES),
        geometry_vertices=min(limits.geometry_vertices, MOST_VERTICES),
    )
    options = Options(reference=reference, reading=Reading(encoding, layer))
    rows = read_rows(Layer.ENTITIES, [path], options, bounded)
    if any(problem.code in {"reference-undeclared", "reference-unknown"} for problem in rows.problems):
        raise BadValue(field="reference", value=None, expected=["wgs84", "cgcs2000", "gcj02", "bd09"])
    placed = to_storage(rows.geometries, rows.reference)
    shown = _is_on_earth(placed)
    if not shown.any():
        raise BadValue(field="file", value=path.name, expected="geometries")
    labels = tuple(None if label is None else str(label) for label in rows.values["name"][shown])
    return ReferenceLayer(
        path.name, rows.reference.name, labels, placed[shown], len(rows) + rows.unread - int(shown.sum())
    )


def _is_on_earth(geometries: Column) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = np.all(np.abs(shapely.bounds(geometries)) <= _EARTH, axis=1)
    return inside
