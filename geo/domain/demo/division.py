"""The divisions of the demo city, ready to be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.codes import CodeRule, assign_codes
from geo.domain.demo import Ingredients
from geo.domain.demo.adjustment import before_adjustment
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


def divisions(
    ingredients: Ingredients, ground: Ground, things: Things, site: Site
) -> tuple[Division, Division]:
    """Make the division from before the adjustment, and the one of today that followed it.

    Parameters
    ----------
    ingredients, ground, things : Ingredients, Ground, Things
        The city.
    site : Site
        Where it lies.

    Returns
    -------
    tuple of Division
        Both as `divide` makes them. Units of today that were there before keep their codes; the others are
        numbered after the highest of their community.
    """
    past = before_adjustment(ground)
    before = divide(ingredients, past.ground, things, site)
    kept = {unit: before.codes[former] for unit, former in past.kept.items()}
    return before, divide(ingredients, ground, things, site, kept=kept, used=before.codes)


def divide(
    ingredients: Ingredients,
    ground: Ground,
    things: Things,
    site: Site,
    *,
    kept: Mapping[int, str] = MappingProxyType({}),
    used: Sequence[str] = (),
) -> Division:
    """Make the division of the city: one district with its streets, communities and units.

    Parameters
    ----------
    ingredients, ground, things : Ingredients, Ground, Things
        The city.
    site : Site
        Where it lies.
    kept : mapping of int to str, optional
        The codes of units that have one already.
    used : sequence of str, optional
        Codes that are given to no other unit.

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
    codes, names = _codes_and_names(ingredients, shapes, parents, kept, used)
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
    ingredients: Ingredients,
    shapes: list[NDArray[np.object_]],
    parents: tuple[Ints, ...],
    kept: Mapping[int, str],
    used: Sequence[str],
) -> tuple[list[list[str]], list[list[str]]]:
    """Give codes to each level inside its parents west to east, from the district downwards."""
    codes = [[ingredients["district"]["code"]]]
    names = [[ingredients["district"]["name"]]]
    styles: tuple[Any, ...] = (_unit_name, *(_from_list(ingredients[key]) for key in _NAME_LISTS))
    known = {Level.UNIT: (kept, used)}
    for depth, level in ((2, Level.STREET), (1, Level.COMMUNITY), (0, Level.UNIT)):
        above, style = parents[depth], styles[depth]
        named = known.get(level, ({}, ()))
        codes.insert(0, _codes(level, shapes[depth], [codes[0][parent] for parent in above], *named))
        numbers = (int(code.removeprefix(codes[1][p])) for code, p in zip(codes[0], above, strict=True))
        names.insert(
            0, [style(k, names[0][p], n) for k, (p, n) in enumerate(zip(above, numbers, strict=True))]
        )
    return codes, names


_NAME_LISTS = ("community_names", "street_names")


def _codes(
    level: Level,
    shapes: NDArray[np.object_],
    parents: list[str],
    kept: Mapping[int, str],
    used: Sequence[str],
) -> list[str]:
    """Give each shape the code that it keeps, or a new one."""
    fresh = [place for place in range(len(shapes)) if place not in kept]
    middle = shapely.centroid(shapes[fresh])
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    given = assign_codes([parents[place] for place in fresh], x, y, used=used, rule=CodeRule(), level=level)
    codes = {**kept, **dict(zip(fresh, given, strict=True))}
    return [codes[place] for place in range(len(shapes))]


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
