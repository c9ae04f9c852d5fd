"""Everything that can go wrong, as a tree of typed errors with a code and fields, never a sentence.

``api.problems`` holds the one table that turns each class into a status and into words of both languages.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GridError(Exception):
    """The root of all errors of the house.

    Attributes
    ----------
    code : str
        Stable name of the kind of error, for machines and for the table of problems.
    fields : dict[str, Any]
        What the words of the error are made from: names, values, limits, JSON-ready.
    geometry : dict[str, Any] or None
        The offending geometry as GeoJSON in EPSG:4326, when there is one.
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


class NotFound(GridError):
    """There is no such thing: ``kind``, ``key``."""

    code = "not-found"


class Unauthenticated(GridError):
    """Nobody is signed in, or the credentials are wrong."""

    code = "unauthenticated"


class LockedOut(GridError):
    """Too many failed sign-ins: ``until`` (ISO 8601)."""

    code = "locked-out"


class Forbidden(GridError):
    """The actor may not do this: ``action``, ``roles`` that may."""

    code = "forbidden"


class OutsideJurisdiction(Forbidden):
    """The actor may do this, but not here: ``action``, ``grid``."""

    code = "outside-jurisdiction"


class Conflict(GridError):
    """The request doesn't fit the present state."""

    code = "conflict"


class StaleRevision(Conflict):
    """Somebody changed it since it was read: ``kind``, ``key``, ``revision``, ``current``."""

    code = "stale-revision"


class AlreadyExists(Conflict):
    """A thing with this key is already there: ``kind``, ``key``."""

    code = "already-exists"


class BrokenPartition(Conflict):
    """The cells would not tile their parent: ``parent``, ``gaps``, ``overlaps``, ``unmatched_edges``."""

    code = "broken-partition"


class NoDivision(Conflict):
    """No division is in force at the time asked for: ``at``."""

    code = "no-division"


class InvalidGeometry(Conflict):
    """The geometry is invalid and no repair within a tolerance was asked for: ``reason``, ``tolerance_m``."""

    code = "invalid-geometry"
