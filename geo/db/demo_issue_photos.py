"""Issues of the demo city that somebody has taken pictures of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

_PHOTOGRAPHED = """
    WITH latest AS (
        SELECT id, category, row_number() OVER (
            PARTITION BY category, state = 'closed' ORDER BY closed_at DESC, reported_at DESC, id) AS place
        FROM issue
        WHERE category = ANY(:categories) AND state IN ('reported', 'accepted', 'dispatched', 'closed')
            AND grid_id IS NOT NULL AND merged_into_id IS NULL
    )
    SELECT latest.id, category, begun.id, begun.at, ended.id, ended.at
    FROM latest
    JOIN LATERAL (
        SELECT id, at FROM issue_event WHERE issue_id = latest.id ORDER BY id LIMIT 1
    ) AS begun ON true
    LEFT JOIN LATERAL (
        SELECT id, at FROM issue_event WHERE issue_id = latest.id AND to_state = 'closed'
        ORDER BY id DESC LIMIT 1
    ) AS ended ON true
    WHERE place <= :few
    ORDER BY latest.id
"""


class Photographed(NamedTuple):
    """An issue with its first step, and the one that closed it, if one did."""

    id: int
    category: str
    begun: int
    begun_at: datetime
    ended: int | None
    ended_at: datetime | None


def latest_issues(connection: Connection, categories: Collection[str], few: int) -> list[Photographed]:
    """Give the latest issues of some categories, so many each that were closed and that weren't, by id."""
    asked = {"categories": list(categories), "few": few}
    return [Photographed(*row) for row in connection.execute(text(_PHOTOGRAPHED), asked)]
