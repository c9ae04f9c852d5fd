"""Suspicious visits, found in sets: each against the one before, its subject, its record and its photos."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Row,
    Select,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.db.expressions import lies_within, within_jurisdiction
from geo.db.measures import within_period
from geo.db.photos import difference
from geo.db.profiles import in_regime
from geo.db.tables import (
    deed,
    entity,
    grid,
    person,
    photo,
    photo_content,
    suspicion_explanation,
    visit,
    visit_person,
)
from geo.domain.actors import Jurisdiction
from geo.domain.filters import Filter
from geo.domain.measures import Period
from geo.domain.profiles.privacy import Suspicious
from geo.domain.profiles.regulations import Regime
from geo.domain.suspicions import Explanation, Suspicion, SuspicionKind

BANDS = 4
"""Of 16 bits each: of two pictures that differ in fewer bits than there are bands, one band is the same."""

_DEGREE_M = 111_320
"""No degree is longer: what is near by this measure, which costs next to nothing, is near on the ground."""

_LONGEST_WAY = 7 * 86_400
"""Seconds: what lies farther apart says nothing of a speed."""


def suspicions(
    connection: Connection, period: Period, regime: Regime, wanted: Filter, jurisdiction: Jurisdiction
) -> tuple[Suspicion, ...]:
    """Give what is suspicious among the visits of a period that a regime rules, the latest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    period : Period
        When the visits were said to be.
    regime : Regime
        What is suspicious there.
    wanted : Filter
        In which grid, and of which ``kind`` of suspicion.
    jurisdiction : Jurisdiction
        Where the actor may read.
    """
    rules = regime.profile.privacy.suspicious
    parts = [
        part(period, rules)
        for kind, (part, limit) in _PARTS.items()
        if getattr(rules, limit) is not None and wanted.kind in {None, kind}
    ]
    if not parts:
        return ()
    found = union_all(*parts).cte("suspicion")
    names = (
        select(func.array_agg(aggregate_order_by(person.c.name, person.c.id)))
        .join_from(visit_person, person, person.c.id == visit_person.c.person_id)
        .where(visit_person.c.visit_id == visit.c.id)
        .scalar_subquery()
    )
    said = suspicion_explanation
    conditions = [in_regime(visit.c.grid_id, regime), within_jurisdiction(visit.c.grid_id, jurisdiction)]
    if wanted.grid_code:
        conditions.append(lies_within(visit.c.grid_id, frozenset({wanted.grid_code})))
    rows = connection.execute(
        select(
            *found.c,
            visit.c.visited_at,
            names.label("who"),
            entity.c.name.label("subject"),
            grid.c.code.label("grid_code"),
            func.ST_X(visit.c.geom).label("lon"),
            func.ST_Y(visit.c.geom).label("lat"),
            said.c.reason,
            said.c.explained_by,
            said.c.explained_at,
        )
        .select_from(
            found.join(visit, visit.c.id == found.c.visit_id)
            .outerjoin(entity, entity.c.id == visit.c.entity_id)
            .outerjoin(grid, grid.c.id == visit.c.grid_id)
            .outerjoin(
                said,
                and_(
                    said.c.kind == found.c.kind,
                    said.c.visit_id == found.c.visit_id,
                    said.c.other_visit_id.is_not_distinct_from(found.c.other_visit_id),
                ),
            )
        )
        .where(*conditions)
        .order_by(visit.c.visited_at.desc(), visit.c.id, found.c.kind, found.c.other_visit_id)
    )
    return tuple(map(_suspicion, rows))


def _suspicion(row: Row[Any]) -> Suspicion:
    explained = row.reason and Explanation(row.reason, row.explained_by, row.explained_at)
    return Suspicion(
        kind=SuspicionKind(row.kind),
        visit_id=row.visit_id,
        other_visit_id=row.other_visit_id,
        visited_at=row.visited_at,
        who=tuple(row.who or ()),
        subject=row.subject,
        grid_code=row.grid_code,
        lon=row.lon,
        lat=row.lat,
        value=row.value,
        limit=row.limit,
        distance_m=row.distance_m,
        seconds=row.seconds,
        explanation=explained,
    )


def _too_fast(period: Period, rules: Suspicious) -> Select[Any]:
    """Compare each visit with the one before of the same person, read in the order of the index `deed_way`.

    Of two at the same time the speed is that of a second: none is infinite.
    """

    def before(column: ColumnElement[Any]) -> ColumnElement[Any]:
        in_time = (deed.c.at, deed.c.visit_id)
        return func.lag(column).over(partition_by=deed.c.person_id, order_by=in_time)

    way = (
        select(
            deed.c.visit_id,
            before(deed.c.visit_id).label("before"),
            deed.c.lon,
            deed.c.lat,
            before(deed.c.lon).label("lon_before"),
            before(deed.c.lat).label("lat_before"),
            _seconds(deed.c.at - before(deed.c.at)).label("seconds"),
        )
        .where(within_period(deed.c.at, period), deed.c.person_id.is_not(None), deed.c.lon.is_not(None))
        .cte("way")
    )
    degrees = func.abs(way.c.lon - way.c.lon_before) + func.abs(way.c.lat - way.c.lat_before)
    metres = func.ST_DistanceSphere(
        func.ST_MakePoint(way.c.lon, way.c.lat), func.ST_MakePoint(way.c.lon_before, way.c.lat_before)
    )
    speed = 3.6 * metres / func.greatest(way.c.seconds, 1)
    figures = _figures(
        SuspicionKind.TOO_FAST, way.c.visit_id, speed, rules.speed_km_h, way.c.before, metres, way.c.seconds
    )
    return (
        select(*figures)
        .distinct(way.c.visit_id)
        .where(
            way.c.seconds < _LONGEST_WAY,
            degrees * _DEGREE_M
            > func.greatest(cast(rules.apart_m, Double), way.c.seconds * rules.speed_km_h / 3.6),
            metres > rules.apart_m,
            speed > rules.speed_km_h,
        )
        .order_by(way.c.visit_id, speed.desc())
    )


def _same_photo(period: Period, rules: Suspicious) -> Select[Any]:
    """Compare the photos of the visits of a period with all that came before, of visits and of issues."""
    bands = func.generate_series(0, BANDS - 1).table_valued("band").render_derived()
    bits = photo_content.c.likeness.op(">>")(bands.c.band * 16).op("&")(cast(0xFFFF, BigInteger))
    taken = (
        select(photo.c.id, photo.c.visit_id, photo_content.c.likeness, bands.c.band, bits.label("bits"))
        .select_from(photo.join(photo_content, photo_content.c.sha256 == photo.c.sha256).join(bands, true()))
        .where(or_(photo.c.visit_id.is_not(None), photo.c.issue_event_id.is_not(None)))
        .cte("taken")
    )
    later, sooner = taken.alias("later"), taken.alias("sooner")
    differing = difference(later.c.likeness, sooner.c.likeness)
    figures = _figures(
        SuspicionKind.SAME_PHOTO,
        later.c.visit_id,
        func.min(differing),
        rules.photo_bits,
        sooner.c.visit_id,
    )
    alike = and_(
        later.c.band == sooner.c.band,
        later.c.bits == sooner.c.bits,
        later.c.id > sooner.c.id,
        later.c.visit_id.is_distinct_from(sooner.c.visit_id),
        differing <= rules.photo_bits,
    )
    return (
        select(*figures)
        .select_from(later.join(sooner, alike).join(visit, visit.c.id == later.c.visit_id))
        .where(within_period(visit.c.visited_at, period))
        .group_by(later.c.visit_id, sooner.c.visit_id)
    )


def _far_away(period: Period, rules: Suspicious) -> Select[Any]:
    """Compare the place of each visit with that of its subject, as far as that is known exactly."""
    metres = func.ST_DistanceSphere(visit.c.geom, entity.c.geom)
    figures = _figures(SuspicionKind.FAR_AWAY, visit.c.id, metres, rules.distance_m)
    return (
        select(*figures)
        .join_from(visit, entity, entity.c.id == visit.c.entity_id)
        .where(
            within_period(visit.c.visited_at, period),
            func.ST_Distance(visit.c.geom, entity.c.geom) * _DEGREE_M > rules.distance_m,
            metres - func.coalesce(entity.c.accuracy_m, 0) > rules.distance_m,
        )
    )


def _late(period: Period, rules: Suspicious) -> Select[Any]:
    """Compare the time of each visit with that of its record; what came in a file came late by right."""
    hours = _seconds(visit.c.created_at - visit.c.visited_at) / 3600
    figures = _figures(SuspicionKind.LATE, visit.c.id, hours, rules.delay_hours)
    return select(*figures).where(
        within_period(visit.c.visited_at, period), visit.c.batch_id.is_(None), hours > rules.delay_hours
    )


def _seconds(interval: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.date_part("epoch", interval)


_NOTHING: ColumnElement[Any] = null()


def _figures(  # noqa: PLR0917 - the columns of a row, in their order
    kind: SuspicionKind,
    visit_id: ColumnElement[Any],
    value: ColumnElement[Any],
    limit: float | None,
    other_visit_id: ColumnElement[Any] = _NOTHING,
    distance_m: ColumnElement[Any] = _NOTHING,
    seconds: ColumnElement[Any] = _NOTHING,
) -> list[ColumnElement[Any]]:
    return [
        literal(kind.value).label("kind"),
        visit_id.label("visit_id"),
        cast(other_visit_id, BigInteger).label("other_visit_id"),
        cast(value, Double).label("value"),
        cast(literal(limit), Double).label("limit"),
        cast(distance_m, Double).label("distance_m"),
        cast(seconds, Double).label("seconds"),
    ]


_PARTS = {
    SuspicionKind.TOO_FAST: (_too_fast, "speed_km_h"),
    SuspicionKind.SAME_PHOTO: (_same_photo, "photo_bits"),
    SuspicionKind.FAR_AWAY: (_far_away, "distance_m"),
    SuspicionKind.LATE: (_late, "delay_hours"),
}
"""How each kind is found, and the limit without which it isn't looked for."""


def insert_explanation(
    connection: Connection,
    kind: SuspicionKind,
    visit_id: int,
    other_visit_id: int | None,
    *,
    reason: str,
    explained_by: str,
) -> None:
    """Append what explains a record."""
    connection.execute(
        suspicion_explanation.insert().values(
            kind=kind.value,
            visit_id=visit_id,
            other_visit_id=other_visit_id,
            reason=reason,
            explained_by=explained_by,
        )
    )
