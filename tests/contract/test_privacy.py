"""Nobody is told who somebody is unless the profile of the place says that they may see it: by no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from zipfile import ZipFile, is_zipfile

import pytest
from sqlalchemy import text

from geo.domain.actors import OPERATOR, Role
from geo.services import draws
from geo.services.people import responsible_by_grid
from geo.services.profile_documents import document_of
from geo.services.profiles import override, profile_at
from tests.contract.city import NOW
from tests.contract.requests_of_routes import SAMPLES
from tests.contract.test_rights import OPERATIONS
from tests.contract.test_side_doors import DAYS, DOORS

pytestmark = [pytest.mark.database, pytest.mark.slow]

TELLING = re.compile(r"Q[0-9]{6}Q|(?<![0-9.])139[0-9]{8}(?![0-9])|wx-[0-9]+|张建国|13812341234")
"""A name, a phone or an attribute of somebody who serves, was inspected, reported, or is on the register."""

KEY_PERSON = "13812341234"
"""The phone of those on the register of key people: nothing shows it but a look, which leaves a trace."""

PAGES = (
    "/posts",
    "/suspicions",
    "/key-people",
    "/todo",
    "/assessment?day=2026-10-15&grid={inside}",
    "/assessment/file?day=2026-10-15&grid={inside}&kind=xlsx",
    "/api/v1/assessments?day=2026-10-15&grid={inside}",
    "/duties/trail?measure=frequency&since=2026-10-01&until=2026-11-01&grid={inside}",
    "/duties/trail/file?measure=frequency&since=2026-10-01&until=2026-11-01&grid={inside}",
    "/assessment/trail?measure=attendance&day=2026-10-15&level=community&subject={inside}&grid={inside}",
    "/api/v1/assessments/trail?measure=attendance&day=2026-10-15&level=community&subject={inside}&grid={inside}",
    "/activities/new",
    "/inspections/new?entity={entity}",
    "/inspections/{inspection}",
    "/issues/{number}",
    "/api/v1/issues/{issue}/flow",
    "/api/v1/issues/{issue}/open311",
    "/api/v1/issues/{issue}/steps",
    "/draws/{draw}",
    "/draws/{draw}/file?kind=xlsx",
    "/api/v1/draws/{draw}",
    "/ledgers/{unit}",
    "/ledgers/{unit}/file?kind=xlsx",
    "/statistics",
    *(
        f"/api/v1/exports/{layer}?format=csv"
        for layer in ("people", "visits", "tracks", "issues", "entities")
    ),
)
"""Pages, books and files that might tell of somebody, beside the doors that tell of many things."""

PUBLIC = {
    "locate_point",
    "locate_points",
    "read_grid",
    "list_responsible",
    "/ledgers/{unit}",
    "/ledgers/{unit}/file?kind=xlsx",
}
"""What tells who is responsible: as far as that is published, everybody may know it."""

TELLING_INSPECTORS = {
    "/api/v1/activities?limit=1000&since=2026-11-18T00:00:00Z",
    "/api/v1/draws/{draw}",
    "/api/v1/inspections?limit=1000",
    "/api/v1/issues/{issue}/flow",
    "/draws/{draw}",
    "/draws/{draw}/file?kind=xlsx",
    "/inspections",
    "/inspections/{inspection}",
    "/issues",
    "/issues/{number}",
    "change_attendances",
    "create_activity",
    "list_activities",
    "/api/v1/issues/{issue}/steps",
    "list_visits",
    "list_inspections",
    "list_team",
    "make_up_activity",
    "read_activity",
    "read_inspection",
}
TELLING_LEADERS = TELLING_INSPECTORS | {
    "/api/v1/assessments?day=2026-10-15&grid={inside}",
    *(f"/api/v1/exports/{layer}?format=csv" for layer in ("people", "visits", "issues")),
    "/api/v1/exports/people?format=geojson",
    "list_steps",
    "/api/v1/measures/duties/people?since=2026-06-01T00:00:00Z&until=2026-12-01T00:00:00Z",
    "/api/v1/people?limit=1000",
    "/assessment?day=2026-10-15&grid={inside}",
    "/assessment/file?day=2026-10-15&grid={inside}&kind=xlsx",
    "/assessment/trail?measure=attendance&day=2026-10-15&level=community&subject={inside}&grid={inside}",
    "/api/v1/assessments/trail?measure=attendance&day=2026-10-15&level=community&subject={inside}&grid={inside}",
    "/duties/trail/file?measure=frequency&since=2026-10-01&until=2026-11-01&grid={inside}",
    f"/maps/duties?{DAYS}",
    "/suspicions",
    "list_entities",
    "list_issues",
    "list_people",
    "list_suspicions",
    "list_visits",
    "look_at_key_person",
    "measure_people",
    "read_address",
    "read_entity",
    "read_issue",
    "read_person",
    "read_visit",
}
"""What tells of people as long as the profile lets see them: were it empty, the test would find nothing."""


KINDS = ("entity", "address", "visit", "issue", "track", "activity")
"""What has attributes that a profile may say tell of somebody."""

WORDS = (
    ("visit", "note"),
    ("issue", "description"),
    ("issue", "result"),
    ("issue", "public_result"),
    ("issue", "delay_reason"),
    ("activity", "note"),
    ("finding", "note"),
    ("plan_comment", "text"),
)
"""What people write: by its table and column."""

NUMBER = "'请联系1399' || lpad(id::text, 7, '0')"
"""A phone that stands in such words."""


@pytest.fixture(scope="module", autouse=True)
def _known(city) -> None:
    """Let nobody be called like anybody else, or have the same number."""
    with city.database.write() as uow:
        uow.connection.execute(
            text("""UPDATE person SET name = '张Q' || lpad(id::text, 6, '0') || 'Q',
                        phone = '139' || lpad(id::text, 8, '0'),
                        attributes = jsonb_build_object('wechat', 'wx-' || id)""")
        )
        for table in KINDS:
            told = "jsonb_build_object('wechat', 'wx-' || (9000000 + id))"
            uow.connection.execute(text(f"UPDATE {table} SET attributes = {told}"))
        for table, column in WORDS:
            uow.connection.execute(text(f"UPDATE {table} SET {column} = {NUMBER}"))
        for appended in (
            f"""INSERT INTO issue_event (issue_id, at, actor, kind, note)
                SELECT id, reported_at, 'operator', 'changed', {NUMBER} FROM issue""",
            f"""INSERT INTO look (at, actor, key_person_id, grid_code, reason)
                SELECT now(), 'operator', id, grid_code, {NUMBER} FROM key_person""",
        ):
            uow.connection.execute(text(appended))
        classify(uow)


def classify(uow) -> None:
    """Let all rules say that an attribute tells of somebody."""
    wechat = [{"field": f"{kind}.wechat", "holds": "personal", "mask": "text"} for kind in KINDS]
    for code in ruled(uow):
        known = document_of(profile_at(uow, code, NOW.date()))["privacy"]["fields"]
        if wechat[0] not in known:
            fields = [*known, *wechat]
            override(OPERATOR, uow, "privacy.fields", fields, grid_code=code, valid_from=date(2026, 1, 1))


@contextmanager
def unseen(city) -> Iterator[None]:
    """Let no profile show anybody anything of people beyond what is public."""
    with city.database.write() as uow:
        classify(uow)
        holding = {code: profile_at(uow, code, NOW.date()) for code in ruled(uow)}
        see(uow, {code: [] for code in holding})
    yield
    with city.database.write() as uow:
        see(uow, {code: document_of(profile)["privacy"]["sight"] for code, profile in holding.items()})


def ruled(uow) -> list[str | None]:
    """The grids that have rules of their own, and the city."""
    return list(uow.connection.execute(text("SELECT DISTINCT grid_code FROM regulation")).scalars())


def see(uow, sights) -> None:
    """Let others see people from the beginning of the year on."""
    for code, sight in sights.items():
        override(OPERATOR, uow, "privacy.sight", sight, grid_code=code, valid_from=date(2026, 1, 1))


@pytest.fixture(scope="module")
def published(city) -> set[str]:
    """What everybody may know of who is responsible."""
    with city.database.read() as uow:
        told = responsible_by_grid(uow, NOW.date(), None)
    return {find for people in told.values() for one in people for find in TELLING.findall(str(one))}


@pytest.fixture(scope="module")
def elsewhere(city) -> set[str]:
    """Names, phones and attributes of those who serve neither in `inside`, nor above or below it."""
    statement = """
        SELECT concat_ws(' ', name, phone, attributes) FROM person WHERE NOT EXISTS (
            SELECT FROM assignment WHERE person_id = person.id
                AND (starts_with(grid_code, :inside) OR starts_with(:inside, grid_code)))
    """
    with city.database.read() as uow:
        rows = uow.connection.execute(text(statement), {"inside": city.inside}).scalars()
        return {find for row in rows for find in TELLING.findall(row)}


@pytest.fixture(scope="module")
def about(city) -> dict[str, str]:
    """What the addresses of pages are about."""
    with city.database.write() as uow:
        made = draws.commit(OPERATOR, uow, title="双随机", size=3, grid_code=city.inside, day=NOW.date())
        draws.reveal(OPERATOR, uow, made.id, NOW.date())
        named = text("""SELECT issue.id, number FROM issue JOIN issue_person ON issue_id = issue.id
                            JOIN grid ON grid.id = grid_id
                        WHERE starts_with(code, :inside) ORDER BY issue.id LIMIT 1""")
        issue, number = uow.connection.execute(named, {"inside": city.inside}).one()
    return {
        "inside": city.inside,
        "unit": city.unit,
        "entity": str(city.ids["entity"]),
        "inspection": str(city.inspection()),
        "draw": str(made.id),
        "issue": str(issue),
        "number": number,
    }


def body_of(answer) -> str:
    """What an answer holds, out of its archive if it is one."""
    if not is_zipfile(BytesIO(answer.content)):
        return answer.text
    with ZipFile(BytesIO(answer.content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def bodies(client, city, about, headers) -> Iterator[tuple[str, str]]:
    """Each operation, page and file with what it tells somebody."""
    for name, sample_of in SAMPLES.items():
        sample, route = sample_of(city), OPERATIONS[name]
        options = {**sample.options, "headers": {**sample.options.get("headers", {}), **headers}}
        client.cookies.clear()
        answer = client.request(next(iter(route.methods)), route.path.format(**sample.path), **options)
        yield name, body_of(answer)
    for page in (*PAGES, *DOORS):
        yield page, body_of(client.get(page.format(**about), headers=headers))


@pytest.fixture
def telling(client, city, app, about, published):
    """Give which answers tell somebody who others are, and what of them, beyond what is published there."""

    def told(role: Role) -> dict[str, set[str]]:
        headers = {"Authorization": f"Bearer {city.token(app, role, 'inside')}"}
        found = {
            name: set(TELLING.findall(body)) - (published if name in PUBLIC else set())
            for name, body in bodies(client, city, about, headers)
        }
        return {name: tokens for name, tokens in found.items() if tokens}

    return told


@pytest.mark.rule("H2")
@pytest.mark.parametrize(
    ("role", "usual"), [(Role.LEADER, TELLING_LEADERS), (Role.INSPECTOR, TELLING_INSPECTORS)]
)
def test_nobody_is_told_who_others_are_but_by_the_profile_and_at_home(city, telling, elsewhere, role, usual):
    before = telling(role)
    assert usual <= before.keys()
    assert {name for name, told in before.items() if KEY_PERSON in told} <= {"look_at_key_person"}
    assert {name: told & elsewhere for name, told in before.items() if told & elsewhere} == {}
    assert before.keys().isdisjoint({"list_results", "follow_issue"})
    with unseen(city):
        assert telling(role) == {}


def test_there_is_somebody_elsewhere_whom_the_whole_city_sees(client, city, app, elsewhere):
    headers = {"Authorization": f"Bearer {city.token(app, Role.ADMIN, 'city')}"}
    everybody = client.get("/api/v1/people?limit=1000", headers=headers).text
    assert elsewhere
    assert elsewhere <= set(TELLING.findall(everybody))
