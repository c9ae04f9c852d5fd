"""From rows of grids to a division that holds: codes, levels above, the law of the partition, publication."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.generations import retired_among
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.codes import CodeRule, assign_codes
from geo.domain.exchange import Layer, Problem, Severity
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.geometry.dissolve import dissolve
from geo.geometry.shape_metrics import area_m2
from geo.services.exchange.batches import Outcome, keep_batch, outcome_of
from geo.services.exchange.cells import Cells, judge_cells, judge_partition
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel
from geo.services.exchange.parts import join_parts
from geo.services.exchange.progress import Progress
from geo.services.exchange.rows import Rows, bad_rows
from geo.services.exchange.suspicion import grids_against
from geo.services.exchange.table import Column, objects
from geo.services.exchange.uppers import (
    Group,
    Register,
    adopt,
    differences,
    group_cells,
    is_none,
    name_uppers,
    parents_of,
    read_register,
)
from geo.services.generations import publish


@dataclass(frozen=True, slots=True)
class Tier:
    """One level above the grids.

    Attributes
    ----------
    level : Level
        The level.
    codes : NDArray[object]
        Code of the grid of this level that each cell lies in.
    carried : Mapping[str, str]
        The name that most cells carry, by code.
    outlines, names : Register or None
        Files with its grids, and with its names.
    """

    level: Level
    codes: Column
    carried: Mapping[str, str]
    outlines: Register | None
    names: Register | None


Grouping = tuple[Level, Group, Register | None]
"""A level with the group of each cell, and the file with its outlines."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came in, and what is asked of it.

    Attributes
    ----------
    rows : Rows
        The grids as they were read.
    options, wanted : Options, DivisionOptions
        What was asked for.
    limits : Limits
        How large files of upper levels may be.
    """

    rows: Rows
    options: Options
    wanted: DivisionOptions
    limits: Limits

    @property
    def rule(self) -> CodeRule:
        """How codes are made."""
        return CodeRule(self.wanted.code_lengths, self.wanted.code_pattern)


def import_grids(
    actor: Actor,
    uow: UnitOfWork,
    request: Request,
    *,
    commit: bool,
    progress: Progress,
) -> Outcome:
    """Judge rows of grids, and publish them as a division where that is asked for.

    Parameters
    ----------
    actor : Actor
        Who brings them.
    uow : UnitOfWork
        The transaction.
    request : Request
        The grids, and what is asked of them.
    commit : bool
        Whether they are to be published.
    progress : Progress
        Is told each stage.

    Returns
    -------
    Outcome
        The report, and the batch if there is one.

    Raises
    ------
    OverlappingValidity, RetiredCode, FixedLevel
        As `publish` does.
    """
    progress("check")
    request, joined = _whole_grids(request)
    rows, options, wanted = request.rows, request.options, request.wanted
    problems = [*rows.problems, *joined, *_code_problems(request)]
    usable = ~bad_rows(rows, problems)
    progress("repair" if options.repair else "check")
    cells, found = judge_cells(rows, usable, options)
    problems += found
    cells = _chosen(cells, ~bad_rows(rows, problems)[cells.at])
    problems += _suspicions(uow, cells)
    codes, tiers, found = _levels(uow, request, cells)
    problems += found
    progress("check")
    parents = tiers[0].codes if tiers else objects([""] * len(cells.at))
    facts, found = judge_partition(rows, cells, parents, options, allow_gaps=wanted.allow_gaps)
    problems += found
    division, ways, found = _division(request, cells, codes, tiers)
    problems += [*found, *_unusable_codes(uow, division)]
    facts |= {"levels": dict(Counter(division.levels)), "names": ways}
    keep = ~bad_rows(rows, problems)
    outcome = outcome_of(
        uow, Layer.GRIDS, rows, problems, keep=keep, points=rows.geometries, facts=facts, options=options
    )
    if not commit or outcome.refused:
        return outcome
    progress("write")
    batch_id = keep_batch(actor, uow, outcome.report, {**options.as_json(), "division": wanted.as_json()})
    name = wanted.name or ", ".join(fact.name for fact in rows.facts)
    publish(
        actor, uow, division, name=name, valid_from=wanted.valid_from or datetime.now(UTC), batch_id=batch_id
    )
    return dataclasses.replace(outcome, batch_id=batch_id)


def _whole_grids(request: Request) -> tuple[Request, list[Problem]]:
    if not request.wanted.join_parts:
        return request, []
    rows, problems = join_parts(request.rows)
    return dataclasses.replace(request, rows=rows), problems


def _chosen(cells: Cells, mask: NDArray[np.bool_]) -> Cells:
    return Cells(
        cells.at[mask],
        cells.given[mask],
        cells.metric[mask],
        cells.storage[mask],
        cells.crs,
        cells.valid[mask],
    )


def _suspicions(uow: UnitOfWork, cells: Cells) -> list[Problem]:
    facts, ground = db.cells_in_force(uow.connection)
    leaves = np.array([is_leaf for *_, is_leaf in facts], dtype=bool)
    valid = cells.storage[cells.valid]
    return grids_against(valid, ground[leaves]) if len(valid) and leaves.any() else []


def _code_problems(request: Request) -> list[Problem]:
    rows, rule, wanted = request.rows, request.rule, request.wanted
    codes = rows.values["code"]
    times = Counter(code for code in codes if code)
    levels = rows.values["level"]
    problems = []
    for at, code in enumerate(codes):
        if levels[at] is not None and levels[at] != wanted.level:
            problems.append(rows.problem(at, "other-level", Severity.ERROR, field="level", value=levels[at]))
        if code is None and not wanted.assign_codes:
            problems.append(rows.problem(at, "missing-code", Severity.ERROR, field="code"))
        elif code is not None and not rule.fits(code, wanted.level):
            detail = {"length": wanted.code_lengths[wanted.level.depth], "pattern": wanted.code_pattern}
            problems.append(
                rows.problem(at, "bad-code", Severity.ERROR, field="code", value=code, detail=detail)
            )
        elif code is not None and times[code] > 1:
            problems.append(rows.problem(at, "duplicate-code", Severity.ERROR, field="code", value=code))
    return problems


def _levels(uow: UnitOfWork, request: Request, cells: Cells) -> tuple[Column, list[Tier], list[Problem]]:
    """Return the code of each cell, the levels above, the nearest first, and what was found."""
    rows, wanted = request.rows, request.wanted
    own = rows.values["code"][cells.at]
    problems: list[Problem] = []
    groups: list[Grouping] = []
    for level in _above(wanted.level):
        upper = wanted.upper.get(level, UpperLevel())
        outlines = _register(upper.outlines, upper, request, cells)
        told = _told_by(rows, cells, groups)
        group = group_cells(rows, cells, level, wanted=wanted, codes=own, register=outlines, told=told)
        if group is not None and len(cells.at):
            if not groups:
                group, found = _settled(request, cells, group, level)
                problems += found
            groups.append((level, group, outlines))
    tiers, found = _tiers(request, cells, own, groups)
    problems += found
    codes, found = _leaf_codes(uow, request, cells, own, tiers)
    return codes, tiers, [*problems, *found]


def _register(path: Path | None, upper: UpperLevel, request: Request, cells: Cells) -> Register | None:
    return read_register(path, upper, cells, request.options, request.limits) if path else None


def _told_by(rows: Rows, cells: Cells, groups: Sequence[tuple[Level, Group, Register | None]]) -> Column:
    """Return the parent that the level below names: the grids themselves, else the file of the last level."""
    if not groups:
        return rows.values["parent_code"][cells.at]
    _, below, register = groups[-1]
    if register is None:
        return objects([None] * len(cells.at))
    parents = dict(zip(register.codes, register.parents, strict=True))
    return objects(parents.get(key) for key in below.keys)


def _above(level: Level) -> list[Level]:
    return [one for one in reversed(Level) if one.depth < level.depth]


def _settled(request: Request, cells: Cells, group: Group, level: Level) -> tuple[Group, list[Problem]]:
    """Return the group with every cell in it, or an error for each that isn't."""
    rows = request.rows
    lacking = is_none(group.keys)
    if request.wanted.assign_codes and lacking.any() and not lacking.all():
        return adopt(rows, cells, group, level)
    detail = {"level": level}
    problems = [
        rows.problem(at, "missing-parent", Severity.ERROR, field="code", detail=detail)
        for at in cells.at[lacking]
    ]
    return dataclasses.replace(group, keys=np.where(lacking, "", group.keys)), problems


def _tiers(
    request: Request, cells: Cells, leaf_codes: Column, groups: Sequence[Grouping]
) -> tuple[list[Tier], list[Problem]]:
    """Return the levels above, the nearest first: each cell in the grid in which most of its group lie."""
    wanted, rule = request.wanted, request.rule
    keys, problems = _nested_keys(groups)
    tiers: list[Tier] = []
    above_codes = objects([wanted.code_prefix] * len(cells.at))
    for (level, group, outlines), own in reversed(list(zip(groups, keys, strict=True))):
        codes = own
        if group.by_name and (prefixes := _prefixes_of_names(own, leaf_codes, rule, level)):
            codes = objects(prefixes[name] for name in own)
        elif group.by_name and wanted.assign_codes:
            codes = _codes_of_names(own, above_codes, cells, rule, level)
        elif group.by_name:
            problems.append(Problem("missing-upper-codes", Severity.ERROR, detail={"level": level}))
        upper = wanted.upper.get(level, UpperLevel())
        names = _register(upper.names, upper, request, cells)
        tiers.insert(0, Tier(level, codes, _carried(codes, group.names), outlines, names or outlines))
        above_codes = codes
    return tiers, problems


def _nested_keys(groups: Sequence[Grouping]) -> tuple[list[Column], list[Problem]]:
    """Return the key of each cell on each level, so that a grid lies in one grid of the level above."""
    problems: list[Problem] = []
    keys: list[Column] = []
    for _, group, _ in groups:
        if not keys:
            keys.append(group.keys)
            continue
        above, found = parents_of(keys[-1], group.keys)
        problems += found
        keys.append(objects(above.get(key, "") for key in keys[-1]))
    return keys, problems


def _prefixes_of_names(names: Column, leaf_codes: Column, rule: CodeRule, level: Level) -> dict[str, str]:
    """Return the code of each named group where all codes of its cells begin with it, and no other's do."""
    length = rule.lengths[level.depth]
    pairs = {(name, (code or "")[:length]) for name, code in zip(names, leaf_codes, strict=True)}
    prefixes = dict(pairs)
    told = len(prefixes) == len(set(prefixes.values())) == len(pairs)
    return prefixes if told and all(len(prefix) == length for prefix in prefixes.values()) else {}


def _codes_of_names(names: Column, above: Column, cells: Cells, rule: CodeRule, level: Level) -> Column:
    """Return a new code for each cell's upper grid, which is known by its name alone."""
    known, ground = dissolve(cells.metric, names.astype(str))
    parent = dict(zip(names, above, strict=True))
    parents = [parent[str(name)] for name in known]
    codes = dict(zip(known.tolist(), _numbered(parents, ground, rule, level, used=()), strict=True))
    return objects(codes[name] for name in names)


def _numbered(
    parents: Sequence[str], ground: Column, rule: CodeRule, level: Level, *, used: Sequence[str]
) -> list[str]:
    """Return codes of the length of a level that begin with what is given, which may be any prefix."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(ground)).T if len(ground) else ([], [])
    lengths = (len(parents[0]) if parents else 0, rule.lengths[level.depth])
    free = CodeRule(lengths=lengths, pattern=rule.pattern)
    return assign_codes(parents, x, y, used=used, rule=free, level=Level.STREET)


def _carried(codes: Column, names: Column) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for code, name in zip(codes, names, strict=True):
        if name:
            counts.setdefault(code, Counter())[name] += 1
    return {code: found.most_common(1)[0][0] for code, found in counts.items()}


def _leaf_codes(
    uow: UnitOfWork, request: Request, cells: Cells, own: Column, tiers: Sequence[Tier]
) -> tuple[Column, list[Problem]]:
    """Return the code of each cell: its own, else a new one where that is asked for, else nothing."""
    rows, wanted = request.rows, request.wanted
    problems = _foreign_codes(request, cells, own, tiers)
    parents = tiers[0].codes if tiers else objects([wanted.code_prefix] * len(own))
    codes = objects(code or "" for code in own)
    lacking = np.flatnonzero(is_none(own) & ((parents.astype(str) != "") | (not tiers)))
    if not wanted.assign_codes or not len(lacking):
        return codes, problems
    used = [*db.codes_ever(uow.connection), *(code for code in own if code)]
    codes[lacking] = _numbered(
        parents[lacking].tolist(), cells.metric[lacking], request.rule, wanted.level, used=used
    )
    problems += [
        rows.problem(cells.at[cell], "code-assigned", Severity.REPAIRED, field="code", value=codes[cell])
        for cell in lacking
    ]
    return codes, problems


def _foreign_codes(request: Request, cells: Cells, own: Column, tiers: Sequence[Tier]) -> list[Problem]:
    """Return a warning for each code that doesn't begin with that of the grid above."""
    if not tiers:
        return []
    return [
        request.rows.problem(
            at,
            "code-of-another-parent",
            Severity.WARNING,
            field="code",
            value=code,
            detail={"parent": parent},
        )
        for at, code, parent in zip(cells.at, own, tiers[0].codes, strict=True)
        if code and request.rule.fits(parent, tiers[0].level) and not code.startswith(parent)
    ]


def _unusable_codes(uow: UnitOfWork, division: Division) -> list[Problem]:
    retired = retired_among(uow.connection, division.codes)
    problems = [Problem("retired-code", Severity.ERROR, value=code) for code in retired]
    times = Counter(division.codes)
    doubled = [code for code, count in times.items() if count > 1 and code]
    return problems + [Problem("code-on-two-levels", Severity.ERROR, value=code) for code in doubled]


def _division(
    request: Request, cells: Cells, codes: Column, tiers: Sequence[Tier]
) -> tuple[Division, dict[str, Any], list[Problem]]:
    """Return the division, which way names were found, and where given outlines differ from it."""
    rows = request.rows
    parts = [_leaves(rows, cells, codes, tiers, request.wanted)]
    ways: dict[str, Any] = {}
    problems: list[Problem] = [
        rows.problem(at, "unnamed", Severity.NOTE, field="name", value=code)
        for at, code in zip(cells.at, codes, strict=True)
        if not rows.values["name"][at]
    ]
    for tier, above in zip(tiers, [*tiers[1:], None], strict=False):
        part, ways[tier.level], found = _upper(cells, tier, above, parts[0])
        parts.insert(0, part)
        problems += found
    return _joined(parts), ways, problems


def _leaves(
    rows: Rows, cells: Cells, codes: Column, tiers: Sequence[Tier], wanted: DivisionOptions
) -> Division:
    names = rows.values["name"][cells.at]
    return Division(
        codes=tuple(codes),
        names=tuple(name or code for name, code in zip(names, codes, strict=True)),
        levels=(wanted.level,) * len(codes),
        parent_codes=tuple(tiers[0].codes) if tiers else (None,) * len(codes),
        geometries=cells.storage,
        areas_m2=area_m2(cells.metric),
        households=tuple(rows.values["households"][cells.at]),
        population=tuple(rows.values["population"][cells.at]),
        attributes=tuple(rows.attributes[cells.at]),
    )


def _upper(
    cells: Cells, tier: Tier, above: Tier | None, below: Division
) -> tuple[Division, dict[str, int], list[Problem]]:
    codes, storage = dissolve(cells.storage, tier.codes.astype(str))
    metric = dissolve(cells.metric, tier.codes.astype(str))[1]
    listed = [str(code) for code in codes]
    names, ways = name_uppers(listed, metric, tier.carried, tier.names)
    parents = dict(zip(tier.codes, above.codes, strict=True)) if above else {}
    problems = differences(tier.level, listed, metric, tier.outlines, cells.crs) if tier.outlines else []
    division = Division(
        codes=tuple(listed),
        names=tuple(names[code] for code in listed),
        levels=(tier.level,) * len(listed),
        parent_codes=tuple(parents.get(code) for code in listed),
        geometries=storage,
        areas_m2=area_m2(metric),
        households=_summed(listed, below.parent_codes, below.households),
        population=_summed(listed, below.parent_codes, below.population),
        attributes=tuple(_attributes_of(code, tier.outlines) for code in listed),
    )
    return division, ways, problems


def _summed(
    codes: Sequence[str], parents: Sequence[str | None], counts: Sequence[int | None]
) -> tuple[int | None, ...]:
    """Return the sum of what is known of the children of each, None where nothing is."""
    known = [(parent, count) for parent, count in zip(parents, counts, strict=True) if count is not None]
    sums: Counter[str | None] = Counter()
    for parent, count in known:
        sums[parent] += count
    present = {parent for parent, _ in known}
    return tuple(sums[code] if code in present else None for code in codes)


def _attributes_of(code: str, register: Register | None) -> Mapping[str, Any]:
    if register is None or code not in register.codes:
        return {}
    found: Mapping[str, Any] = register.attributes[register.codes.tolist().index(code)]
    return found


def _joined(parts: Sequence[Division]) -> Division:
    return Division(
        codes=tuple(code for part in parts for code in part.codes),
        names=tuple(name for part in parts for name in part.names),
        levels=tuple(level for part in parts for level in part.levels),
        parent_codes=tuple(parent for part in parts for parent in part.parent_codes),
        geometries=np.concatenate([part.geometries for part in parts]),
        areas_m2=np.concatenate([part.areas_m2 for part in parts]),
        households=tuple(count for part in parts for count in part.households),
        population=tuple(count for part in parts for count in part.population),
        attributes=tuple(one for part in parts for one in part.attributes),
    )
