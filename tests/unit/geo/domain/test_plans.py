"""A plan is its operations: what is done, undone and dropped, and who may go where."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from geo.domain.plan_operations import OperationKind, effect_as_json, effect_from_json, perform
from geo.domain.plans import NEXT_STATES, Plan, PlanState, Standing
from geo.errors import BadValue, GridError, NoFurtherStep, StaleRevision, WrongStep
from geo.geometry.tiling import Tiling
from tests.unit.geo.geometry.tiling.boards import areas, board, row

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def line(*xy):
    return {"type": "LineString", "coordinates": xy}


def polygon(*xy):
    return {"type": "Polygon", "coordinates": [[*xy, xy[0]]]}


def act(
    plan: Plan, tiling: Tiling, kind: str, made_on: int | None = None, **parameters
) -> tuple[Plan, Tiling]:
    effect = perform(tiling, OperationKind(kind), parameters, new_key=f"n{plan.next_seq}")
    made_on = plan.revision if made_on is None else made_on
    plan = plan.with_operation(
        OperationKind(kind), parameters, effect, made_on=made_on, made_by="lin", made_at=NOW
    )
    return plan, tiling.after(effect)


def three() -> tuple[Plan, list[Tiling]]:
    """A plan of three operations, and the division before, between and after them."""
    plan, states = Plan(1, "方案", 1), [row()]
    for key in "abc":
        plan, after = act(plan, states[-1], "rename", key=key, name=f"{key}!")
        states.append(after)
    return plan, states


def followed(tiling: Tiling, *effects) -> Tiling:
    for effect in effects:
        tiling = tiling.after(effect)
    return tiling


def test_each_operation_has_a_number_and_a_revision():
    plan, _ = three()
    assert [(one.seq, one.made_on_revision, one.changed_in_revision) for one in plan.operations] == [
        (1, 0, 1),
        (2, 1, 2),
        (3, 2, 3),
    ]
    assert (plan.revision, plan.position, plan.next_seq) == (3, 3, 4)


def test_undo_and_redo_walk_along_the_operations():
    plan, states = three()
    plan, effect = plan.undo()
    assert followed(states[3], effect).cells == states[2].cells
    plan, effect = plan.undo()
    assert (plan.position, plan.revision, [one.seq for one in plan.undone]) == (1, 5, [2, 3])
    assert followed(states[2], effect).cells == states[1].cells
    plan, effect = plan.redo()
    assert (plan.position, [one.seq for one in plan.undone]) == (2, [3])
    assert followed(states[1], effect).cells == states[2].cells


@pytest.mark.parametrize("there", [0, 1, 2, 3])
@pytest.mark.parametrize("back", [0, 1, 2, 3])
def test_a_jump_leads_to_any_step_and_back(there, back):
    plan, states = three()
    plan, effects = plan.jump(there)
    at_there = followed(states[3], *effects)
    assert at_there.cells == states[there].cells
    plan, effects = plan.jump(back)
    assert followed(at_there, *effects).cells == states[back].cells
    assert plan.position == back


def test_jumping_on_the_spot_changes_nothing():
    plan, _ = three()
    assert plan.jump(3) == (plan, ())


def test_what_was_undone_is_dropped_by_the_next_operation_and_kept_on_record():
    plan, states = three()
    plan, effects = plan.jump(1)
    plan, after = act(plan, followed(states[3], *effects), "merge", keys=["a", "b"])
    assert [one.standing for one in plan.operations] == [
        Standing.DONE,
        Standing.DROPPED,
        Standing.DROPPED,
        Standing.DONE,
    ]
    assert areas(after) == {"c": 10000, "n4": 20000}
    with pytest.raises(NoFurtherStep):
        plan.redo()
    with pytest.raises(NoFurtherStep):
        plan.jump(2)
    assert [one.seq for one in plan.undo()[0].done] == [1]


def test_there_is_an_end_in_both_directions():
    plan, _ = three()
    with pytest.raises(NoFurtherStep):
        plan.redo()
    with pytest.raises(NoFurtherStep):
        plan.jump(0)[0].undo()
    with pytest.raises(NoFurtherStep):
        Plan(1, "", 1).redo()
    with pytest.raises(NoFurtherStep):
        plan.jump(4)


def test_a_stale_operation_is_made_anew_when_the_grids_differ():
    plan, states = three()
    plan, tiling = act(plan, states[3], "split", made_on=2, key="a", lines=line([50, -1], [50, 101]))
    assert (plan.revision, plan.operations[-1].made_on_revision) == (4, 2)
    assert areas(tiling)["n4.1"] == 5000


def test_a_stale_operation_on_the_same_grid_is_refused_with_the_grids():
    plan, states = three()
    with pytest.raises(StaleRevision) as caught:
        act(plan, states[3], "split", made_on=2, key="c", lines=line([250, -1], [250, 101]))
    assert caught.value.fields == {"kind": "plan", "key": 1, "revision": 2, "current": 3, "grids": ["c"]}


def test_neighbours_that_only_gain_vertices_stand_in_nobodys_way():
    plan, tiling = Plan(1, "", 1), row()
    plan, tiling = act(plan, tiling, "split", key="a", lines=line([-1, 50], [101, 50]))
    assert plan.operations[-1].effect.matched == {"b"}
    plan, tiling = act(plan, tiling, "split", made_on=0, key="b", lines=line([100, 20], [200, 20]))
    assert shapely.coverage_is_valid(tiling.shapes(tiling.cells))


def test_undoing_counts_as_a_change():
    plan, _ = three()
    plan, _ = plan.undo()
    assert plan.touched_since(3) == {"c"}
    with pytest.raises(StaleRevision):
        plan.check_revision(3, ["c"])
    plan.check_revision(3, ["a", "b"])


def test_a_revision_that_is_yet_to_come_is_refused():
    with pytest.raises(StaleRevision):
        Plan(1, "", 1).check_revision(1, [])


@pytest.mark.parametrize("before", PlanState)
@pytest.mark.parametrize("after", PlanState)
def test_only_the_steps_that_there_are_lead_on(before, after):
    plan = Plan(1, "", 1, before)
    if after in NEXT_STATES[before]:
        stepped = plan.stepped(after, note="why")
        assert (stepped.state, stepped.revision, stepped.note) == (after, 1, "why")
    else:
        with pytest.raises(WrongStep):
            plan.stepped(after, note="why")


def test_what_is_published_stays():
    assert NEXT_STATES[PlanState.PUBLISHED] == frozenset()
    ways_in = {state for state in PlanState if PlanState.PUBLISHED in NEXT_STATES[state]}
    assert ways_in == {PlanState.APPROVED}


@pytest.mark.parametrize("note", [None, "", "  "])
def test_no_plan_is_returned_without_a_reason(note):
    with pytest.raises(BadValue):
        Plan(1, "", 1, PlanState.SUBMITTED).stepped(PlanState.RETURNED, note=note)


@pytest.mark.parametrize("state", sorted(set(PlanState) - {PlanState.DRAFT, PlanState.RETURNED}))
def test_plans_on_their_way_are_not_edited(state):
    plan, states = three()
    plan = replace(plan, state=state)
    for change in (
        plan.undo,
        plan.redo,
        lambda: plan.jump(0),
        lambda: act(plan, states[3], "lock", keys=["a"]),
    ):
        with pytest.raises(WrongStep):
            change()


def test_a_branch_begins_with_what_is_done():
    plan, states = three()
    plan, effect = plan.undo()
    branch = plan.branched(2, "另一方案")
    assert (branch.id, branch.branched_from, branch.revision, branch.state) == (2, 1, 2, PlanState.DRAFT)
    assert [(one.seq, one.kind) for one in branch.operations] == [(1, "rename"), (2, "rename")]
    branch, effects = branch.jump(0)
    assert followed(followed(states[3], effect), *effects).cells == states[0].cells
    assert plan.position == 2


PARAMETERS = {
    "split": {"key": "b", "lines": line([150, -1], [150, 101])},
    "merge": {"keys": ["a", "b"]},
    "move-border": {"key": "a", "others": ["b"], "path": line([100, 10], [130, 50], [100, 90])},
    "move-vertex": {"vertex": [100, 0], "to": [90, 0]},
    "reassign": {"sources": ["b"], "to": "a", "area": polygon([90, 10], [120, 10], [120, 40], [90, 40])},
    "draw": {"polygon": polygon([50, 50], [250, 50], [250, 150], [50, 150]), "parent": "p"},
    "absorb": {"key": "a", "part": polygon([0, 0], [100, 0], [100, 100], [0, 100]), "heir": "least-loaded"},
    "lock": {"keys": ["a"]},
    "rename": {"key": "a", "name": "甲"},
    "recode": {"key": "a", "code": None},
}


@pytest.mark.parametrize("kind", PARAMETERS)
def test_operations_are_performed_by_name_and_kept_to_the_last_bit(kind):
    tiling = row()
    effect = perform(tiling, OperationKind(kind), PARAMETERS[kind], new_key="n")
    again = effect_from_json(effect_as_json(effect))
    assert again == effect
    assert tiling.after(again).after(again.inverse).cells == tiling.cells


def test_every_kind_of_operation_is_known():
    for kind in OperationKind:
        with pytest.raises((TypeError, GridError)):
            perform(board(2), kind, {}, new_key="n")
