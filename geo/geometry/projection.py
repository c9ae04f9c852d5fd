"""Coordinates carried from one reference system to another, always in the order x (lon), y (lat)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

Floats: TypeAlias = NDArray[np.float64]
Positions: TypeAlias = tuple[Floats, Floats]


@lru_cache(maxsize=128)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def reproject_xy(x: ArrayLike, y: ArrayLike, source: CRS, target: CRS) -> Positions:
    """Positions stand in the target system.

    Parameters
    ----------
    x, y : array_like of float
        Easting or longitude, and northing or latitude, in units of `source`; any equal shapes.
    source, target : pyproj.CRS
        Reference systems; the axis order is always x, y.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in units of `target`; infinite where the target has no such place.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if source == target:
        return xs, ys
    moved_x, moved_y = _transformer(source, target).transform(xs, ys)
    return np.asarray(moved_x, dtype=np.float64), np.asarray(moved_y, dtype=np.float64)


def reproject(geometries: ArrayLike, source: CRS, target: CRS) -> NDArray[np.object_]:
    """Geometries stand in the target system, vertex by vertex, in two dimensions.

    Equal vertices stay equal, so shared borders stay shared.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        In `source`; ``None`` stays ``None``.
    source, target : pyproj.CRS
        Reference systems; the axis order is always x, y.

    Returns
    -------
    numpy.ndarray of object
        The geometries in `target`, in the same shape.
    """
    return move(geometries, lambda x, y: reproject_xy(x, y, source, target))


def move(geometries: ArrayLike, position: Callable[[Floats, Floats], Positions]) -> NDArray[np.object_]:
    """Geometries stand where a function of x and y puts their vertices, in two dimensions.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        ``None`` stays ``None``.
    position : callable
        Takes and gives arrays of x and y.

    Returns
    -------
    numpy.ndarray of object
        The moved geometries, in the same shape; vertices that are nowhere are infinite.
    """

    def moved(xy: Floats) -> Floats:
        there = np.column_stack(position(xy[:, 0], xy[:, 1]))
        # A ring that ends in NaN isn't closed, since NaN differs from itself, and GEOS would not take it.
        return np.where(np.isnan(there), np.inf, there)

    return np.asarray(shapely.transform(np.asarray(geometries, dtype=object), moved), dtype=object)
