"""Ledgers and the statistics of a month over the demo city: the figures of the maps, kept as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.grids import Level
from geo.domain.measures import Period, Share
from geo.domain.profiles.statistics import Figure
from geo.domain.statistics import month_period
from geo.errors import BadValue, Conflict, NotFound, OutsideJurisdiction, Unauthenticated
from geo.services import generations, ledgers, statistics
from geo.services.coverage import subject_coverage
from geo.services.homes import rehome
from geo.services.statistics import FIGURES, Asked

pytestmark = [pytest.mark.database, pytest.mark.slow]

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo(ZONE))
OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def database(demo_database):
    return demo_database


def made(database, asked, actor=OPERATOR, now=NOW):
    with database.read() as uow:
        return statistics.make_statistics(actor, uow, asked, timezone=ZONE, now=now)


def column(table, figure):
    place = [one.figure for one in table.columns].index(figure)
    return {row.grid.code: row.values[place] for row in table.rows}, table.total[place]


def community(database):
    with database.read() as uow:
        statement = text("SELECT min(code) FROM grid WHERE level = 'community'")
        return uow.connection.execute(statement).scalar_one()


def test_every_figure_that_a_profile_may_name_is_counted():
    assert set(FIGURES) == set(Figure)


@pytest.mark.rule("F4")
def test_figures_are_those_of_the_maps(database):
    table = made(database, Asked(OCTOBER, Level.COMMUNITY))
    period = month_period(OCTOBER, ZONE, NOW)
    with database.read() as uow:
        mapped = subject_coverage(OPERATOR, uow, period, level=Level.COMMUNITY)
        visits = uow.connection.execute(
            text("SELECT count(*) FROM visit WHERE visited_at >= :a AND visited_at < :b"),
            {"a": period.start, "b": period.end},
        ).scalar_one()
    rates, total = column(table, Figure.COVERAGE)
    assert rates == {row.grid.code: row.share for row in mapped.grids}
    assert total == mapped.total
    assert column(table, Figure.PATROLS)[1] == visits > 0


def test_levels_agree_on_the_whole(database):
    totals = {level: made(database, Asked(OCTOBER, level)).total for level in (Level.STREET, Level.UNIT)}
    assert totals[Level.STREET] == totals[Level.UNIT]
    assert any(isinstance(value, Share) and value.denominator for value in totals[Level.UNIT])


def test_a_place_is_told_of_alone(database):
    code = community(database)
    table = made(database, Asked(OCTOBER, Level.UNIT, code))
    assert table.rows
    assert all(row.grid.code.startswith(code) for row in table.rows)


def test_a_month_that_is_not_over_is_counted_up_to_now(database):
    early = datetime(2026, 11, 3, tzinfo=ZoneInfo(ZONE))
    november = Asked(date(2026, 11, 1), Level.STREET)
    few, _ = column(made(database, november, now=early), Figure.PATROLS)
    more, _ = column(made(database, november), Figure.PATROLS)
    assert sum(few.values()) < sum(more.values())


def test_a_month_ahead_is_refused(database):
    with pytest.raises(BadValue):
        made(database, Asked(date(2026, 12, 1), Level.STREET))


@pytest.mark.rule("F4")
def test_what_was_kept_is_never_altered(database):
    asked = Asked(OCTOBER, Level.COMMUNITY)
    with database.write() as uow:
        kept = statistics.keep_statistics(OPERATOR, uow, asked, timezone=ZONE, now=NOW)
    with database.write() as uow:
        uow.connection.execute(
            text("""INSERT INTO visit (kind, visited_at, geom, grid_id)
                SELECT kind, '2026-10-15T04:00:00Z', geom, grid_id FROM visit LIMIT 1""")
        )
    again = made(database, asked)
    with database.read() as uow:
        read = statistics.read_snapshot(OPERATOR, uow, kept.id)
        (listed,) = statistics.list_snapshots(OPERATOR, uow, asked, timezone=ZONE, now=NOW)
    assert read == kept == listed
    assert column(again, Figure.PATROLS)[1] == column(kept.statistics, Figure.PATROLS)[1] + 1
    with database.read() as uow:
        assert statistics._digest(read.statistics) == read.sha256
        assert statistics._digest(again) != read.sha256


@pytest.fixture
def divided(database_url, strip_division):
    """Six strips with patrols and closed issues in March, and two divisions that came later."""
    database = Database(database_url)
    place = "ST_SetSRID(ST_MakePoint(120 + i * 0.0001, 30.02), 4326) FROM generate_series(1, 1199, 7) AS i"
    march = "'2025-03-09T04:00Z'"
    with database.write() as uow:
        generations.publish(OPERATOR, uow, strip_division(6), name="一", valid_from=months(1))
        for statement in (
            f"INSERT INTO entity (kind, name, geom) SELECT 'premises', i::text, {place}",
            f"INSERT INTO visit (kind, visited_at, geom) SELECT 'patrol', {march}, {place}",
            f"""INSERT INTO issue (number, category, state, reported_at, due_at, closed_at, geom)
                SELECT i::text, 'x', 'closed', {march}, {march}, {march}, {place}""",
        ):
            uow.connection.execute(text(statement))
        rehome(uow, NOW)
    yield database
    database.close()


def months(number):
    return datetime(2025, number, 1, tzinfo=ZoneInfo(ZONE))


def test_a_month_is_told_by_the_grids_of_its_end(divided, strip_division):
    march = Asked(date(2025, 3, 1), Level.UNIT)
    before = made(divided, march)
    with divided.write() as uow:
        kept = statistics.keep_statistics(OPERATOR, uow, march, timezone=ZONE, now=NOW)
        generations.publish(OPERATOR, uow, strip_division(4, first=11), name="二", valid_from=months(4))
    after = made(divided, march)
    assert (after.rows, after.total) == (before.rows, before.total)
    assert len(after.rows) == 6
    by_four = made(divided, replace(march, at=months(5)))
    assert len(by_four.rows) == 4
    assert by_four.total == before.total
    assert len(made(divided, Asked(date(2025, 4, 1), Level.UNIT)).rows) == 4
    with divided.read() as uow:
        assert statistics.read_snapshot(OPERATOR, uow, kept.id) == kept


def test_a_place_that_is_no_more_is_told_of_in_its_months(divided, strip_division):
    of_first = Asked(date(2025, 3, 1), Level.UNIT, "330106001001001")
    with divided.write() as uow:
        kept = statistics.keep_statistics(OPERATOR, uow, of_first, timezone=ZONE, now=NOW)
        generations.publish(OPERATOR, uow, strip_division(4, first=11), name="二", valid_from=months(4))
    assert made(divided, of_first).rows == kept.statistics.rows
    with divided.read() as uow:
        assert statistics.read_snapshot(OPERATOR, uow, kept.id) == kept
        assert statistics.list_snapshots(OPERATOR, uow, of_first, timezone=ZONE, now=NOW) == (kept,)
    with pytest.raises(NotFound):
        made(divided, replace(of_first, month=date(2025, 4, 1)))


def test_months_before_the_first_division_are_told_by_it(divided):
    assert len(made(divided, Asked(date(2024, 12, 1), Level.UNIT)).rows) == 6


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statistics_snapshot SET made_by = 'x'",
        "DELETE FROM statistics_snapshot",
        "TRUNCATE statistics_snapshot",
    ],
)
def test_nobody_writes_what_was_kept(database, change):
    with database.write() as uow:
        statistics.keep_statistics(
            OPERATOR, uow, Asked(date(2026, 9, 1), Level.STREET), timezone=ZONE, now=NOW
        )
    with pytest.raises(Conflict), database.write() as uow:
        uow.connection.execute(text(change))


def test_statistics_stay_inside_the_jurisdiction(database):
    code = community(database)
    leader = Actor("leader", grants=(Grant(Role.LEADER, code),))
    assert made(database, Asked(OCTOBER, Level.UNIT, code), leader).rows
    with pytest.raises(OutsideJurisdiction):
        made(database, Asked(OCTOBER, Level.UNIT), leader)
    with database.write() as uow:
        kept = statistics.keep_statistics(OPERATOR, uow, Asked(OCTOBER, Level.STREET), timezone=ZONE, now=NOW)
    with pytest.raises(OutsideJurisdiction), database.read() as uow:
        statistics.read_snapshot(leader, uow, kept.id)
    with pytest.raises(Unauthenticated):
        made(database, Asked(OCTOBER, Level.UNIT), ANONYMOUS)
    with pytest.raises(NotFound):
        made(database, Asked(OCTOBER, Level.UNIT, "000000"))


def ledger(database, code, actor=OPERATOR, days=90):
    with database.read() as uow:
        return ledgers.read_ledger(actor, uow, code, Period(NOW - timedelta(days=days), NOW), timezone=ZONE)


@pytest.mark.rule("F1", "F2")
def test_the_ledger_of_a_grid_is_the_sum_of_those_below(database):
    code = community(database)
    with database.read() as uow:
        below = uow.connection.execute(
            text(
                """SELECT code FROM grid WHERE is_leaf AND code LIKE :code || '%'
                AND generation_id = (SELECT max(id) FROM generation)"""
            ),
            {"code": code},
        ).scalars()
        units = list(below)
    whole, parts = ledger(database, code), [ledger(database, unit) for unit in units]
    assert whole.basics["households"] == sum(part.basics["households"] for part in parts) > 0
    for name in ("subjects", "visits", "issues"):
        count = sum(tally.count for tally in getattr(whole, name))
        assert count == sum(tally.count for part in parts for tally in getattr(part, name)) > 0
    assert whole.visited.denominator == sum(part.visited.denominator for part in parts)
    assert whole.backlog.unresolved == sum(part.backlog.unresolved for part in parts)


def test_what_is_no_number_is_not_counted(database):
    code = community(database)
    with database.write() as uow:
        uow.connection.execute(text("ALTER TABLE grid DISABLE TRIGGER grid_is_immutable"))
        uow.connection.execute(
            text("""UPDATE grid SET attributes = '{"elderly_alone": "7", "hardship_families": "many"}'
                WHERE code = (SELECT min(code) FROM grid WHERE is_leaf AND code LIKE :code || '%'
                    AND generation_id = (SELECT max(id) FROM generation))"""),
            {"code": code},
        )
        uow.connection.execute(text("ALTER TABLE grid ENABLE TRIGGER grid_is_immutable"))
    basics = ledger(database, code).basics
    assert (basics["elderly_alone"], basics["hardship_families"]) == (7, None)


def test_a_ledger_stays_inside_the_jurisdiction(database):
    leader = Actor("leader", grants=(Grant(Role.LEADER, community(database)),))
    with database.read() as uow:
        other = uow.connection.execute(text("SELECT max(code) FROM grid WHERE is_leaf")).scalar_one()
    with pytest.raises(OutsideJurisdiction):
        ledger(database, other, leader)
    with pytest.raises(NotFound):
        ledger(database, "000000")
