"""Imports as they are judged, kept and listed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.exchange import Batch, Layer, OnExisting, Problem, Report, Severity
from geo.domain.pages import Page
from geo.errors import NotFound
from geo.services.exchange.options import Options
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column

ALREADY_THERE = {
    OnExisting.REFUSE: ("already-there", Severity.ERROR),
    OnExisting.SKIP: ("skipped-as-there", Severity.NOTE),
    OnExisting.UPDATE: ("updated", Severity.NOTE),
}
"""What is said of a row whose key is there already."""

_KEPT_PROBLEMS = 1_000
"""So many problems are kept with a batch, one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import.

    Attributes
    ----------
    report : Report
        What was found.
    refused : bool
        Whether errors keep it from being committed.
    batch_id : int or None
        The batch, if it was committed.
    """

    report: Report
    refused: bool
    batch_id: int | None = None


def outcome_of(
    uow: UnitOfWork,
    layer: Layer,
    rows: Rows,
    problems: Iterable[Problem],
    *,
    keep: NDArray[np.bool_],
    points: Column | None,
    facts: Mapping[str, Any],
    options: Options,
) -> Outcome:
    """Return what would become of rows.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    layer : Layer
        What they are.
    rows : Rows
        The rows.
    problems : iterable of Problem
        Everything that was found.
    keep : NDArray[bool]
        Which rows can be kept.
    points : NDArray[object] or None
        Where they are.
    facts : Mapping[str, Any]
        Counts of the layer's own.
    options : Options
        What was asked for.

    Returns
    -------
    Outcome
        Refused if the files as a whole have an error, or a row has one and bad rows aren't to be skipped.
    """
    found = sorted(
        [*problems, *_came_before(uow, layer, rows)],
        key=lambda problem: (problem.file or "", problem.row or 0),
    )
    located = 0 if points is None else int((keep & ~shapely.is_missing(points)).sum())
    has_places = points is not None and bool((~shapely.is_missing(rows.geometries)).any())
    report = Report(
        layer,
        rows.facts,
        rows.reference.name if has_places else None,
        rows.mapping,
        len(rows) + rows.unread,
        int(keep.sum()),
        located,
        tuple(found),
        facts,
    )
    return Outcome(report, refused=report.blocked or (report.bad_rows > 0 and not options.skip_bad))


def _came_before(uow: UnitOfWork, layer: Layer, rows: Rows) -> list[Problem]:
    batches = db.batches_of(uow.connection, layer, [fact.sha256 for fact in rows.facts])
    return [
        Problem(
            "same-file-again",
            Severity.WARNING,
            detail={"batch": batch.id, "at": batch.created_at.isoformat()},
        )
        for batch in batches
    ]


def keep_batch(actor: Actor, uow: UnitOfWork, report: Report, options: Mapping[str, Any]) -> int:
    """Keep the batch of a report with its trail, and give its number.

    Parameters
    ----------
    actor : Actor
        Who brings it.
    uow : UnitOfWork
        The transaction.
    report : Report
        What was found.
    options : Mapping[str, Any]
        What was asked for, JSON-ready.

    Returns
    -------
    int
        Its id.
    """
    digests = [fact.sha256 for fact in report.files]
    batch_id = db.insert_batch(
        uow.connection,
        layer=report.layer,
        filename=", ".join(fact.name for fact in report.files),
        sha256=digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest(),
        reference=report.reference or "",
        options={**options, "files": [{"name": fact.name, "sha256": fact.sha256} for fact in report.files]},
        row_count=report.accepted,
        report=_in_short(report),
        created_by=actor.name,
    )
    change = {"layer": report.layer, "rows": report.accepted, "files": [fact.name for fact in report.files]}
    uow.record(actor, "import", "batch", batch_id, change)
    return batch_id


def _in_short(report: Report) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "accepted": report.accepted,
        "located": report.located,
        "counts": report.counts(),
        "severities": dict(Counter(problem.severity for problem in report.problems)),
        "mapping": [dataclasses.asdict(source) for source in report.mapping],
        "problems": [dataclasses.asdict(problem) for problem in report.problems[:_KEPT_PROBLEMS]],
        "facts": dict(report.facts),
    }


def list_batches(actor: Actor, uow: UnitOfWork, *, limit: int, before: int | None = None) -> Page[Batch]:
    """Give import batches, the newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    limit : int
        How many at most.
    before : int, optional
        The cursor: only batches with a lower id.

    Returns
    -------
    Page of Batch
        With the cursor to the next page.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not see what was imported for the whole city.
    """
    actor.require(Action.IMPORT_DATA, ())
    batches = db.list_batches(uow.connection, before=before, limit=limit + 1)
    following = batches[limit - 1].id if len(batches) > limit else None
    return Page(tuple(batches[:limit]), following)


def get_batch(actor: Actor, uow: UnitOfWork, batch_id: int) -> Batch:
    """Give the import batch of that id.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    batch_id : int
        Which one.

    Returns
    -------
    Batch
        With its report in short.

    Raises
    ------
    NotFound
        If there is none.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not see what was imported for the whole city.
    """
    actor.require(Action.IMPORT_DATA, ())
    batch = db.one_batch(uow.connection, batch_id)
    if batch is None:
        raise NotFound(kind="batch", key=batch_id)
    return batch
