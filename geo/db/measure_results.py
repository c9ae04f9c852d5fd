"""Rows of values of measures."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.db.tables import measure_result
from geo.domain.plan_measures import Result


def results_of(connection: Connection, plan_id: int, revision: int) -> dict[str, Result]:
    """Give what is known of a plan at a revision, by the name of the measure."""
    rows = connection.execute(
        select(measure_result.c.measure, measure_result.c.version, measure_result.c.value).where(
            measure_result.c.plan_id == plan_id, measure_result.c.revision == revision
        )
    )
    return {row.measure: Result(row.version, row.value) for row in rows}


def keep_results(connection: Connection, plan_id: int, revision: int, results: Mapping[str, Result]) -> None:
    """Keep values of a plan at a revision in place of older ones."""
    if not results:
        return
    values = [
        {
            "plan_id": plan_id,
            "measure": name,
            "version": one.version,
            "revision": revision,
            "value": dict(one.value),
        }
        for name, one in sorted(results.items())
    ]
    fresh = insert(measure_result)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["plan_id", "measure"],
            set_={
                "version": fresh.excluded.version,
                "revision": fresh.excluded.revision,
                "value": fresh.excluded.value,
                "computed_at": func.clock_timestamp(),
            },
            where=measure_result.c.revision <= fresh.excluded.revision,
        ),
        values,
    )
