"""Scores are what their rules make of figures; their order and what follows is fair and told."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.assessment import (
    Figures,
    Outcome,
    PartScore,
    Score,
    consequences,
    honoured,
    rank,
    score_part,
    span_of,
    spans_in_year,
)
from geo.domain.measures import Share
from geo.domain.profiles.assessment import (
    AssessedPeriod,
    AssessmentRules,
    DeductionRule,
    HonourRule,
    IndicatorRule,
    Rate,
    Tally,
    ThresholdRule,
)

JANUARY = (date(2026, 1, 1), date(2026, 2, 1))
TWO = AssessmentRules(
    indicators=(
        IndicatorRule(measure=Rate.COVERAGE, weight=60, target=0.9),
        IndicatorRule(measure=Rate.ON_TIME, weight=40),
    ),
    deductions=(DeductionRule(measure=Tally.LATE_REPORTS, points=2),),
)


def part(rates, counts=(), rules=TWO) -> PartScore:
    return score_part(rules, *JANUARY, Figures({k: Share(*v) for k, v in rates.items()}, dict(counts)))


def scored(subject: str, value: int, sample: int = 100) -> Score:
    rules = AssessmentRules(indicators=(IndicatorRule(measure=Rate.COVERAGE, weight=100),))
    return Score(subject, (part({"coverage": (value * sample // 100, sample)}, rules=rules),))


def test_a_rate_at_its_target_earns_all_its_points():
    assert part({"coverage": (90, 100), "on_time": (10, 10)}).value == pytest.approx(100)
    assert part({"coverage": (100, 100), "on_time": (10, 10)}).value == pytest.approx(100)
    assert part({"coverage": (45, 100), "on_time": (10, 10)}).value == pytest.approx(70)


def test_what_has_no_data_counts_neither_for_nor_against():
    assert part({"on_time": (5, 10)}).value == pytest.approx(50)
    assert part({}).value is None
    assert part({}, {"late_reports": 3}).value is None


def test_deductions_come_off_and_never_below_nothing():
    full = {"coverage": (9, 10), "on_time": (1, 1)}
    assert part(full, {"late_reports": 3}).value == pytest.approx(94)
    assert part(full, {"late_reports": 300}).value == 0


def test_money_is_a_range():
    rules = AssessmentRules(
        deductions=(DeductionRule(measure=Tally.ACCIDENTS, yuan_from=1000, yuan_to=5000),)
    )
    assert Score("7", (part({}, {"accidents": 2}, rules),)).yuan == (2000, 10000)


def test_parts_under_different_rules_count_by_their_days():
    strict = AssessmentRules(indicators=(IndicatorRule(measure=Rate.COVERAGE, weight=100),))
    mild = AssessmentRules(indicators=(IndicatorRule(measure=Rate.COVERAGE, weight=100, target=0.5),))
    half = Figures({"coverage": Share(1, 2)}, {})
    before = score_part(strict, date(2026, 1, 1), date(2026, 1, 11), half)
    after = score_part(mild, date(2026, 1, 11), date(2026, 1, 31), half)
    assert Score("7", (before, after)).value == pytest.approx((50 * 10 + 100 * 20) / 30, abs=0.01)


def test_equal_scores_share_a_place():
    ranked = rank([scored("d", 70), scored("a", 90), scored("c", 80), scored("b", 80)], minimum_sample=1)
    assert [(one.score.subject, one.rank) for one in ranked] == [("a", 1), ("b", 2), ("c", 2), ("d", 4)]


def test_too_small_a_sample_is_told_and_not_ranked():
    ranked = rank([scored("lucky", 100, sample=2), scored("busy", 90)], minimum_sample=10)
    assert [(one.score.subject, one.rank) for one in ranked] == [("busy", 1), ("lucky", None)]


@given(st.lists(st.integers(0, 100), max_size=30), st.randoms())
def test_the_order_of_the_input_does_not_matter(values, chance):
    scores = [scored(f"{i:02}", value) for i, value in enumerate(values)]
    shuffled = list(scores)
    chance.shuffle(shuffled)
    assert rank(scores, minimum_sample=1) == rank(shuffled, minimum_sample=1)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_a_place_is_one_more_than_the_number_of_better_ones(values):
    for one in rank([scored(f"{i:02}", v) for i, v in enumerate(values)], minimum_sample=1):
        assert one.rank == 1 + sum(value > one.score.value for value in values)


@pytest.mark.rule("G1")
def test_the_three_best_are_honoured_with_whoever_ties():
    rule = HonourRule(period=AssessedPeriod.YEAR, best=3)
    ranked = rank(
        [scored(s, v) for s, v in (("a", 95), ("b", 90), ("c", 85), ("d", 85), ("e", 60))], minimum_sample=1
    )
    assert [one.score.subject for one in honoured(ranked, rule, lambda _: {})] == ["a", "b", "c", "d"]


@pytest.mark.rule("G5")
def test_a_major_failure_costs_the_honours():
    rule = HonourRule(period=AssessedPeriod.YEAR, best=1, lost_by=(Tally.MAJOR_FAILURES,))
    ranked = rank([scored("a", 95), scored("b", 90)], minimum_sample=1)
    failed = {"a": {"major_failures": 1}, "b": {}}
    assert [one.score.subject for one in honoured(ranked, rule, failed.__getitem__)] == ["b"]


def outcome(period, day, score=None, rates=(), counts=()) -> Outcome:
    return Outcome(
        span_of(period, day), score, Figures({k: Share(*v) for k, v in dict(rates).items()}, dict(counts))
    )


@pytest.mark.rule("G2")
def test_what_follows_from_what():
    year = AssessedPeriod.YEAR
    half = AssessedPeriod.HALF_YEAR
    satisfied = Rate.SATISFACTION
    rules = AssessmentRules(
        thresholds=(
            ThresholdRule(period=year, below=70, consequence="training"),
            ThresholdRule(period=year, below=60, consequence="dismissal"),
            ThresholdRule(measure=satisfied, period=half, below=0.8, consequence="criticism"),
            ThresholdRule(
                measure=Rate.SATISFACTION, period=half, below=0.8, times=2, consequence="dismissal"
            ),
            ThresholdRule(measure=Tally.COMPLAINTS_UPHELD, period=year, at_least=4, consequence="dismissal"),
        )
    )

    def follows(*outcomes):
        return [(one.rule.consequence, len(one.spans)) for one in consequences(rules, outcomes)]

    day, later = date(2026, 3, 1), date(2026, 9, 1)
    assert follows(outcome(year, day, 70.0)) == []
    assert follows(outcome(year, day, 69.99)) == [("training", 1)]
    assert follows(outcome(year, day, 59.0)) == [("training", 1), ("dismissal", 1)]
    assert follows(outcome(half, day, 10.0)) == []
    low = {"satisfaction": (79, 100)}
    assert follows(outcome(half, day, rates=low)) == [("criticism", 1)]
    assert follows(outcome(half, day, rates=low), outcome(half, later, rates=low)) == [
        ("criticism", 2),
        ("dismissal", 2),
    ]
    assert follows(outcome(half, day, rates={"satisfaction": (80, 100)})) == []
    assert follows(outcome(half, day, rates=low), outcome(half, later)) == []
    assert follows(outcome(year, day, counts={"complaints_upheld": 3})) == []
    assert follows(outcome(year, day, counts={"complaints_upheld": 4})) == [("dismissal", 1)]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(AssessedPeriod))
def test_spans_tile_the_year(day, period):
    spans = spans_in_year(period, day.year)
    assert spans[0].since == date(day.year, 1, 1)
    assert spans[-1].until == date(day.year + 1, 1, 1)
    assert all(one.until == after.since for one, after in pairwise(spans))
    holding = span_of(period, day)
    assert holding in spans
    assert holding.since <= day < holding.until
