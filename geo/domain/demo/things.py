"""What stands in the demo city: addresses along its roads, premises, buildings, facilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.demo import DemoSize, Ingredients
from geo.domain.demo.ground import Floats, Ground, Ints

HOUSEHOLDS_A_BUILDING = 36
SETBACK = 0.09
"""How deep in its block an address lies, as a share of the block."""


@dataclass(frozen=True, slots=True)
class Things:
    """Points in metres from the middle of the city, each with its block.

    Attributes
    ----------
    address_xy, address_block, address_text
        The addresses: shape (n, 2), (n,), n texts without the district.
    premises_address : NDArray[intp]
        The address of each premises, by position.
    premises_name, premises_category : list of str
        What they are.
    building_xy, building_block, building_households, building_shape
        The buildings with their footprints.
    facility_xy, facility_block, facility_category
        Hydrants and the like.
    """

    address_xy: Floats
    address_block: Ints
    address_text: list[str]
    premises_address: Ints
    premises_name: list[str]
    premises_category: list[str]
    building_xy: Floats
    building_block: Ints
    building_households: Ints
    building_shape: NDArray[np.object_]
    facility_xy: Floats
    facility_block: Ints
    facility_category: list[str]


def put_up(size: DemoSize, ingredients: Ingredients, ground: Ground) -> Things:
    """Put up everything that stands in a city.

    Parameters
    ----------
    size : DemoSize
        How much, and which seed.
    ingredients : Ingredients
        Names and shares.
    ground : Ground
        Where.

    Returns
    -------
    Things
        The same for the same arguments.
    """
    rng = np.random.default_rng(size.seed + 1)
    lived_in = np.where(ground.is_green, 0.0, ground.density)
    address_xy, address_block, address_text = _addresses(rng, size, ground, lived_in)
    premises = np.sort(rng.choice(size.addresses, size.premises, replace=False))
    names, categories = _premises(rng, ingredients, size.premises)
    building_block = np.repeat(
        np.arange(len(lived_in)), np.round(lived_in / HOUSEHOLDS_A_BUILDING).astype(np.intp)
    )
    building_xy = _inside(ground, building_block, rng.uniform(0.25, 0.75, (len(building_block), 2)))
    facility_block = rng.choice(len(lived_in), size.grids * 3)
    return Things(
        address_xy=address_xy,
        address_block=address_block,
        address_text=address_text,
        premises_address=premises,
        premises_name=names,
        premises_category=categories,
        building_xy=building_xy,
        building_block=building_block,
        building_households=rng.integers(18, 55, len(building_block)),
        building_shape=_footprints(rng, building_xy),
        facility_xy=_inside(ground, facility_block, rng.uniform(0.06, 0.94, (len(facility_block), 2))),
        facility_block=facility_block,
        facility_category=[str(name) for name in rng.choice(ingredients["facilities"], len(facility_block))],
    )


def _inside(ground: Ground, block: Ints, uv: Floats) -> Floats:
    """Give points in blocks, by their shares of the way eastwards and northwards."""
    corners = ground.corners[block]
    u, v = uv[:, :1], uv[:, 1:]
    south = corners[:, 0, 0] * (1 - u) + corners[:, 0, 1] * u
    north = corners[:, 1, 0] * (1 - u) + corners[:, 1, 1] * u
    points: Floats = south * (1 - v) + north * v
    return points


def _addresses(
    rng: np.random.Generator, size: DemoSize, ground: Ground, lived_in: Floats
) -> tuple[Floats, Ints, list[str]]:
    """Line up addresses on the four sides of the blocks, numbered along each road."""
    block = np.sort(rng.choice(len(lived_in), size.addresses, p=lived_in / lived_in.sum()))
    side = rng.integers(0, 4, size.addresses)
    along = rng.uniform(0.12, 0.88, size.addresses)
    deep = np.where(side % 2 == 0, SETBACK, 1 - SETBACK)
    is_row = side < 2
    uv = np.where(is_row[:, None], np.column_stack([along, deep]), np.column_stack([deep, along]))
    lattice_line = np.where(
        is_row, ground.row[block] + side % 2, ground.rows + ground.column[block] + side % 2
    )
    way = np.where(is_row, ground.column[block], ground.row[block]) + along
    number = _numbers(lattice_line, side % 2, way)
    texts = [f"{ground.roads[road].name}{house}号" for road, house in zip(lattice_line, number, strict=True)]
    return _inside(ground, block, uv), block, texts


def _numbers(road: Ints, is_odd: Ints, way: Floats) -> Ints:
    """Give house numbers along each road, odd on one side and even on the other."""
    order = np.lexsort((way, is_odd, road))
    street_side = road[order] * 2 + is_odd[order]
    first = np.searchsorted(street_side, street_side)
    number = np.empty(len(road), dtype=np.intp)
    number[order] = 2 * (np.arange(len(road)) - first) + 2 - is_odd[order]
    return number


def _premises(rng: np.random.Generator, ingredients: Ingredients, count: int) -> tuple[list[str], list[str]]:
    """Give names and categories of premises by their shares."""
    kinds = ingredients["premises"]
    category = rng.choice(list(kinds), count, p=[kind["share"] for kind in kinds.values()])
    first, second = (rng.choice(ingredients[key], count) for key in ("brand_first", "brand_second"))
    pick = rng.random(count)
    trades = [kinds[name]["names"] for name in category]
    return [
        f"{a}{b}{trade[int(share * len(trade))]}"
        for a, b, trade, share in zip(first, second, trades, pick, strict=True)
    ], [str(name) for name in category]


def _footprints(rng: np.random.Generator, xy: Floats) -> NDArray[np.object_]:
    """Give a rectangle, a little turned, around each point."""
    half = rng.uniform((11, 5), (19, 8), (len(xy), 2))
    angle = rng.normal(0, 0.12, len(xy))
    corners = half[:, None, :] * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1).reshape(-1, 2, 2)
    return np.asarray(
        shapely.polygons(xy[:, None] + np.einsum("nij,nkj->nki", turn, corners)), dtype=np.object_
    )
