"""Who acts, with which rights, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from geo.errors import Forbidden, OutsideJurisdiction, Unauthenticated


class Role(StrEnum):
    """What an account may do: see `RIGHTS`."""

    ADMIN = "admin"
    PLANNER = "planner"
    LEADER = "leader"
    INSPECTOR = "inspector"


class Action(StrEnum):
    """Everything that anybody can ask the house to do."""

    READ_GRIDS = "grids.read"
    LOCATE = "locate"
    SEARCH_ADDRESSES = "addresses.search"
    WRITE_ADDRESSES = "addresses.write"
    READ_ENTITIES = "entities.read"
    WRITE_ENTITIES = "entities.write"
    READ_PATROLS = "patrols.read"
    WRITE_PATROLS = "patrols.write"
    READ_ACTIVITIES = "activities.read"
    WRITE_ACTIVITIES = "activities.write"
    READ_DRAWS = "draws.read"
    WRITE_DRAWS = "draws.write"
    READ_ISSUES = "issues.read"
    WRITE_ISSUES = "issues.write"
    READ_RESULTS = "results.read"
    RATE_RESULTS = "results.rate"
    READ_CALENDAR = "calendar.read"
    WRITE_CALENDAR = "calendar.write"
    READ_PEOPLE = "people.read"
    WRITE_PEOPLE = "people.write"
    READ_MEASURES = "measures.read"
    KEEP_STATISTICS = "statistics.keep"
    READ_ASSESSMENTS = "assessments.read"
    WRITE_FINDINGS = "findings.write"
    IMPORT_DATA = "data.import"
    EXPORT_DATA = "data.export"
    IMPORT_DIVISION = "division.import"
    READ_PLANS = "plans.read"
    WRITE_PLANS = "plans.write"
    COMMENT_PLANS = "plans.comment"
    APPROVE_PLANS = "plans.approve"
    PUBLISH_PLANS = "plans.publish"
    READ_RULES = "rules.read"
    MANAGE_RULES = "rules.manage"
    MANAGE_ACCOUNTS = "accounts.manage"
    READ_AUDIT = "audit.read"
    READ_JOBS = "jobs.read"
    READ_INSPECTIONS = "inspections.read"
    WRITE_INSPECTIONS = "inspections.write"
    READ_PHOTOS = "photos.read"
    WRITE_PHOTOS = "photos.write"
    READ_KEY_PEOPLE = "key_people.read"
    WRITE_KEY_PEOPLE = "key_people.write"
    READ_LOOKS = "looks.read"
    READ_SUSPICIONS = "suspicions.read"
    EXPLAIN_SUSPICIONS = "suspicions.explain"
    RETIRE_RECORDS = "records.retire"


EVERYBODY = frozenset(Role)

PUBLIC = frozenset(
    {
        Action.READ_GRIDS,
        Action.LOCATE,
        Action.SEARCH_ADDRESSES,
        Action.READ_RESULTS,
        Action.RATE_RESULTS,
        Action.READ_CALENDAR,
    }
)
"""What needs no account: which grid, who is responsible, what became of issues, as far as published."""

RIGHTS: dict[Action, frozenset[Role]] = {
    Action.READ_GRIDS: EVERYBODY,
    Action.LOCATE: EVERYBODY,
    Action.SEARCH_ADDRESSES: EVERYBODY,
    Action.WRITE_ADDRESSES: frozenset({Role.ADMIN, Role.PLANNER}),
    Action.READ_ENTITIES: EVERYBODY,
    Action.WRITE_ENTITIES: frozenset({Role.ADMIN, Role.INSPECTOR}),
    Action.READ_PATROLS: EVERYBODY,
    Action.WRITE_PATROLS: frozenset({Role.ADMIN, Role.INSPECTOR}),
    Action.READ_ACTIVITIES: EVERYBODY,
    Action.WRITE_ACTIVITIES: frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR}),
    Action.READ_DRAWS: frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR}),
    Action.WRITE_DRAWS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.READ_ISSUES: EVERYBODY,
    Action.WRITE_ISSUES: frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR}),
    Action.READ_RESULTS: EVERYBODY,
    Action.RATE_RESULTS: EVERYBODY,
    Action.READ_CALENDAR: EVERYBODY,
    Action.WRITE_CALENDAR: frozenset({Role.ADMIN}),
    Action.READ_PEOPLE: frozenset({Role.ADMIN, Role.PLANNER, Role.LEADER}),
    Action.WRITE_PEOPLE: frozenset({Role.ADMIN}),
    Action.READ_MEASURES: EVERYBODY,
    Action.KEEP_STATISTICS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.READ_ASSESSMENTS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.WRITE_FINDINGS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.IMPORT_DATA: frozenset({Role.ADMIN}),
    Action.EXPORT_DATA: frozenset({Role.ADMIN, Role.PLANNER, Role.LEADER}),
    Action.IMPORT_DIVISION: frozenset({Role.ADMIN, Role.PLANNER}),
    Action.READ_PLANS: frozenset({Role.ADMIN, Role.PLANNER, Role.LEADER}),
    Action.WRITE_PLANS: frozenset({Role.ADMIN, Role.PLANNER}),
    Action.COMMENT_PLANS: frozenset({Role.ADMIN, Role.PLANNER, Role.LEADER}),
    Action.APPROVE_PLANS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.PUBLISH_PLANS: frozenset({Role.ADMIN, Role.PLANNER}),
    Action.READ_RULES: EVERYBODY,
    Action.MANAGE_RULES: frozenset({Role.ADMIN}),
    Action.MANAGE_ACCOUNTS: frozenset({Role.ADMIN}),
    Action.READ_AUDIT: frozenset({Role.ADMIN}),
    Action.READ_JOBS: frozenset({Role.ADMIN}),
    Action.READ_INSPECTIONS: frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR}),
    Action.WRITE_INSPECTIONS: frozenset({Role.ADMIN, Role.INSPECTOR}),
    Action.READ_PHOTOS: EVERYBODY,
    Action.WRITE_PHOTOS: frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR}),
    Action.READ_KEY_PEOPLE: frozenset({Role.LEADER, Role.INSPECTOR}),
    Action.WRITE_KEY_PEOPLE: frozenset({Role.LEADER, Role.INSPECTOR}),
    Action.READ_LOOKS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.READ_SUSPICIONS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.EXPLAIN_SUSPICIONS: frozenset({Role.ADMIN, Role.LEADER}),
    Action.RETIRE_RECORDS: frozenset({Role.ADMIN}),
}
"""Which roles may take which action, inside their jurisdiction."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a jurisdiction.

    Attributes
    ----------
    role : Role
        What may be done.
    grid_code : str or None
        The grid in which, with all below it; None for the whole city.
    """

    role: Role
    grid_code: str | None = None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The part of the city in which an actor may take one action.

    Attributes
    ----------
    grid_codes : frozenset of str, or None
        The grids (each with all below it), or None for the whole city.
    """

    grid_codes: frozenset[str] | None

    def covers(self, chain: Iterable[str]) -> bool:
        """Tell whether a place, given as the codes of its grids on all levels, lies inside."""
        return self.grid_codes is None or not self.grid_codes.isdisjoint(chain)


WHOLE_CITY = Jurisdiction(None)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks.

    Attributes
    ----------
    name : str
        Username for the audit log.
    account_id, person_id : int or None
        The account and the person behind it; None for the anonymous public and for the command line.
    grants : tuple of Grant
        Roles and where they hold.
    """

    name: str
    account_id: int | None = None
    person_id: int | None = None
    grants: tuple[Grant, ...] = ()

    def jurisdiction(self, action: Action) -> Jurisdiction:
        """Give the part of the city in which this actor may take an action.

        Parameters
        ----------
        action : Action
            What is to be done.

        Returns
        -------
        Jurisdiction
            Never empty.

        Raises
        ------
        Unauthenticated
            If nobody is signed in and the action isn't public.
        Forbidden
            If none of the actor's roles may take the action.
        """
        if action in PUBLIC:
            return WHOLE_CITY
        if self == ANONYMOUS:
            raise Unauthenticated(action=action)
        roles = RIGHTS[action]
        codes = {grant.grid_code for grant in self.grants if grant.role in roles}
        if not codes:
            raise Forbidden(action=action, roles=sorted(roles))
        return WHOLE_CITY if None in codes else Jurisdiction(frozenset(code for code in codes if code))

    def require(self, action: Action, chain: Iterable[str]) -> None:
        """Return only if the actor may take the action at a place.

        Parameters
        ----------
        action : Action
            What is to be done.
        chain : iterable of str
            Codes of the grids on all levels that hold the place; empty for a place outside every grid.

        Raises
        ------
        Unauthenticated, Forbidden
            See `jurisdiction`.
        OutsideJurisdiction
            If the place is outside the part of the city in which the actor may do so.
        """
        codes = tuple(chain)
        if not self.jurisdiction(action).covers(codes):
            raise OutsideJurisdiction(action=action, grid=codes[-1] if codes else None)


ANONYMOUS = Actor(name="")
OPERATOR = Actor(name="operator", grants=(Grant(Role.ADMIN),))
"""Whoever sits at the command line of the server: owns the data folder, so owns the data."""
