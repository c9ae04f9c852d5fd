"""The division of all levels that a draft is published as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.codes import CodeRule, assign_codes
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.domain.plan_drafts import Draft, Upper
from geo.geometry.crs import metric_crs, to_metric
from geo.geometry.dissolve import dissolve
from geo.geometry.shape_metrics import area_m2
from geo.geometry.tiling import Cell

_SEQUENCE_DIGITS = 3
"""How many digits number grids inside the one above, where the codes of the division don't tell."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The grids of one level."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    level: Level
    parent_codes: tuple[str | None, ...]
    geometries: NDArray[np.object_]
    households: tuple[int | None, ...]
    population: tuple[int | None, ...]
    attributes: tuple[Mapping[str, object], ...]


def codes_of(draft: Draft, used: Iterable[str]) -> dict[str, str]:
    """Return the code under which each grid of a draft is published, by its key.

    Parameters
    ----------
    draft : Draft
        The draft.
    used : iterable of str
        Every code that is or ever was in use on this level.

    Raises
    ------
    LimitExceeded
        If a parent has no numbers left.

    Notes
    -----
    Grids keep their codes. New ones, and those that went to another parent, are numbered from west to east,
    then from north to south, after the highest number ever used in their parent.
    """
    cells = draft.tiling.cells
    kept = {key: cell.code for key, cell in cells.items() if cell.code and _stays(draft, key, cell)}
    fresh = [key for key in cells if key not in kept]
    middle = shapely.centroid(draft.tiling.shapes(fresh))
    prefixes = [_prefix(draft, cells[key]) for key in fresh]
    taken = {*used, *kept.values()}
    given: dict[str, str] = {}
    for size in sorted({len(prefix) for prefix in prefixes}):
        group = [place for place, prefix in enumerate(prefixes) if len(prefix) == size]
        codes = assign_codes(
            [prefixes[place] for place in group],
            shapely.get_x(middle)[group],
            shapely.get_y(middle)[group],
            used=taken,
            rule=_rule(draft, size),
            level=draft.base.level,
        )
        given |= {fresh[place]: code for place, code in zip(group, codes, strict=True)}
    return kept | given


def _stays(draft: Draft, key: str, cell: Cell) -> bool:
    """Tell whether a grid with a code keeps it: one chosen for it, or its own in the parent it had."""
    before = draft.base.tiling.cells.get(key)
    return before is None or cell.code != before.code or cell.parent == before.parent


def _prefix(draft: Draft, cell: Cell) -> str:
    if cell.parent is not None:
        return cell.parent
    return min(draft.base.tiling.cells)[:-_SEQUENCE_DIGITS]


def _rule(draft: Draft, prefix: int) -> CodeRule:
    """Return the rule by which codes of the usual length follow a prefix of some length."""
    [(usual, _)] = Counter(map(len, draft.base.tiling.cells)).most_common(1)
    whole = usual if usual > prefix else prefix + _SEQUENCE_DIGITS
    return CodeRule((*[prefix] * draft.base.level.depth, whole))


def division_of(draft: Draft, codes: Mapping[str, str]) -> Division:
    """Return the division of all levels that a draft describes.

    Parameters
    ----------
    draft : Draft
        The draft.
    codes : Mapping[str, str]
        The code of each of its grids, by key.

    Returns
    -------
    Division
        The leaves as they were drawn, vertex by vertex; the grids above dissolved from them, with the counts
        they had and those that came and went with leaves.
    """
    parts = [_leaves(draft, codes)]
    above = sorted({upper.level for upper in draft.base.uppers.values()}, key=lambda level: -level.depth)
    counts = _counts_above(draft)
    for level in above:
        parts.insert(0, _uppers(draft, level, parts[0], counts))
    geometries = np.concatenate([part.geometries for part in parts])
    crs = metric_crs(tuple(shapely.total_bounds(geometries).tolist()))
    return Division(
        codes=tuple(code for part in parts for code in part.codes),
        names=tuple(name for part in parts for name in part.names),
        levels=tuple(part.level for part in parts for _ in part.codes),
        parent_codes=tuple(parent for part in parts for parent in part.parent_codes),
        geometries=geometries,
        areas_m2=area_m2(to_metric(geometries, crs)),
        households=tuple(count for part in parts for count in part.households),
        population=tuple(count for part in parts for count in part.population),
        attributes=tuple(one for part in parts for one in part.attributes),
    )


def _leaves(draft: Draft, codes: Mapping[str, str]) -> _Part:
    cells = draft.tiling.cells
    known = draft.base.attributes
    return _Part(
        codes=tuple(codes[key] for key in cells),
        names=tuple(cell.name or codes[key] for key, cell in cells.items()),
        level=draft.base.level,
        parent_codes=tuple(cell.parent for cell in cells.values()),
        geometries=draft.tiling.shapes(cells),
        households=tuple(cell.households for cell in cells.values()),
        population=tuple(cell.population for cell in cells.values()),
        attributes=tuple(_attributes(known.get(key, {}), cell) for key, cell in cells.items()),
    )


def _attributes(known: Mapping[str, object], cell: Cell) -> Mapping[str, object]:
    return {**known, "households_estimated": True} if cell.estimated else known


def _uppers(draft: Draft, level: Level, below: _Part, counts: Mapping[str, tuple[int, int]]) -> _Part:
    groups, geometries = dissolve(below.geometries, np.array(below.parent_codes, dtype=str))
    codes = tuple(str(code) for code in groups)
    uppers = [draft.base.uppers[code] for code in codes]
    households, population = zip(*(_counted(upper, counts) for upper in uppers), strict=True)
    return _Part(
        codes=codes,
        names=tuple(upper.name for upper in uppers),
        level=level,
        parent_codes=tuple(upper.parent_code for upper in uppers),
        geometries=geometries,
        households=households,
        population=population,
        attributes=tuple(upper.attributes for upper in uppers),
    )


def _counted(upper: Upper, gained: Mapping[str, tuple[int, int]]) -> tuple[int | None, int | None]:
    households, population = gained.get(upper.code, (0, 0))
    return _plus(upper.households, households), _plus(upper.population, population)


def _plus(count: int | None, gained: int) -> int | None:
    return None if count is None else max(0, count + gained)


def _counts_above(draft: Draft) -> dict[str, tuple[int, int]]:
    """Return by how many households and people each upper grid has grown with the leaves in it."""
    gained: dict[str, tuple[int, int]] = {}
    for sign, cells in ((1, draft.tiling.cells), (-1, draft.base.tiling.cells)):
        for cell in cells.values():
            for code in draft.base.chains.get(cell.parent, ()):
                households, population = gained.get(code, (0, 0))
                gained[code] = (
                    households + sign * (cell.households or 0),
                    population + sign * (cell.population or 0),
                )
    return gained
