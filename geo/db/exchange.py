"""Batches of imports in the database, rows that come in as a set, layers that go out as a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from geo.db.bulk import copy_rows
from geo.db.expressions import in_force, within_jurisdiction
from geo.db.jurisdictions import code_within
from geo.db.patrols import passes_grids
from geo.db.people import serves_within
from geo.db.tables import (
    assignment,
    entity,
    grid,
    grid_code,
    household,
    import_batch,
    issue,
    issue_event,
    person,
    post,
    track,
    visit,
    visit_person,
)
from geo.domain.actors import Jurisdiction
from geo.domain.exchange import Batch, Layer
from geo.domain.grids import Level

Keys = Sequence[str]


def insert_batch(
    connection: Connection,
    *,
    layer: Layer,
    filename: str,
    sha256: str,
    reference: str,
    options: Mapping[str, Any],
    row_count: int,
    report: Mapping[str, Any],
    created_by: str,
) -> int:
    """Keep an import batch, and give its number.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    layer : Layer
        What came in.
    filename, sha256 : str
        The file.
    reference : str
        What its numbers were said to be.
    options : mapping
        What was asked for, JSON-ready.
    row_count : int
        How many rows it has.
    report : mapping
        What came of it, JSON-ready.
    created_by : str
        Who brought it.

    Returns
    -------
    int
        Its id.
    """
    statement = (
        insert(import_batch)
        .values(
            kind=layer,
            filename=filename,
            sha256=sha256,
            reference=reference,
            options=dict(options),
            row_count=row_count,
            report=dict(report),
            created_by=created_by,
        )
        .returning(import_batch.c.id)
    )
    batch_id: int = connection.execute(statement).scalar_one()
    return batch_id


def list_batches(connection: Connection, *, before: int | None, limit: int) -> list[Batch]:
    """Give import batches, the newest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    before : int, optional
        Only batches with a lower id.
    limit : int
        How many at most.

    Returns
    -------
    list of Batch
        By descending id.
    """
    statement = select(import_batch).order_by(import_batch.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(import_batch.c.id < before)
    return [_batch(row) for row in connection.execute(statement)]


def one_batch(connection: Connection, batch_id: int) -> Batch | None:
    """Give the import batch of that id, or None."""
    row = connection.execute(select(import_batch).where(import_batch.c.id == batch_id)).one_or_none()
    return _batch(row) if row is not None else None


def batches_of(connection: Connection, layer: Layer, digests: Keys) -> list[Batch]:
    """Give the batches of a layer in which one of these files came in already.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    layer : Layer
        What the files were taken for.
    digests : sequence of str
        SHA-256 of files.

    Returns
    -------
    list of Batch
        By id.
    """
    holds = or_(*(import_batch.c.options.contains({"files": [{"sha256": digest}]}) for digest in digests))
    statement = select(import_batch).where(import_batch.c.kind == layer, holds).order_by(import_batch.c.id)
    return [_batch(row) for row in connection.execute(statement)]


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        row.id,
        Layer(row.kind),
        row.filename,
        row.sha256,
        row.reference,
        row.options,
        row.row_count,
        row.report,
        row.created_by,
        row.created_at,
    )


def ids_by_key(connection: Connection, table: Table, column: str, keys: Iterable[str]) -> dict[str, int]:
    """Give the id of each row whose key is among these.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        The table.
    column : str
        Its column of unique keys.
    keys : iterable of str
        The keys.

    Returns
    -------
    dict of str to int
        Without keys that aren't there.
    """
    key = table.c[column]
    statement = select(key, table.c.id).where(key == func.any(_texts("keys")))
    return dict(connection.execute(statement, {"keys": list(keys)}).tuples().all())


def ids_by_name(connection: Connection, table: Table, names: Iterable[str]) -> dict[str, list[int]]:
    """Give the ids of the entities or people of these names: several where a name isn't unique."""
    statement = (
        select(table.c.name, func.array_agg(table.c.id))
        .where(table.c.name == func.any(_texts("names")))
        .group_by(table.c.name)
    )
    return dict(connection.execute(statement, {"names": list(names)}).tuples().all())


def _texts(name: str) -> BindParameter[Any]:
    """Stand for a list of texts that is bound as one array."""
    return bindparam(name, type_=ARRAY(String))


def _ids(name: str) -> BindParameter[Any]:
    """Stand for a list of ids that is bound as one array."""
    return bindparam(name, type_=ARRAY(BigInteger))


def write_new(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Append rows, with their ids among the columns."""
    copy_rows(connection, table.name, columns, rows)


def overwrite(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Let rows that are there have new values and the next revision.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        The table; it counts revisions.
    columns : sequence of str
        Names of the columns, ``id`` among them.
    rows : iterable of sequences
        Values as `copy_rows` takes them.
    """
    stage = Table(
        f"incoming_{table.name}",
        MetaData(),
        *(Column(name, table.c[name].type) for name in columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    stage.create(connection)
    copy_rows(connection, stage.name, columns, rows)
    changes = {name: stage.c[name] for name in columns if name != "id"}
    connection.execute(
        update(table)
        .where(table.c.id == stage.c.id)
        .values(**changes, revision=table.c.revision + 1, updated_at=func.now())
    )


def append_events(connection: Connection, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append to the histories of issues."""
    copy_rows(connection, issue_event.name, columns, rows)


def merge_issues(connection: Connection, issues: Sequence[int], numbers: Keys) -> None:
    """Let each of these issues be merged into the one of a number.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    issues : sequence of int
        Their ids.
    numbers : sequence of str
        For each, the number of the issue that it went into.
    """
    pairs = func.unnest(_ids("issues"), _texts("numbers")).table_valued("issue_id", "number").render_derived()
    other = issue.alias()
    connection.execute(
        update(issue)
        .where(issue.c.id == pairs.c.issue_id, other.c.number == pairs.c.number)
        .values(merged_into_id=other.c.id),
        {"issues": list(issues), "numbers": list(numbers)},
    )


def households_in(connection: Connection, buildings: Iterable[int]) -> list[tuple[int, int, str | None, str]]:
    """Give id, building, key and door of every household that lives, or has lived, in these buildings."""
    columns = (household.c.id, household.c.building_id, household.c.ref, household.c.door)
    statement = select(*columns).where(household.c.building_id == func.any(_ids("buildings")))
    present_last = statement.order_by(household.c.until.asc().nulls_last(), household.c.id)
    return [tuple(row) for row in connection.execute(present_last, {"buildings": list(buildings)})]


def record_imported(connection: Connection, batch_id: int, actor: str) -> None:
    """Append to the history of each issue of a batch that it was imported."""
    source = select(
        issue.c.id,
        literal(actor),
        literal("imported"),
        issue.c.state,
        func.jsonb_build_object("batch_id", cast(batch_id, Integer)),
    ).where(issue.c.batch_id == batch_id)
    connection.execute(
        insert(issue_event).from_select(["issue_id", "actor", "kind", "to_state", "data"], source)
    )


def replace_visitors(connection: Connection, visits: Sequence[int], pairs: Iterable[tuple[int, int]]) -> None:
    """Let visits have been made by these people, and no others.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    visits : sequence of int
        Ids of the visits.
    pairs : iterable of (int, int)
        Visit and person.
    """
    connection.execute(
        delete(visit_person).where(visit_person.c.visit_id == func.any(_ids("visits"))),
        {"visits": list(visits)},
    )
    copy_rows(connection, "visit_person", ("visit_id", "person_id"), pairs)


def delete_tracks(connection: Connection, refs: Keys) -> None:
    """Take away the tracks with these keys: their successors follow in the same transaction."""
    connection.execute(delete(track).where(track.c.ref == func.any(_texts("refs"))), {"refs": list(refs)})


def measure_tracks(connection: Connection, batch_id: int) -> None:
    """Let each track of a batch know its length on the ellipsoid, in metres."""
    length_m = func.ST_Length(func.geography(func.ST_Force2D(track.c.geom)))
    connection.execute(track.update().where(track.c.batch_id == batch_id).values(length_m=length_m))


def assignments_of(
    connection: Connection, people: Sequence[int]
) -> list[tuple[int, str, str, date, date | None]]:
    """Give person, grid, post, beginning and end of every assignment of these people."""
    statement = select(
        assignment.c.person_id,
        assignment.c.grid_code,
        assignment.c.post,
        assignment.c.valid_from,
        assignment.c.valid_to,
    ).where(assignment.c.person_id == func.any(_ids("people")))
    return [tuple(row) for row in connection.execute(statement, {"people": list(people)})]


def known_posts(connection: Connection) -> dict[str, str]:
    """Give the key of each post by every word that means it: its key and its names."""
    rows = connection.execute(select(post.c.key, post.c.name_zh, post.c.name_en)).all()
    return {word.casefold(): key for key, *names in rows for word in (key, *names)}


def known_codes(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Give those of the codes that belong, or belonged, to a grid."""
    statement = select(grid_code.c.code).where(grid_code.c.code == func.any(_texts("codes")))
    return set(connection.execute(statement, {"codes": list(codes)}).scalars())


def codes_ever(connection: Connection) -> list[str]:
    """Give every code that a grid has, or ever had."""
    return list(connection.execute(select(grid_code.c.code)).scalars())


def cells_in_force(connection: Connection) -> tuple[list[tuple[str, str, str, bool]], NDArray[np.object_]]:
    """Give every grid of the division in force.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.

    Returns
    -------
    facts : list of tuple
        Code, name, level, and whether it is a leaf.
    geometries : NDArray[object]
        MultiPolygons, EPSG:4326.
    """
    statement = select(
        grid.c.code, grid.c.name, grid.c.level, grid.c.is_leaf, func.ST_AsBinary(grid.c.geom)
    ).where(grid.c.generation_id == in_force().scalar_subquery())
    rows = connection.execute(statement.order_by(grid.c.code)).all()
    geometries = shapely.from_wkb([bytes(row[4]) for row in rows])
    return [(row[0], row[1], row[2], row[3]) for row in rows], np.asarray(geometries, dtype=object)


def bounds_in_force(connection: Connection) -> tuple[float, float, float, float] | None:
    """Give west, south, east and north of the division in force, None without one."""
    extent = func.ST_Extent(grid.c.geom)
    statement = select(
        func.ST_XMin(extent), func.ST_YMin(extent), func.ST_XMax(extent), func.ST_YMax(extent)
    ).where(grid.c.generation_id == in_force().scalar_subquery(), grid.c.is_leaf)
    west, south, east, north = connection.execute(statement).one()
    return None if west is None else (west, south, east, north)


Columns = dict[str, list[Any]]


def export_grids(connection: Connection, level: Level | None) -> Columns:
    """Give the grids of one level of the division in force, by default the narrowest, by code.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    level : Level or None
        Which level.

    Returns
    -------
    dict of str to list
        Fields, and ``wkb``.
    """
    parent = grid.alias()
    statement = (
        select(
            grid.c.code,
            grid.c.name,
            grid.c.level,
            parent.c.code.label("parent_code"),
            grid.c.households,
            grid.c.population,
            grid.c.attributes,
            func.ST_AsBinary(grid.c.geom).label("wkb"),
        )
        .outerjoin(parent, parent.c.id == grid.c.parent_id)
        .where(
            grid.c.generation_id == in_force().scalar_subquery(),
            grid.c.is_leaf if level is None else grid.c.level == level,
        )
        .order_by(grid.c.code.collate("C"))
    )
    return _columns(connection, statement)


def export_located(
    connection: Connection, table: Table, names: Sequence[str], jurisdictions: Iterable[Jurisdiction]
) -> Columns:
    """Give the rows of a table that lie in every one of some jurisdictions, by id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        Entities or addresses.
    names : sequence of str
        Which columns.
    jurisdictions : iterable of Jurisdiction
        Where the actor may act.

    Returns
    -------
    dict of str to list
        The columns, ``grid_code`` and ``wkb``.
    """
    place = func.ST_AsBinary(table.c.geom).label("wkb")
    statement = (
        select(*(table.c[name] for name in names), grid.c.code.label("grid_code"), place)
        .outerjoin_from(table, grid, grid.c.id == table.c.grid_id)
        .where(*(within_jurisdiction(table.c.grid_id, one) for one in jurisdictions))
    )
    return _columns(connection, statement.order_by(table.c.id))


def export_issues(
    connection: Connection, names: Sequence[str], jurisdictions: Iterable[Jurisdiction]
) -> Columns:
    """Give issues that lie in every one of some jurisdictions, with their histories, by id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    names : sequence of str
        Which columns.
    jurisdictions : iterable of Jurisdiction
        Where the actor may act.

    Returns
    -------
    dict of str to list
        The columns, ``history``, ``merged_into`` (a number, if it lies there too), ``grid_code`` and ``wkb``.
    """
    allowed = list(jurisdictions)
    other = issue.alias()
    parts = ("at", "actor", "kind", "from_state", "to_state", "note", "data")
    told = func.jsonb_build_object(*(one for name in parts for one in (name, issue_event.c[name])))
    history = (
        select(func.jsonb_agg(aggregate_order_by(told, issue_event.c.id)))
        .where(issue_event.c.issue_id == issue.c.id)
        .scalar_subquery()
    )
    there = (within_jurisdiction(other.c.grid_id, one) for one in allowed)
    statement = (
        select(
            *(issue.c[name] for name in names),
            history.label("history"),
            other.c.number.label("merged_into"),
            grid.c.code.label("grid_code"),
            func.ST_AsBinary(issue.c.geom).label("wkb"),
        )
        .outerjoin_from(issue, grid, grid.c.id == issue.c.grid_id)
        .outerjoin(other, and_(other.c.id == issue.c.merged_into_id, *there))
        .where(*(within_jurisdiction(issue.c.grid_id, one) for one in allowed))
        .order_by(issue.c.id)
    )
    return _columns(connection, statement)


def export_visits(connection: Connection, jurisdictions: Iterable[Jurisdiction]) -> Columns:
    """Give visits with the keys of what was visited and of who went, and the names of those without a key."""
    name = case((person.c.ref.is_(None), person.c.name))
    refs, names = (
        select(func.array_agg(aggregate_order_by(value, person.c.id)))
        .join_from(visit_person, person, person.c.id == visit_person.c.person_id)
        .where(visit_person.c.visit_id == visit.c.id)
        .scalar_subquery()
        for value in (person.c.ref, name)
    )
    own = (visit.c[name] for name in ("ref", "kind", "visited_at", "result", "note", "attributes"))
    statement = (
        select(
            *own,
            entity.c.ref.label("entity_ref"),
            case((entity.c.ref.is_(None), entity.c.name)).label("entity_name"),
            household.c.ref.label("household"),
            case((household.c.ref.is_(None), household.c.door)).label("door"),
            refs.label("refs"),
            names.label("names"),
            grid.c.code.label("grid_code"),
            func.ST_AsBinary(visit.c.geom).label("wkb"),
        )
        .outerjoin(entity, entity.c.id == visit.c.entity_id)
        .outerjoin(household, household.c.id == visit.c.household_id)
        .outerjoin(grid, grid.c.id == visit.c.grid_id)
        .where(*(within_jurisdiction(visit.c.grid_id, one) for one in jurisdictions))
        .order_by(visit.c.id)
    )
    return _columns(connection, statement)


def export_people(connection: Connection, jurisdictions: Iterable[Jurisdiction], day: date) -> Columns:
    """Give people who serve in every one of some jurisdictions, a row for each post that they hold there."""
    allowed = list(jurisdictions)
    held = [code_within(assignment.c.grid_code, one) for one in allowed]
    statement = (
        select(
            person.c.id,
            *(person.c[name] for name in ("ref", "name", "phone", "organisation", "attributes")),
            *(assignment.c[name] for name in ("grid_code", "post", "valid_from", "valid_to")),
        )
        .outerjoin_from(person, assignment, and_(assignment.c.person_id == person.c.id, *held))
        .where(*(serves_within(one, day) for one in allowed))
        .order_by(person.c.id, assignment.c.id)
    )
    return _columns(connection, statement)


def export_tracks(connection: Connection, jurisdictions: Iterable[Jurisdiction]) -> Columns:
    """Give tracks that pass through every one of some jurisdictions, lines with M, by beginning."""
    statement = (
        select(
            func.coalesce(track.c.ref, func.concat("#", track.c.id)).label("ref"),
            person.c.ref.label("person_ref"),
            track.c.person_id,
            track.c.attributes,
            func.ST_AsBinary(track.c.geom).label("wkb"),
        )
        .outerjoin(person, person.c.id == track.c.person_id)
        .where(*(passes_grids(one.grid_codes) for one in jurisdictions if one.grid_codes is not None))
        .order_by(track.c.started_at, track.c.id)
    )
    return _columns(connection, statement)


def _columns(connection: Connection, statement: Select[Any]) -> Columns:
    result = connection.execute(statement)
    names = list(result.keys())
    rows = result.all()
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}
