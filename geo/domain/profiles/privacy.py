"""Who sees what of people, and for how long (H)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from geo.domain.actors import Role
from geo.domain.profiles.rules import Quoted, Rules, Words

FieldClass = Literal["public", "work", "personal", "sensitive"]
"""How much a value tells of somebody, from what everybody may know to what hardly anybody needs."""

Mask = Literal["name", "phone", "id_number", "text"]
"""How a value is shown to those who may not see it."""

Kept = Literal["inspections", "key_people", "looks"]
"""What has an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(Rules):
    """A field that tells of somebody.

    Attributes
    ----------
    field : str
        Such as ``inspection.subject_phone``.
    holds : FieldClass
        Its class.
    mask : Mask
        How it is shown to those who may not see it.
    """

    field: str
    holds: FieldClass
    mask: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight(Quoted):
    """Who sees the fields of a class, where they have this role or this post.

    Attributes
    ----------
    of : FieldClass
        The class.
    roles : tuple of Role
        Roles of accounts, in the grids where they hold.
    posts : tuple of str
        Posts, in the grids where they are held.
    """

    of: FieldClass
    roles: tuple[Role, ...] = ()
    posts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKind(Quoted):
    """A kind of people who are looked after.

    Attributes
    ----------
    key : str
        What the register keeps.
    name : Words
        What people read.
    """

    key: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Quoted):
    """For how long something is kept.

    Attributes
    ----------
    of : Kept
        What.
    months : int
        For how long, from its day on.
    then : {'delete', 'anonymise'}
        What happens after.
    """

    of: Kept
    months: int
    then: Literal["delete", "anonymise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicious(Quoted):
    """What a supervisor is to look at; None shows nothing of that kind.

    Attributes
    ----------
    speed_km_h : float or None
        Nobody goes faster from one visit to the next.
    apart_m : float
        Visits nearer to each other than that tell nothing of a speed.
    distance_m : float or None
        No visit is reported from farther away from its subject.
    delay_hours : float or None
        No record is entered later after its time.
    photo_bits : int or None
        Photos that differ in so many of 64 bits, or fewer, are the same; 3 at most.
    """

    speed_km_h: float | None = None
    apart_m: float = 100.0
    distance_m: float | None = None
    delay_hours: float | None = None
    photo_bits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules(Rules):
    """Who sees what of people, and for how long (H).

    Attributes
    ----------
    fields : tuple of Classified
        The fields that tell of somebody; one that is missing is treated as sensitive text.
    sight : tuple of Sight
        Who sees each class; what is public needs none.
    key_kinds : tuple of KeyKind
        Kinds of people in the register.
    retention : tuple of Retention
        What has an end; what is missing is kept.
    suspicious : Suspicious
        What a supervisor is to look at.
    """

    fields: tuple[Classified, ...] = ()
    sight: tuple[Sight, ...] = ()
    key_kinds: tuple[KeyKind, ...] = ()
    retention: tuple[Retention, ...] = ()
    suspicious: Suspicious = field(default_factory=Suspicious)
