"""What was due and what came of it, counted where it lies: one statement for a duty under a regime.

Each statement lays `slot` (stretches of time) and `target` (what the duty is owed on, from when to when) over
what was recorded (`act`): ``tally`` then holds a row for each grid and stretch, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, CursorResult, select, text

from geo.db.expressions import ASKED_AT, as_text
from geo.db.homes import home_at
from geo.db.lineage import IN_FORCE, STANDING
from geo.db.tables import entity
from geo.domain.actors import Jurisdiction
from geo.domain.duties import Deed, GridTally, Owing, PersonTally, Slot, Tally
from geo.domain.grids import GridName, Level
from geo.domain.profiles.duties import Counted, Duty, Record, TargetKind
from geo.domain.profiles.regulations import Regime

_ROOMY = text("SET LOCAL work_mem = '128MB'")


@dataclass(frozen=True, slots=True)
class Question:
    """A duty, when and where it is asked about.

    Attributes
    ----------
    duty : Duty
        The duty.
    slots : sequence of Slot
        The stretches of time, in order; at least one.
    regime : Regime
        Where the duty holds.
    jurisdiction : Jurisdiction
        Where the actor may read.
    grid_code : str or None
        Only in this grid and below.
    zone : ZoneInfo
        Of the city.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.
    """

    duty: Duty
    slots: Sequence[Slot]
    regime: Regime
    jurisdiction: Jurisdiction
    grid_code: str | None
    zone: ZoneInfo
    at: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """Give what the statements are asked with."""
        targets, frequency = self.duty.targets, self.duty.frequency
        codes = self.jurisdiction.grid_codes
        return {
            "firsts": [slot.first for slot in self.slots],
            "lasts": [slot.last for slot in self.slots],
            "edges": [moment for slot in self.slots for moment in (slot.start, slot.deadline, slot.end)],
            "since": self.slots[0].start,
            "until": self.slots[-1].end,
            "times": frequency.times,
            "kinds": list(self.duty.activities),
            "posts": list(self.duty.posts),
            "answering": list(self.duty.answering),
            "duty": self.duty.key,
            "target_level": targets.level,
            "entity_kind": targets.entity,
            "categories": list(targets.categories),
            "risk": list(targets.risk),
            "zone": self.zone.key,
            "at": self.at,
            "within": [self.regime.within] if self.regime.within else None,
            "except_in": sorted(self.regime.except_in),
            "readable": None if codes is None else sorted(codes),
            "asked": [self.grid_code] if self.grid_code else None,
        }


def grid_tallies(
    connection: Connection, question: Question, level: Level | None
) -> tuple[Tally, tuple[GridTally, ...]]:
    """Count what came of a duty.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, when and where.
    level : Level or None
        The level of the grids; the leaves without it.

    Returns
    -------
    tuple
        All together, and each grid of the level, by code.
    """
    by_grid = _PEOPLE_BY_GRID if _is_of_people(question.duty) else _BY_GRID
    statement = f"WITH RECURSIVE {counts(question)} {by_grid}"
    rows = _asked(connection, statement, {**question.parameters(), "level": level}).all()
    total = next(_tally(row) for row in rows if row.code is None)
    return total, tuple(
        GridTally(GridName(row.code, row.name, Level(row.level)), _tally(row)) for row in rows if row.code
    )


def person_tallies(connection: Connection, question: Question) -> tuple[PersonTally, ...]:
    """Give what came of a duty for each person who answers for it, by number.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, when and where.
    """
    by_person = _PEOPLE_BY_PERSON if _is_of_people(question.duty) else _BY_PERSON
    statement = f"WITH RECURSIVE {counts(question)} {by_person}"
    rows = _asked(connection, statement, question.parameters())
    return tuple(PersonTally(row.person_id, row.name, _tally(row)) for row in rows)


def trail(
    connection: Connection, question: Question, *, person_id: int | None, limit: int, after: int
) -> list[int]:
    """Give the numbers of the visits, activities or tracks that were counted, ascending.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, when and where.
    person_id : int or None
        Only those that count for this person.
    limit, after : int
        At most so many, with greater numbers.
    """
    statement = f"WITH RECURSIVE {counts(question)}, {ANSWERS} {_TRAIL}"
    asked = {**question.parameters(), "person": person_id, "limit": limit, "after": after}
    return list(connection.execute(text(statement), asked).scalars())


def owings(
    connection: Connection, question: Question, *, person_id: int | None, limit: int
) -> tuple[Owing, ...]:
    """Give what a duty asked for on each thing in each stretch, and what came of it; what was missed first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, when and where.
    person_id : int or None
        Only what this person answers for.
    limit : int
        At most so many.
    """
    kind = question.duty.targets.kind
    is_mine = _THEMSELVES if kind is TargetKind.PERSON else _CHARGED
    statement = f"""
        WITH RECURSIVE {counts(question)}, {ANSWERS}, thing AS ({THINGS[kind]}),
        deeds AS (
            SELECT key, n, array_agg(id ORDER BY at, id) AS ids, array_agg(at ORDER BY at, id) AS times
            FROM (SELECT DISTINCT key, (edge + 2) / 3 AS n, id, at FROM placed WHERE edge % 3 <> 0) AS d
            GROUP BY 1, 2
        )
        {_OWINGS.format(target_id=NUMBERS[kind], is_mine=is_mine)}
    """  # noqa: S608 - put together from constants
    rows = _asked(connection, statement, {**question.parameters(), "person": person_id, "limit": limit})
    return tuple(_owing(question, row) for row in rows)


def _owing(question: Question, row: Any) -> Owing:
    deeds = tuple(Deed(key, at) for key, at in zip(row.ids or (), row.times or (), strict=True))
    slot = question.slots[row.n - 1]
    place = (row.target_id, row.name, row.grid_code, row.grid_name, row.lon, row.lat)
    return Owing(question.duty, slot, *place, int(row.done), int(row.late), deeds)


def _asked(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> CursorResult[Any]:
    """Ask with room for a million visits in memory: groups that are written to disk take twice as long."""
    connection.execute(_ROOMY)
    return connection.execute(text(statement), parameters)


def _tally(row: Any) -> Tally:
    return Tally(int(row.due), int(row.done), int(row.late), int(row.targets), int(row.reached))


def _is_of_people(duty: Duty) -> bool:
    return duty.targets.kind is TargetKind.PERSON


def counts(question: Question) -> str:
    """Give what the statements of a duty share: ``ground``, ``slot``, ``target``, ``placed``, ``act``.

    Parameters
    ----------
    question : Question
        The duty, when and where; the parts are asked with its parameters.
    """
    duty = question.duty
    counted = _COUNTED[duty.frequency.counted]
    if duty.frequency.counted is Counted.TIMES and duty.frequency.times > 1:
        counted = "count(DISTINCT id) FILTER (WHERE {})"
    # OFFSET 0 keeps the planner from looking for the stretch of each record once for each use of it
    in_time, in_all = counted.format("edge % 3 = 1"), counted.format("TRUE")
    return f"""
        {_GROUND}, {_SLOT}, {_HOLDER}, upper_grid AS ({_UPPER}),
        target AS MATERIALIZED ({_target(question)}),
        record AS ({_record(duty)}),
        placed AS (SELECT *, width_bucket(at, CAST(:edges AS timestamptz[])) AS edge FROM record OFFSET 0),
        act AS (
            SELECT key, (edge + 2) / 3 AS n, {in_time} AS in_time, {in_all} AS in_all
            FROM placed WHERE edge % 3 <> 0 GROUP BY 1, 2
        )
    """  # noqa: S608 - put together from constants


# where ----------------------------------------------------------------------------------------------------

_LIES_IN = """EXISTS (
    SELECT FROM grid_within JOIN grid AS above ON above.id = grid_within.ancestor_id
    WHERE grid_within.grid_id = present.grid_id AND above.code = ANY(CAST(:{} AS text[]))
)"""

_GROUND = f"""
    ground AS MATERIALIZED (
        SELECT present.code, present.grid_id
        FROM ({STANDING}) AS present
        WHERE (CAST(:within AS text[]) IS NULL OR {_LIES_IN.format("within")})
            AND (CAST(:readable AS text[]) IS NULL OR {_LIES_IN.format("readable")})
            AND (CAST(:asked AS text[]) IS NULL OR {_LIES_IN.format("asked")})
            AND NOT {_LIES_IN.format("except_in")}
    )
"""  # noqa: S608 - put together from constants
"""Each code ever used with the grid that stands for it, where the duty holds and the actor may read."""

_UPPER = """
    SELECT leaf_code, code, lower(held) AS since, coalesce(upper(held), 'infinity') AS until
    FROM (
        SELECT leaf.code AS leaf_code, above.code,
            unnest(range_agg(tstzrange(generation.valid_from, generation.valid_to))) AS held
        FROM grid AS leaf
            JOIN generation ON generation.id = leaf.generation_id
            JOIN grid_within ON grid_within.grid_id = leaf.id
            JOIN grid AS above ON above.id = grid_within.ancestor_id
        WHERE leaf.is_leaf AND above.level = :target_level
        GROUP BY 1, 2
    ) AS u
"""
"""What held each leaf, and from when until when."""

_SLOT = """
    slot AS MATERIALIZED (
        SELECT n, first, last
        FROM unnest(CAST(:firsts AS date[]), CAST(:lasts AS date[])) WITH ORDINALITY AS s (first, last, n)
    )
"""

_HOLDER = """
    holder AS MATERIALIZED (
        SELECT DISTINCT person_id, CAST(valid_from AS timestamp) AT TIME ZONE :zone AS since,
            coalesce(CAST(valid_to AS timestamp) AT TIME ZONE :zone, 'infinity') AS until
        FROM assignment WHERE post = ANY(:posts)
    )
"""

# on what --------------------------------------------------------------------------------------------------

_GRIDS = """
    SELECT grid_code.code AS key, grid_code.code,
        CAST((begun.valid_from AT TIME ZONE :zone) - interval '1 microsecond' AS date) + 1 AS since,
        coalesce(CAST(gone.valid_from AT TIME ZONE :zone AS date), 'infinity') AS until
    FROM grid_code JOIN ground USING (code)
        JOIN generation AS begun ON begun.id = grid_code.first_generation_id
        LEFT JOIN generation AS gone ON gone.id = grid_code.retired_by_generation_id
    WHERE CASE WHEN CAST(:target_level AS text) IS NULL
        THEN EXISTS (SELECT FROM grid WHERE grid.code = grid_code.code AND grid.is_leaf)
        ELSE grid_code.level = :target_level END
"""

_ENTITIES = """
    SELECT entity.id AS key, ground.code, active.since, coalesce(active.until, 'infinity') AS until
    FROM ({entity}) AS entity
        JOIN entity_active AS active ON active.entity_id = entity.id
        JOIN grid AS home ON home.id = entity.home_id
        JOIN ground ON ground.code = home.code
    WHERE (CAST(:entity_kind AS text) IS NULL OR entity.kind = :entity_kind)
        AND (:categories = '{{}}' OR entity.category = ANY(:categories))
        AND (:risk = '{{}}' OR entity.attributes ->> 'risk' = ANY(:risk))
"""

_HOUSEHOLDS = """
    SELECT household.id AS key, ground.code, household.since, coalesce(household.until, 'infinity') AS until
    FROM household
        JOIN ({entity}) AS entity ON entity.id = household.building_id
        JOIN grid AS home ON home.id = entity.home_id
        JOIN ground ON ground.code = home.code
    WHERE :categories = '{{}}' OR household.marks && :categories
"""

_DRAWN = """
    SELECT DISTINCT wanted.key, wanted.code, slot.first AS since, slot.last + 1 AS until
    FROM ({wanted}) AS wanted
        JOIN draw_item ON draw_item.{column} = wanted.key
        JOIN draw ON draw.id = draw_item.draw_id AND draw.duty = :duty
        JOIN slot ON CAST(draw.revealed_at AT TIME ZONE :zone AS date) BETWEEN slot.first AND slot.last
"""

_PEOPLE = """
    SELECT assignment.person_id AS key, ground.code, assignment.valid_from AS since,
        coalesce(assignment.valid_to, 'infinity') AS until
    FROM assignment JOIN ground ON ground.code = assignment.grid_code
    WHERE assignment.post = ANY(:posts)
"""

_TARGETS = {
    TargetKind.GRID: _GRIDS,
    TargetKind.ENTITY: _ENTITIES,
    TargetKind.HOUSEHOLD: _HOUSEHOLDS,
    TargetKind.PERSON: _PEOPLE,
}
_KEYS = {
    TargetKind.GRID: "grid_code",
    TargetKind.ENTITY: "entity_id",
    TargetKind.HOUSEHOLD: "household_id",
    TargetKind.PERSON: "person_id",
}


def _target(question: Question) -> str:
    targets = question.duty.targets
    wanted = _TARGETS[targets.kind].format(entity=_entities(question.at))
    if not targets.drawn:
        return wanted
    return _DRAWN.format(wanted=wanted, column=_KEYS[targets.kind])


def _entities(at: datetime | None) -> str:
    """Give the entities with their homes in the division that held at a time."""
    home = home_at(entity, None if at is None else ASKED_AT).label("home_id")
    columns = (entity.c.id, entity.c.kind, entity.c.category, entity.c.attributes)
    return as_text(select(*columns, home))


THINGS = {
    TargetKind.ENTITY: """
        SELECT entity.id AS key, entity.name, entity.geom AS place FROM entity
    """,
    TargetKind.HOUSEHOLD: """
        SELECT household.id AS key, concat(building.name, ' ', household.door) AS name, building.geom AS place
        FROM household JOIN entity AS building ON building.id = household.building_id
    """,
    TargetKind.GRID: f"""
        SELECT key, name, ST_PointOnSurface(geom) AS place
        FROM (
            SELECT DISTINCT ON (code) code AS key, name, geom
            FROM grid
            ORDER BY code, generation_id = {IN_FORCE} DESC, generation_id DESC
        ) AS g
    """,  # noqa: S608 - put together from constants
    TargetKind.PERSON: """
        SELECT person.id AS key, person.name, NULL::geometry AS place FROM person
    """,
}
"""What each kind of target is called, and where it is."""

NUMBERS = {kind: "NULL" if kind is TargetKind.GRID else "target.key" for kind in TargetKind}
"""The number of a target of each kind; grids go by code."""

# what was recorded ----------------------------------------------------------------------------------------

_VISITS = """
    SELECT {key} AS key, deed.at, deed.visit_id AS id, deed.household_id, deed.entity_id, 0.0 AS hours
    FROM deed {join}
    WHERE deed.kind = ANY(:kinds) AND deed.at >= :since AND deed.at < :until AND {key} IS NOT NULL
"""

_BY_UPPER = """
    JOIN upper_grid ON upper_grid.leaf_code = deed.grid_code
        AND deed.at >= upper_grid.since AND deed.at < upper_grid.until
"""

_BY_HOLDERS = """
    AND EXISTS (
        SELECT FROM holder
        WHERE holder.person_id = deed.person_id AND deed.at >= holder.since AND deed.at < holder.until
    )
"""

_HOURS = "CAST(extract(epoch FROM {} - {}) / 3600 AS double precision)"

_HELD = f"""
    SELECT activity.grid_code AS key, activity.starts_at AS at, activity.id, NULL AS household_id,
        NULL AS entity_id, {_HOURS.format("activity.ends_at", "activity.starts_at")} AS hours
    FROM activity
    WHERE activity.kind = ANY(:kinds) AND activity.starts_at >= :since AND activity.starts_at < :until
"""  # noqa: S608 - put together from constants

_WITH_HOLDERS = """
    AND EXISTS (
        SELECT FROM attendance JOIN holder USING (person_id)
        WHERE attendance.activity_id = activity.id AND attendance.state = 'present'
            AND activity.starts_at >= holder.since AND activity.starts_at < holder.until
    )
"""

_ATTENDED = f"""
    SELECT attendance.person_id AS key, held.starts_at AS at, activity.id, NULL AS household_id,
        NULL AS entity_id, {_HOURS.format("held.ends_at", "held.starts_at")} AS hours
    FROM attendance
        JOIN activity ON activity.id = attendance.activity_id
        JOIN activity AS held ON held.id = coalesce(attendance.made_up_in, attendance.activity_id)
    WHERE activity.kind = ANY(:kinds) AND attendance.state <> 'absent'
        AND held.starts_at >= :since AND held.starts_at < :until
"""  # noqa: S608 - put together from constants

_TRACKED = f"""
    SELECT track.person_id AS key, track.started_at AS at, track.id, NULL AS household_id,
        NULL AS entity_id, {_HOURS.format("track.ended_at", "track.started_at")} AS hours
    FROM track
    WHERE track.person_id IS NOT NULL AND track.started_at >= :since AND track.started_at < :until
"""  # noqa: S608 - put together from constants


def _record(duty: Duty) -> str:
    kind, is_by_holders = duty.targets.kind, bool(duty.posts) and not _is_of_people(duty)
    if duty.record is Record.TRACK:
        return _TRACKED
    if duty.record is Record.ACTIVITY:
        return _ATTENDED if _is_of_people(duty) else _HELD + _WITH_HOLDERS * is_by_holders
    join = _BY_UPPER if duty.targets.level else ""
    key = "upper_grid.code" if duty.targets.level else f"deed.{_KEYS[kind]}"
    return _VISITS.format(key=key, join=join) + _BY_HOLDERS * is_by_holders


_COUNTED = {
    Counted.TIMES: "count(*) FILTER (WHERE {})",
    Counted.DAYS: "count(DISTINCT CAST(at AT TIME ZONE :zone AS date)) FILTER (WHERE {})",
    Counted.HOURS: "CAST(floor(coalesce(sum(hours) FILTER (WHERE {}), 0)) AS bigint)",
    Counted.HOUSEHOLDS: "count(DISTINCT household_id) FILTER (WHERE {})",
    Counted.ENTITIES: "count(DISTINCT entity_id) FILTER (WHERE {})",
}

# what came of it ------------------------------------------------------------------------------------------

OWES = "slot.first >= {0}.since AND slot.last < {0}.until"

_DONE = "least(act.in_time, :times) AS done, least(act.in_all, :times) - least(act.in_time, :times) AS late"

_RUN = f"""
    SELECT since, until, min(n) AS lowest, max(n) AS highest
    FROM (SELECT DISTINCT since, until FROM {{0}}) AS s JOIN slot ON {OWES.format("s")}
    GROUP BY 1, 2
"""  # noqa: S608 - put together from constants
"""Stretches are numbered in order: those between two days are a run, from the lowest to the highest."""

_OWED = f"""
    run AS ({_RUN.format("target")}),
    aim AS MATERIALIZED (SELECT key, code, lowest, highest FROM target JOIN run USING (since, until)),
    owed AS MATERIALIZED (SELECT code, lowest, highest, count(*) * :times AS due FROM aim GROUP BY 1, 2, 3),
    asked AS MATERIALIZED (SELECT code, count(DISTINCT key) AS targets FROM aim GROUP BY 1)
"""  # noqa: S608 - put together from constants

_MET = f"(SELECT key, n, {_DONE} FROM act) AS met"  # noqa: S608 - put together from constants

_MET_BY = f"""
    SELECT {{by}}, sum(done) AS done, sum(late) AS late
    FROM {{aim}} JOIN {_MET} ON met.key = aim.key AND met.n BETWEEN aim.lowest AND aim.highest
    GROUP BY {{by}}
"""  # noqa: S608 - put together from constants

_OF_LEVEL = f"""
    up.generation_id = {IN_FORCE} AND CASE WHEN CAST(:level AS text) IS NULL THEN up.is_leaf
        ELSE up.level = :level END
        AND EXISTS (SELECT FROM ground WHERE ground.grid_id = up.id)
"""

_SUMS = """
    coalesce(sum(due), 0) AS due, coalesce(sum(done), 0) AS done, coalesce(sum(late), 0) AS late,
    coalesce(sum(targets), 0) AS targets, coalesce(sum(reached), 0) AS reached
"""

_BY_GRID = f""", {_OWED},
    met AS ({_MET_BY.format(by="aim.key", aim="aim")}),
    owing AS (SELECT code, sum(due * (highest - lowest + 1)) AS due FROM owed GROUP BY 1),
    doing AS (
        SELECT code, sum(done) AS done, sum(late) AS late, count(*) FILTER (WHERE done + late > 0) AS reached
        FROM met JOIN (SELECT DISTINCT key, code FROM aim) AS lies USING (key)
        GROUP BY 1
    ),
    score AS (SELECT * FROM owing JOIN asked USING (code) LEFT JOIN doing USING (code))
    SELECT up.code, up.name, up.level, {_SUMS}
    FROM grid AS up
        LEFT JOIN grid_within ON grid_within.ancestor_id = up.id
        LEFT JOIN ground ON ground.grid_id = grid_within.grid_id
        LEFT JOIN score ON score.code = ground.code
    WHERE {_OF_LEVEL}
    GROUP BY up.id
    UNION ALL
    SELECT NULL, NULL, NULL, {_SUMS} FROM score
    ORDER BY 1
"""  # noqa: S608 - put together from constants

_ABOVE = """
    above AS (
        SELECT code, code AS above FROM ground
        UNION
        SELECT ground.code, up.code
        FROM ground JOIN grid_within USING (grid_id) JOIN grid AS up ON up.id = grid_within.ancestor_id
    )
"""

ANSWERS = f"""{_ABOVE},
    answers AS MATERIALIZED (
        SELECT DISTINCT assignment.person_id, above.code, assignment.valid_from AS since,
            coalesce(assignment.valid_to, 'infinity') AS until
        FROM assignment JOIN above ON above.above = assignment.grid_code
        WHERE assignment.post = ANY(:answering)
    )
"""  # noqa: S608 - put together from constants

_PIECES = """(
    SELECT piece, aim.key, greatest(aim.lowest, piece.lowest) AS lowest,
        least(aim.highest, piece.highest) AS highest
    FROM piece JOIN aim USING (code)
) AS aim"""

_BY_PERSON = f""", {_OWED}, {ANSWERS},
    charged AS MATERIALIZED (
        SELECT person_id, code, lower(stint) AS lowest, upper(stint) - 1 AS highest
        FROM (
            SELECT person_id, code, unnest(range_agg(int8range(lowest, highest, '[]'))) AS stint
            FROM answers JOIN ({_RUN.format("answers")}) AS r USING (since, until)
            GROUP BY 1, 2
        ) AS s
    ),
    piece AS MATERIALIZED (
        SELECT row_number() OVER () AS piece, code, lowest, highest
        FROM (SELECT DISTINCT code, lowest, highest FROM charged) AS p
    ),
    owing AS (
        SELECT person_id, code, sum(owed.due * (
            least(owed.highest, charged.highest) - greatest(owed.lowest, charged.lowest) + 1
        )) AS due
        FROM charged JOIN owed USING (code)
        WHERE owed.lowest <= charged.highest AND charged.lowest <= owed.highest
        GROUP BY 1, 2
    ),
    summed AS (
        SELECT person_id, sum(due) AS due, sum(targets) AS targets
        FROM owing JOIN asked USING (code)
        GROUP BY 1
    ),
    met AS ({_MET_BY.format(by="aim.piece, aim.key", aim=_PIECES)}),
    doing AS (
        SELECT person_id, sum(done) AS done, sum(late) AS late,
            count(DISTINCT key) FILTER (WHERE done + late > 0) AS reached
        FROM charged JOIN piece USING (code, lowest, highest) JOIN met USING (piece)
        GROUP BY 1
    )
    SELECT person_id, person.name, due, coalesce(done, 0) AS done, coalesce(late, 0) AS late, targets,
        coalesce(reached, 0) AS reached
    FROM summed JOIN person ON person.id = person_id LEFT JOIN doing USING (person_id)
    ORDER BY person_id
"""  # noqa: S608 - put together from constants
"""Who answers together for the same ground and the same stretches shares a piece: each is counted once."""

_MARKED = f"""
    mark AS MATERIALIZED (
        SELECT DISTINCT target.key, target.code, slot.n FROM target JOIN slot ON {OWES.format("target")}
    )
"""  # noqa: S608 - put together from constants

_PEOPLE_SUMS = """
    coalesce(sum(:times), 0) AS due, coalesce(sum(done), 0) AS done, coalesce(sum(late), 0) AS late,
    count(DISTINCT owed.key) AS targets, count(DISTINCT owed.key) FILTER (WHERE done + late > 0) AS reached
"""

_PEOPLE_BY_GRID = f""", {_MARKED}
    SELECT up.code, up.name, up.level, coalesce(s.due, 0) AS due, coalesce(s.done, 0) AS done,
        coalesce(s.late, 0) AS late, coalesce(s.targets, 0) AS targets, coalesce(s.reached, 0) AS reached
    FROM grid AS up LEFT JOIN (
        SELECT owed.ancestor_id, {_PEOPLE_SUMS}
        FROM (
            SELECT DISTINCT grid_within.ancestor_id, mark.key, mark.n
            FROM mark JOIN ground USING (code) JOIN grid_within USING (grid_id)
        ) AS owed LEFT JOIN {_MET} USING (key, n)
        GROUP BY 1
    ) AS s ON s.ancestor_id = up.id
    WHERE {_OF_LEVEL}
    UNION ALL
    SELECT NULL, NULL, NULL, {_PEOPLE_SUMS}
    FROM (SELECT DISTINCT key, n FROM mark) AS owed LEFT JOIN {_MET} USING (key, n)
    ORDER BY 1
"""  # noqa: S608 - put together from constants

_PEOPLE_BY_PERSON = f""", {_MARKED}
    SELECT owed.key AS person_id, person.name, {_PEOPLE_SUMS}
    FROM (SELECT DISTINCT key, n FROM mark) AS owed
        JOIN person ON person.id = owed.key
        LEFT JOIN {_MET} USING (key, n)
    GROUP BY owed.key, person.name
    ORDER BY 1
"""  # noqa: S608 - put together from constants

_CHARGED = f"""
    CAST(:person AS bigint) IS NULL OR EXISTS (
        SELECT FROM answers
        WHERE answers.person_id = :person AND answers.code = target.code AND {OWES.format("answers")}
    )
"""

_THEMSELVES = "CAST(:person AS bigint) IS NULL OR target.key = :person"

_TRAIL = f"""
    SELECT DISTINCT placed.id
    FROM placed
        JOIN slot ON slot.n = (edge + 2) / 3
        JOIN target ON target.key = placed.key AND {OWES.format("target")}
    WHERE placed.id > :after AND edge % 3 <> 0
        AND ({_CHARGED})
    ORDER BY placed.id
    LIMIT :limit
"""  # noqa: S608 - put together from constants

_OWINGS = f"""
    SELECT DISTINCT ON (missed, slot.n, target.key)
        slot.n, {{target_id}} AS target_id, thing.name, present.code AS grid_code,
        present.name AS grid_name,
        ST_X(thing.place) AS lon, ST_Y(thing.place) AS lat,
        coalesce(met.done, 0) AS done, coalesce(met.late, 0) AS late, deeds.ids, deeds.times,
        coalesce(met.done + met.late, 0) - :times AS missed
    FROM target
        JOIN slot ON {OWES.format("target")}
        JOIN ground ON ground.code = target.code
        JOIN grid AS present ON present.id = ground.grid_id
        JOIN thing ON thing.key = target.key
        LEFT JOIN {_MET} ON met.key = target.key AND met.n = slot.n
        LEFT JOIN deeds ON deeds.key = target.key AND deeds.n = slot.n
    WHERE {{is_mine}}
    ORDER BY missed, slot.n, target.key, present.code COLLATE "C"
    LIMIT :limit
"""  # noqa: S608 - put together from constants
