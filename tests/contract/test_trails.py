"""From a score down to what was due, and to the record of it: pages, files and the interface."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from geo.domain.actors import Role

pytestmark = [pytest.mark.database, pytest.mark.slow]

OCTOBER = "since=2026-10-01&until=2026-11-01"
TO_DUTIES = re.compile(r'href="(/duties/trail\?[^"]+)"')
STATES = {"Done in time", "Late", "Missed"}
RECORD = re.compile(r'href="(/api/v1/(?:visits|activities|tracks)/[0-9]+)"')


@pytest.fixture
def ask(client, city, app):
    """Ask for an address as somebody with a role in a place."""

    def asked(path: str, role: Role | None = Role.LEADER, place: str = "inside"):
        client.cookies.clear()
        headers = {"Authorization": f"Bearer {city.token(app, role, place)}"} if role else {}
        return client.get(path, headers=headers, follow_redirects=False)

    return asked


def scores(city, subject: str) -> str:
    level = "&level=community" if subject == "grid" else ""
    return f"/assessment?lang=en&day=2026-10-15{level}&grid={city.inside}"


@pytest.mark.parametrize("subject", ["grid", "person"])
def test_a_score_leads_to_each_stretch_that_was_due_and_to_its_record(ask, city, subject):
    links = sorted(set(TO_DUTIES.findall(ask(scores(city, subject)).text)))
    pages = [ask(f"{unescape(one)}&lang=en").text for one in links[:4]]
    assert {state for page in pages for state in STATES if f">{state} " in page} >= {"Done in time", "Missed"}
    records = {record for page in pages for record in RECORD.findall(page)}
    assert records
    assert {ask(one).status_code for one in sorted(records)[:3]} == {200}


def test_the_stretches_of_a_page_add_up_to_its_rate(ask, city):
    page = ask(f"/duties/trail?lang=en&measure=frequency&{OCTOBER}&grid={city.unit}").text
    done, due = map(int, re.search(r"<strong>[^<]*\((\d+)/(\d+)\)", page).groups())
    sheet = sheet_of(ask(f"/duties/trail/file?lang=en&measure=frequency&{OCTOBER}&grid={city.unit}"))
    rows = [row for row in sheet if isinstance(row[6], int)]
    assert (sum(row[7] for row in rows), sum(row[6] for row in rows)) == (done, due)
    assert {row[5] for row in rows} <= STATES
    assert all("#" in row[9] for row in rows if row[5] == "Done in time")
    assert done


def sheet_of(answer) -> list[tuple[object, ...]]:
    assert answer.status_code == 200
    return list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))


@pytest.mark.parametrize(("lang", "said"), [("zh", "期限在"), ("en", "What was due")])
def test_a_page_is_headed_by_the_name_of_its_subject(ask, city, lang, said):
    with city.database.read() as uow:
        name = uow.connection.execute(
            text("SELECT DISTINCT name FROM grid WHERE code = :code"), {"code": city.unit}
        ).scalar_one()
    of_duties = ask(f"/duties/trail?lang={lang}&measure=frequency&{OCTOBER}&grid={city.unit}").text
    of_facts = ask(
        f"/assessment/trail?measure=on_time&day=2026-10-15&level=unit&subject={city.unit}&grid={city.unit}"
    ).text
    assert said in of_duties
    assert f">{name} {city.unit}<" in of_duties
    assert f">{name} {city.unit}<" in of_facts


def test_attendance_leads_to_who_was_to_be_there(ask, city):
    missed, made_up = city.missed_training()
    with city.database.write() as uow:
        uow.connection.execute(
            text("UPDATE attendance SET state = 'made_up', made_up_in = :later WHERE activity_id = :missed"),
            {"later": made_up, "missed": missed},
        )
    person = city.ids["person"]
    asked = f"day=2026-10-15&grid={city.inside}&measure=attendance"
    for subject in (f"&level=community&subject={city.inside}", f"&subject={person}"):
        page = ask(f"/assessment/trail?lang=en&{asked}{subject}").text
        assert f'href="/api/v1/activities/{missed}"' in page
        assert f'made up <a href="/api/v1/activities/{made_up}"' in page
        facts = ask(f"/api/v1/assessments/trail?{asked}{subject}").json()
        (told,) = [one for one in facts if (one["id"], one["attendance"]["person_id"]) == (missed, person)]
        assert (told["kind"], told["numerator"], told["denominator"]) == ("activity", 1, 1)
        assert told["attendance"]["made_up_in"] == made_up


def test_a_trail_is_shown_to_those_alone_who_may_read_it(ask, city):
    of_grid = f"/duties/trail?lang=en&measure=frequency&{OCTOBER}&grid={city.unit}"
    of_person = f"/duties/trail?lang=en&measure=frequency&{OCTOBER}&person={city.ids['person']}"
    assert ask(of_grid, None).status_code == 401
    assert {ask(of_grid, role).status_code for role in Role} == {200}
    assert {role: ask(of_person, role).status_code for role in Role} == {
        Role.ADMIN: 200,
        Role.PLANNER: 200,
        Role.LEADER: 200,
        Role.INSPECTOR: 403,
    }
    assert ask(of_person, Role.LEADER, "outside").status_code == 403
    elsewhere = ask(of_grid, Role.LEADER, "outside")
    assert (elsewhere.status_code, RECORD.findall(elsewhere.text)) == (200, [])


@pytest.mark.parametrize("door", ["/assessment/trail", "/api/v1/assessments/trail"])
@pytest.mark.parametrize("measure", ["on_time", "attendance"])
def test_nobody_is_led_to_the_records_of_a_grid_of_others(ask, city, door, measure):
    asked = f"{door}?measure={measure}&day=2026-10-15&level=community&grid={{}}&subject={city.inside}"
    assert ask(asked.format(city.inside)).status_code == 200
    assert ask(asked.format(city.outside), Role.LEADER, "outside").status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("measure=on_time&since=2026-10-01&until=2026-11-01", 422),
        ("measure=frequency&since=2026-11-01&until=2026-10-01", 422),
        ("measure=frequency&since=1970-01-01&until=2199-12-31", 422),
        ("measure=frequency&since=2100-01-01&until=2100-02-01", 422),
        ("measure=frequency&since=x&until=2026-11-01", 422),
        (f"measure=frequency&{OCTOBER}&person=0", 422),
        (f"measure=frequency&{OCTOBER}&person={2**63}", 422),
        (f"measure=frequency&{OCTOBER}&person={2**63 - 1}", 404),
        (f"measure=frequency&{OCTOBER}&grid=nowhere", 404),
        (f"measure=frequency&{OCTOBER}&grid=%00", 422),
        (f"measure=frequency&{OCTOBER}&grid={'9' * 41}", 422),
    ],
)
@pytest.mark.parametrize("door", ["/duties/trail", "/duties/trail/file"])
def test_what_makes_no_sense_is_refused(ask, door, query, status):
    assert ask(f"{door}?{query}", Role.ADMIN, "city").status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("measure=attendance&subject=x&day=2026-10-15", 422),
        (f"measure=attendance&subject={'9' * 40}&day=2026-10-15", 422),
        ("measure=attendance&level=unit&subject=nowhere&day=2026-10-15", 404),
        ("measure=attendance&subject=1&day=2199-01-01", 422),
        ("measure=frequency&subject=1&day=2026-10-15", 404),
    ],
)
@pytest.mark.parametrize("door", ["/assessment/trail", "/api/v1/assessments/trail"])
def test_no_records_are_told_of_what_is_no_subject(ask, door, query, status):
    assert ask(f"{door}?{query}", Role.ADMIN, "city").status_code == status
