"""Which grids hold a point: answered from memory, and kept in step with what is published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import lru_cache
from threading import Event, Thread
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.db import locate as rows
from geo.db.generations import all_generations, leaf_cells
from geo.db.subscriptions import Subscription
from geo.db.unit_of_work import Database
from geo.domain.generations import Generation, holding_at, last_instant
from geo.domain.grids import GridName
from geo.domain.locate import Link, Located, Nearest
from geo.domain.people import Responsible
from geo.errors import BadValue, NoDivision, Unavailable
from geo.geometry.crs import Reference, to_storage_xy
from geo.geometry.locate import OUTSIDE, LocateIndex
from geo.services import generations, profiles
from geo.services.people import CHANNEL as PEOPLE_CHANNEL
from geo.services.people import responsible_by_grid

_TICK_S = 0.5
_RETRY_S = 0.5
_KEPT = 4
"""How many divisions stay in memory beside the one in force, and how many days of them."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ground:
    """The immutable part of a lookup index: a generation's leaves and their chains, in the order of codes."""

    cells: LocateIndex
    chains: tuple[tuple[GridName, ...], ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class LookupIndex:
    """Everything that a lookup needs: it touches no database.

    Attributes
    ----------
    generation : Generation
        The division.
    cells : LocateIndex
        Which leaf covers a point, by its place in the order of codes.
    links : tuple of tuple of Link
        The chain of each leaf, the widest grid first, with its responsible people.
    """

    generation: Generation
    cells: LocateIndex
    links: tuple[tuple[Link, ...], ...]

    def find(self, lon: float, lat: float) -> Located:
        """Tell which grids hold a point.

        Parameters
        ----------
        lon, lat : float
            The point, EPSG:4326.

        Returns
        -------
        Located
            With the nearest grid if none holds it.
        """
        cell, on_border = self.cells.find(lon, lat)
        if cell == OUTSIDE:
            return Located(lon, lat, self.generation, (), on_border=False, nearest=self.nearest(lon, lat))
        return Located(lon, lat, self.generation, self.links[cell], on_border=on_border, nearest=None)

    def nearest(self, lon: float, lat: float) -> Nearest | None:
        """Tell which leaf is nearest to a point outside all of them; None for a division without ground."""
        cell, distance_m = self.cells.nearest(lon, lat)
        return None if cell == OUTSIDE else Nearest(self.leaf(cell), distance_m)

    def find_many(self, x: ArrayLike, y: ArrayLike, reference: Reference) -> LocatedMany:
        """Tell which grids hold each of many points.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            Longitudes and latitudes, or eastings and northings; NaN where there is no number.
        reference : Reference
            What the numbers mean.

        Returns
        -------
        LocatedMany
            Row by row; rows that are no place have a fault and disturb no other.
        """
        given = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
        numbers = np.isfinite(given)
        lon, lat = np.full((2, len(given)), np.nan)
        whole = numbers.all(axis=1)
        lon[whole], lat[whole] = to_storage_xy(given[whole, 0], given[whole, 1], reference)
        placed = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        fault = np.select(
            [~numbers[:, 0], ~numbers[:, 1], ~placed], [Fault.X, Fault.Y, Fault.PLACE], Fault.NONE
        )
        cell, on_border = self.cells.find_many(np.where(placed, lon, np.nan), np.where(placed, lat, np.nan))
        nearest, distance_m = np.full(len(given), OUTSIDE, np.int32), np.full(len(given), np.nan)
        outside = placed & (cell == OUTSIDE)
        nearest[outside], distance_m[outside] = self.cells.nearest_many(lon[outside], lat[outside])
        return LocatedMany(lon, lat, cell, on_border, nearest, distance_m, fault)

    def leaf(self, cell: int) -> GridName:
        """Give the leaf at a place in the order of codes."""
        return self.links[cell][-1].grid


def stored_place(x: float, y: float, reference: Reference) -> tuple[float, float]:
    """Give longitude and latitude in EPSG:4326 of a position in any reference.

    Parameters
    ----------
    x, y : float
        Longitude and latitude, or easting and northing.
    reference : Reference
        What the numbers mean.

    Raises
    ------
    BadValue
        If that is no place on earth.
    """
    lon, lat = (float(value[0]) for value in to_storage_xy([x], [y], reference))
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadValue(field="lon, lat", value=f"{x}, {y}", expected=reference.name)
    return lon, lat


class Fault(IntEnum):
    """What is wrong with a row of many points."""

    NONE = 0
    X = 1
    Y = 2
    PLACE = 3


@dataclass(frozen=True, slots=True)
class LocatedMany:
    """The answers to many points, column by column.

    Attributes
    ----------
    lon, lat : NDArray[float64], shape (n,)
        The points, EPSG:4326; NaN or out of range where there is a fault.
    cell : NDArray[int32]
        Place of the leaf in `LookupIndex.links`, or ``OUTSIDE``.
    on_border : NDArray[bool]
        See `Located`.
    nearest : NDArray[int32]
        Place of the nearest leaf for points outside every grid, else ``OUTSIDE``.
    distance_m : NDArray[float64]
        Its distance, else NaN.
    fault : NDArray[int]
        A `Fault`: no number as x, none as y, or numbers that are no place on earth.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    cell: NDArray[np.int32]
    on_border: NDArray[np.bool_]
    nearest: NDArray[np.int32]
    distance_m: NDArray[np.float64]
    fault: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class _State:
    """What is known at one time; replaced as a whole."""

    schedule: tuple[Generation, ...]
    current: LookupIndex | None
    due: datetime
    dated: Callable[[Generation, date], LookupIndex]


class Lookups:
    """The lookup index of the division in force, and of older ones for those who ask.

    Parameters
    ----------
    database : Database
        Where generations and people are read from.
    zone : ZoneInfo
        The time zone of the city: where days begin and end.

    Notes
    -----
    A thread of its own hears of publications and of changes of people, and looks at the clock: divisions that
    were published ahead take effect within half a second of their time, and assignments at midnight. New
    indexes are built in that thread, and the reference to the old one is replaced at once, so a lookup never
    waits. Whatever may have been missed while the connection was gone is read again before hearing goes on.
    """

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone
        self._state: _State | None = None
        self._stopping = Event()
        self._tried = Event()
        self._thread = Thread(target=self._follow, name="lookups", daemon=True)
        self._ground = lru_cache(maxsize=_KEPT + 1)(self._read_ground)
        self.is_following = False
        """Whether publications are being heard; else the index may be older than the database."""

    def start(self) -> None:
        """Follow publications; returns when the division in force was read, or the database found absent."""
        self._thread.start()
        self._tried.wait()

    def stop(self) -> None:
        """Stop following, and wait for it."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def index(self, at: date | None = None) -> LookupIndex:
        """Give the index of the division that is in force now, or was at the end of a day.

        Parameters
        ----------
        at : date, optional
            A day in the time zone of the city; today and later days mean now.

        Returns
        -------
        LookupIndex
            The present one without touching the database; an older one is read when it is asked for first.

        Raises
        ------
        NoDivision
            If none was in force then.
        Unavailable
            If the database was never reached.
        """
        state = self._state
        if state is None:
            raise Unavailable(what="database", retry_after_s=1)
        if at is not None and at < self._today():
            return self._past(state, at)
        if state.current is None:
            raise NoDivision(at=datetime.now(self._zone).isoformat(timespec="seconds"))
        return state.current

    def _past(self, state: _State, day: date) -> LookupIndex:
        holding = holding_at(state.schedule, last_instant(day, self._zone))
        if holding is None:
            raise NoDivision(at=day.isoformat())
        return state.dated(holding, day)

    def load(self) -> None:
        """Read the division in force and its people, forgetting all that was read before."""
        self._ground.cache_clear()
        self._refresh()

    def _refresh(self) -> None:
        now = datetime.now(self._zone)
        with self._database.read() as uow:
            schedule = all_generations(uow.connection)
        holding = holding_at(schedule, now)
        current = None if holding is None else self._read_index(holding, now.date())
        starts = [generation.valid_from for generation in schedule if generation.valid_from > now]
        due = min([*starts, last_instant(now.date(), self._zone)])
        # a cache of its own: what is being read while this state is replaced stays with the old one
        self._state = _State(schedule, current, due, lru_cache(maxsize=_KEPT)(self._read_index))

    def _read_index(self, generation: Generation, day: date) -> LookupIndex:
        ground = self._ground(generation.id)
        with self._database.read() as uow:
            people = responsible_by_grid(uow, day)
        return LookupIndex(generation, ground.cells, _links(ground.chains, people))

    def _read_ground(self, generation_id: int) -> Ground:
        with self._database.read() as uow:
            chains = rows.chains(uow.connection, generation_id)
            cells = leaf_cells(uow.connection, generation_id)[1]
        return Ground(LocateIndex.build(cells), tuple(chains.values()))

    def _today(self) -> date:
        return datetime.now(self._zone).date()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow_one_connection()
            except Exception:  # noqa: BLE001 - whatever has failed, this thread alone can try again
                _log.exception("lookups-not-following")
            finally:
                self.is_following = False
                self._tried.set()
            self._stopping.wait(_RETRY_S)

    def _follow_one_connection(self) -> None:
        with Subscription(
            self._database, generations.CHANNEL, PEOPLE_CHANNEL, profiles.CHANNEL
        ) as subscription:
            self.load()
            self._take_effect()
            self.is_following = True
            self._tried.set()
            while not self._stopping.is_set():
                told = subscription.wait(_TICK_S)
                if self._is_due():
                    self._take_effect()
                    self._refresh()
                elif told:
                    self._refresh()

    def _is_due(self) -> bool:
        return self._state is not None and self._state.due < datetime.now(UTC)

    def _take_effect(self) -> None:
        with self._database.write() as uow:
            generations.take_effect(uow)


def _links(
    chains: Sequence[tuple[GridName, ...]], people: dict[str, tuple[Responsible, ...]]
) -> tuple[tuple[Link, ...], ...]:
    link_of = {
        name: Link(name, people.get(name.code, ())) for name in {name for chain in chains for name in chain}
    }
    return tuple(tuple(link_of[name] for name in chain) for chain in chains)
