"""Half a year of work in the demo city: visits, tracks and issues, with hot spots and neglected grids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from geo.domain.demo import DemoSize, Ingredients
from geo.domain.demo.ground import Floats, Ground, Ints
from geo.domain.demo.things import Things
from geo.domain.demo.walks import walked

DAYS = 182
GRIDS_A_HEAD = 3
ISSUES_A_GRID = 30
HOT_SPOTS = 2
NEGLECTED = 2
WALKING_M_S = 1.2
FIX_S = 30
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits, latest last.

    Attributes
    ----------
    subject : NDArray[intp]
        What was visited: premises by position, then buildings, then facilities; −1 for a patrol of the grid.
    unit : NDArray[intp]
        In which unit.
    head : NDArray[intp]
        By which head, by position.
    xy : NDArray[float64], shape (n, 2)
        Where it was reported from, in metres.
    at : NDArray[float64], shape (n,)
        Seconds before now, negative.
    result : list of str
        What was found.
    """

    subject: Ints
    unit: Ints
    head: Ints
    xy: Floats
    at: Floats
    result: list[str]


@dataclass(frozen=True, slots=True)
class Tracks:
    """Tracks, each a run of fixes.

    Attributes
    ----------
    head : NDArray[intp], shape (n,)
        Who went, by position.
    track, xy, at
        The track of each fix, its place in metres and its time in seconds before now.
    """

    head: Ints
    track: Ints
    xy: Floats
    at: Floats


@dataclass(frozen=True, slots=True)
class Issues:
    """Issues, latest last.

    Attributes
    ----------
    block : NDArray[intp]
        In which block.
    xy : NDArray[float64], shape (n, 2)
        Where, in metres.
    category : list of str
        Of which category.
    reported, due, closed : NDArray[float64]
        Seconds before now; ``closed`` is NaN while open.
    """

    block: Ints
    xy: Floats
    category: list[str]
    reported: Floats
    due: Floats
    closed: Floats


def heads(size: DemoSize) -> Ints:
    """Give the head of each unit: one head for a few neighbouring units.

    Parameters
    ----------
    size : DemoSize
        How many units.

    Returns
    -------
    NDArray[intp], shape (grids,)
        Position of the head.
    """
    return np.arange(size.grids) // GRIDS_A_HEAD


def neglected(size: DemoSize) -> Ints:
    """Name the units that nobody cares for, by position."""
    return np.random.default_rng(size.seed + 2).choice(
        size.grids, min(NEGLECTED, size.grids - 1), replace=False
    )


def _working_time(rng: np.random.Generator, count: int, now: datetime) -> Floats:
    """Give times on working days between 8:30 and 17:30, in seconds before now, sorted."""
    day = _working_days(rng, count, now)
    seconds: Floats = np.sort(rng.uniform(8.5, 17.5, count) * 3600 - since_midnight(now) - day * DAY_S)
    return seconds


def _working_days(rng: np.random.Generator, count: int, now: datetime) -> Ints:
    """Pick days from Monday to Friday, as days ago."""
    days = np.arange(1, DAYS)
    weekday = np.array([(now - timedelta(days=int(day))).weekday() for day in days])
    picked: Ints = rng.choice(days[weekday < 5], count)
    return picked


def since_midnight(now: datetime) -> int:
    """Give the seconds since the last midnight in the city."""
    return now.hour * 3600 + now.minute * 60 + now.second


def visits(size: DemoSize, ingredients: Ingredients, ground: Ground, things: Things, now: datetime) -> Visits:
    """Send the heads to all that stands in their grids, and round them.

    Parameters
    ----------
    size, ingredients, ground, things : DemoSize, Ingredients, Ground, Things
        The city.
    now : datetime
        The end of the half year, in the city's time.

    Returns
    -------
    Visits
        About three a premises in diligent grids and next to none in neglected ones, and a weekly patrol.
    """
    rng = np.random.default_rng(size.seed + 3)
    diligence = np.clip(rng.normal(1.0, 0.35, size.grids), 0.25, 2.0)
    diligence[neglected(size)] = 0.04
    subject_xy, subject_unit, how_often = _subjects(ground, things)
    visited = np.repeat(np.arange(len(how_often)), rng.poisson(how_often * diligence[subject_unit]))
    patrolled = np.repeat(np.arange(size.grids), rng.poisson(DAYS / 7 * diligence))
    shuffled = rng.permutation(len(visited) + len(patrolled))
    subject = np.concatenate([visited, np.full(len(patrolled), -1)])[shuffled]
    unit = np.concatenate([subject_unit[visited], patrolled])[shuffled]
    at_subject = subject_xy[subject] + rng.normal(0, 3, (len(subject), 2))
    on_patrol = middle_of(ground, a_block_of(rng, ground, unit))
    results = ingredients["visit_results"]
    result = rng.choice(list(results), len(subject), p=list(results.values()))
    head = heads(size)[unit]
    xy = np.where((subject >= 0)[:, None], at_subject, on_patrol)
    at = _in_the_morning(rng, head, xy, now)
    order = np.argsort(at, kind="stable")
    return Visits(
        subject=subject[order],
        unit=unit[order],
        head=head[order],
        xy=xy[order],
        at=at[order],
        result=[str(text) for text in result[order]],
    )


def _in_the_morning(rng: np.random.Generator, head: Ints, xy: Floats, now: datetime) -> Floats:
    """Give times on working days from 8:30 on, each head on one round a day, in seconds before now."""
    day = _working_days(rng, len(head), now)
    wished = rng.uniform(8.5, 11.5, len(head)) * 3600
    return walked(head * DAYS + day, xy, wished) - since_midnight(now) - day * DAY_S


def _subjects(ground: Ground, things: Things) -> tuple[Floats, Ints, Floats]:
    """Give place, unit and usual number of visits in half a year of premises, buildings and facilities."""
    premises = things.premises_address
    blocks = (things.address_block[premises], things.building_block, things.facility_block)
    return (
        np.concatenate([things.address_xy[premises], things.building_xy, things.facility_xy]),
        ground.unit[np.concatenate(blocks)],
        np.repeat([3.4, 2.4, 2.0], [len(block) for block in blocks]),
    )


def a_block_of(rng: np.random.Generator, ground: Ground, unit: Ints) -> Ints:
    """Pick a block of each unit."""
    by_unit = np.argsort(ground.unit, kind="stable")
    first = np.searchsorted(ground.unit[by_unit], np.arange(ground.unit.max() + 2))
    count = np.diff(first)
    blocks: Ints = by_unit[first[unit] + (rng.random(len(unit)) * count[unit]).astype(np.intp)]
    return blocks


def middle_of(ground: Ground, block: Ints) -> Floats:
    """Give the middle of each block."""
    middle: Floats = ground.corners[block].mean(axis=(1, 2))
    return middle


def tracks(size: DemoSize, ground: Ground, now: datetime) -> Tracks:
    """Let each head walk round blocks of the own grids once a week, with a fix every half minute.

    Parameters
    ----------
    size, ground : DemoSize, Ground
        The city.
    now : datetime
        The end of the half year, in the city's time.

    Returns
    -------
    Tracks
        Fixes a few metres beside the roads, as GPS gives them.
    """
    rng = np.random.default_rng(size.seed + 4)
    head_of_unit = heads(size)
    cared_for = np.setdiff1d(np.arange(size.grids), neglected(size))
    unit = rng.choice(cared_for, (head_of_unit.max() + 1) * (DAYS // 7))
    start = _working_time(rng, len(unit), now)
    ring = np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)])
    first, second = (ground.corners[a_block_of(rng, ground, unit)] for _ in range(2))
    way = np.concatenate([corners[:, ring[:, 0], ring[:, 1]] for corners in (first, second)], axis=1)
    passed = np.cumsum(np.hypot(*np.moveaxis(np.diff(way, axis=1), -1, 0)), axis=1)
    passed = np.column_stack([np.zeros(len(unit)), passed])
    step = WALKING_M_S * FIX_S
    fixes = (passed[:, -1] // step).astype(np.intp) + 1
    track = np.repeat(np.arange(len(unit)), fixes)
    metres = (np.arange(len(track)) - np.repeat(np.cumsum(fixes) - fixes, fixes)) * step
    leg = (passed[track] <= metres[:, None]).sum(axis=1) - 1
    leg = np.minimum(leg, way.shape[1] - 2)
    share = (metres - passed[track, leg]) / np.maximum(passed[track, leg + 1] - passed[track, leg], 1e-9)
    xy = way[track, leg] * (1 - share)[:, None] + way[track, leg + 1] * share[:, None]
    return Tracks(
        head=head_of_unit[unit],
        track=track,
        xy=xy + rng.normal(0, 2.5, xy.shape),
        at=start[track] + metres / WALKING_M_S,
    )


def issues(size: DemoSize, ingredients: Ingredients, ground: Ground) -> Issues:
    """Let things go wrong all over the city, and much more often around a few hot spots.

    Parameters
    ----------
    size, ingredients, ground : DemoSize, Ingredients, Ground
        The city.

    Returns
    -------
    Issues
        Most closed in time, some late, some still open, some of those overdue.
    """
    rng = np.random.default_rng(size.seed + 5)
    count = size.grids * ISSUES_A_GRID
    block = rng.choice(len(ground.unit), count, p=_trouble(rng, size, ground))
    kinds = ingredients["issue_categories"]
    kind = rng.choice(len(kinds), count, p=[value["share"] for value in kinds.values()])
    days = np.array([value["days"] for value in kinds.values()])[kind]
    reported = np.sort(rng.uniform(-DAYS * DAY_S, -900, count))
    due = reported + days * DAY_S
    slowness = np.where(np.isin(ground.unit[block], neglected(size)), 3.0, 0.75)
    closed = reported + days * DAY_S * slowness * rng.gamma(2.0, 0.5, count)
    forgotten = rng.random(count) < 0.01
    corners = ground.corners[block]
    shares = rng.dirichlet((2, 2, 2, 2), count).reshape(count, 2, 2, 1)
    return Issues(
        block=block,
        xy=(corners * shares).sum(axis=(1, 2)),
        category=[list(kinds)[number] for number in kind],
        reported=reported,
        due=due,
        closed=np.where((closed > -60) | forgotten, np.nan, closed),
    )


def _trouble(rng: np.random.Generator, size: DemoSize, ground: Ground) -> Floats:
    """Give each block's share of the issues: even, but for the surroundings of the hot spots."""
    middle = middle_of(ground, np.arange(len(ground.unit)))
    inner = np.flatnonzero(np.hypot(*(middle / np.abs(middle).max(axis=0)).T) < 0.75)
    spots = _far_apart(rng, middle[inner], max(HOT_SPOTS, size.grids // 120))
    radius = 380.0
    heat = np.zeros(len(middle))
    for spot in spots:
        heat += np.exp(-((np.hypot(*(middle - spot).T) / radius) ** 2))
    trouble = 1.0 + 9.0 * heat
    share: Floats = trouble / trouble.sum()
    return share


def _far_apart(rng: np.random.Generator, points: Floats, count: int) -> Floats:
    """Pick points that keep away from each other: of some that are drawn, always the farthest."""
    chosen = [points[rng.integers(len(points))]]
    for _ in range(count - 1):
        drawn = points[rng.choice(len(points), min(30, len(points)), replace=False)]
        distance = np.min([np.hypot(*(drawn - other).T) for other in chosen], axis=0)
        chosen.append(drawn[np.argmax(distance)])
    return np.array(chosen)
