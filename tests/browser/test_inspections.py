"""An inspection is filed on a phone by two officers, with a photo and a signature, and printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.inspections import Acknowledgement, Answer, Answered, Findings
from geo.services import inspections, profiles
from geo.services.inspections import Filing
from geo.services.profile_documents import shipped_profile

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network, pytest.mark.database]

SCREENSHOTS = Path(__file__).parent / "screenshots"
PHONE = {"width": 390, "height": 844}
TOO_WIDE = """
    document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((one) => one.outerHTML.slice(0, 90))
"""
"""What sticks out of the screen, where a page is wider than it."""
CONTENTS = ("licence", "scope", "conditions", "quality", "presence", "violations", "other")


@pytest.fixture(scope="module")
def subject(demo_url: str) -> int:
    """A premises in a grid in which the rules of food and drugs hold."""
    database = Database(demo_url)
    with database.write() as uow:
        row = uow.connection.execute(
            text("""SELECT entity.id, code FROM entity JOIN grid ON grid.id = grid_id
                    WHERE entity.kind = 'premises' AND state = 'active'
                    ORDER BY code DESC, entity.id LIMIT 1""")
        ).one()
        profile = shipped_profile("food-drug")
        profiles.adopt(OPERATOR, uow, profile, grid_code=row.code, valid_from=date(2026, 1, 1))
    database.close()
    return int(row.id)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pixels = np.random.default_rng(5).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    path = tmp_path_factory.mktemp("photos") / "kitchen.jpg"
    Image.fromarray(pixels).resize((800, 600), Image.Resampling.BICUBIC).save(path)
    return path


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


def in_two_weeks() -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=14)).date().isoformat()


def tick(page: Any, name: str, value: str | None = None) -> None:
    chosen = f'[name="{name}"]' + (f'[value="{value}"]' if value else "")
    page.locator(f"label:has({chosen})").first.click()


def sign(page: Any) -> None:
    """Draw two strokes with the mouse."""
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    for row in (0.3, 0.7):
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + row * box["height"])
        page.mouse.down()
        for step in range(1, 7):
            x = box["x"] + (0.2 + 0.1 * step) * box["width"]
            page.mouse.move(x, box["y"] + (row + 0.1 * (-1) ** step) * box["height"])
        page.mouse.up()


def step(page: Any, name: str) -> None:
    """Wait until a step of the form is shown, and keep what it looks like."""
    page.wait_for_selector(f"[data-step={name}].shown")
    assert page.evaluate(TOO_WIDE) == [], name
    language = page.get_attribute("html", "lang")[:2]
    page.screenshot(path=SCREENSHOTS / f"inspection-{name}-{language}-phone.png", full_page=True)


def fill(page: Any, picture: Path) -> None:
    """Fill in the form, with one officer too few."""
    step(page, "who")
    tick(page, "officers")
    tick(page, "form", "special")
    page.click("#next")
    step(page, "contents")
    for item in CONTENTS:
        tick(page, f"answer.{item}", "yes")
    page.click("#next")
    tick(page, "result", "other_violation")
    tick(page, "measures", "correction")
    page.fill("[name=correct_by]", in_two_weeks())
    page.fill("[name=findings]", "三种调料的标签不全。")
    step(page, "result")
    page.click("#next")
    page.set_input_files("[data-photos=visit] input[multiple]", picture)
    page.wait_for_selector(".taking .thumbnails img")
    step(page, "photos")
    page.click("#next")
    page.fill("[name=subject_name]", "张建国")
    page.fill("[name=subject_phone]", "13812341234")


@pytest.mark.rule("D3", "D6")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_officers_file_an_inspection_and_print_it(
    watch: Callable[..., Any], subject: int, picture: Path, language: str
) -> None:
    watched = watch(**PHONE, has_touch=True)
    watched.become("admin")
    page = watched.open(f"/inspections/new?entity={subject}&lang={language}")
    fill(page, picture)
    sign(page)
    assert page.locator("#pad polyline").count() == 2
    step(page, "acknowledgement")
    page.click("#file")
    page.wait_for_selector("[data-step=who].shown [data-field=officers].wanting")
    told = page.text_content("#alert")
    assert "officers" in told
    assert "D3" in told
    page.locator("label:has([name=officers]:not(:checked))").first.click()
    page.locator("[data-go=acknowledgement]").click()
    with page.expect_navigation():
        page.click("#file")
    assert re.search(r"/inspections/[0-9]+$", page.url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=SCREENSHOTS / f"inspection-{language}-phone.png", full_page=True)
    assert page.locator("svg.pad polyline").count() == 2
    assert page.locator(".thumbnails img").evaluate("image => image.naturalWidth") == 480
    page.click(".thumbnails a")
    expect(page.locator(".larger img")).to_have_js_property("naturalWidth", 800)
    page.keyboard.press("Escape")
    assert "张建国" in page.text_content("main")
    assert page.evaluate(TOO_WIDE) == []
    answer = page.request.get(page.url.partition("?")[0] + "/record.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body()[:5] == b"%PDF-"
    assert watched.violations() == []
    assert watched.outside == []
    assert watched.ran() is None
    assert [told for told in watched.complaints if "409" not in told] == []


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
    assert page.locator("form.explain").count() == before - 1
    assert watched.violations() == []
    assert watched.ran() is None
