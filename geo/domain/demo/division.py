"""The division of the demo city, ready to be published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.demo import Ingredients
from geo.domain.demo.ground import Floats, Ground, Ints
from geo.domain.demo.things import Things
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.geometry.crs import metric_crs, to_lonlat, to_metric
from geo.geometry.dissolve import dissolve

DECIMALS = 7
"""Degrees are kept to a centimetre: every delivery of grids has at least six decimals (GB/T 37149-2018)."""
NUMERALS = "零一二三四五六七八九十"


class Site:
    """Where on the earth the city lies: metres from its middle on one side, degrees on the other.

    Parameters
    ----------
    ingredients : Ingredients
        Has the middle of the city, ``place`` with ``lon`` and ``lat``.
    """

    def __init__(self, ingredients: Ingredients) -> None:
        lon, lat = ingredients["place"]["lon"], ingredients["place"]["lat"]
        self.crs = metric_crs((lon, lat, lon, lat))
        self._middle = shapely.get_coordinates(to_metric(np.array([shapely.Point(lon, lat)]), self.crs))

    def on_earth(self, shapes: NDArray[np.object_] | Sequence[shapely.Geometry]) -> NDArray[np.object_]:
        """Give shapes in degrees, rounded, so that what was equal stays equal.

        Parameters
        ----------
        shapes : sequence of Geometry
            x and y in metres from the middle of the city.

        Returns
        -------
        NDArray[object]
            EPSG:4326, lon, lat.
        """
        moved = shapely.transform(np.asarray(shapes, dtype=np.object_), lambda xy: xy + self._middle)
        rounded: NDArray[np.object_] = shapely.transform(
            to_lonlat(moved, self.crs), lambda degrees: np.round(degrees, DECIMALS)
        )
        return rounded

    def points(self, xy: Floats) -> NDArray[np.object_]:
        """Give points in degrees.

        Parameters
        ----------
        xy : NDArray[float64], shape (n, 2)
            Metres from the middle of the city.

        Returns
        -------
        NDArray[object], shape (n,)
            EPSG:4326, lon, lat.
        """
        return self.on_earth(np.asarray(shapely.points(xy), dtype=np.object_))


def divide(ingredients: Ingredients, ground: Ground, things: Things, site: Site) -> Division:
    """Make the division of the city: one district with its streets, communities and units.

    Parameters
    ----------
    ingredients, ground, things : Ingredients, Ground, Things
        The city.
    site : Site
        Where it lies.

    Returns
    -------
    Division
        Unit grids first in the order of the ground's units, then communities, streets, the district.
    """
    blocks = site.on_earth(ground.blocks)
    community = ground.community_of_unit[ground.unit]
    street = ground.street_of_community[community]
    labels = (ground.unit, community, street, np.zeros_like(street))
    shapes = [dissolve(blocks, label)[1] for label in labels]
    parents = (
        ground.community_of_unit,
        ground.street_of_community,
        np.zeros(street.max() + 1, dtype=np.intp),
    )
    codes, names = _codes_and_names(ingredients, shapes, parents)
    geometries = np.concatenate(shapes)
    households = [
        np.bincount(
            label[things.building_block], weights=things.building_households, minlength=len(shape)
        ).astype(int)
        for label, shape in zip(labels, shapes, strict=True)
    ]
    counts = [int(count) for level in households for count in level]
    return Division(
        codes=tuple(code for level in codes for code in level),
        names=tuple(name for level in names for name in level),
        levels=tuple(
            level for level, shape in zip(reversed(Level), shapes, strict=True) for _ in range(len(shape))
        ),
        parent_codes=(
            *(codes[depth + 1][parent] for depth, above in enumerate(parents) for parent in above),
            None,
        ),
        geometries=geometries,
        areas_m2=shapely.area(to_metric(geometries, site.crs)),
        households=tuple(counts),
        population=tuple(int(count * 2.6) for count in counts),
        attributes=({},) * len(geometries),
    )


def _codes_and_names(
    ingredients: Ingredients, shapes: list[NDArray[np.object_]], parents: tuple[Ints, ...]
) -> tuple[list[list[str]], list[list[str]]]:
    """Give codes to each level inside its parents west to east, from the district downwards."""
    codes = [[ingredients["district"]["code"]]]
    names = [[ingredients["district"]["name"]]]
    styles: tuple[Any, ...] = (_unit_name, *(_from_list(ingredients[key]) for key in _NAME_LISTS))
    for depth in (2, 1, 0):
        parent, numbers = parents[depth], _sequence(shapes[depth], parents[depth])
        codes.insert(0, [f"{codes[0][p]}{n:03d}" for p, n in zip(parent, numbers, strict=True)])
        style = styles[depth]
        names.insert(
            0, [style(k, names[0][p], n) for k, (p, n) in enumerate(zip(parent, numbers, strict=True))]
        )
    return codes, names


_NAME_LISTS = ("community_names", "street_names")


def _sequence(shapes: NDArray[np.object_], parent: Ints) -> Ints:
    """Give numbers to shapes inside each parent, from 1, west to east and then north to south."""
    middle = shapely.centroid(shapes)
    order = np.lexsort((-shapely.get_y(middle), shapely.get_x(middle), parent))
    first = np.searchsorted(parent[order], parent[order])
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order)) - first + 1
    return number


def _numeral(number: int) -> str:
    """Give a number below a hundred in Chinese."""
    tens, ones = divmod(number, 10)
    before = "" if tens <= 1 else NUMERALS[tens]
    return before + ("十" if tens else "") + (NUMERALS[ones] if ones or not tens else "")


def _unit_name(_position: int, community: str, number: int) -> str:
    return f"{community}第{_numeral(number)}网格"


def _from_list(names: list[str]) -> Any:
    """Give each place the next name of a list; when they run out, with a number."""

    def name(position: int, _parent: str, _number: int) -> str:
        turn, place = divmod(position, len(names))
        stem = names[place]
        numbered = stem if not turn else f"{stem}{turn + 1}"
        return numbered if stem.endswith(("道", "镇")) else f"{numbered}社区"

    return name
