import pytest

from geo.domain.codes import CodeRule, assign_codes
from geo.domain.grids import Level
from geo.errors import BadValue, LimitExceeded

RULE = CodeRule()
COMMUNITY = "330106001001"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("330106", Level.DISTRICT),
        ("330106001", Level.STREET),
        (COMMUNITY, Level.COMMUNITY),
        (f"{COMMUNITY}001", Level.UNIT),
    ],
)
def test_length_tells_the_level(code, level):
    assert RULE.level_of(code) is level
    RULE.check(code, level)
    others = [other for other in Level if other is not level]
    assert not any(RULE.fits(code, other) for other in others)


@pytest.mark.parametrize("code", ["", "33010", "33010A", "３３０１０６", "330106\n"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(BadValue):
        RULE.check(code, Level.DISTRICT)


def test_a_city_may_add_a_letter():
    rule = CodeRule(lengths=(6, 9, 12, 16), pattern="[0-9]+[A-Z]?")
    assert rule.fits(f"{COMMUNITY}001A", Level.UNIT)
    assert rule.parent(f"{COMMUNITY}001A") == COMMUNITY
    assert rule.sequence_digits(Level.UNIT) == 4


def test_a_level_without_a_rule_has_no_numbers():
    with pytest.raises(BadValue):
        CodeRule(lengths=(6, 9)).sequence_digits(Level.UNIT)


def test_numbers_run_from_west_to_east_then_from_north_to_south():
    x, y = [3, 1, 2, 1], [0, 0, 0, 9]
    codes = assign_codes([COMMUNITY] * 4, x, y, used=(), rule=RULE)
    assert [code[-3:] for code in codes] == ["004", "002", "003", "001"]


def test_numbers_go_on_after_the_highest_ever_used_in_each_parent():
    other = "330106001002"
    used = [f"{COMMUNITY}041", f"{COMMUNITY}007", f"{COMMUNITY}0AB", other, f"{other}12A"]
    codes = assign_codes([COMMUNITY, other, COMMUNITY], [1, 1, 0], [0, 0, 0], used=used, rule=RULE)
    assert codes == [f"{COMMUNITY}043", f"{other}001", f"{COMMUNITY}042"]


def test_a_parent_without_numbers_left_is_named():
    with pytest.raises(LimitExceeded) as refusal:
        assign_codes([COMMUNITY], [0], [0], used=[f"{COMMUNITY}999"], rule=RULE)
    assert refusal.value.fields == {"limit": "sequence", "value": 1000, "maximum": 999}


def test_nothing_to_do_is_done():
    assert assign_codes([], [], [], used=(), rule=RULE) == []
