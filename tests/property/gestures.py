"""What a planner's hand may do to a division, at random: most gestures fit, some are refused."""

from collections.abc import Callable

import numpy as np
import shapely

from geo.geometry import tiling as t
from geo.geometry.adjacency import near_pairs

Gesture = Callable[[t.Tiling, np.random.Generator, str], t.Effect]


def any_key(tiling: t.Tiling, chance: np.random.Generator) -> str:
    return str(chance.choice(sorted(tiling.cells)))


def siblings(tiling: t.Tiling, key: str) -> list[str]:
    """The cells beside one, of its parent, and of others where it has no sibling."""
    near = [k for k in tiling.near(tiling[key].geometry) if k != key]
    return [k for k in near if tiling[k].parent == tiling[key].parent] or near


def any_pair(tiling: t.Tiling, chance: np.random.Generator) -> tuple[str, str]:
    key = any_key(tiling, chance)
    return key, str(chance.choice(siblings(tiling, key) or [key]))


def size(shape: shapely.Geometry) -> float:
    return float(np.sqrt(shape.area))


def blob(middle: np.ndarray, radius: float, chance: np.random.Generator) -> shapely.Polygon:
    corners = int(chance.integers(3, 9))
    angle = np.sort(chance.uniform(0, 2 * np.pi, corners))
    reach = radius * chance.uniform(0.3, 1, corners)
    return shapely.Polygon(middle + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None])


def somewhere(shape: shapely.Geometry, chance: np.random.Generator) -> np.ndarray:
    west, south, east, north = shape.bounds
    return chance.uniform([west, south], [east, north])


def split(tiling, chance, name):
    key = any_key(tiling, chance)
    shape = tiling[key].geometry
    middle, turn = somewhere(shape, chance), chance.uniform(0, np.pi)
    way = np.linspace(-1, 1, int(chance.integers(2, 6)))[:, None] * [np.cos(turn), np.sin(turn)]
    bent = middle + size(shape) * chance.choice([0.5, 1, 3]) * way
    line = shapely.LineString(bent + chance.normal(0, size(shape) / 20, bent.shape))
    drawn = chance.choice(np.array([line, blob(middle, size(shape) / 2, chance)], dtype=object))
    return t.split(tiling, key, drawn, prefix=name)


def split_by_two_lines(tiling, chance, name):
    key = any_key(tiling, chance)
    shape = tiling[key].geometry
    ends = np.stack([somewhere(shape, chance) for _ in range(4)]).reshape(2, 2, 2)
    middle = ends.mean(axis=1, keepdims=True)
    return t.split(tiling, key, shapely.linestrings(middle + 3 * (ends - middle)), prefix=name)


def split_from_vertex_to_vertex(tiling, chance, name):
    key = any_key(tiling, chance)
    corners = chance.choice(shapely.get_coordinates(tiling[key].geometry), 2)
    return t.split(tiling, key, shapely.LineString(corners), prefix=name)


def trembling(line: shapely.Geometry, tiling: t.Tiling, chance: np.random.Generator) -> shapely.Geometry:
    """A line traced by a hand that misses its vertices by anything from rounding to a decimetre."""
    miss = tiling.plane.units(10 ** chance.uniform(-9, -1))

    def missed(xy: np.ndarray) -> np.ndarray:
        vertices, place = np.unique(xy, axis=0, return_inverse=True)  # so that rings stay closed
        return xy + chance.normal(0, miss, vertices.shape)[place]

    return shapely.transform(line, missed)


def split_along_a_border(tiling, chance, name):
    key, other = any_pair(tiling, chance)
    traced = trembling(tiling[other].geometry.boundary, tiling, chance)
    across = chance.choice(shapely.get_coordinates(tiling[key].geometry), 2)
    lines = [traced, trembling(shapely.LineString(across), tiling, chance)]
    return t.split(tiling, key, lines, prefix=name)


def reassign_a_traced_part(tiling, chance, name):
    one, other = any_pair(tiling, chance)
    corners = shapely.get_coordinates(tiling[one].geometry)
    ring = shapely.Polygon(corners[np.sort(chance.choice(len(corners), min(len(corners), 4)))])
    return t.reassign(tiling, [one], other, trembling(ring, tiling, chance))


def draw_along_other_cells(tiling, chance, name):
    keys = any_pair(tiling, chance)
    traced = trembling(shapely.union_all(tiling.shapes(keys)), tiling, chance)
    return t.draw(tiling, name, traced, parent=tiling[keys[0]].parent)


def merge(tiling, chance, name):
    return t.merge(tiling, any_pair(tiling, chance), key=name)


def move_border(tiling, chance, name):
    one, other = any_pair(tiling, chance)
    others = {other, *siblings(tiling, one)[: chance.integers(0, 3)]}
    border = tiling[one].geometry.boundary & shapely.union_all(tiling.shapes(others - {one})).boundary
    if border.length == 0:
        return merge(tiling, chance, name)
    lines = [line for line in shapely.get_parts(border) if line.length]
    chain = shapely.line_merge(shapely.MultiLineString(lines))
    chain = chance.choice(shapely.get_parts(chain))
    stops = np.sort(chance.uniform(0, 1, int(chance.integers(2, 6))))
    stops[[0, -1]] = chance.choice([[stops[0], stops[-1]], [0, 1]])
    way = shapely.get_coordinates(shapely.line_interpolate_point(chain, stops, normalized=True))
    way[1:-1] += chance.normal(0, size(tiling[one].geometry) / 5, way[1:-1].shape)
    return t.move_border(tiling, one, others, shapely.LineString(way))


def move_vertex(tiling, chance, name):
    shape = tiling[any_key(tiling, chance)].geometry
    vertex = chance.choice(shapely.get_coordinates(shape))
    return t.move_vertex(tiling, vertex, vertex + chance.normal(0, size(shape) / 20, 2))


def reassign(tiling, chance, name):
    one, other = any_pair(tiling, chance)
    edge = shapely.shortest_line(tiling[one].geometry.centroid, tiling[other].geometry)
    area = blob(np.array(edge.coords[-1]), size(tiling[one].geometry) / 2, chance)
    return t.reassign(tiling, [one], other, area)


def draw(tiling, chance, name):
    cell = tiling[any_key(tiling, chance)]
    polygon = blob(somewhere(cell.geometry, chance), size(cell.geometry), chance)
    return t.draw(tiling, name, polygon, parent=cell.parent)


def draw_another_cell(tiling, chance, name):
    key = any_key(tiling, chance)
    return t.draw(tiling, name, tiling[key].geometry, parent=tiling[key].parent)


def lock(tiling, chance, name):
    return t.lock(tiling, [any_key(tiling, chance)])


def unlock(tiling, chance, name):
    return t.unlock(tiling, [key for key, cell in tiling.cells.items() if cell.locked])


def absorb(tiling, chance, name):
    key = any_key(tiling, chance)
    part = chance.choice(shapely.get_parts(tiling[key].geometry))
    return t.absorb(tiling, key, part, heir=chance.choice(list(t.Heir)))


def reparent(tiling, chance, name):
    one = any_key(tiling, chance)
    near = tiling.near(tiling[one].geometry)
    return t.reparent(tiling, [one], tiling[str(chance.choice(near))].parent or "")


def rename(tiling, chance, name):
    return t.rename(tiling, any_key(tiling, chance), name)


GESTURES: tuple[Gesture, ...] = (
    split,
    split_by_two_lines,
    split_from_vertex_to_vertex,
    split_along_a_border,
    reassign_a_traced_part,
    draw_along_other_cells,
    merge,
    move_border,
    move_vertex,
    reassign,
    draw,
    draw_another_cell,
    lock,
    unlock,
    absorb,
    reparent,
    rename,
)


def totals(tiling: t.Tiling) -> tuple[int, int]:
    """Households and people of all cells."""
    cells = tiling.cells.values()
    return sum(cell.households or 0 for cell in cells), sum(cell.population or 0 for cell in cells)


def overlapping_m2(tiling: t.Tiling) -> float:
    shapes = tiling.shapes(tiling.cells)
    i, j = near_pairs(shapes, shapes)
    both = shapely.intersection(shapes[i[i < j]], shapes[j[i < j]])
    return float(tiling.plane.area_m2(both).sum())


def of_division(division, **choices) -> t.Tiling:
    """The leaves of a division, in degrees."""
    leaves = np.flatnonzero(division.are_leaves)
    cells = {
        division.codes[i]: t.Cell(
            division.geometries[i],
            division.parent_codes[i],
            division.names[i],
            division.codes[i],
            division.households[i],
            division.population[i],
        )
        for i in leaves
    }
    _, south, _, north = shapely.total_bounds(division.geometries)
    return t.Tiling(cells, t.Plane.at((south + north) / 2), **choices)
