"""People with their posts: one row for each post that somebody holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.bulk import reserve_ids
from geo.db.tables import assignment, person
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.exchange import Layer, OnExisting, Problem, Severity
from geo.services.exchange.batches import ALREADY_THERE, Outcome, keep_batch, outcome_of
from geo.services.exchange.options import Options
from geo.services.exchange.progress import Progress
from geo.services.exchange.rows import Rows, bad_rows
from geo.services.exchange.table import Column, objects
from geo.services.people import CHANNEL

_PERSON = ("ref", "name", "phone", "organisation")
_FIRST_POST = "head"


def import_people(
    actor: Actor, uow: UnitOfWork, rows: Rows, options: Options, *, commit: bool, progress: Progress
) -> Outcome:
    """Judge rows of people and posts, and keep them where that is asked for.

    Parameters
    ----------
    actor : Actor
        Who brings them.
    uow : UnitOfWork
        The transaction.
    rows : Rows
        As they were read. Rows with one key, or without keys with one name and telephone number, are one
        person.
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
    existing = db.ids_by_key(uow.connection, person, "ref", {ref for ref in rows.values["ref"] if ref})
    posts = _posts(uow, rows, options)
    problems = (*rows.problems, *posts.problems, *_already_there(rows, existing, options.on_existing))
    keep = ~bad_rows(rows, problems)
    if options.on_existing is OnExisting.SKIP:
        keep &= objects(ref not in existing for ref in rows.values["ref"]).astype(bool)
    outcome = outcome_of(uow, Layer.PEOPLE, rows, problems, keep=keep, points=None, facts={}, options=options)
    if not commit or outcome.refused:
        return outcome
    progress("write")
    batch_id = keep_batch(actor, uow, outcome.report, options.as_json())
    people = _write_people(uow, rows, existing, keep, batch_id)
    _write_posts(uow, posts, people, keep, batch_id)
    uow.notify(CHANNEL, "")
    return dataclasses.replace(outcome, batch_id=batch_id)


def _already_there(rows: Rows, existing: Mapping[str, int], on_existing: OnExisting) -> list[Problem]:
    code, severity = ALREADY_THERE[on_existing]
    refs = rows.values["ref"]
    there = np.array([ref in existing for ref in refs], dtype=bool)
    return [rows.problem(at, code, severity, field="ref", value=refs[at]) for at in np.flatnonzero(there)]


@dataclasses.dataclass(frozen=True, slots=True)
class _Posts:
    """The post of each row: None as grid where the row names none."""

    grids: Column
    posts: Column
    valid_from: Column
    valid_to: Column
    problems: tuple[Problem, ...]


def _posts(uow: UnitOfWork, rows: Rows, options: Options) -> _Posts:
    grids, words = rows.values["grid_code"], rows.values["post"]
    starts, ends = rows.values["valid_from"], rows.values["valid_to"]
    has_post = np.array([code is not None for code in grids], dtype=bool)
    known_codes = db.known_codes(uow.connection, [code for code in grids if code])
    known_posts = db.known_posts(uow.connection)
    posts = objects(known_posts.get((word or _FIRST_POST).casefold()) for word in words)
    today = datetime.now(options.zone).date()
    begins = objects(start or today for start in starts)
    lost = has_post & np.array([code not in known_codes for code in grids], dtype=bool)
    strange = has_post & np.array([post is None for post in posts], dtype=bool)
    undated = has_post & np.array([start is None for start in starts], dtype=bool)
    backwards = has_post & np.array(
        [_ends_early(*dates) for dates in zip(begins, ends, strict=True)], dtype=bool
    )
    return _Posts(
        grids,
        posts,
        begins,
        ends,
        (
            *_valued(rows, lost, "unknown-grid", Severity.ERROR, field="grid_code", values=grids),
            *_valued(rows, strange, "unknown-post", Severity.ERROR, field="post", values=words),
            *_valued(rows, undated, "from-today", Severity.NOTE, field="valid_from", values=begins),
            *_valued(rows, backwards, "ends-before-it-begins", Severity.ERROR, field="valid_to", values=ends),
        ),
    )


def _ends_early(begin: date, end: date | None) -> bool:
    return end is not None and end <= begin


def _valued(
    rows: Rows, mask: NDArray[np.bool_], code: str, severity: Severity, *, field: str, values: Column
) -> list[Problem]:
    return [
        rows.problem(at, code, severity, field=field, value=str(values[at])) for at in np.flatnonzero(mask)
    ]


def _write_people(
    uow: UnitOfWork, rows: Rows, existing: Mapping[str, int], keep: NDArray[np.bool_], batch_id: int
) -> NDArray[np.int64]:
    """Write each person once, and give the id of the person of each row."""
    whole = list(zip(*(rows.values[name] for name in _PERSON), strict=True))
    keys = [ref or (name, phone) for ref, name, phone, _ in whole]
    first: dict[object, int] = {}
    for at in np.flatnonzero(keep):
        first.setdefault(keys[at], int(at))
    fresh = [key for key in first if key not in existing]
    ids = dict(zip(fresh, reserve_ids(uow.connection, "person", len(fresh)), strict=True))
    ids |= {key: existing[key] for key in first if key in existing}  # type: ignore[index]
    columns = ("id", *_PERSON, "attributes", "batch_id")
    for write, chosen in ((db.write_new, fresh), (db.overwrite, [key for key in first if key in existing])):
        if chosen:
            values = ((ids[key], *whole[first[key]], rows.attributes[first[key]], batch_id) for key in chosen)
            write(uow.connection, person, columns, values)
    return np.array([ids.get(key, 0) for key in keys], dtype=np.int64)


def _write_posts(
    uow: UnitOfWork, posts: _Posts, people: NDArray[np.int64], keep: NDArray[np.bool_], batch_id: int
) -> None:
    """Write the posts that aren't held already at some time of theirs."""
    held = db.assignments_of(uow.connection, sorted(set(people[keep].tolist())))
    spans: dict[tuple[int, str, str], list[tuple[date, date]]] = {}
    for person_id, code, post, begin, end in held:
        spans.setdefault((person_id, code, post), []).append((begin, end or date.max))
    fresh = []
    for at in np.flatnonzero(keep & np.array([code is not None for code in posts.grids], dtype=bool)):
        key = (int(people[at]), posts.grids[at], posts.posts[at])
        begin, end = posts.valid_from[at], posts.valid_to[at]
        known = spans.setdefault(key, [])
        if all(end_of <= begin or (end or date.max) <= start_of for start_of, end_of in known):
            known.append((begin, end or date.max))
            fresh.append((*key, begin, end, batch_id))
    columns = ("person_id", "grid_code", "post", "valid_from", "valid_to", "batch_id")
    db.write_new(uow.connection, assignment, columns, fresh)
