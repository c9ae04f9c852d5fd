"""Entities, addresses, visits and issues: prepared as a set, written as a set, located as a set."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.bulk import geometry_texts, reserve_ids
from geo.db.generations import hold_publication
from geo.db.locate import place_rows
from geo.db.tables import address, entity, issue, person, visit
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.addresses import normalize
from geo.domain.exchange import FIELDS, Layer, OnExisting, Problem, Severity
from geo.services.exchange.batches import ALREADY_THERE, Outcome, keep_batch, outcome_of
from geo.services.exchange.issues import keep_course, prepare_issues
from geo.services.exchange.options import Options
from geo.services.exchange.places import place_points
from geo.services.exchange.prepared import Prepared
from geo.services.exchange.progress import Progress
from geo.services.exchange.rows import Rows, bad_rows
from geo.services.exchange.suspicion import cells_by_level, points_against
from geo.services.exchange.table import Column, objects

_TABLES = {Layer.ENTITIES: entity, Layer.ADDRESSES: address, Layer.VISITS: visit, Layer.ISSUES: issue}
_KEYS = {Layer.ENTITIES: "ref", Layer.ADDRESSES: "ref", Layer.VISITS: "ref", Layer.ISSUES: "number"}


def import_located(
    actor: Actor,
    uow: UnitOfWork,
    layer: Layer,
    rows: Rows,
    options: Options,
    *,
    commit: bool,
    progress: Progress,
) -> Outcome:
    """Judge rows of things that stand somewhere, and keep them where that is asked for.

    Parameters
    ----------
    actor : Actor
        Who brings them.
    uow : UnitOfWork
        The transaction.
    layer : Layer
        What they are.
    rows : Rows
        As they were read.
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
    connection = uow.connection
    placed = place_points(rows, db.bounds_in_force(connection))
    prepared = _PREPARE[layer](uow, rows, placed.points)
    keys = rows.values[_KEYS[layer]]
    existing = db.ids_by_key(connection, _TABLES[layer], _KEYS[layer], {key for key in keys if key})
    facts, suspicions = _agreement(uow, layer, rows, placed.points)
    problems = (
        *rows.problems,
        *placed.problems,
        *prepared.problems,
        *key_problems(rows, keys, existing, options.on_existing, _KEYS[layer]),
        *suspicions,
    )
    keep = ~bad_rows(rows, problems)
    if options.on_existing is OnExisting.SKIP:
        keep &= ~np.isin(keys.astype(str), list(existing))
    outcome = outcome_of(
        uow, layer, rows, problems, keep=keep, points=placed.points, facts=facts, options=options
    )
    if not commit or outcome.refused:
        return outcome
    progress("write")
    hold_publication(connection)
    batch_id = keep_batch(actor, uow, outcome.report, options.as_json())
    ids = _write(
        uow,
        layer,
        prepared,
        keys=keys,
        existing=existing,
        points=placed.points,
        keep=keep,
        batch_id=batch_id,
    )
    progress("locate")
    if layer is Layer.VISITS:
        _keep_people(uow, prepared, ids, keep)
    if layer is Layer.ISSUES:
        keep_course(uow, prepared, ids, keep & ~np.isin(keys.astype(str), list(existing)), keep)
        db.record_imported(connection, batch_id, actor.name)
    place_rows(connection, _TABLES[layer], batch_id)
    return dataclasses.replace(outcome, batch_id=batch_id)


def key_problems(
    rows: Rows, keys: Column, existing: Mapping[str, int], on_existing: OnExisting, field: str
) -> list[Problem]:
    """Return which rows have a key that stands twice in the files, or that is there already.

    Parameters
    ----------
    rows : Rows
        The rows.
    keys : NDArray[object]
        The key of each, or None.
    existing : Mapping[str, int]
        The keys that are there.
    on_existing : OnExisting
        What is asked to happen to these rows.
    field : str
        The field of the key.

    Returns
    -------
    list of Problem
        Errors for doubles, and for rows that are there unless they are to be skipped or updated.
    """
    texts = np.array([key or "" for key in keys], dtype=np.str_)
    _, first, place = np.unique(texts, return_index=True, return_inverse=True)
    doubled = (first[place.reshape(-1)] != np.arange(len(texts))) & (texts != "")
    there = np.isin(texts, list(existing)) & (texts != "")
    code, severity = ALREADY_THERE[on_existing]
    return [
        *(
            rows.problem(at, "duplicate-key", Severity.ERROR, field=field, value=keys[at])
            for at in np.flatnonzero(doubled)
        ),
        *(rows.problem(at, code, severity, field=field, value=keys[at]) for at in np.flatnonzero(there)),
    ]


def _agreement(
    uow: UnitOfWork, layer: Layer, rows: Rows, points: Column
) -> tuple[dict[str, Any], list[Problem]]:
    cells = cells_by_level(*db.cells_in_force(uow.connection))
    names = dict.fromkeys(name for attributes in rows.attributes for name in attributes)
    told = {name: objects(attributes.get(name) for attributes in rows.attributes) for name in names}
    texts = {field.name: rows.values[field.name] for field in FIELDS[layer]}
    return points_against(points, told | texts, cells)


def _write(
    uow: UnitOfWork,
    layer: Layer,
    prepared: Prepared,
    *,
    keys: Column,
    existing: Mapping[str, int],
    points: Column,
    keep: NDArray[np.bool_],
    batch_id: int,
) -> NDArray[np.int64]:
    """Write the rows, and give the id of each, 0 for those that aren't kept."""
    table = _TABLES[layer]
    there = np.array([key in existing for key in keys], dtype=bool)
    ids = np.zeros(len(keys), dtype=np.int64)
    ids[keep & there] = [existing[key] for key in keys[keep & there]]
    ids[keep & ~there] = reserve_ids(uow.connection, table.name, int((keep & ~there).sum()))
    columns = {
        "id": objects(ids.tolist()),
        **prepared.columns,
        "geom": objects(geometry_texts(points)),
        "batch_id": objects([batch_id] * len(keys)),
    }
    for write, mask in ((db.write_new, keep & ~there), (db.overwrite, keep & there)):
        if mask.any():
            chosen = [values[mask] for values in columns.values()]
            write(uow.connection, table, list(columns), zip(*chosen, strict=True))
    return ids


def _keep_people(
    uow: UnitOfWork, prepared: Prepared, ids: NDArray[np.int64], keep: NDArray[np.bool_]
) -> None:
    assert prepared.people is not None, "visits are prepared with people"  # noqa: S101 - tells mypy what is always true
    kept = list(zip(ids[keep].tolist(), prepared.people[keep], strict=True))
    pairs = [(visit_id, person_id) for visit_id, people in kept for person_id in people]
    db.replace_visitors(uow.connection, [visit_id for visit_id, _ in kept], pairs)


def _prepare_entities(uow: UnitOfWork, rows: Rows, points: Column) -> Prepared:  # noqa: ARG001 - all are called alike
    return Prepared({**rows.values, "attributes": rows.attributes})


def _prepare_addresses(uow: UnitOfWork, rows: Rows, points: Column) -> Prepared:  # noqa: ARG001 - all are called alike
    normalized = objects(normalize(text) if text else text for text in rows.values["text"])
    return Prepared({**rows.values, "normalized": normalized, "attributes": rows.attributes})


def _prepare_visits(uow: UnitOfWork, rows: Rows, points: Column) -> Prepared:
    refs, names = rows.values["entity_ref"], rows.values["entity_name"]
    by_ref = db.ids_by_key(uow.connection, entity, "ref", {ref for ref in refs if ref})
    by_name = db.ids_by_name(uow.connection, entity, {name for name in names if name})
    entities = objects(
        _one(by_ref.get(ref), by_name.get(name, [])) for ref, name in zip(refs, names, strict=True)
    )
    named = objects(ref or name for ref, name in zip(refs, names, strict=True))
    lost = (named != None) & (entities == None)  # noqa: E711 - element by element
    households, moved = _households(uow, rows, entities)
    nowhere = (entities == None) & (points == None) & ~lost  # noqa: E711 - element by element
    people, strangers = _people(uow, rows.values["people"])
    problems = (
        *(
            rows.problem(at, "unknown-entity", Severity.ERROR, field="entity_ref", value=named[at])
            for at in np.flatnonzero(lost)
        ),
        *rows.problems_where(moved, "unknown-household", Severity.ERROR, field="household"),
        *rows.problems_where(nowhere, "visit-of-nothing", Severity.ERROR, field="geometry"),
        *(
            rows.problem(at, "unknown-person", Severity.ERROR, field="people", value=", ".join(who))
            for at, who in enumerate(strangers)
            if who
        ),
    )
    own = {name: rows.values[name] for name in ("ref", "kind", "visited_at", "result", "note")}
    places = {"entity_id": entities, "household_id": households}
    return Prepared({**own, **places, "attributes": rows.attributes}, problems, people)


def _households(uow: UnitOfWork, rows: Rows, buildings: Column) -> tuple[Column, NDArray[np.bool_]]:
    """Return the id of the household of each visit, by its key or its door, and which can't be found."""
    refs, doors = rows.values["household"], rows.values["door"]
    known = db.households_in(uow.connection, {building for building in buildings if building})
    by_ref = {(building, ref): key for key, building, ref, _ in known if ref}
    by_door = {(building, door): key for key, building, _, door in known}
    found = objects(
        by_ref.get((building, ref)) if ref else by_door.get((building, door))
        for building, ref, door in zip(buildings, refs, doors, strict=True)
    )
    named = (refs != None) | (doors != None)  # noqa: E711 - element by element
    return found, named & (found == None)  # noqa: E711 - element by element


def _one(by_ref: int | None, by_name: list[int]) -> int | None:
    """Return the id found by key, else by a name that only one has."""
    return by_ref if by_ref is not None else (by_name[0] if len(by_name) == 1 else None)


def _people(uow: UnitOfWork, words: Column) -> tuple[Column, list[list[str]]]:
    """Return the ids of the people of each row, and the words that mean nobody, or several."""
    wanted = {word for row in words for word in row or ()}
    by_ref = db.ids_by_key(uow.connection, person, "ref", wanted)
    by_name = db.ids_by_name(uow.connection, person, wanted)
    known = {word: _one(by_ref.get(word), by_name.get(word, [])) for word in wanted}
    ids = objects(sorted({known[word] for word in row or () if known[word] is not None}) for row in words)
    return ids, [[word for word in row or () if known[word] is None] for row in words]


_PREPARE: dict[Layer, Callable[[UnitOfWork, Rows, Column], Prepared]] = {
    Layer.ENTITIES: _prepare_entities,
    Layer.ADDRESSES: _prepare_addresses,
    Layer.VISITS: _prepare_visits,
    Layer.ISSUES: prepare_issues,
}
