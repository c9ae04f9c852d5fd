"""The double-random draw: repeatable, weighted, fair, and clear of conflicts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo.domain.draws import Frame, Item, chance, commitment, draw, listed, repeated
from geo.errors import DrawImpossible

ITEMS = tuple(Item(key, weight=1.0 + key % 3) for key in range(1, 41))
FRAME = Frame(10, 2, ITEMS, tuple(range(100, 112)))

pytestmark = pytest.mark.rule("C14")


def test_the_same_seed_draws_the_same_list_twice():
    assert draw(FRAME, "seed") == draw(FRAME, "seed")
    assert draw(FRAME, "seed") != draw(FRAME, "another")


def test_the_list_is_the_one_that_the_algorithm_has_always_given():
    small = Frame(2, 2, (Item(1), Item(2, weight=3.0), Item(3, barred=(11,))), (10, 11, 12))
    assert [listed(one) for one in draw(small, "wangge")] == [
        {"nth": 1, "key": 1, "inspectors": [10, 12]},
        {"nth": 2, "key": 2, "inspectors": [10, 12]},
    ]
    assert small.digest() == "c3466e977cec09816faffca73b80bfa6241beb3ceff4daf51feadee64a17aa19"


@given(order=st.permutations(ITEMS), seed=st.text(max_size=20))
def test_the_order_of_the_frame_does_not_matter(order, seed):
    shuffled = replace(FRAME, items=tuple(order), inspectors=FRAME.inspectors[::-1])
    assert draw(shuffled, seed) == draw(FRAME, seed)
    assert shuffled.digest() == FRAME.digest()


def test_nothing_is_drawn_twice():
    keys = [one.key for one in draw(FRAME, "seed")]
    assert len(keys) == len(set(keys)) == 10


def test_two_different_inspectors_go_to_each():
    assert all(len(set(one.inspectors)) == 2 for one in draw(FRAME, "seed"))


def test_first_draws_are_as_likely_as_their_weights():
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    frame = Frame(1, 0, tuple(Item(key, weight=weight) for key, weight in enumerate(weights, start=1)), ())
    drawn = np.array([draw(frame, f"seed {n}")[0].key for n in range(4000)])
    observed = np.bincount(drawn, minlength=5)[1:]
    assert stats.chisquare(observed, weights / weights.sum() * 4000).pvalue > 0.01
    assert stats.chisquare(observed, np.full(4, 1000)).pvalue < 1e-9  # even chances would be noticed


def test_chances_are_even():
    numbers = [chance("seed", "item", key) for key in range(5000)]
    assert stats.kstest(numbers, "uniform").pvalue > 0.01


def test_inspectors_are_equally_likely():
    frame = Frame(1, 2, (Item(1),), tuple(range(6)))
    drawn = [who for n in range(2000) for who in draw(frame, f"seed {n}")[0].inspectors]
    assert stats.chisquare(np.bincount(drawn, minlength=6)).pvalue > 0.01


@given(seed=st.text(max_size=20), barred=st.sets(st.sampled_from(FRAME.inspectors), max_size=9))
def test_nobody_goes_where_they_are_barred(seed, barred):
    items = tuple(replace(item, barred=tuple(barred)) for item in ITEMS)
    for one in draw(replace(FRAME, items=items), seed):
        assert barred.isdisjoint(one.inspectors)


@given(seed=st.text(max_size=20))
def test_the_pair_of_the_last_time_does_not_go_again(seed):
    before = {one.key: one.inspectors for one in draw(FRAME, seed)}
    items = tuple(replace(item, previous=before.get(item.key, ())) for item in ITEMS)
    for one in draw(replace(FRAME, items=items), seed):
        assert one.inspectors != before.get(one.key)


def test_too_few_inspectors_are_noticed_before_the_seed_is():
    short = Frame(1, 2, (Item(7, barred=(100,)),), (100, 101))
    with pytest.raises(DrawImpossible) as refused:
        short.check()
    assert refused.value.fields == {"item": 7, "inspectors": 1, "needed": 2}
    with pytest.raises(DrawImpossible):
        Frame(1, 2, (Item(7, previous=(100, 101)),), (100, 101)).check()
    FRAME.check()


def test_each_grid_is_a_stratum():
    items = tuple(Item(key, stratum=f"grid {key % 4}") for key in range(1, 101))
    drawn = draw(Frame(3, 0, items, ()), "seed")
    assert sorted(one.key % 4 for one in drawn) == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def proof() -> dict[str, object]:
    return {
        "digest": FRAME.digest(),
        "commitment": commitment("seed"),
        "seed": "seed",
        "frame": FRAME.document(),
        "drawn": [listed(one) for one in draw(FRAME, "seed")],
    }


def test_anybody_can_repeat_it():
    assert repeated(json.loads(json.dumps(proof()))).holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"seed": "another"}, "seed_holds"),
        ({"digest": "0" * 64}, "frame_holds"),
        ({"drawn": []}, "list_holds"),
    ],
)
def test_what_was_changed_is_noticed(change, holds):
    verdict = repeated(proof() | change)
    assert not getattr(verdict, holds)
    assert not verdict.holds
