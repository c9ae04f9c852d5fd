"""Publishing an approved plan: a new generation, and everything that follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from geo.db import homes, plan_partners
from geo.db import plan_publication as rows
from geo.db import plans as plan_rows
from geo.db.generations import codes_ever_used, lock_publication
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.generations import Generation
from geo.domain.homes import Followed
from geo.domain.plan_divisions import codes_of, division_of
from geo.domain.plan_drafts import Draft, PlanRecord
from geo.domain.plan_partners import CarriedPair, inherited, tenable
from geo.domain.plan_publications import Report, changed_posts
from geo.domain.plans import Plan, PlanState
from geo.errors import BadValue, NotFound, SupersededBase
from geo.services import generations, people, plans
from geo.services import plan_drafts as drafting
from geo.services.plan_drafts import Drafts
from geo.services.privacy import Veils

_END_OF_TIME = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Publication:
    """A plan that has become a generation.

    Attributes
    ----------
    record : PlanRecord
        The plan, published.
    generation : Generation
        What it has become.
    report : Report
        What followed.
    """

    record: PlanRecord
    generation: Generation
    report: Report


def publish_plan(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    revision: int,
    name: str | None,
    valid_from: datetime | None,
    zone: ZoneInfo,
) -> Publication:
    """Let the division of an approved plan hold from a time on.

    Parameters
    ----------
    actor : Actor
        Who publishes; needs the right in the whole city.
    uow : UnitOfWork
        The transaction: all of it happens, or nothing.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.
    name : str or None
        Name of the generation; that of the plan by default.
    valid_from : datetime or None
        Aware, not in the past; now by default.
    zone : ZoneInfo
        Where days begin and end: posts go over on the day of `valid_from`.

    Returns
    -------
    Publication
        The new generation, and who and what went from where to where.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not publish for the whole city.
    NotFound
        If there is no such plan.
    StaleRevision
        If somebody has changed it since.
    WrongStep
        If it isn't approved.
    SupersededBase
        If another division was published since the one that it begins with.
    BadValue, OverlappingValidity, RetiredCode, FixedLevel, LimitExceeded
        See `geo.services.generations.publish` and `geo.domain.plan_divisions.codes_of`.
    """
    actor.require(Action.PUBLISH_PLANS, ())
    lock_publication(uow.connection)
    record, draft = drafting.locked(uow, drafts, plan_id, revision)
    published = draft.plan.stepped(PlanState.PUBLISHED)
    _check_base(uow, draft.plan)
    moment = _moment(valid_from)
    codes = codes_of(draft, codes_ever_used(uow.connection, draft.base.level))
    generation, followed = generations.publish_and_follow(
        actor, uow, division_of(draft, codes), name=name or published.name, valid_from=moment
    )
    report = _report(uow, draft, generation.id, followed, moment.astimezone(zone))
    plan_rows.mark_published(uow.connection, plan_id, generation.id)
    rows.keep_report(uow.connection, plan_id, generation.id, report)
    change = {"state": published.state, "generation": generation.id}
    drafting.keep(actor, uow, draft.plan, published, change)
    uow.notify(people.CHANNEL, "")
    kept = replace(record, plan=published, published_generation_id=generation.id)
    today = datetime.now(zone).date()
    return Publication(kept, generation, _veiled(actor, uow, today, report))


def _check_base(uow: UnitOfWork, plan: Plan) -> None:
    latest = plan_rows.latest_generation(uow.connection)
    if latest != plan.generation_id:
        raise SupersededBase(base=plan.generation_id, current=latest)


def _moment(valid_from: datetime | None) -> datetime:
    now = datetime.now(UTC)
    if valid_from is not None and not now <= valid_from < _END_OF_TIME:
        raise BadValue(field="valid_from", value=valid_from.isoformat(), expected="now or later")
    return valid_from or now


def _report(
    uow: UnitOfWork,
    draft: Draft,
    generation_id: int,
    followed: tuple[Followed, ...],
    moment: datetime,
) -> Report:
    connection, base_id, day = uow.connection, draft.base.generation_id, moment.date()
    changed = rows.changed_codes(connection, base_id, generation_id)
    held = rows.posts_held(connection, base_id, changed, day)
    heirs = rows.heirs_of_retired(connection, base_id, generation_id)
    carried = rows.carry_posts(connection, heirs, day)
    partners = _carry_partners(uow, generation_id, heirs, day)
    rows.carry_grants(connection, heirs)
    new = rows.new_codes(connection, generation_id)
    return Report(
        new_codes=tuple(new),
        retired_codes=tuple(sorted(heirs)),
        moved=(*homes.moves_of(connection, followed), *rows.follow_heirs(connection, heirs, moment)),
        carried=carried,
        posts=changed_posts(held, rows.posts_held(connection, generation_id, changed, day)),
        vacant_codes=tuple(sorted(set(new) - rows.staffed_codes(connection, new, day))),
        partners=partners,
    )


def _carry_partners(
    uow: UnitOfWork, generation_id: int, heirs: Mapping[str, str], day: date
) -> tuple[CarriedPair, ...]:
    """Let the heirs of A/B partners be partners, where they can."""
    connection = uow.connection
    pairs = plan_partners.partnerships_of(connection, {*heirs, *heirs.values()}, day)
    due = inherited(pairs, heirs, day)
    ended = {one.before for one in due}
    bordering = plan_partners.bordering(connection, generation_id, {one.codes for one in due})
    kept = tenable(due, (pair for pair in pairs if pair not in ended), bordering)
    plan_partners.end_partnerships(connection, heirs, day)
    plan_partners.keep_partnerships(connection, (one.after for one in due if one in kept))
    return tuple(
        CarriedPair(
            one.before.post,
            (one.before.grid_code, one.before.partner_code),
            one.codes if one in kept else None,
        )
        for one in due
    )


def _veiled(actor: Actor, uow: UnitOfWork, day: date, report: Report) -> Report:
    veils = Veils(actor, uow, day)
    return replace(
        report,
        carried=veils.people(report.carried, lambda one: one.person_id),
        posts=veils.people(report.posts, lambda one: one.person_id),
    )


def get_publication(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, day: date) -> Publication:
    """Give what a plan has become, and what followed from that.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    day : date
        Today in the city.

    Returns
    -------
    Publication
        As `publish_plan` gave it.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read plans in the whole city: the report tells of people everywhere.
    NotFound
        If there is no such plan, or it isn't published.
    """
    actor.require(Action.READ_PLANS, ())
    record, _ = plans.get(actor, uow, drafts, plan_id)
    kept = rows.report_of(uow.connection, plan_id)
    if kept is None:
        raise NotFound(kind="publication", key=plan_id)
    generation_id, report = kept
    return Publication(
        record, generations.get_generation(uow, generation_id), _veiled(actor, uow, day, report)
    )
