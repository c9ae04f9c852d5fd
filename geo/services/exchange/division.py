"""From rows of grids to a division that holds: codes, levels above, the law of the partition, publication."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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


def import_grids(
    actor: Actor,
    uow: UnitOfWork,
    rows: Rows,
    options: Options,
    wanted: DivisionOptions,
    limits: Limits,
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
    rows : Rows
        As they were read.
    options, wanted : Options, DivisionOptions
        What was asked for.
    limits : Limits
        How large files of upper levels may be.
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
    rule = CodeRule(wanted.code_lengths, wanted.code_pattern)
    problems = [*rows.problems, *_code_problems(rows, rule, wanted)]
    usable = ~bad_rows(rows, problems)
    progress("repair" if options.repair else "check")
    cells, found = judge_cells(rows, usable, options)
    problems += found
    cells = _chosen(cells, ~bad_rows(rows, problems)[cells.at])
    problems += _suspicions(uow, cells)
    codes, tiers, found = _levels(uow, rows, cells, rule, options, wanted, limits)
    problems += found
    progress("check")
    parents = tiers[0].codes if tiers else objects([""] * len(cells.at))
    facts, found = judge_partition(rows, cells, parents, options, allow_gaps=wanted.allow_gaps)
    problems += found
    division, ways, found = _division(rows, cells, codes, tiers, wanted)
    problems += [*found, *_unusable_codes(uow, division, wanted)]
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


def _code_problems(rows: Rows, rule: CodeRule, wanted: DivisionOptions) -> list[Problem]:
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
            problems.append(rows.problem(at, "duplicate-key", Severity.ERROR, field="code", value=code))
    return problems


def _levels(
    uow: UnitOfWork,
    rows: Rows,
    cells: Cells,
    rule: CodeRule,
    options: Options,
    wanted: DivisionOptions,
    limits: Limits,
) -> tuple[Column, list[Tier], list[Problem]]:
    """Return the code of each cell, the levels above, the nearest first, and what was found."""
    own = rows.values["code"][cells.at]
    problems: list[Problem] = []
    groups: list[tuple[Level, Group, Register | None]] = []
    for level in _above(wanted.level):
        upper = wanted.upper.get(level, UpperLevel())
        outlines = read_register(upper.outlines, upper, cells, options, limits) if upper.outlines else None
        group = group_cells(rows, cells, level, wanted, own, outlines, _told_by(rows, cells, groups))
        if group is not None and len(cells.at):
            group, found = _settled(rows, cells, group, level, wanted, is_nearest=not groups)
            problems += found
            groups.append((level, group, outlines))
    tiers, found = _tiers(cells, own, groups, rule, options, wanted, limits)
    problems += found
    parents = tiers[0].codes if tiers else objects([wanted.code_prefix] * len(cells.at))
    nearest = tiers[0].level if tiers else None
    codes, found = _leaf_codes(uow, rows, cells, own, parents, nearest, rule, wanted)
    return codes, tiers, [*problems, *found]


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


def _settled(
    rows: Rows, cells: Cells, group: Group, level: Level, wanted: DivisionOptions, *, is_nearest: bool
) -> tuple[Group, list[Problem]]:
    """Return the group with every cell in it, or an error for each that isn't."""
    if not is_none(group.keys).any() or not is_nearest:
        return group, []
    if wanted.assign_codes and not is_none(group.keys).all():
        return adopt(rows, cells, group, level)
    lacking = np.flatnonzero(is_none(group.keys))
    detail = {"level": level}
    problems = [
        rows.problem(cells.at[cell], "missing-parent", Severity.ERROR, field="code", detail=detail)
        for cell in lacking
    ]
    keys = group.keys.copy()
    keys[lacking] = ""
    return dataclasses.replace(group, keys=keys), problems


def _tiers(
    cells: Cells,
    leaf_codes: Column,
    groups: Sequence[tuple[Level, Group, Register | None]],
    rule: CodeRule,
    options: Options,
    wanted: DivisionOptions,
    limits: Limits,
) -> tuple[list[Tier], list[Problem]]:
    """Return the levels above, the nearest first: each cell in the grid in which most of its group lie."""
    problems: list[Problem] = []
    keys: list[Column] = []
    for _, group, _ in groups:
        if keys:
            above, found = parents_of(keys[-1], group.keys)
            problems += found
            keys.append(objects(above.get(key, "") for key in keys[-1]))
        else:
            keys.append(group.keys)
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
        names = read_register(upper.names, upper, cells, options, limits) if upper.names else None
        tiers.insert(0, Tier(level, codes, _carried(codes, group.names), outlines, names or outlines))
        above_codes = codes
    return tiers, problems


def _prefixes_of_names(names: Column, leaf_codes: Column, rule: CodeRule, level: Level) -> dict[str, str]:
    """Return the code of each named group where the codes of its cells tell it: all begin with it, no other's do."""
    length = rule.lengths[level.depth]
    pairs = {(name, (code or "")[:length]) for name, code in zip(names, leaf_codes, strict=True)}
    prefixes = dict(pairs)
    told = len(prefixes) == len(set(prefixes.values())) == len(pairs)
    return prefixes if told and all(len(prefix) == length for prefix in prefixes.values()) else {}


def _codes_of_names(names: Column, above: Column, cells: Cells, rule: CodeRule, level: Level) -> Column:
    """Return a code for each cell's upper grid that is known by its name alone, west to east, north to south."""
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
    uow: UnitOfWork,
    rows: Rows,
    cells: Cells,
    own: Column,
    parents: Column,
    nearest: Level | None,
    rule: CodeRule,
    wanted: DivisionOptions,
) -> tuple[Column, list[Problem]]:
    codes = own.copy()
    lacking = np.flatnonzero(is_none(own) & (parents.astype(str) != "" if nearest else True))
    problems = _foreign_codes(rows, cells, own, parents, nearest, rule)
    if not wanted.assign_codes or not len(lacking):
        return objects(code or "" for code in codes), problems
    used = [*db.codes_ever(uow.connection), *(code for code in own if code)]
    given = _numbered(parents[lacking].tolist(), cells.metric[lacking], rule, wanted.level, used=used)
    codes[lacking] = given
    problems += [
        rows.problem(cells.at[cell], "code-assigned", Severity.REPAIRED, field="code", value=codes[cell])
        for cell in lacking
    ]
    return codes, problems


def _foreign_codes(
    rows: Rows, cells: Cells, own: Column, parents: Column, nearest: Level | None, rule: CodeRule
) -> list[Problem]:
    if nearest is None:
        return []
    pairs = zip(cells.at, own, parents, strict=True)
    return [
        rows.problem(
            at,
            "code-of-another-parent",
            Severity.WARNING,
            field="code",
            value=code,
            detail={"parent": parent},
        )
        for at, code, parent in pairs
        if code and rule.fits(parent, nearest) and not code.startswith(parent)
    ]


def _unusable_codes(uow: UnitOfWork, division: Division, wanted: DivisionOptions) -> list[Problem]:
    retired = retired_among(uow.connection, division.codes)
    problems = [Problem("retired-code", Severity.ERROR, value=code) for code in retired]
    times = Counter(division.codes)
    doubled = [code for code, count in times.items() if count > 1 and code]
    return problems + [Problem("code-on-two-levels", Severity.ERROR, value=code) for code in doubled]


def _division(
    rows: Rows, cells: Cells, codes: Column, tiers: Sequence[Tier], wanted: DivisionOptions
) -> tuple[Division, dict[str, Any], list[Problem]]:
    """Return the division, which way names were found, and where given outlines differ from it."""
    parts = [_leaves(rows, cells, codes, tiers, wanted)]
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
