import pytest
from jinja2 import UndefinedError

from geo.domain.actors import ANONYMOUS, Action, Actor, Grant, Role
from webmap.i18n import Language
from webmap.pages.frame import Frame, render
from webmap.pages.problem import problem_page
from webmap.pages.sign_in import sign_in_page

EVIL = "</p><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def frame(query: str = "", actor: Actor = ANONYMOUS, language: Language = Language.CHINESE) -> Frame:
    return Frame(language, "Asia/Shanghai", "/maps/coverage", query, "n0nce", actor)


def test_the_switch_of_language_keeps_the_address() -> None:
    here = frame("period=7d&lang=zh&kind=%E6%A5%BC&empty=")
    assert here.in_language(Language.ENGLISH) == "/maps/coverage?period=7d&kind=%E6%A5%BC&empty=&lang=en"
    assert here.address == "/maps/coverage?period=7d&kind=%E6%A5%BC&empty="


def test_sign_in_leads_back_here() -> None:
    assert frame("period=7d").sign_in == "/login?next=%2Fmaps%2Fcoverage%3Fperiod%3D7d"


def test_the_public_is_led_to_what_is_public() -> None:
    assert frame().navigation() == [("locate", "/locate")]


def test_an_inspector_is_led_to_the_measures() -> None:
    inspector = Actor("wang", 1, None, (Grant(Role.INSPECTOR, "990106"),))
    keys = [key for key, _ in frame(actor=inspector).navigation()]
    assert {"coverage", "hotspots", "issues"} <= set(keys)
    assert "workbench" not in keys


def test_ways_stand_under_headings_and_none_is_lost() -> None:
    leader = frame(actor=Actor("wang", 1, None, (Grant(Role.LEADER),)))
    menus = leader.menus()
    assert menus[0][0] == "maps"
    assert sorted(way for _, ways in menus for way in ways) == sorted(leader.navigation())


def test_what_may_not_be_done_is_not_offered() -> None:
    inspector = Actor("wang", 1, None, (Grant(Role.INSPECTOR, "990106"),))
    assert not frame(actor=inspector).may(Action.MANAGE_ACCOUNTS)


@pytest.mark.parametrize("language", Language)
def test_values_are_text(language: Language) -> None:
    account = Actor(EVIL, 1, None, (Grant(Role.LEADER),))
    here = frame(query=EVIL, actor=account, language=language)
    page = problem_page(here, status=404, title=EVIL, detail=EVIL)
    page += sign_in_page(here, following=EVIL, username=EVIL, failure=EVIL)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 6


def test_a_value_that_is_missing_is_a_failure() -> None:
    with pytest.raises(UndefinedError):
        render("problem.html", frame(), status=404)


def test_the_page_speaks_its_language() -> None:
    english = sign_in_page(frame(language=Language.ENGLISH), following="/")
    assert '<html lang="en">' in english
    assert "Password" in english
    assert "密码" in sign_in_page(frame(), following="/")
