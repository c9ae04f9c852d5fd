"""Issues out of files: their states, their history, and those that were merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.db import exchange as db
from geo.db.issues import miss_as_told
from geo.db.tables import issue
from geo.db.unit_of_work import UnitOfWork
from geo.domain.exchange import Problem, Severity
from geo.domain.issues import EVENT_KINDS, IssueState
from geo.services.exchange.prepared import Prepared
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column, objects

_EVENT = ("at", "actor", "kind", "from_state", "to_state", "note", "data")
_APART = ("history", "merged_into")


def prepare_issues(uow: UnitOfWork, rows: Rows, points: Column) -> Prepared:  # noqa: ARG001 - all are called alike
    """Return issues with a state each, and what is wrong with their times, histories and mergers.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    rows : Rows
        As they were read.
    points : NDArray[object]
        Where they are.
    """
    closed_at, merged_into = rows.values["closed_at"], rows.values["merged_into"]
    states = objects(
        state or (IssueState.REPORTED if time is None else IssueState.CLOSED)
        for state, time in zip(rows.values["state"], closed_at, strict=True)
    )
    closed, timed = states == IssueState.CLOSED, closed_at != None  # noqa: E711 - element by element
    merged = merged_into != None  # noqa: E711 - element by element
    problems = (
        *rows.problems_where(closed & ~timed, "closed-without-time", Severity.ERROR, field="closed_at"),
        *rows.problems_where(timed & ~closed, "time-without-closing", Severity.ERROR, field="state"),
        *rows.problems_where(merged & (states != IssueState.VOID), "merged-not-void", Severity.ERROR),
        *_unordered(rows),
        *_lost_mergers(uow, rows),
        *_bad_histories(rows),
    )
    own = {name: values for name, values in rows.values.items() if name not in _APART}
    return Prepared(
        {**own, "state": states, "attributes": rows.attributes},
        problems,
        histories=rows.values["history"],
        merged_into=merged_into,
    )


def keep_course(
    uow: UnitOfWork,
    prepared: Prepared,
    ids: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    keep: NDArray[np.bool_],
) -> None:
    """Append the histories of new issues, and let issues be merged into those that files name.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    prepared : Prepared
        The issues.
    ids : NDArray[int64]
        Id of each.
    fresh, keep : NDArray[bool]
        Which are new, and which are kept: the history of those that are there already is never written again.
    """
    assert prepared.histories is not None, "issues are prepared with histories"  # noqa: S101 - tells mypy what is always true
    assert prepared.merged_into is not None, "issues are prepared with mergers"  # noqa: S101 - tells mypy what is always true
    told = zip(ids[fresh].tolist(), prepared.histories[fresh], strict=True)
    events = ((issue_id, *_values(event)) for issue_id, history in told for event in history or ())
    db.append_events(uow.connection, ("issue_id", *_EVENT), events)
    miss_as_told(uow.connection, ids[fresh].tolist())
    merged = keep & (prepared.merged_into != None)  # noqa: E711 - element by element
    db.merge_issues(uow.connection, ids[merged].tolist(), prepared.merged_into[merged].tolist())


def _unordered(rows: Rows) -> list[Problem]:
    pairs = zip(rows.values["reported_at"], rows.values["closed_at"], strict=True)
    early = np.array([bool(a and b and b < a) for a, b in pairs], dtype=bool)
    return list(rows.problems_where(early, "closed-before-reported", Severity.WARNING, field="closed_at"))


def _lost_mergers(uow: UnitOfWork, rows: Rows) -> list[Problem]:
    merged_into = rows.values["merged_into"]
    named = {number for number in merged_into if number}
    known = {*rows.values["number"], *db.ids_by_key(uow.connection, issue, "number", named)}
    return [
        rows.problem(at, "unknown-issue", Severity.ERROR, field="merged_into", value=number)
        for at, number in enumerate(merged_into)
        if number is not None and (number not in known or number == rows.values["number"][at])
    ]


def _bad_histories(rows: Rows) -> list[Problem]:
    return [
        rows.problem(at, "bad-history", Severity.ERROR, field="history")
        for at, events in enumerate(rows.values["history"])
        if not all(map(_is_event, events or ()))
    ]


def _is_event(event: Mapping[str, Any]) -> bool:
    """Tell whether something is an event of an issue as exports write it."""
    states = {None, *IssueState}
    return (
        set(event) <= set(_EVENT)
        and event.get("kind") in EVENT_KINDS
        and _is_text(event.get("actor"))
        and _is_moment(event.get("at"))
        and _is_one_of(event.get("from_state"), states)
        and _is_one_of(event.get("to_state"), states)
        and isinstance(event.get("note") or "", str)
        and isinstance(event.get("data") or {}, dict)
        and _is_moment((event.get("data") or {}).get("due_at", event["at"]))
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_one_of(value: object, values: set[Any]) -> bool:
    return (value is None or isinstance(value, str)) and value in values


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _values(event: Mapping[str, Any]) -> Sequence[Any]:
    return [event.get(name) if name != "data" else event.get(name) or {} for name in _EVENT]
