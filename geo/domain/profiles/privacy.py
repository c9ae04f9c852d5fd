"""Who sees what of people, and for how long (H)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from geo.domain.actors import Role
from geo.domain.profiles.rules import Fault, Named, Quoted, Rules

FieldClass = Literal["public", "work", "personal", "sensitive"]
"""How much a value tells of somebody, from what everybody may know to what hardly anybody needs."""

Mask = Literal["name", "phone", "id_number", "numbers", "text"]
"""How a value is shown to those who may not see it: of words the numbers of somebody alone are masked."""

Kept = Literal["inspections"]
"""What has an end."""

MONTHS = 1200
"""A century: what is longer isn't meant."""

MOST_BITS = 3
"""Of pictures that differ in no more, one of four bands of bits is the same: so they are found."""


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

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: posts that the profile doesn't have."""
        for post in self.posts:
            if post not in posts:
                yield Fault("posts", "unknown-post", {"value": post, "known": sorted(posts)})


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

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a time that isn't one."""
        if not 1 <= self.months <= MONTHS:
            yield Fault("months", "between", {"low": 1, "high": MONTHS})


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

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: limits that everything or nothing exceeds."""
        for name in ("speed_km_h", "distance_m", "delay_hours"):
            limit = getattr(self, name)
            if limit is not None and limit <= 0:
                yield Fault(name, "above", {"least": 0})
        if self.apart_m < 0:
            yield Fault("apart_m", "at-least", {"least": 0})
        if self.photo_bits is not None and not 0 <= self.photo_bits <= MOST_BITS:
            yield Fault("photo_bits", "between", {"low": 0, "high": MOST_BITS})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules(Rules):
    """Who sees what of people, and for how long (H).

    Attributes
    ----------
    fields : tuple of Classified
        The fields that tell of somebody; one that is missing is treated as sensitive text.
    sight : tuple of Sight
        Who sees each class; what is public needs none.
    key_kinds : tuple of Named
        Kinds of people in the register.
    retention : tuple of Retention
        What has an end; what is missing is kept.
    suspicious : Suspicious
        What a supervisor is to look at.
    """

    fields: tuple[Classified, ...] = ()
    sight: tuple[Sight, ...] = ()
    key_kinds: tuple[Named, ...] = ()
    retention: tuple[Retention, ...] = ()
    suspicious: Suspicious = field(default_factory=Suspicious)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - those who see ask for them
        """Give what can't hold: a field, a class, a kind or a time that is told twice."""
        told: dict[str, list[str]] = {
            "fields": [one.field for one in self.fields],
            "sight": [one.of for one in self.sight],
            "key_kinds": [one.key for one in self.key_kinds],
            "retention": [one.of for one in self.retention],
        }
        for name, keys in told.items():
            for key, times in Counter(keys).items():
                if times > 1:
                    yield Fault(name, "twice", {"value": key})
