"""The double-random draw (双随机): subjects by weight, inspectors by chance, and anybody can repeat it.

The algorithm ``wangge-draw-1`` needs nothing but SHA-256 and the natural logarithm:

1. The *frame* (who and what may be drawn) is written as JSON: keys sorted, no spaces, items by stratum and
   number, inspectors by number. Its digest is the SHA-256 of this text in UTF-8.
2. The *seed* is a text. Its commitment, the SHA-256 of it, is published with the frame, before the seed is.
3. ``chance(a, b, …)`` is the number ``(n + 0.5) / 2**64``, where ``n`` is made of the first eight bytes,
   the greatest first, of the SHA-256 of seed, ``a``, ``b``, … joined by line feeds.
4. Each item gets the key ``-ln(chance("item", number)) / weight``, rounded to 12 decimals. In each stratum
   the items with the lowest keys are drawn, of equal keys the lower number: weighted sampling without
   replacement.
5. For each drawn item, those inspectors who aren't barred stand in the order of
   ``chance("inspector", number of the item, number of the inspector)``. The first ones go; if they are
   exactly those who went the last time, the next one goes in place of the last of them.

References
----------
P. S. Efraimidis, P. G. Spirakis (2006), Weighted random sampling with a reservoir.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from geo.domain.personal import personal
from geo.errors import DrawImpossible

ALGORITHM = "wangge-draw-1"
_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may be drawn.

    Attributes
    ----------
    key : int
        Number of the entity or household.
    stratum : str
        Of each stratum as many are drawn: the grid for samples of each grid, else empty.
    weight : float
        How likely it is, next to the others.
    barred : tuple of int
        Inspectors who must not go there, ascending.
    previous : tuple of int
        Inspectors who went there the last time, ascending.
    """

    key: int
    stratum: str = ""
    weight: float = 1.0
    barred: tuple[int, ...] = ()
    previous: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """Who and what may be drawn.

    Attributes
    ----------
    size : int
        How many items are drawn of each stratum.
    inspectors_each : int
        How many inspectors go to each; none for a sample that anybody visits.
    items : tuple of Item
        By stratum and number.
    inspectors : tuple of int
        Numbers of people, ascending.
    """

    size: int
    inspectors_each: int
    items: tuple[Item, ...]
    inspectors: tuple[int, ...]

    def check(self) -> None:
        """Return only if no seed can leave an item without inspectors.

        Raises
        ------
        DrawImpossible
            If too few may go to one of the items, the pair that went the last time left out.
        """
        known = set(self.inspectors)
        for item in self.items:
            free = known - set(item.barred)
            is_repeated = len(item.previous) == self.inspectors_each and free.issuperset(item.previous)
            needed = self.inspectors_each + (is_repeated and self.inspectors_each > 0)
            if len(free) < needed:
                raise DrawImpossible(item=item.key, inspectors=len(free), needed=needed)

    def document(self) -> dict[str, Any]:
        """Give the frame JSON-ready, in the one order that it has."""
        items = sorted(self.items, key=lambda item: (item.stratum, item.key))
        return {
            "size": self.size,
            "inspectors_each": self.inspectors_each,
            "inspectors": sorted(self.inspectors),
            "items": [
                {
                    "key": item.key,
                    "stratum": item.stratum,
                    "weight": item.weight,
                    "barred": sorted(item.barred),
                    "previous": sorted(item.previous),
                }
                for item in items
            ],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Frame:
        """Give the frame that a document tells of.

        Parameters
        ----------
        document : Mapping
            As `document` gives it.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is no such document.
        """
        return cls(
            int(document["size"]),
            int(document["inspectors_each"]),
            tuple(
                Item(
                    int(item["key"]),
                    str(item["stratum"]),
                    float(item["weight"]),
                    tuple(map(int, item["barred"])),
                    tuple(map(int, item["previous"])),
                )
                for item in document["items"]
            ),
            tuple(map(int, document["inspectors"])),
        )

    def digest(self) -> str:
        """Give the SHA-256 of the frame as it is written, in hexadecimal digits."""
        text = json.dumps(self.document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return commitment(text)


def commitment(seed: str) -> str:
    """Give the SHA-256 of a text, in hexadecimal digits.

    Parameters
    ----------
    seed : str
        Published after its commitment.

    Examples
    --------
    >>> commitment("seed")[:16]
    '19b25856e1c150ca'
    """
    return sha256(seed.encode()).hexdigest()


def chance(seed: str, *parts: object) -> float:
    """Give a number between 0 and 1 that the seed and the parts alone decide, never 0 nor 1.

    Parameters
    ----------
    seed : str
        The seed.
    *parts : object
        What it is drawn for.

    Examples
    --------
    >>> chance("seed", "item", 7) == chance("seed", "item", 7) != chance("seed", "item", 8)
    True
    """
    text = "\n".join(map(str, (seed, *parts)))
    return (int.from_bytes(sha256(text.encode()).digest()[:8], "big") + 0.5) / 2**64


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something that was drawn.

    Attributes
    ----------
    nth : int
        Its place in the list, from 1.
    key : int
        Number of the entity or household.
    inspectors : tuple of int
        Who goes there.
    """

    nth: int
    key: int
    inspectors: tuple[int, ...]


def draw(frame: Frame, seed: str) -> tuple[Drawn, ...]:
    """Give what is drawn: the same for the same frame and seed, whatever the order of the frame.

    Parameters
    ----------
    frame : Frame
        Who and what may be drawn.
    seed : str
        The seed.

    Returns
    -------
    tuple of Drawn
        By stratum, the lowest key first.

    Raises
    ------
    DrawImpossible
        If too few inspectors are left for one of the items.
    """
    return tuple(
        Drawn(nth, item.key, _inspectors(frame, item, seed))
        for nth, item in enumerate(_items(frame, seed), start=1)
    )


def _items(frame: Frame, seed: str) -> Iterator[Item]:
    by_stratum = sorted(frame.items, key=lambda item: item.stratum)
    for _, items in groupby(by_stratum, key=lambda item: item.stratum):
        yield from sorted(items, key=lambda item: (_race(seed, item), item.key))[: frame.size]


def _race(seed: str, item: Item) -> float:
    """Give when an item would arrive, were it to arrive at random at the rate of its weight."""
    return round(-math.log(chance(seed, "item", item.key)) / item.weight, _DECIMALS)


def _inspectors(frame: Frame, item: Item, seed: str) -> tuple[int, ...]:
    free = set(frame.inspectors) - set(item.barred)
    order = sorted(free, key=lambda one: (chance(seed, "inspector", item.key, one), one))
    chosen = order[: frame.inspectors_each]
    if chosen and sorted(chosen) == sorted(item.previous):
        chosen = [*chosen[:-1], *order[frame.inspectors_each : frame.inspectors_each + 1]]
    if len(chosen) < frame.inspectors_each:
        raise DrawImpossible(item=item.key, inspectors=len(free), needed=frame.inspectors_each)
    return tuple(sorted(chosen))


@dataclass(frozen=True, slots=True)
class DrawnThing:
    """Something that was drawn, as people read it.

    Attributes
    ----------
    drawn : Drawn
        What and who.
    name : str
        What it is called.
    address, grid_code : str or None
        Where it stands.
    lon, lat : float or None
        EPSG:4326 degrees.
    inspector_names : tuple of str
        In the order of their numbers.
    """

    drawn: Drawn
    name: str
    address: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    inspector_names: tuple[str, ...] = field(metadata=personal("person.name"))


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """A draw that was committed to.

    Attributes
    ----------
    id : int
        Its row.
    title : str
        What it is called.
    duty : str or None
        Key of the duty that asks to visit what is drawn.
    grid_code : str or None
        Where; None for the whole city.
    frame : Frame
        Who and what may be drawn.
    digest, commitment : str
        SHA-256 of the frame and of the seed.
    seed : str or None
        Told from the moment on at which it was revealed.
    committed_by : str
        Who committed to it.
    committed_at, revealed_at : datetime
        Aware; ``revealed_at`` is None before.
    things : tuple of DrawnThing
        What was drawn, empty before it was revealed.
    """

    id: int
    title: str
    duty: str | None
    grid_code: str | None
    frame: Frame
    digest: str
    commitment: str
    seed: str | None
    committed_by: str
    committed_at: datetime
    revealed_at: datetime | None
    things: tuple[DrawnThing, ...] = ()

    def proof(self) -> dict[str, Any]:
        """Give all that somebody needs to repeat the draw, JSON-ready."""
        return {
            "algorithm": ALGORITHM,
            "title": self.title,
            "digest": self.digest,
            "commitment": self.commitment,
            "seed": self.seed,
            "frame": self.frame.document(),
            "drawn": [listed(thing.drawn) for thing in self.things],
        }


def listed(drawn: Drawn) -> dict[str, Any]:
    """Give something drawn, JSON-ready."""
    return {"nth": drawn.nth, "key": drawn.key, "inspectors": list(drawn.inspectors)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What repeating a draw has shown.

    Attributes
    ----------
    frame_holds : bool
        Whether the frame has the digest that was published.
    seed_holds : bool
        Whether the seed has the commitment that was published.
    list_holds : bool
        Whether the same is drawn again.
    drawn : tuple of Drawn
        What is drawn.
    """

    frame_holds: bool
    seed_holds: bool
    list_holds: bool
    drawn: Sequence[Drawn]

    @property
    def holds(self) -> bool:
        """Whether all of it holds."""
        return self.frame_holds and self.seed_holds and self.list_holds


def repeated(proof: Mapping[str, Any]) -> Verdict:
    """Draw again from a proof.

    Parameters
    ----------
    proof : Mapping
        As `DrawRecord.proof` gives it.

    Returns
    -------
    Verdict
        Whether it is the same.

    Raises
    ------
    DrawImpossible
        If the frame has too few inspectors.
    KeyError, TypeError, ValueError
        If it is no such document.
    """
    frame, seed = Frame.of(proof["frame"]), str(proof["seed"])
    found = draw(frame, seed)
    return Verdict(
        frame.digest() == proof["digest"],
        commitment(seed) == proof["commitment"],
        [listed(one) for one in found] == list(proof["drawn"]),
        found,
    )
