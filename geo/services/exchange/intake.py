"""From files to rows: each column parsed as the field that it is mapped to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.domain.exchange import LAT, LON, PLACE, WKT, Field, Layer, Problem, Severity
from geo.errors import BadValue
from geo.services.exchange.limits import Limits
from geo.services.exchange.mapping import fields_of, map_columns
from geo.services.exchange.opening import open_file
from geo.services.exchange.options import Options
from geo.services.exchange.places import choose_reference, geometries_of_text
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column, Table, objects, plain
from geo.services.exchange.times import check_format
from geo.services.exchange.values import check_said, parse, problems_of, shown


def read_rows(layer: Layer, paths: Sequence[Path], options: Options, limits: Limits) -> Rows:
    """Return the rows of files, each column parsed as the field that it is mapped to.

    Parameters
    ----------
    layer : Layer
        What they are.
    paths : sequence of Path
        The files.
    options : Options
        Mapping, reference, clock.
    limits : Limits
        How large the files may be.

    Returns
    -------
    Rows
        In the order of the files.

    Raises
    ------
    GridError
        If a file can't be read, or something that was asked for doesn't exist or can't be.
    """
    names = [path.name for path in paths]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadValue(field="file", value=twice, expected=f"≠ {twice}")
    check_said(fields_of(layer), options)
    if options.time_format is not None:
        check_format(options.time_format)
    return _together([_rows_of(layer, path, options, limits) for path in paths])


def _rows_of(layer: Layer, path: Path, options: Options, limits: Limits) -> Rows:
    table, facts = open_file(path, limits, options.reading)
    fields = fields_of(layer, has_geometries=table.geometries is not None)
    sources = map_columns(list(table.columns), options.mapping, fields)
    columns = {source.field: table.columns[source.column] for source in sources}
    values: dict[str, Column] = {}
    problems = list(table.problems)
    for field in fields:
        if field not in PLACE:
            values[field.name], found = _parsed(field, columns, table, options)
            problems.extend(found)
    geometries, bad_places = _geometries(table, columns, limits, options)
    problems.extend(bad_places)
    used = {source.column for source in sources}
    attributes = _attributes(table, used, values.pop("attributes"))
    has_places = bool((~shapely.is_missing(geometries)).any())
    chosen, doubts = choose_reference(options.reference, facts.declared, has_places=has_places)
    problems.extend(doubts)
    return Rows(
        values,
        attributes,
        geometries,
        table.numbers,
        objects([facts.name] * len(table)),
        (facts,),
        sources,
        chosen,
        tuple(replace(problem, file=facts.name) for problem in problems),
        len({p.row for p in table.problems if p.severity is Severity.ERROR}),
    )


def _parsed(
    field: Field, columns: Mapping[str, Column], table: Table, options: Options
) -> tuple[Column, Iterable[Problem]]:
    column = columns.get(field.name, objects([None] * len(table)))
    parsed = parse(field, column, options)
    return parsed.values, problems_of(field, column, parsed, table.numbers)


def _attributes(table: Table, used: set[str], given: Column) -> Column:
    kept = [name for name in table.columns if name not in used]
    rest = zip(*(table.columns[name] for name in kept), strict=True) if kept else ((),) * len(table)
    return objects(
        plain(dict(zip(kept, row, strict=True))) | (own or {}) for row, own in zip(rest, given, strict=True)
    )


def _geometries(
    table: Table, columns: Mapping[str, Column], limits: Limits, options: Options
) -> tuple[Column, list[Problem]]:
    if table.geometries is not None:
        return table.geometries, []
    if WKT.name in columns:
        texts = columns[WKT.name]
        geometries, bad = geometries_of_text(texts, limits)
        return geometries, [_bad_place(table.numbers[at], WKT.name, texts[at]) for at in np.flatnonzero(bad)]
    if LON.name in columns and LAT.name in columns:
        return _points(table, columns, options)
    return objects([None] * len(table)), []


def _points(table: Table, columns: Mapping[str, Column], options: Options) -> tuple[Column, list[Problem]]:
    x, y = (parse(field, columns[field.name], options) for field in (LON, LAT))
    xy = np.column_stack([x.values.astype(np.float64), y.values.astype(np.float64)])
    whole = np.isfinite(xy).all(axis=1)
    points = np.full(len(table), None, dtype=object)
    points[whole] = shapely.points(xy[whole])
    bad = [(at, LON.name) for at in np.flatnonzero(x.bad)] + [(at, LAT.name) for at in np.flatnonzero(y.bad)]
    return points, [_bad_place(table.numbers[at], name, columns[name][at]) for at, name in bad]


def _bad_place(number: np.int64, field: str, value: Any) -> Problem:
    return Problem("bad-place", Severity.ERROR, row=int(number), field=field, value=shown(value))


def _together(parts: Sequence[Rows]) -> Rows:
    first = parts[0]
    references = {part.reference.name for part in parts}
    mixed = [Problem("references-differ", Severity.ERROR, value=", ".join(sorted(references)))]
    return Rows(
        {name: np.concatenate([part.values[name] for part in parts]) for name in first.values},
        np.concatenate([part.attributes for part in parts]),
        np.concatenate([part.geometries for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.files for part in parts]),
        tuple(fact for part in parts for fact in part.facts),
        tuple(dict.fromkeys(source for part in parts for source in part.mapping)),
        first.reference,
        (*(problem for part in parts for problem in part.problems), *(mixed if len(references) > 1 else [])),
        sum(part.unread for part in parts),
    )
