"""What can't hold in a regulation profile, in words of both languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

FAULTS: dict[str, tuple[str, str]] = {
    "not-yaml": (
        "第 {line} 行第 {column} 列无法读取（{problem}）；请检查缩进、引号和重复的键，不要使用别名。",
        "Line {line}, column {column} can't be read ({problem}): look at indents, quotes, keys; no aliases.",
    ),
    "mistyped-key": (
        "没有“{value}”这一项；是否为“{near}”？",
        "There is no “{value}” here; did you mean “{near}”?",
    ),
    "unknown-key": (
        "没有“{value}”这一项；可用的项：{known}。",
        "There is no “{value}” here; there is: {known}.",
    ),
    "missing": ("缺少这一项，请补上。", "This is missing: add it."),
    "wrong-value": (
        "值为 {value}，应为：{expected}。",
        "It is {value}; expected: {expected}.",
    ),
    "at-least": ("至少应为 {least}。", "It has to be {least} at least."),
    "above": ("应大于 {least}。", "It has to be more than {least}."),
    "between": ("应在 {low} 与 {high} 之间。", "It has to lie between {low} and {high}."),
    "share": ("值为 {value}，应大于 0 且不超过 1。", "It is {value}; expected: more than 0, 1 at most."),
    "above-upper-limit": (
        "下限 {low} 大于上限 {high}。",
        "The lower limit {low} is above the upper limit {high}.",
    ),
    "ascending": ("应由小到大排列。", "They have to ascend."),
    "not-widest-first": (
        "层级须由大到小、各不相同：{levels}。",
        "Levels go from the widest to the narrowest, none twice: {levels}.",
    ),
    "no-key": (
        "“{value}”不能作为键，只能用字母、数字和下划线。",
        "“{value}” is no key: use letters, digits and underscores.",
    ),
    "no-clock": (
        "“{value}”不是钟点，应写作 17:30。",
        "“{value}” is no time of day: write it as 17:30.",
    ),
    "twice": ("“{value}”出现了不止一次。", "“{value}” stands here more than once."),
    "unknown-post": (
        "没有“{value}”这个岗位；方案中的岗位：{known}。",
        "There is no post “{value}”; the profile has: {known}.",
    ),
    "unknown-kind": (
        "没有“{value}”这种活动，或记录方式不符；方案中有：{known}。",
        "There is no kind “{value}” that is recorded like this; the profile has: {known}.",
    ),
    "unknown-level": (
        "没有“{value}”这个层级；方案中有：{known}。",
        "There is no level “{value}”; the profile has: {known}.",
    ),
    "unknown-consequence": (
        "没有“{value}”这种处理；方案中有：{known}。",
        "There is no consequence “{value}”; the profile has: {known}.",
    ),
    "only-for": (
        "只适用于“{only}”，不适用于“{value}”。",
        "This goes with “{only}” alone, not with “{value}”.",
    ),
    "either-or": (
        "“{one}”与“{other}”只能取其一。",
        "Either “{one}” or “{other}” may stand, not both.",
    ),
    "says-nothing-of": (
        "这种记录不反映“{value}”，只反映：{known}。",
        "Such records tell nothing of “{value}”, only of: {known}.",
    ),
    "weights-sum": (
        "权重之和为 {value}，应为满分 {expected}。",
        "The weights sum to {value}; the full score is {expected}.",
    ),
    "from-reported-to-closed": (
        "流程须从“上报”开始、到“结案”为止：{value}。",
        "The stages begin with reported and end with closed: {value}.",
    ),
}
"""By code of the fault; gaps are its fields."""


def told(fault: Mapping[str, Any]) -> dict[str, Any]:
    """Give a fault with its words.

    Parameters
    ----------
    fault : Mapping
        Its ``path``, its ``code``, and what its words are made from.

    Examples
    --------
    >>> told({"path": "posts.posts.head.least", "code": "at-least", "least": 0})["detail"]
    'It has to be 0 at least.'
    """
    shown = defaultdict(lambda: "–", {name: _shown(value) for name, value in fault.items()})
    zh, en = FAULTS[fault["code"]]
    return {**fault, "detail_zh": zh.format_map(shown), "detail": en.format_map(shown)}


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)
