"""Small tilings to work on, in metres or in degrees near Hangzhou."""

import numpy as np
import shapely

from geo.geometry.tiling import Cell, Plane, Tiling

HANGZHOU = np.array([120.08, 30.21])
DEGREES = Plane.at(30.21)


def row(*, parents=("p", "p", "p"), households=(100, 200, 300), **choices) -> Tiling:
    """Three squares of 100 m beside each other in metres: a, b, c."""
    cells = {
        key: Cell(shapely.box(100 * i, 0, 100 * (i + 1), 100), parents[i], key.upper(), key, households[i])
        for i, key in enumerate("abc")
    }
    return Tiling(cells, Plane(), **choices)


def board(side: int, seed: int = 0, *, side_m: float = 100, **choices) -> Tiling:
    """Crooked cells in degrees: the parent of the left half is w, that of the right half e."""
    corner = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), axis=-1) * side_m
    corner = corner + np.random.default_rng(seed).uniform(-side_m / 5, side_m / 5, corner.shape)
    corner = HANGZHOU + corner / [DEGREES.x_m, DEGREES.y_m]
    rings = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=2)
    shapes = shapely.multipolygons(shapely.polygons(rings.reshape(-1, 4, 2))[:, None])
    cells = {
        f"{i:03d}": Cell(shape, "w" if i % side < side / 2 else "e", f"格{i}", f"{i:03d}", 100 + i, 250 + i)
        for i, shape in enumerate(shapes)
    }
    return Tiling(cells, DEGREES, **choices)


def areas(tiling: Tiling) -> dict[str, float]:
    return {key: round(cell.geometry.area, 6) for key, cell in sorted(tiling.cells.items())}


def households(tiling: Tiling) -> dict[str, int | None]:
    return {key: cell.households for key, cell in sorted(tiling.cells.items())}


def matches(tiling: Tiling) -> bool:
    shapes = tiling.shapes(tiling.cells)
    return bool(shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes))
