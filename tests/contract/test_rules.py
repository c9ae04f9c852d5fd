"""Each rule of grid management stands in a profile and is proven by a test, and ``docs/rules.md`` says where.

``WANGGE_UPDATE_SNAPSHOTS=1`` writes the page anew from the profiles and from the marks of the tests.
"""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from geo.domain.profiles.documents import parts, value_at
from geo.domain.profiles.rules import Quoted
from geo.errors import BadValue
from geo.services.profile_documents import shipped_profiles

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rules.md"
ALL = "all"

RULES = {
    "A1": "二级网格；单元网格 200–500 户 · Two levels; 200–500 households in a unit grid",
    "A2": "界定清晰、规模适度、任务相当、无缝覆盖、管理方便、责任明确 · Six principles of a division",
    "A3": "500–1000 户一个网格；100–150 户一个楼栋长 · 500–1000 households a grid, 100–150 a building head",
    "A4": "约 1000 户、2000 人；边界沿小区、路弄 · About 1000 households; compounds, lanes, roads",
    "A5": "片区清、人员明、主体清、状态明、责任清、任务明 · Parcel, person, subject, state, duty, task known",
    "A6": "社区、片区、网格三级，确定后公示 · Three levels; published after it is fixed",
    "A7": "一部门或区域一网格，两名管理人员 · One grid a department or area, two managers",
    "A8": "以空间为主要维度，边界清晰，按市场容量 · Space is the main dimension; sized by the market",
    "A9": "分级管理、层层履责、一岗双责、责任到人、全面覆盖 · Levels; every place under one named person",
    "B1": "3+X：一格一员、一员多格 · 3+X team",
    "B2": "邻近网格设 AB 岗；走访须两人同行 · Neighbouring grids pair as A/B posts; home visits in pairs",
    "B3": "每个网格一名专职社工、一名民警或协警；每楼一名楼栋长 · Worker, police officer, building head",
    "B4": "每个网格两名管理人员 · Two managers in each grid",
    "B5": "网格责任人公示 · Who is responsible is public",
    "C1": "每星期巡查一次 · Patrol once a week",
    "C2": "每日至少巡查一次 · Patrol every day",
    "C3": "镇干部每周不少于 2 小时 · At least 2 hours in the community each week",
    "C4": "督查员每周走访社区、抽查 3 户、每季度走访单位 · Communities, households, companies",
    "C5": "监督员每月报告、每月满意度调查 · Monthly report and satisfaction survey",
    "C6": "民警每周两次安全检查，每月两次走访重点人员，每年四次培训 · Security checks, key people, trainings",
    "C7": "消防每周排查、每月检查器材、每季度培训 · Hazards weekly, equipment monthly, training quarterly",
    "C8": "每月至少两天入户；1 至 15 日每户一次 · Home visits; every household by the 15th",
    "C9": "每季度至少走访 3 户重点家庭 · 3 families of key people a quarter",
    "C10": "每年至少四次培训，缺席补训 · 4 trainings a year, make-up for the absent",
    "C11": "每年至少一次监督检查；第四季度年度考核 · Supervision once a year; yearly assessment",
    "C12": "手机每日签到；提醒三次或满月未签通报 · Daily check-in, reminders, notice",
    "C13": "每月例会；每个工作日写日志 · Monthly meeting; a log every working day",
    "C14": "双随机；每季度检查 · Double random; a check each quarter",
    "C15": "每月民情通报会 · A public briefing each month",
    "C16": "网格长、书记每周例会；每半年满意测评 · Weekly meeting; rated every half year",
    "C17": "每周检查日志；每半年满意度调查 · Logs checked weekly; survey every half year",
    "D1": "日常巡查的内容 · What an inspection looks at",
    "D2": "综合、定期、专项、重点检查 · Four forms",
    "D3": "两名以上执法人员 · At least two officers",
    "D4": "五种结果 · One of five results",
    "D5": "责令改正、当场处罚、移交稽查科 · Measures",
    "D6": "一式两份，当场记录，保存两年 · Two copies, signed, kept for 2 years",
    "D7": "校园隐患的种类 · Kinds of hazards on a campus",
    "E1": "村 3、乡镇 5 个工作日，超出的 3 个工作日内上报 · 3 and 5 working days; upwards within 3",
    "E2": "社区 1 天、街道 2 天、其他 3 天，不超过 5 个工作日，分阶段反馈 · 1, 2, 3 days; never over 5",
    "E3": "一般、协调、紧急、审批事项 · Four kinds of matters",
    "E4": "逐级上报 · Escalation by level",
    "E5": "案件移交 · Case transfer",
    "E6": "首问负责制、销号 · Whoever is asked first sees it through",
    "E7": "党员需求由支部办理 · Members' needs go to the branch",
    "E8": "排查、整改、督办 · Listed, corrected, checked again",
    "F1": "一个网格一本台帐 · One grid, one ledger",
    "F2": "网格基本情况 · The basics of each grid",
    "F3": "当天发现当天上报；人口月底上报 · Reported on the day; registers at the month's end",
    "F4": "每月 25 日前月份统计表 · Monthly statistics by the 25th",
    "G1": "频率、覆盖率、移交率、记录、出勤 · Frequency, coverage, transfers, records, attendance",
    "G2": "百分制；70、60 分；满意度、投诉 · 100 points with thresholds",
    "G3": "每次扣款 · Deductions in yuan",
    "G4": "发现及时、处置快速、解决有效、监督有力 · Late, missing and false information",
    "G5": "平时检查和年终考核；重大失误取消评优 · Year-end assessment; a failure costs the honours",
    "H1": "不准弄虚作假、虚报瞒报 · Nothing false, nothing hidden",
    "H2": "不准泄露隐私和机密 · Privacy is kept",
    "H3": "查看和修改留痕 · Every look and change leaves a trace",
}
"""Every rule, in few words; their own words stand in the profiles."""

OPEN: frozenset[str] = frozenset()
"""Rules that nothing proves yet."""

ITEM = re.compile(r"`([^`]+)`(?: \(([^)]+)\))?")


# what there is -------------------------------------------------------------------------------------------


@cache
def fields() -> Mapping[str, Mapping[str, list[str]]]:
    """By rule and path: in which profiles a part says that it comes from the rule."""
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, profile in shipped_profiles().items():
        for path, part in parts(profile):
            for rule in part.rules if isinstance(part, Quoted) else ():
                found[rule][path].append(key)
    return found


@cache
def marks() -> Mapping[str, list[str]]:
    """By rule: the tests that are marked with it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, rules in marked(ast.parse(path.read_text("utf-8"))):
            for rule in rules:
                found[rule].append(f"{path.relative_to(ROOT)}::{name}")
    return found


def marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """The tests of a module, each with the rules that it is marked with."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, [rule for mark in node.decorator_list for rule in rules_of(mark)]


def rules_of(mark: ast.expr) -> list[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
        return [argument.value for argument in mark.args if isinstance(argument, ast.Constant)]
    return []


# the page ------------------------------------------------------------------------------------------------


def page() -> str:
    lines = [
        "# Rules",
        "",
        "Each rule of grid management, the fields of the profiles in `data/profiles` that hold it, and the",
        "tests that prove it. A path names a part of a document: `posts.posts.head` is the post with the key",
        "`head` in the list `posts` of the section `posts`. The words of the source stand beside it in the",
        "profile, as `clause`.",
        "",
        "| rule | in few words | fields (profiles) | tests |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(row(rule) for rule in RULES if rule not in OPEN)]) + "\n"


def row(rule: str) -> str:
    held = (f"`{path}` ({in_profiles(keys)})" for path, keys in sorted(fields()[rule].items()))
    proven = (f"`{test}`" for test in marks()[rule])
    return f"| {rule} | {RULES[rule]} | {'<br>'.join(held)} | {'<br>'.join(proven)} |"


def in_profiles(keys: list[str]) -> str:
    return ALL if len(keys) == len(shipped_profiles()) else ", ".join(keys)


def told() -> dict[str, tuple[list[tuple[str, str]], list[str]]]:
    """By rule: the fields and the tests that the page names."""
    rows = [
        line.split(" | ") for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| [A-H]\d", line)
    ]
    return {
        first.removeprefix("| "): (ITEM.findall(held), [name for name, _ in ITEM.findall(proven)])
        for first, _, held, proven in rows
    }


def wrong_fields(rule: str, held: list[tuple[str, str]]) -> list[str]:
    """The fields that a profile doesn't have, or that don't say that they come from the rule."""
    named = [
        (key, path)
        for path, keys in held
        for key in (shipped_profiles() if keys == ALL else keys.split(", "))
    ]
    return [f"{key}: {path}" for key, path in named if not holds(key, path, rule)]


def holds(key: str, path: str, rule: str) -> bool:
    try:
        part = value_at(shipped_profiles()[key], path)
    except (BadValue, KeyError):
        return False
    return isinstance(part, Quoted) and rule in part.rules


def wrong_tests(rule: str, proven: list[str]) -> list[str]:
    """The tests that are not there, or that are not marked with the rule."""
    return [name for name in proven if name not in marks()[rule]]


# the tests -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _written() -> None:
    """Write the page anew, if that is wanted."""
    if os.environ.get("WANGGE_UPDATE_SNAPSHOTS"):
        PAGE.write_text(page(), "utf-8")


def test_each_rule_is_told_or_open():
    assert set(told()) | OPEN == set(RULES)


def test_no_rule_is_open_that_is_told():
    assert not OPEN & set(told())


def test_each_rule_is_held_by_a_field_and_proven_by_a_test():
    assert [rule for rule, (held, proven) in told().items() if not held or not proven] == []


def test_each_field_is_there_and_comes_from_the_rule():
    assert {rule: wrong for rule, (held, _) in told().items() if (wrong := wrong_fields(rule, held))} == {}


def test_each_test_is_there_and_marked():
    assert {rule: wrong for rule, (_, proven) in told().items() if (wrong := wrong_tests(rule, proven))} == {}


def test_profiles_and_marks_name_no_other_rule():
    assert (set(fields()) | set(marks())) - set(RULES) == set()


def test_a_missing_field_and_a_missing_test_are_noticed():
    held = [("posts.posts.head", ALL), ("posts.posts.manager", "enterprise"), ("posts.nobody", "campus")]
    assert wrong_fields("A7", held) == [
        *(f"{key}: posts.posts.head" for key in shipped_profiles()),
        "campus: posts.nobody",
    ]
    assert wrong_tests("A7", ["tests/unit/test_nothing.py::test_nothing"]) != []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@pytest.mark.rule('A1', 'B5')\ndef test_x(): pass", [("test_x", ["A1", "B5"])]),
        ("@pytest.mark.slow\ndef test_x(): pass", [("test_x", [])]),
        ("def helper(): pass", []),
    ],
)
def test_marks_are_read(source, found):
    assert list(marked(ast.parse(source))) == found
