"""Tracks: from rows of fixes to lines that know the time of each fix."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.bulk import measured_line_texts
from geo.db.patrols import make_track_months
from geo.db.tables import person, track
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.exchange import Layer, OnExisting, Problem, Severity
from geo.geometry.crs import metric_crs, to_metric
from geo.services.exchange.batches import ALREADY_THERE, Outcome, keep_batch, outcome_of
from geo.services.exchange.options import Options
from geo.services.exchange.places import place_points
from geo.services.exchange.progress import Progress
from geo.services.exchange.rows import Rows, bad_rows
from geo.services.exchange.table import Column, objects

JUMP_M_PER_S = 50.0
"""Between two fixes nobody on patrol is faster: 180 km/h."""
PER_FIX = "per_fix"
"""The attribute that holds, for each column that changes along a track, its values fix by fix."""


def import_tracks(
    actor: Actor, uow: UnitOfWork, rows: Rows, options: Options, *, commit: bool, progress: Progress
) -> Outcome:
    """Judge rows of fixes, and keep them as tracks where that is asked for.

    Parameters
    ----------
    actor : Actor
        Who brings them.
    uow : UnitOfWork
        The transaction.
    rows : Rows
        As they were read: a row a fix, in any order.
    options : Options
        What was asked for.
    commit : bool
        Whether they are to be kept.
    progress : Progress
        Is told each stage.

    Returns
    -------
    Outcome
        The report, and the batch if there is one.
    """
    progress("check")
    refs, people = rows.values["ref"], rows.values["person_ref"]
    placed = place_points(rows, db.bounds_in_force(uow.connection))
    known = db.ids_by_key(uow.connection, person, "ref", {who for who in people if who})
    existing = db.ids_by_key(uow.connection, track, "ref", {ref for ref in refs if ref})
    problems = [*rows.problems, *placed.problems, *_there(rows, existing, options.on_existing)]
    problems += _strangers(rows, known)
    usable = ~bad_rows(rows, problems) & ~shapely.is_missing(placed.points)
    if options.on_existing is OnExisting.SKIP:
        usable &= np.array([ref not in existing for ref in refs], dtype=bool)
    fixes = _ordered(rows, usable)
    fixes, found = _lasting(rows, fixes)
    problems += [*found, *_jumps(rows, placed.points, fixes)]
    keep = np.zeros(len(rows), dtype=bool)
    keep[fixes] = True
    facts = {"tracks": len(set(refs[fixes])), "fixes": len(fixes)}
    outcome = outcome_of(
        uow, Layer.TRACKS, rows, problems, keep=keep, points=placed.points, facts=facts, options=options
    )
    if not commit or outcome.refused:
        return outcome
    progress("write")
    batch_id = keep_batch(actor, uow, outcome.report, options.as_json())
    if len(fixes):
        _write(uow, rows, placed.points, fixes, known=known, batch_id=batch_id)
    return dataclasses.replace(outcome, batch_id=batch_id)


def _there(rows: Rows, existing: dict[str, int], on_existing: OnExisting) -> list[Problem]:
    code, severity = ALREADY_THERE[on_existing]
    refs = rows.values["ref"]
    first = np.unique(refs.astype(str), return_index=True)[1]
    return [
        rows.problem(at, code, severity, field="ref", value=refs[at]) for at in first if refs[at] in existing
    ]


def _strangers(rows: Rows, known: dict[str, int]) -> list[Problem]:
    """Return a warning for each person that isn't known, at the first fix."""
    people = rows.values["person_ref"]
    first = np.unique(people.astype(str), return_index=True)[1]
    return [
        rows.problem(
            at, "unknown-person-kept-as-text", Severity.WARNING, field="person_ref", value=people[at]
        )
        for at in first
        if people[at] and people[at] not in known
    ]


def _ordered(rows: Rows, usable: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the places of the usable rows by track and time."""
    at = np.flatnonzero(usable)
    return at[np.lexsort((_seconds(rows)[at], rows.values["ref"][at].astype(str)))]


def _seconds(rows: Rows) -> NDArray[np.float64]:
    return np.array([np.nan if time is None else time.timestamp() for time in rows.values["time"]])


def _lasting(rows: Rows, fixes: NDArray[np.intp]) -> tuple[NDArray[np.intp], list[Problem]]:
    """Return the fixes without second ones at one time and without tracks of a single fix."""
    refs, seconds = rows.values["ref"].astype(str), _seconds(rows)
    again = np.zeros(len(fixes), dtype=bool)
    again[1:] = (refs[fixes[1:]] == refs[fixes[:-1]]) & (seconds[fixes[1:]] == seconds[fixes[:-1]])
    once = fixes[~again]
    names, place, counts = np.unique(refs[once], return_inverse=True, return_counts=True)
    single = counts[place] < 2 if len(names) else np.zeros(0, dtype=bool)
    problems = [
        *(rows.problem(at, "second-fix-at-one-time", Severity.NOTE, field="time") for at in fixes[again]),
        *(
            rows.problem(at, "track-of-one-fix", Severity.WARNING, field="ref", value=refs[at])
            for at in once[single]
        ),
    ]
    return once[~single], problems


def _jumps(rows: Rows, points: Column, fixes: NDArray[np.intp]) -> list[Problem]:
    if not len(fixes):
        return []
    metric = metric_crs(tuple(shapely.total_bounds(points[fixes])))
    xy = shapely.get_coordinates(to_metric(points[fixes], metric))
    step_m, step_s = np.hypot(*np.diff(xy, axis=0).T), np.diff(_seconds(rows)[fixes])
    same = rows.values["ref"][fixes[1:]] == rows.values["ref"][fixes[:-1]]
    jumped = np.flatnonzero(same & (step_m > JUMP_M_PER_S * np.maximum(step_s, 1.0)))
    return [
        rows.problem(
            fixes[at + 1],
            "gps-jump",
            Severity.WARNING,
            field="geometry",
            moved_m=float(step_m[at]),
            lon=points[fixes[at + 1]].x,
            lat=points[fixes[at + 1]].y,
            detail={"seconds": float(step_s[at])},
        )
        for at in jumped
    ]


def _write(
    uow: UnitOfWork,
    rows: Rows,
    points: Column,
    fixes: NDArray[np.intp],
    *,
    known: dict[str, int],
    batch_id: int,
) -> None:
    refs = rows.values["ref"][fixes]
    starts = np.flatnonzero(np.append(True, refs[1:] != refs[:-1]))
    lengths = np.diff(np.append(starts, len(fixes)))
    ends = starts + lengths - 1
    xym = np.column_stack([shapely.get_coordinates(points[fixes]), _seconds(rows)[fixes]])
    times, people = rows.values["time"][fixes], rows.values["person_ref"][fixes]
    attributes = [
        _merged(rows.attributes[fixes[start : end + 1]], people[start], known)
        for start, end in zip(starts, ends, strict=True)
    ]
    make_track_months(uow.connection, min(times[starts]), max(times[starts]))
    db.delete_tracks(uow.connection, refs[starts].tolist())
    columns = {
        "ref": refs[starts],
        "person_id": objects(known.get(who) for who in people[starts]),
        "started_at": times[starts],
        "ended_at": times[ends],
        "fixes": lengths,
        "length_m": np.zeros(len(starts)),
        "geom": measured_line_texts(xym, lengths),
        "attributes": attributes,
        "batch_id": [batch_id] * len(starts),
    }
    db.write_new(uow.connection, track, list(columns), zip(*columns.values(), strict=True))
    db.measure_tracks(uow.connection, batch_id)


def _merged(attributes: Column, who: str | None, known: dict[str, int]) -> dict[str, Any]:
    """Return the attributes of a track: what is the same in all its fixes once, the rest fix by fix."""
    names = dict.fromkeys(name for one in attributes for name in one)
    values = {name: [one[name] for one in attributes if name in one] for name in names}
    same = {name: column[0] for name, column in values.items() if all(value == column[0] for value in column)}
    changing = {name: [one.get(name) for one in attributes] for name in names if name not in same}
    stranger = {"person_ref": who} if who and who not in known else {}
    return same | stranger | ({PER_FIX: changing} if changing else {})
