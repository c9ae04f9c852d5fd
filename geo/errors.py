"""Everything that can go wrong, as a tree of typed errors with a code and fields, never a sentence.

``api.problems`` holds the one table that turns each class into a status and into words of both languages.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GridError(Exception):
    """The root of all errors of the house.

    Parameters
    ----------
    geometry : dict[str, Any], optional
        The offending geometry as GeoJSON in EPSG:4326, when there is one.
    **fields : Any
        What the words of the error are made from: names, values, limits, JSON-ready.

    Attributes
    ----------
    code : str
        Stable name of the kind of error, for machines and for the table of problems.
    """

    code: ClassVar[str] = "error"

    def __init__(self, *, geometry: dict[str, Any] | None = None, **fields: Any) -> None:
        super().__init__(self.code, fields)
        self.fields = fields
        self.geometry = geometry


class Malformed(GridError):
    """The input can't be read as what it claims to be."""

    code = "malformed"


class LimitExceeded(Malformed):
    """The input is larger than a published limit: ``limit``, ``value``, ``maximum``."""

    code = "limit-exceeded"


class BadValue(Malformed):
    """A single value is out of its domain: ``field``, ``value``, ``expected``."""

    code = "bad-value"


class UnknownFormat(Malformed):
    """The file is of no format on the allow-list: ``name``, ``formats``."""

    code = "unknown-format"


class UnknownReference(Malformed):
    """The coordinate reference or datum is not known: ``name``."""

    code = "unknown-reference"


class ProfileRefused(Malformed):
    """A document is no profile: ``paths``, and ``faults``, each with ``path``, ``code`` and what tells it."""

    code = "profile-refused"


class RevisionRequired(GridError):
    """The change doesn't say which revision it is based on."""

    code = "revision-required"


class Unavailable(GridError):
    """Something that the house stands on can't be reached: ``what``, ``retry_after_s``."""

    code = "unavailable"


class PrintingNotInstalled(GridError):
    """The machine lacks what lays out printed forms: ``library``."""

    code = "printing-not-installed"


class NotFound(GridError):
    """There is no such thing: ``kind``, ``key``."""

    code = "not-found"


class Unauthenticated(GridError):
    """Nobody is signed in, or the credentials are wrong."""

    code = "unauthenticated"


class LockedOut(GridError):
    """Too many failed sign-ins: ``until`` (ISO 8601), ``retry_after_s``."""

    code = "locked-out"


class Forbidden(GridError):
    """The actor may not do this: ``action``, ``roles`` that may."""

    code = "forbidden"


class OutsideJurisdiction(Forbidden):
    """The actor may do this, but not here: ``action``, ``grid``."""

    code = "outside-jurisdiction"


class OwnPlan(Forbidden):
    """Nobody approves a plan of which they made a part: ``plan``."""

    code = "own-plan"


class CrossSite(GridError):
    """A browser sent the request without the token of our pages, or from another site."""

    code = "cross-site"


class Conflict(GridError):
    """The request doesn't fit the present state."""

    code = "conflict"


class StaleRevision(Conflict):
    """Somebody changed it since it was read: ``kind``, ``key``, ``revision``, ``current``."""

    code = "stale-revision"


class Contended(Conflict):
    """Another change of the same rows was under way; the same request may succeed when it is sent again."""

    code = "contended"


class NoOwnRules(Conflict):
    """What holds in the grid is that of a grid above or of the city already: ``grid``, ``day``."""

    code = "no-own-rules"


class StillInUse(Conflict):
    """Something else refers to it, or it refers to something that isn't there: ``constraint``."""

    code = "still-in-use"


class AlreadyExists(Conflict):
    """A thing with this key is already there: ``kind``, ``key``."""

    code = "already-exists"


class DrawImpossible(Conflict):
    """Too few inspectors may go there: ``item``, ``inspectors`` who may, ``needed``."""

    code = "draw-impossible"


class WrongStep(Conflict):
    """No step leads from the present state to that one: ``state``, ``to``, ``possible``."""

    code = "wrong-step"


class LastAdministrator(Conflict):
    """Nobody would be left who may manage the accounts of the whole city."""

    code = "last-administrator"


class BrokenPartition(Conflict):
    """The cells would not tile their parent: ``parent``, ``gaps``, ``overlaps``, ``unmatched_edges``."""

    code = "broken-partition"


class NoDivision(Conflict):
    """No division is in force at the time asked for: ``at``."""

    code = "no-division"


class InvalidGeometry(Conflict):
    """The geometry is invalid and no repair within a tolerance was asked for: ``reason``, ``tolerance_m``."""

    code = "invalid-geometry"


class OverlappingValidity(Conflict):
    """A division is published already that begins at or after this one: ``valid_from``, ``published``."""

    code = "overlapping-validity"


class RetiredCode(Conflict):
    """Codes of retired grids can't be used again: ``codes``."""

    code = "retired-code"


class FixedLevel(Conflict):
    """Codes stand for grids of another level already: ``codes``."""

    code = "fixed-level"


class GridsRefused(Conflict):
    """A division of grids that would break a law of the partition: ``grids``, and more below."""

    code = "grids-refused"


class LockedGrid(GridsRefused):
    """Grids are locked against changes: ``grids``."""

    code = "locked-grid"


class DifferentParents(GridsRefused):
    """Ground would go from one parent to another: ``grids``, ``parents``."""

    code = "different-parents"


class NotAdjacent(GridsRefused):
    """Grids have no border in common: ``grids``."""

    code = "not-adjacent"


class NothingChanges(GridsRefused):
    """What was drawn divides nothing and moves no ground: ``grids``."""

    code = "nothing-changes"


class NothingLeft(GridsRefused):
    """No ground would be left of a grid: ``grid``."""

    code = "nothing-left"


class FallsApart(GridsRefused):
    """A grid would consist of more parts than it may: ``grid``, ``parts``, ``allowed``."""

    code = "falls-apart"


class Sliver(GridsRefused):
    """A piece of ground would be too narrow: ``grid``, ``width_m``, ``least_m``."""

    code = "sliver"


class OffBorder(GridsRefused):
    """A path doesn't begin and end on one border of the grids: ``grids``, ``reach_m``."""

    code = "off-border"


class OutsideGrids(GridsRefused):
    """A path leaves the ground of the grids: ``grids``."""

    code = "outside-grids"


class BrokenBorders(GridsRefused):
    """Ground would be lost or gained, or borders would not match: ``grids``."""

    code = "broken-borders"


class BuildingsCut(GridsRefused):
    """Buildings would be cut: ``grids``, ``buildings``, each ``id``, ``name``, ``place``, ``grids``."""

    code = "buildings-cut"


class SupersededBase(Conflict):
    """Another division was published since the one that the plan begins with: ``base``, ``current``."""

    code = "superseded-base"


class OutdatedEffect(Conflict):
    """Grids have changed since the effect was made: ``grids``."""

    code = "outdated-effect"


class NoFurtherStep(Conflict):
    """Nothing is left to undo or to redo: ``seq``."""

    code = "no-further-step"


class RuleBroken(Conflict):
    """A rule of the regulation profile forbids it: ``field``, ``rules`` (their numbers), and more below."""

    code = "rule-broken"


class AgainstRule(RuleBroken):
    """A rule forbids a value: ``field``, ``rules``, ``value``, ``expected``, ``clause``."""

    code = "against-rule"


class ResultMissing(RuleBroken):
    """Nothing is struck off before it is told what was done: ``field``, ``rules``."""

    code = "result-missing"


class ReasonMissing(RuleBroken):
    """Returning, giving up, reopening, handing on or closing late needs its reason: ``field``, ``rules``."""

    code = "reason-missing"


class UnknownSection(RuleBroken):
    """Cases go to sections of the profile alone: ``field``, ``rules``, ``value``, ``known``."""

    code = "unknown-section"


class CaseOpen(RuleBroken):
    """The section has not told the outcome of the case yet: ``field``, ``rules``, ``number``."""

    code = "case-open"


class NobodyNamed(RuleBroken):
    """One person has to be named for it first: ``field``, ``rules``, ``charge``."""

    code = "nobody-named"


class FirstAskedStays(RuleBroken):
    """Whoever was asked first stays named until the issue is struck off: ``field``, ``rules``."""

    code = "first-asked-stays"


class ClockRuns(RuleBroken):
    """The profile lets no clock stand: ``field``, ``rules``."""

    code = "clock-runs"


class HighestLevel(RuleBroken):
    """No level is above: ``field``, ``rules``, ``level``."""

    code = "highest-level"
