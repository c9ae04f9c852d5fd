"""The ground of the demo city: a warped lattice of blocks, divided into units, communities and streets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.demo import DemoSize, Ingredients

BLOCKS_PER_GRID = 6
BLOCK_M = 135.0
"""Usual side of a block, in metres."""
RIVER_WIDTH_M = 70.0
GREEN_SHARE = 0.04

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Road:
    """A road of the lattice.

    Attributes
    ----------
    name : str
        Its name.
    is_main : bool
        Whether it is a main road.
    line : LineString
        Its axis, x and y in metres.
    """

    name: str
    is_main: bool
    line: shapely.LineString


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground, x and y in metres from the middle of the city.

    Attributes
    ----------
    corners : NDArray[float64], shape (n, 2, 2, 2)
        Corners of each block by south–north and west–east.
    blocks : NDArray[object], shape (n,)
        Polygons of the blocks, edge-matched.
    column, row : NDArray[intp], shape (n,)
        Place of each block in the lattice.
    density : NDArray[float64], shape (n,)
        Households a block, before rounding.
    unit : NDArray[intp], shape (n,)
        The unit of each block.
    community_of_unit, street_of_community : NDArray[intp]
        The levels above.
    roads : tuple of Road
        West–east roads (one a lattice row), then south–north ones (one a lattice column).
    rows : int
        How many of the roads run west–east.
    river : Polygon
        The water.
    is_green : NDArray[bool], shape (n,)
        Blocks that are parks.
    """

    corners: Floats
    blocks: NDArray[np.object_]
    column: Ints
    row: Ints
    density: Floats
    unit: Ints
    community_of_unit: Ints
    street_of_community: Ints
    roads: tuple[Road, ...]
    rows: int
    river: shapely.Polygon
    is_green: NDArray[np.bool_]


def lay_out(size: DemoSize, ingredients: Ingredients) -> Ground:
    """Lay out the ground of a city.

    Parameters
    ----------
    size : DemoSize
        How large, and which seed.
    ingredients : Ingredients
        Names of roads.

    Returns
    -------
    Ground
        The same for the same arguments.
    """
    rng = np.random.default_rng(size.seed)
    columns, rows = _lattice(size.grids * BLOCKS_PER_GRID)
    column, row = _inside_the_city(columns, rows)
    density = _density(rng, column, row, columns, rows)
    communities = _shares(size.grids, size.communities)
    streets = [part.tolist() for part in np.array_split(communities, size.streets)]
    street = apportion(column, row, density, [sum(part) for part in streets])
    river_row = _border_row(row, street)
    unit, community_of_unit, street_of_community = _divide_below(column, row, density, street, streets)
    vertices = _warp(rng, columns, rows, river_row)
    roads = _roads(rng, vertices, column, row, ingredients)
    return Ground(
        corners=np.stack(
            [np.stack([vertices[2 * (row + v), 2 * (column + u)] for u in (0, 1)], axis=1) for v in (0, 1)],
            axis=1,
        ),
        blocks=_blocks(vertices, column, row),
        column=column,
        row=row,
        density=density,
        unit=unit,
        community_of_unit=community_of_unit,
        street_of_community=street_of_community,
        roads=roads,
        rows=rows + 1,
        river=shapely.LineString(vertices[2 * river_row]).buffer(RIVER_WIDTH_M / 2),
        is_green=rng.random(len(column)) < GREEN_SHARE,
    )


def _lattice(blocks: int) -> tuple[int, int]:
    """Give columns and rows such that the ellipse inside holds at least so many blocks."""
    rows = int(np.ceil(np.sqrt(blocks / (np.pi / 4) / 1.3))) + 2
    return int(np.ceil(rows * 1.15)), rows


def _inside_the_city(columns: int, rows: int) -> tuple[Ints, Ints]:
    """Give columns and rows of the blocks inside an ellipse."""
    row, column = np.divmod(np.arange(columns * rows), columns)
    x, y = (column + 0.5) / columns * 2 - 1, (row + 0.5) / rows * 2 - 1
    inside = np.abs(x) ** 2.6 + np.abs(y) ** 2.6 <= 1
    return column[inside], row[inside]


def _density(rng: np.random.Generator, column: Ints, row: Ints, columns: int, rows: int) -> Floats:
    """Give households a block: many in the middle, few at the rim, uneven in between."""
    x, y = (column + 0.5) / columns * 2 - 1, (row + 0.5) / rows * 2 - 1
    households: Floats = 25 + 75 * np.exp(-2.2 * (x**2 + y**2)) * rng.uniform(0.6, 1.4, len(column))
    return households


def _shares(total: int, parts: int) -> list[int]:
    """Split a number into whole parts that differ by at most one."""
    return [len(part) for part in np.array_split(np.arange(total), parts)]


def apportion(column: Ints, row: Ints, weight: Floats, shares: list[int]) -> Ints:
    """Label cells with their part, by straight cuts whose sides weigh what the shares say.

    Parameters
    ----------
    column, row : NDArray[intp], shape (n,)
        The cells.
    weight : NDArray[float64], shape (n,)
        What each weighs.
    shares : list of int
        The share of each part; no more in all than there are cells.

    Returns
    -------
    NDArray[intp], shape (n,)
        Positions of shares.

    Examples
    --------
    >>> apportion(np.arange(6), np.zeros(6, dtype=np.intp), np.ones(6), [1, 2]).tolist()
    [0, 0, 1, 1, 1, 1]
    """
    if len(shares) == 1:
        return np.zeros(len(column), dtype=np.intp)
    half = len(shares) // 2
    along, line = best_cut(column, row, weight, sum(shares[:half]) / sum(shares), sum(shares))
    label = np.empty(len(column), dtype=np.intp)
    for side, part, offset in ((along < line, shares[:half], 0), (along >= line, shares[half:], half)):
        label[side] = offset + apportion(column[side], row[side], weight[side], part)
    return label


def _border_row(row: Ints, street: Ints) -> int:
    """Give the lattice row along which the first street ends: there the river flows."""
    first = row[street == 0]
    return int(first.max()) + 1 if street.any() else int(np.median(first))


def best_cut(column: Ints, row: Ints, weight: Floats, share: float, units: int) -> tuple[Ints, int]:
    """Find the lattice line across the longer way that comes nearest to a share and leaves cells for all.

    Parameters
    ----------
    column, row, weight : NDArray, shape (n,)
        The cells, and what each weighs.
    share : float
        How much of the weight is to lie before the line.
    units : int
        How many units are to have cells on both sides together.

    Returns
    -------
    along : NDArray[intp], shape (n,)
        The row or column of each cell, whichever way is longer.
    line : int
        Cells below it lie before the line.
    """
    along = row if np.ptp(row) * 1.3 >= np.ptp(column) else column
    place = along - along.min()
    weights, counts = np.bincount(place, weights=weight), np.bincount(place)
    below, cells = np.cumsum(weights)[:-1], np.cumsum(counts)[:-1]
    enough = (cells >= share * units) & (len(along) - cells >= (1 - share) * units)
    miss = np.abs(below / weights.sum() - share) + np.where(enough, 0.0, 10.0)
    return along, int(along.min() + 1 + np.argmin(miss))


def _divide_below(
    column: Ints, row: Ints, weight: Floats, street: Ints, streets: list[list[int]]
) -> tuple[Ints, Ints, Ints]:
    """Divide streets into communities and those into units."""
    unit = np.empty(len(column), dtype=np.intp)
    community_of_unit: list[int] = []
    street_of_community: list[int] = []
    for number, shares in enumerate(streets):
        cells = np.flatnonzero(street == number)
        community = apportion(column[cells], row[cells], weight[cells], shares)
        for part, units in enumerate(shares):
            inside = cells[community == part]
            label = apportion(column[inside], row[inside], weight[inside], [1] * units)
            unit[inside] = len(community_of_unit) + label
            community_of_unit += [len(street_of_community)] * units
            street_of_community.append(number)
    return unit, np.array(community_of_unit), np.array(street_of_community)


def _warp(rng: np.random.Generator, columns: int, rows: int, river_row: int) -> Floats:
    """Give the bent lattice at half steps, shape (2·rows+1, 2·columns+1, 2)."""
    j, i = np.meshgrid(np.arange(2 * rows + 1) / 2, np.arange(2 * columns + 1) / 2, indexing="ij")
    u, v = i / columns * 2 - 1, j / rows * 2 - 1
    x = BLOCK_M * (i - columns / 2) * (1 + 0.25 * u**2)
    y = BLOCK_M * (j - rows / 2) * (1 + 0.25 * v**2)
    bend = BLOCK_M * min(1.0, rows / 24) * np.exp(-(((j - river_row) / (rows / 5)) ** 2))
    y = y + bend * (1.6 * np.sin(3.1 * u + 0.6) + 0.5 * np.sin(9 * u))
    x = x + BLOCK_M * min(1.0, rows / 24) * 0.9 * np.sin(2.3 * v + 1.1)
    jitter = rng.uniform(-0.11, 0.11, (*x.shape, 2)) * BLOCK_M
    is_corner = (np.arange(x.shape[0]) % 2 == 0)[:, None] & (np.arange(x.shape[1]) % 2 == 0)[None, :]
    jitter *= np.where(is_corner, 1.0, 0.35)[..., None]
    vertices: Floats = np.stack([x, y], axis=-1) + jitter
    return vertices


def _blocks(vertices: Floats, column: Ints, row: Ints) -> NDArray[np.object_]:
    """Give the polygon of each block: eight vertices, shared with its neighbours."""
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    coordinates = np.stack([vertices[2 * row + dv, 2 * column + du] for dv, du in ring], axis=1)
    return np.asarray(shapely.polygons(coordinates), dtype=np.object_)


def _roads(
    rng: np.random.Generator, vertices: Floats, column: Ints, row: Ints, ingredients: Ingredients
) -> tuple[Road, ...]:
    """Give a road for each lattice line, as long as there are blocks beside it."""
    first, second = ingredients["road_first"], ingredients["road_second"]
    names = [a + b for a, b in product(first, second) if a != b]
    rng.shuffle(names)

    def road(number: int, line: Floats, suffix: str, lattice: int) -> Road:
        name = names[number % len(names)] + ("" if number < len(names) else str(number // len(names) + 1))
        return Road(name + suffix, lattice % 5 == 2, shapely.LineString(line))

    def span(across: Ints, along: Ints, lattice: int) -> slice:
        beside = along[(across == lattice) | (across == lattice - 1)]
        return slice(2 * int(beside.min()), 2 * int(beside.max()) + 3) if len(beside) else slice(0, 2)

    east_west = [vertices[2 * k, span(row, column, k)] for k in range(vertices.shape[0] // 2 + 1)]
    north_south = [vertices[span(column, row, k), 2 * k] for k in range(vertices.shape[1] // 2 + 1)]
    return (
        *(road(k, line, "路", k) for k, line in enumerate(east_west)),
        *(road(len(east_west) + k, line, "街", k) for k, line in enumerate(north_south)),
    )
