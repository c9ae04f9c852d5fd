"""An inspection is filed by keyboard and corrected; people, findings and suspicions are looked after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.inspections import Acknowledgement, Answer, Answered, Findings
from geo.services import inspections
from geo.services.inspections import Filing
from tests.browser.walking import CONTENTS, PHONE, SCREENSHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network, pytest.mark.database]


@pytest.fixture(scope="module")
def grid(demo_url: str) -> str:
    """The code of a grid."""
    database = Database(demo_url)
    with database.read() as uow:
        code = uow.connection.execute(text("SELECT min(code) FROM grid WHERE is_leaf")).scalar_one()
    database.close()
    return str(code)


@pytest.fixture(scope="module")
def record(demo_url: str, subject: int) -> int:
    """A record of an inspection of the subject."""
    database = Database(demo_url)
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    said = Findings(
        form="special",
        result="normal",
        answers=tuple(Answered(item, Answer.YES) for item in CONTENTS),
        subject_name="张建国",
        acknowledgement=Acknowledgement.TYPED,
    )
    with database.write() as uow:
        officers = inspections.blank(OPERATOR, uow, subject, now.date(), "Asia/Shanghai").officers
        filing = Filing(
            entity_id=subject,
            visited_at=now,
            place=None,
            officers=tuple(key for key, _ in officers[:2]),
            said=said,
        )
        kept = inspections.file_inspection(OPERATOR, uow, filing, now=now, timezone="Asia/Shanghai")
    database.close()
    return kept.id


def test_with_a_keyboard_alone_a_typed_name_acknowledges(watch: Callable[..., Any], subject: int) -> None:
    watched = watch(**PHONE)
    watched.become("admin")
    page = watched.open(f"/inspections/new?entity={subject}&lang=en")
    for box in page.locator("[name=officers]").all()[:2]:
        box.focus()
        page.keyboard.press("Space")
    page.locator("[name=form][value=special]").focus()
    page.keyboard.press("Space")
    page.locator("#next").press("Enter")
    for item in CONTENTS:
        page.locator(f'[name="answer.{item}"][value=yes]').focus()
        page.keyboard.press("Space")
    page.locator("#next").press("Enter")
    page.locator("[name=result][value=normal]").focus()
    page.keyboard.press("Space")
    page.locator("#next").press("Enter")
    page.locator("#next").press("Enter")
    page.locator("[name=subject_name]").focus()
    page.keyboard.type("Zhang Jianguo")
    page.locator("[name=acknowledgement][value=typed]").focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.locator("#file").press("Enter")
    assert "Typed name" in page.text_content("main")
    assert page.locator("svg.pad").count() == 0


def test_a_record_is_corrected_with_a_reason_and_its_first_version_stays(
    watch: Callable[..., Any], record: int
) -> None:
    watched = watch(**PHONE)
    watched.become("admin")
    page = watched.open(f"/inspections/{record}?lang=zh")
    first = page.url
    with page.expect_navigation():
        page.click("a[href$=correction]")
    page.click("#next")
    while page.locator("#next").is_visible():
        page.click("#next")
    page.click("#file")
    page.wait_for_selector("[data-step=why].shown [data-field=reason].wanting")
    page.screenshot(path=SCREENSHOTS / "inspection-correction-zh-phone.png", full_page=True)
    page.fill("[name=reason]", "结果填写有误")
    page.locator("[data-go=result]").click()
    page.fill("[name=findings]", "补充：货架第三层。")
    page.locator("[data-go=acknowledgement]").click()
    with page.expect_navigation():
        page.click("#file")
    assert page.url != first
    assert "更正原因：结果填写有误" in page.text_content("main")
    assert "补充：货架第三层。" in page.text_content("main")
    page.screenshot(path=SCREENSHOTS / "inspection-corrected-zh-phone.png", full_page=True)
    page.goto(first)
    assert "此版已被更正" in page.text_content("main")
    assert "补充：货架第三层。" not in page.text_content("main")
    assert page.locator("a[href$=correction]").count() == 0
    assert watched.violations() == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_somebody_on_the_register_is_changed_after_a_look(watch: Callable[..., Any], language: str) -> None:
    watched = watch(**PHONE)
    watched.become("leader")
    page = watched.open(f"/key-people?lang={language}")
    row = page.locator("#register tbody tr").first
    assert page.locator(".after-look").first.is_hidden()
    row.locator("summary").click()
    row.locator("[name=reason]").fill("电话有变")
    row.locator("form button").click()
    after = page.locator(".after-look").first
    after.locator("summary").first.click()
    phone = after.locator(".change [name=phone]")
    assert "*" not in phone.input_value()
    after.locator(".change [role=combobox]").fill("nowhere")
    after.locator(".change button").click()
    after.locator(".change [role=alert]:not(:empty)").wait_for()
    page.screenshot(path=SCREENSHOTS / f"key-person-refused-{language}-phone.png", full_page=True)
    page.reload()
    row.locator("summary").click()
    row.locator("[name=reason]").fill("电话有变")
    row.locator("form button").click()
    after.locator("summary").first.click()
    phone.fill("13900001234")
    with page.expect_navigation():
        after.locator(".change button").press("Enter")
    assert row.locator(".phone").text_content() == "139****1234"
    assert watched.violations() == []


def test_a_finding_is_withdrawn_with_its_reason(watch: Callable[..., Any], grid: str) -> None:
    watched = watch()
    watched.become("leader")
    page = watched.open("/assessment?lang=zh")
    recording = page.locator("form[action='/assessment/findings']")
    recording.locator("[name=happened_on]").fill(page.input_value("[name=day]"))
    recording.locator("[role=combobox]").fill(grid)
    recording.locator("[name=note]").fill("误记的事故")
    with page.expect_navigation():
        recording.locator("button:not([type])").click()
    line = page.locator("li", has_text="误记的事故")
    line.locator("summary").click()
    line.locator("[name=because]").fill("经复查不属实")
    page.screenshot(path=SCREENSHOTS / "finding-withdrawal-zh.png", full_page=True)
    with page.expect_navigation():
        line.locator("form button").press("Enter")
    assert "经复查不属实" in line.text_content()
    assert line.locator("form").count() == 0
    assert watched.violations() == []


def test_a_look_shows_a_name_and_leaves_its_trace(watch: Callable[..., Any]) -> None:
    watched = watch()
    watched.become("leader")
    page = watched.open("/key-people?lang=en")
    row = page.locator("#register tbody tr").first
    assert "*" in row.locator(".name").text_content()
    row.locator("summary").click()
    row.locator("[name=reason]").fill("before a visit")
    row.locator("form button").click()
    row.locator(".name:not(:text('*'))").wait_for()
    page.reload()
    assert "*" in page.locator("#register tbody tr").first.locator(".name").text_content()
    assert "before a visit" in page.locator("table").last.text_content()
    assert watched.violations() == []


def test_a_supervisor_explains_a_suspicious_record(watch: Callable[..., Any]) -> None:
    watched = watch()
    watched.become("leader")
    page = watched.open("/suspicions?lang=en")
    before = page.locator("form.explain").count()
    assert before > 0
    page.locator("#grids summary").first.click()
    page.locator("form.explain [name=reason]").first.fill("a ride in a car")
    page.locator("form.explain button").first.click()
    page.locator("#grids :text('a ride in a car')").wait_for()
    expect(page.locator("form.explain")).to_have_count(before - 1)
    assert watched.violations() == []
    assert watched.ran() is None
