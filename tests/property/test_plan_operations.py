"""Any sequence of gestures leaves a division; undone to the start it is what it was, to the last bit."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geo.domain.demo import DemoSize
from geo.domain.demo.division import Site, divide
from geo.domain.demo.ground import lay_out
from geo.domain.demo.things import put_up
from geo.domain.plan_operations import OperationKind, effect_as_json, effect_from_json
from geo.domain.plans import Plan
from geo.errors import GridError
from geo.geometry.crs import metric_crs, to_metric
from geo.geometry.tiling import (
    Dwellings,
    Effect,
    Footprint,
    Tiling,
    cut_buildings,
    divided_buildings,
    new_borders,
)
from tests.property.gestures import GESTURES, of_division, overlapping_m2, totals
from tests.unit.geo.geometry.tiling.boards import board

INGREDIENTS = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "demo" / "city.yaml").read_text(encoding="utf-8")
)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
AREA_SHARE = 1e-6
gestures = st.sampled_from(GESTURES)
seeds = st.integers(0, 2**32 - 1)


@cache
def demo() -> Tiling:
    size = DemoSize(40, 7)
    ground = lay_out(size, INGREDIENTS)
    things, site = put_up(size, INGREDIENTS, ground), Site(INGREDIENTS)
    lon, lat = shapely.get_coordinates(site.points(things.building_xy)).T
    dwellings = Dwellings(lon, lat, things.building_households)
    return of_division(divide(INGREDIENTS, ground, things, site), dwellings=dwellings)


@cache
def small(seed: int) -> Tiling:
    return board(4, seed)


def bits(tiling: Tiling) -> dict[str, bytes]:
    return {key: shapely.to_wkb(cell.geometry) for key, cell in tiling.cells.items()}


def areas_m2(tiling: Tiling) -> np.ndarray:
    shapes = tiling.shapes(tiling.cells)
    return shapely.area(to_metric(shapes, metric_crs(tuple(shapely.total_bounds(shapes)))))


class Drafting(RuleBasedStateMachine):
    """A planner at work on a plan, who may change his mind at any time."""

    starts = st.integers(0, 3).map(small)

    @initialize(data=st.data())
    def begin(self, data):
        self.start = self.tiling = data.draw(self.starts)
        self.plan = Plan(1, "p", 1)
        self.states = {0: self.start}

    @rule(gesture=gestures, seed=seeds)
    def operate(self, gesture, seed):
        before = bits(self.tiling)
        try:
            effect = gesture(self.tiling, np.random.default_rng(seed), f"n{self.plan.next_seq}")
        except GridError:
            assert bits(self.tiling) == before
            return
        self.check_effect(effect)
        self.tiling = self.tiling.after(effect)
        self.plan = self.plan.with_operation(
            OperationKind.DRAW, {}, effect, made_on=self.plan.revision, made_by="p", made_at=NOW
        )
        self.states[self.plan.position] = self.tiling

    def check_effect(self, effect: Effect):
        assert effect_from_json(effect_as_json(effect)) == effect
        for key in effect.matched:
            before, after = (one.geometry for one in (effect.changes[key].before, effect.changes[key].after))
            old, new = (shapely.get_coordinates(one).tolist() for one in (before, after))
            rest = iter(new)
            assert all(vertex in rest for vertex in old)  # the old ones in their order, others between them
        for key in effect.redivided:
            before = effect.changes[key].before
            assert (
                before is None or not before.locked or effect.changes[key].after.geometry == before.geometry
            )

    @precondition(lambda self: self.plan.done)
    @rule()
    def undo(self):
        self.plan, effect = self.plan.undo()
        self.follow(effect)

    @precondition(lambda self: self.plan.undone)
    @rule()
    def redo(self):
        self.plan, effect = self.plan.redo()
        self.follow(effect)

    @precondition(lambda self: self.plan.operations)
    @rule(data=st.data())
    def jump(self, data):
        there = [one.seq for one in (*self.plan.done, *self.plan.undone)]
        self.plan, effects = self.plan.jump(data.draw(st.sampled_from([0, *there])))
        self.follow(*effects)

    def follow(self, *effects: Effect):
        for effect in effects:
            self.tiling = self.tiling.after(effect)
        assert bits(self.tiling) == bits(self.states[self.plan.position])
        assert self.tiling.cells == self.states[self.plan.position].cells

    @invariant()
    def tiles(self):
        shapes = self.tiling.shapes(self.tiling.cells)
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)

    @invariant()
    def conserves(self):
        assert totals(self.tiling) == totals(self.start)
        assert self.tiling.plane.area_m2(self.tiling.shapes(self.tiling.cells)).sum() == pytest.approx(
            self.tiling.plane.area_m2(self.start.shapes(self.start.cells)).sum(), rel=1e-9
        )
        assert areas_m2(self.tiling).sum() == pytest.approx(areas_m2(self.start).sum(), rel=AREA_SHARE)

    @invariant()
    def has_no_slivers(self):
        parts = shapely.get_parts(self.tiling.shapes(self.tiling.cells))
        assert self.tiling.plane.width_m(parts).min() >= self.tiling.tolerances.sliver_m

    def teardown(self):
        if not hasattr(self, "plan"):
            return
        _, effects = self.plan.jump(0)
        for effect in effects:
            self.tiling = self.tiling.after(effect)
        assert bits(self.tiling) == bits(self.start)


class DraftingTheDemo(Drafting):
    starts = st.builds(demo)


TestDrafting = pytest.mark.slow(Drafting.TestCase)
TestDrafting.settings = settings(max_examples=25, stateful_step_count=25)
TestDraftingTheDemo = pytest.mark.slow(DraftingTheDemo.TestCase)
TestDraftingTheDemo.settings = settings(max_examples=8, stateful_step_count=25)


@settings(max_examples=40)
@given(board_seed=st.integers(0, 3), gesture=gestures, seed=seeds)
def test_the_order_of_the_cells_does_not_matter(board_seed, gesture, seed):
    tiling = small(board_seed)
    turned = Tiling(dict(reversed(tiling.cells.items())), tiling.plane)
    outcomes = []
    for one in (tiling, turned):
        try:
            outcomes.append(one.after(gesture(one, np.random.default_rng(seed), "n")).cells)
        except GridError as refusal:
            outcomes.append((refusal.code, refusal.geometry))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=40)
@given(board_seed=st.integers(0, 3), choices=st.tuples(gestures, gestures), chance=st.tuples(seeds, seeds))
def test_operations_that_divide_different_grids_anew_can_be_made_in_any_order(board_seed, choices, chance):
    tiling = small(board_seed)
    acts = [
        lambda on, gesture=gesture, seed=seed, name=name: gesture(on, np.random.default_rng(seed), name)
        for gesture, seed, name in zip(choices, chance, ("m", "n"), strict=True)
    ]
    try:
        first, second = (act(tiling) for act in acts)
    except GridError:
        assume(False)
    assume(not first.redivided & second.redivided and not set(first.changes) & set(second.changes))
    one, other = tiling.after(first).after(second), tiling.after(second).after(first)
    assert one.cells == other.cells
    assert overlapping_m2(one) < AREA_SHARE


def built_up(tiling: Tiling, count: int, chance: np.random.Generator) -> list[Footprint]:
    """Houses of 4 to 20 m anywhere on the ground, also across borders."""
    west, south, east, north = shapely.total_bounds(tiling.shapes(tiling.cells))
    corner = chance.uniform([west, south], [east, north], (count, 2))
    opposite = corner + chance.uniform(4, 20, (count, 2)) / [tiling.plane.x_m, tiling.plane.y_m]
    return [Footprint(i, None, shape) for i, shape in enumerate(shapely.box(*corner.T, *opposite.T))]


def divided(tiling: Tiling, houses: list[Footprint]) -> dict[int, tuple[str, ...]]:
    cells = {key: cell.geometry for key, cell in tiling.cells.items()}
    wall_m = tiling.tolerances.wall_m
    found = divided_buildings(houses, cells, plane=tiling.plane, wall_m=wall_m)
    return {one.footprint.id: one.cells for one in found}


@settings(max_examples=60)
@given(board_seed=st.integers(0, 3), gesture=gestures, seed=seeds)
def test_a_building_that_was_whole_is_named_if_and_only_if_an_operation_divides_it(board_seed, gesture, seed):
    tiling, chance = small(board_seed), np.random.default_rng(seed)
    houses = built_up(tiling, 200, chance)
    try:
        effect = gesture(tiling, chance, "n")
    except GridError:
        assume(False)
    before, after = (
        np.array([cell.geometry for cell in cells.values()]) for cells in (effect.before, effect.after)
    )
    borders = new_borders(before, after, noise=tiling.snap["noise"])
    cells = {key: cell.geometry for key, cell in effect.after.items()}
    wall_m = tiling.tolerances.wall_m
    named = {
        one.footprint.id: one.cells
        for one in cut_buildings(houses, borders, cells, plane=tiling.plane, wall_m=wall_m)
    }
    was, now = divided(tiling, houses), divided(tiling.after(effect), houses)
    assert {one: keys for one, keys in now.items() if one not in was} == {
        one: keys for one, keys in named.items() if one not in was
    }
    assert named.keys() <= now.keys()
