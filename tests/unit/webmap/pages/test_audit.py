"""Changes in words: every kind and action that services record has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webmap.i18n import Language, Translator
from webmap.pages.audit import ACTIONS, KINDS, LONGEST_VALUE, AuditChoices, Written

SERVICES = Path(__file__).parents[4] / "geo" / "services"
ENGLISH = Written(Translator(Language.ENGLISH))
CHINESE = Written(Translator(Language.CHINESE))


def recorded(argument: int) -> Iterator[str]:
    """What stands as it is at a place of calls of ``record``."""
    for module in SERVICES.glob("**/*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "record"
            ):
                match node.args[argument]:
                    case ast.Constant(str(name)):
                        yield name


def test_every_recorded_kind_is_known() -> None:
    kinds = set(recorded(2))
    assert len(kinds) > 20
    assert kinds - set(KINDS) == set()


def test_every_recorded_action_is_known() -> None:
    actions = set(recorded(1))
    assert len(actions) > 15
    assert actions - set(ACTIONS) == set()


def test_a_change_is_written_in_words() -> None:
    change = {"active": True, "grants": [{"role": "leader", "grid": None}], "note": "", "odd": 3}
    assert ENGLISH.fields(change) == [
        ("open", "yes"),
        ("roles", "role Leader, grid –"),
        ("note", "–"),
        ("odd", "3"),
    ]
    assert CHINESE.fields(change)[0] == ("启用", "是")


def test_an_unknown_kind_stands_as_it_is() -> None:
    assert ENGLISH.kind("dragon") == "dragon"
    assert (ENGLISH.action("create"), ENGLISH.kind("account")) == ("Made", "account")


@pytest.mark.parametrize("value", ["長" * 5000, [1] * 5000, {"a": ["b"] * 5000}])
def test_long_values_are_cut(value: object) -> None:
    ((_, text),) = ENGLISH.fields({"x": value})
    assert len(text) == LONGEST_VALUE + 1


def test_the_address_keeps_what_was_chosen() -> None:
    chosen = AuditChoices(since="2026-11-01", key="li&wei", is_newest=False)
    assert chosen.address(7) == "/audit?since=2026-11-01&key=li%26wei&before=7"
    assert AuditChoices().address() == "/audit?"
