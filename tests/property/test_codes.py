"""New codes: after the highest ever used, from west to east, then from north to south."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo.domain.codes import CodeRule, assign_codes

PARENTS = ("330106001001", "330106001002", "330106002001")
numbers = st.integers(1, 400)
grids = st.lists(
    st.tuples(st.sampled_from(PARENTS), st.integers(-5, 5), st.integers(-5, 5)), max_size=60, unique=True
)
used_codes = st.sets(st.tuples(st.sampled_from(PARENTS), numbers))


@given(grids, used_codes)
def test_new_codes_follow_the_highest_ever_used_from_west_to_east_then_north_to_south(given_grids, used):
    taken = {f"{parent}{number:03d}" for parent, number in used}
    parents, x, y = zip(*given_grids, strict=True) if given_grids else ((), (), ())
    codes = assign_codes(list(parents), list(x), list(y), used=taken, rule=CodeRule())
    assert len({*codes}) == len(codes)
    assert taken.isdisjoint(codes)
    for parent in PARENTS:
        inside = sorted(
            (west, -south, code)
            for (p, west, south), code in zip(given_grids, codes, strict=True)
            if p == parent
        )
        highest = max((number for p, number in used if p == parent), default=0)
        assert [int(code[-3:]) for _, _, code in inside] == list(
            range(highest + 1, highest + 1 + len(inside))
        )
        assert all(code.startswith(parent) for _, _, code in inside)
        assert all(one[2] < next_[2] for one, next_ in pairwise(inside))


@given(grids, used_codes, st.randoms())
def test_the_order_of_the_grids_does_not_matter(given_grids, used, random):
    taken = {f"{parent}{number:03d}" for parent, number in used}
    shuffled = random.sample(given_grids, len(given_grids))

    def coded(some):
        parents, x, y = zip(*some, strict=True) if some else ((), (), ())
        return dict(
            zip(some, assign_codes(list(parents), list(x), list(y), used=taken, rule=CodeRule()), strict=True)
        )

    assert coded(given_grids) == coded(shuffled)
