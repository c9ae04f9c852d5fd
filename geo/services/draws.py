"""The double-random draw: committed to, revealed, repeated."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from geo.db import draws as rows
from geo.db.draws import Wanted
from geo.db.patrols import known_people
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.draws import ALGORITHM, DrawRecord, Frame, Verdict, commitment, draw, repeated
from geo.domain.entities import EntityKind
from geo.domain.profiles.duties import Duty, TargetKind, Targets
from geo.errors import BadValue, LimitExceeded, NotFound
from geo.services.entities import ENTITIES
from geo.services.grids import require_place
from geo.services.privacy import Veils
from geo.services.profiles import profile_at

SEED_BYTES = 24
MOST_CHANCES = 1_000_000
"""How many inspectors are put in order, over all that is drawn, when somebody repeats a draw."""
_PREMISES = Targets(kind=TargetKind.ENTITY, entity=EntityKind.PREMISES)


def commit(
    actor: Actor,
    uow: UnitOfWork,
    *,
    title: str,
    size: int,
    targets: Targets = _PREMISES,
    duty: str | None = None,
    grid_code: str | None = None,
    day: date,
) -> DrawRecord:
    """Fix who and what may be drawn, and publish the digest of it with the commitment of a seed.

    Parameters
    ----------
    actor : Actor
        Who commits to it.
    uow : UnitOfWork
        The transaction.
    title : str
        What the draw is called.
    size : int
        How many are drawn; of households in each grid.
    targets : Targets, optional
        What may be drawn: premises by default.
    duty : str, optional
        Key of the duty that asks to visit what is drawn; its targets are drawn then.
    grid_code : str, optional
        Where; the whole city by default.
    day : date
        Today in the city.

    Returns
    -------
    DrawRecord
        Without its seed, which nobody is told before it is revealed.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not draw there.
    BadValue
        If the profile has no such duty, or nothing can be drawn.
    DrawImpossible
        If too few inspectors may go to one of the subjects.
    """
    require_place(actor, uow, Action.WRITE_DRAWS, grid_code)
    rules = profile_at(uow, grid_code, day).duties
    chosen = targets if duty is None else _drawn_by(rules.duty(duty), duty)
    within = Jurisdiction(None if grid_code is None else frozenset({grid_code}))
    wanted = Wanted(chosen, within, day)
    if chosen.kind is TargetKind.HOUSEHOLD:
        frame = rows.frame_of_households(uow.connection, wanted, size)
    else:
        frame = rows.frame_of_entities(uow.connection, wanted, rules.draw, size)
    if not frame.items:
        raise BadValue(field="grid", value=grid_code, expected=chosen.kind.value)
    frame.check()
    seed = secrets.token_hex(SEED_BYTES)
    values = {
        "title": title,
        "duty": duty,
        "grid_code": grid_code,
        "frame": frame.document(),
        "digest": frame.digest(),
        "commitment": commitment(seed),
        "seed": seed,
        "committed_by": actor.name,
    }
    key = rows.insert_draw(uow.connection, values)
    told = {"title": title, "digest": values["digest"], "commitment": values["commitment"]}
    uow.record(actor, "commit", "draw", key, told)
    return read_draw(actor, uow, key, day)


def _drawn_by(duty: Duty | None, key: str) -> Targets:
    if duty is None or duty.targets.kind not in {TargetKind.ENTITY, TargetKind.HOUSEHOLD}:
        raise BadValue(field="duty", value=key, expected="entity | household")
    return duty.targets


def reveal(actor: Actor, uow: UnitOfWork, key: int, day: date) -> DrawRecord:
    """Publish the seed of a draw with what it draws; a draw that was revealed stays as it is.

    Parameters
    ----------
    actor : Actor
        Who reveals it.
    uow : UnitOfWork
        The transaction.
    key : int
        The draw.
    day : date
        Today in the city.

    Returns
    -------
    DrawRecord
        With seed and list.

    Raises
    ------
    NotFound
        If there is no such draw.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not draw there.
    """
    seed = rows.sealed_seed(uow.connection, _one(actor, uow, key, Action.WRITE_DRAWS).id)
    record = _one(actor, uow, key, Action.WRITE_DRAWS)
    if record.revealed_at is None:
        drawn = draw(record.frame, seed)
        are_households = record.frame.inspectors_each == 0
        rows.reveal(uow.connection, key, drawn, are_households=are_households)
        uow.record(actor, "reveal", "draw", key, {"seed": seed, "drawn": len(drawn)})
    return read_draw(actor, uow, key, day)


def read_draw(actor: Actor, uow: UnitOfWork, key: int, day: date) -> DrawRecord:
    """Give a draw, with what it has drawn once it was revealed.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        The draw.
    day : date
        Today in the city.

    Raises
    ------
    NotFound
        If there is no such draw.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read draws there.
    """
    record = _one(actor, uow, key, Action.READ_DRAWS)
    return replace(record, things=Veils(actor, uow, day).shown(rows.things(uow.connection, key)))


def list_draws(actor: Actor, uow: UnitOfWork, *, limit: int = 100) -> tuple[DrawRecord, ...]:
    """Give the draws where the actor may read them, the latest first, without what was drawn.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    limit : int, optional
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    return rows.draws(uow.connection, actor.jurisdiction(Action.READ_DRAWS), limit=limit)


def repeat(actor: Actor, proof: Mapping[str, Any]) -> Verdict:
    """Tell whether drawing again from a proof gives the same.

    Parameters
    ----------
    actor : Actor
        Who asks.
    proof : Mapping
        As `DrawRecord.proof` gives it, from anywhere.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read draws.
    BadValue
        If it is no proof of a draw.
    LimitExceeded
        If more chances would have to be computed than `MOST_CHANCES`.
    DrawImpossible
        If its frame has too few inspectors.
    """
    actor.jurisdiction(Action.READ_DRAWS)
    try:
        frame = Frame.of(proof["frame"])
        chances = min(frame.size, len(frame.items)) * len(frame.inspectors)
        if chances > MOST_CHANCES:
            raise LimitExceeded(limit="chances", value=chances, maximum=MOST_CHANCES)
        return repeated(proof)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadValue(field="frame", value=type(error).__name__, expected=ALGORITHM) from error


def declare_conflict(actor: Actor, uow: UnitOfWork, *, person_id: int, entity_id: int, reason: str) -> None:
    """Let somebody never be drawn to inspect an entity: a relative's shop and the like (回避).

    Parameters
    ----------
    actor : Actor
        Who declares it: inspectors for themselves, who draws for anybody.
    uow : UnitOfWork
        The transaction.
    person_id, entity_id : int
        Who never inspects what.
    reason : str
        Why.

    Raises
    ------
    NotFound
        If the person or the entity isn't there.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read the entity, or declares it for somebody else without the right to draw.
    """
    actor.jurisdiction(Action.READ_DRAWS)
    ENTITIES.get(actor, uow, entity_id)
    if person_id != actor.person_id:
        actor.require(Action.WRITE_DRAWS, ENTITIES.rows.chain(uow.connection, entity_id))
    if person_id not in known_people(uow.connection, (person_id,)):
        raise NotFound(kind="person", key=person_id)
    values = {
        "person_id": person_id,
        "entity_id": entity_id,
        "reason": reason,
        "declared_by": actor.name,
    }
    rows.declare(uow.connection, values)
    uow.record(actor, "declare", "conflict", entity_id, {"person_id": person_id, "reason": reason})


def _one(actor: Actor, uow: UnitOfWork, key: int, action: Action) -> DrawRecord:
    actor.jurisdiction(action)
    found = rows.draws(uow.connection, Jurisdiction(None), key=key)
    if not found:
        raise NotFound(kind="draw", key=key)
    require_place(actor, uow, action, found[0].grid_code)
    return found[0]
