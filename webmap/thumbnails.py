"""Small drawings of drafts: every grid, and which of them the plan divides anew."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.plan_drafts import Draft
from webmap import theme
from webmap.layers.draft import ground_of, redivided
from webmap.printed_map import svg_path

SIZE = (180, 120)
_ROOM = 4
_DETAIL = 0.4
"""What is smaller than this many pixels isn't drawn."""


def thumbnail(draft: Draft) -> str:
    """Give a draft as SVG, the grids that the plan divides anew in the colour of what is chosen.

    Parameters
    ----------
    draft : Draft
        The plan as it stands.
    """
    shapes = _on_screen(draft)
    changed = redivided(draft)
    kept, fresh = (svg_path(_rings(shapes[mask]), end="z") for mask in (~changed, changed))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE[0]} {SIZE[1]}" stroke-linejoin="round" '
        f'stroke-width=".6" stroke="{theme.BORDER}">'
        f'<path fill="{theme.CANVAS}" d="{kept}"/>'
        f'<path fill="{theme.ACCENT}" fill-opacity=".6" d="{fresh}"/></svg>'
    )


def _on_screen(draft: Draft) -> NDArray[np.object_]:
    plane = draft.tiling.plane
    shapes = plane.metres(ground_of(draft.tiling.cells.values()))
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    scale = min((SIZE[0] - 2 * _ROOM) / (east - west), (SIZE[1] - 2 * _ROOM) / (north - south))
    middle = np.array([west + east, south + north]) / 2
    placed = shapely.transform(shapes, lambda xy: (xy - middle) * [scale, -scale] + np.array(SIZE) / 2)
    seen: NDArray[np.object_] = shapely.simplify(placed, _DETAIL)
    return seen


def _rings(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    rings: NDArray[np.object_] = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shapes)))
    return rings
