"""Signing in, being locked out, tokens that die, and who may make whom what."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.app import create_app
from api.auth import SAFE_METHODS
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.accounts import LockOut
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.errors import (
    AlreadyExists,
    BadValue,
    LastAdministrator,
    LockedOut,
    OutsideJurisdiction,
    StillInUse,
    Unauthenticated,
)
from geo.services import accounts

pytestmark = pytest.mark.database

PASSWORD = "four quiet grey herons"
OTHER = "five loud white geese"
ORIGIN = "http://127.0.0.1:8000"
LOCK_OUT = LockOut(3, timedelta(minutes=15))
NOBODY = accounts._NOBODY


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    with database.write() as uow:
        accounts.create(OPERATOR, uow, username="root", password=PASSWORD, grants=[Grant(Role.ADMIN)])
        accounts.create(OPERATOR, uow, username="lee", password=PASSWORD, grants=[Grant(Role.LEADER)])
    yield database
    database.close()


@pytest.fixture
def client(database, tmp_path):
    settings = Settings(database_url=database.url, data_dir=tmp_path, failed_attempts=3)
    with TestClient(create_app(settings), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield client


def sign_in(client, username="root", password=PASSWORD, **options):
    return client.post("/api/v1/auth/session", json={"username": username, "password": password}, **options)


def token_of(client, username="root"):
    answer = client.post("/api/v1/auth/token", data={"username": username, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


# sessions ------------------------------------------------------------------------------------------------


def test_a_session_is_kept_by_its_hash_alone(client, database):
    answer = sign_in(client)
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    with database.read() as uow:
        kept = uow.connection.execute(text("SELECT encode(token_hash, 'escape') FROM web_session")).scalar()
    assert client.cookies["wangge_session"] not in kept
    assert client.get("/api/v1/auth/session").json()["username"] == "root"


def test_over_https_the_cookie_is_secure(database, tmp_path):
    settings = Settings(database_url=database.url, data_dir=tmp_path, secure_cookies=True)
    with TestClient(create_app(settings), base_url="https://wangge.test") as client:
        cookie = sign_in(client).headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


def test_signing_out_ends_the_session_for_whoever_holds_the_cookie(client):
    csrf = {"X-CSRF-Token": sign_in(client).json()["csrf_token"]}
    stolen = client.cookies["wangge_session"]
    assert client.delete("/api/v1/auth/session", headers=csrf).status_code == 204
    client.cookies.set("wangge_session", stolen)
    assert client.get("/api/v1/auth/session").status_code == 401


def test_a_session_runs_out(client, database):
    sign_in(client)
    with database.write() as uow:
        uow.connection.execute(text("UPDATE web_session SET expires_at = now()"))
    assert client.get("/api/v1/auth/session").status_code == 401


def sessions(database) -> int:
    with database.read() as uow:
        return uow.connection.execute(text("SELECT count(*) FROM web_session")).scalar_one()


def test_sessions_that_have_run_out_are_not_kept(client, database):
    for _ in range(3):
        client.cookies.clear()
        sign_in(client)
    with database.write() as uow:
        uow.connection.execute(text("UPDATE web_session SET expires_at = now()"))
    client.cookies.clear()
    sign_in(client, "lee")
    assert sessions(database) == 1


def test_a_session_that_was_planted_is_not_kept(client, database):
    csrf = sign_in(client, headers={"Cookie": "wangge_session=planted"}).json()["csrf_token"]
    mine = client.cookies["wangge_session"]
    form = {"username": "root", "password": PASSWORD, "csrf_token": csrf}
    client.post("/login", data=form, follow_redirects=False)
    assert client.cookies["wangge_session"] not in {mine, "planted"}
    assert sessions(database) == 1
    client.cookies.clear()
    for old in ("planted", mine):
        answer = client.get("/api/v1/auth/session", headers={"Cookie": f"wangge_session={old}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("secure", [False, True])
def test_every_way_in_and_out_flags_the_cookie_alike(database, tmp_path, secure):
    settings = Settings(database_url=database.url, data_dir=tmp_path, secure_cookies=secure)
    origin = "https://wangge.test" if secure else ORIGIN
    with TestClient(create_app(settings), base_url=origin, follow_redirects=False) as client:
        api = sign_in(client)
        client.cookies.clear()
        page = client.post("/login", data={"username": "root", "password": PASSWORD})
        token = client.get("/api/v1/auth/session").json()["csrf_token"]
        gone = client.post("/logout", data={"csrf_token": token})
    for answer in (api, page, gone):
        name, _, flags = answer.headers["Set-Cookie"].partition("=")
        assert name == ("__Host-wangge_session" if secure else "wangge_session")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(flags.split("; "))
        assert ("Secure" in flags.split("; ")) == secure
        assert "Domain" not in flags


def test_a_new_password_ends_sessions_and_tokens(client):
    csrf = {"X-CSRF-Token": sign_in(client).json()["csrf_token"]}
    token = token_of(client)
    change = {"current_password": PASSWORD, "password": OTHER}
    assert client.put("/api/v1/auth/password", json=change, headers=csrf).status_code == 204
    assert client.get("/api/v1/auth/session").status_code == 401
    assert client.get("/api/v1/accounts", headers=token).status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, password=OTHER).status_code == 200


def test_deactivation_ends_sessions_and_tokens(client):
    token = token_of(client)
    sign_in(client, "lee")
    session = client.cookies["wangge_session"]
    client.cookies.clear()
    change = {"active": False, "grants": [{"role": "leader"}]}
    lee = token_of(client, "lee")
    assert client.put("/api/v1/accounts/lee", json=change, headers=token).status_code == 200
    assert client.get("/api/v1/auth/session", headers=lee).status_code == 401
    client.cookies.set("wangge_session", session)
    assert client.get("/api/v1/auth/session").status_code == 401
    assert sign_in(client, "lee").status_code == 401


# requests that other sites forge -------------------------------------------------------------------------


NEW = {"username": "new", "password": PASSWORD, "grants": []}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "guessed"},
        {"X-CSRF-Token": "right", "Origin": "http://evil.test"},
        {"X-CSRF-Token": "right", "Origin": "null"},
        {"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_forged_change_is_refused(client, headers):
    token = sign_in(client).json()["csrf_token"]
    sent = {name: token if value == "right" else value for name, value in headers.items()}
    answer = client.post("/api/v1/accounts", json=NEW, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")


def test_our_own_page_may_change(client):
    token = sign_in(client).json()["csrf_token"]
    headers = {"X-CSRF-Token": token, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/accounts", json=NEW, headers=headers).status_code == 201


UNSAFE_PAGES = {
    route.path
    for route in iter_route_contexts(create_app(Settings(database_url="postgresql+psycopg2:///none")).routes)
    if isinstance(route.original_route, APIRoute) and not route.path.startswith("/api/")
    if route.methods - SAFE_METHODS
}


@pytest.mark.parametrize("path", sorted(UNSAFE_PAGES))
@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_page_takes_a_form_of_another_site(client, path, headers):
    form = {"csrf_token": sign_in(client).json()["csrf_token"], "username": "lee", "password": PASSWORD}
    answer = client.post(path, data=form, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")
    assert client.get("/api/v1/auth/session").json()["username"] == "root"


@pytest.mark.parametrize("path", sorted(UNSAFE_PAGES - {"/login"}))
@pytest.mark.parametrize("token", [{}, {"csrf_token": "guessed"}])
def test_no_page_takes_a_form_without_its_token(client, path, token):
    sign_in(client)
    assert client.post(path, data=token, follow_redirects=False).status_code == 403
    assert client.get("/api/v1/auth/session").status_code == 200


def test_signing_out_with_the_token_of_the_page_works(client):
    form = {"csrf_token": sign_in(client).json()["csrf_token"]}
    assert "/logout" in UNSAFE_PAGES
    assert client.post("/logout", data=form, follow_redirects=False).status_code == 303
    assert client.get("/api/v1/auth/session").status_code == 401


def test_another_site_can_not_sign_a_browser_in(client):
    assert sign_in(client, headers={"Origin": "http://evil.test"}).status_code == 403
    assert sign_in(client, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert sign_in(client, headers={"Origin": ORIGIN}).status_code == 200


# tokens --------------------------------------------------------------------------------------------------


def test_tokens_of_others_are_refused(client, database):
    secret = client.app.state.settings.secret()
    good = jwt.decode(token_of(client)["Authorization"][7:], secret, algorithms=["HS256"])
    late = {**good, "exp": datetime.now(UTC) - timedelta(seconds=1)}
    endless = {name: value for name, value in good.items() if name != "exp"}
    forged = [
        jwt.encode(good, "another secret of thirty-two bytes and more", algorithm="HS256"),
        jwt.encode(good, secret, algorithm="HS384"),
        jwt.encode(good, None, algorithm="none"),
        jwt.encode(late, secret, algorithm="HS256"),
        jwt.encode(endless, secret, algorithm="HS256"),
        jwt.encode({**good, "ver": "0" * 16}, secret, algorithm="HS256"),
        jwt.encode({**good, "sub": "root"}, secret, algorithm="HS256"),
        jwt.encode({**good, "sub": str(2**70)}, secret, algorithm="HS256"),
        "nonsense",
        "",
    ]
    for token in forged:
        answer = client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
    again = jwt.encode(good, secret, algorithm="HS256")
    assert client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {again}"}).status_code == 200


# lock-out ------------------------------------------------------------------------------------------------


def test_too_many_failures_lock_the_account_even_for_the_right_password(client):
    assert [sign_in(client, password="wrong").status_code for _ in range(3)] == [401] * 3
    locked = sign_in(client)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    assert sign_in(client, "lee").status_code == 200


def test_success_forgets_failures(client):
    for _ in range(3):
        assert sign_in(client, password="wrong").status_code == 401
        assert sign_in(client, password="wrong").status_code == 401
        assert sign_in(client).status_code == 200


def test_a_lock_ends_by_itself(client, database):
    for _ in range(4):
        sign_in(client, password="wrong")
    with database.write() as uow:
        uow.connection.execute(text("UPDATE sign_in_attempt SET expires_at = now() - interval '1 second'"))
    assert [sign_in(client, password="wrong").status_code for _ in range(4)] == [401, 401, 401, 429]


@pytest.mark.parametrize("username", ["lee", "nobody"])
def test_attempts_side_by_side_are_counted_exactly(database, username):
    def attempt(_: int) -> bool:
        try:
            with database.write() as uow:
                accounts.count_attempt(uow, username, LOCK_OUT)
        except LockedOut:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(24))) == LOCK_OUT.attempts


def test_attempts_that_run_out_side_by_side_do_not_wait_for_each_other(database):
    def attempt(number: int) -> None:
        with database.write() as uow:
            accounts.count_attempt(uow, f"user{number % 5}", LockOut(99, timedelta(0)))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(attempt, range(60)))


def test_failures_long_ago_are_not_kept(client, database):
    for number in range(3):
        sign_in(client, f"somebody{number}", "wrong")
    with database.write() as uow:
        uow.connection.execute(text("UPDATE sign_in_attempt SET expires_at = now()"))
    sign_in(client, password="wrong")
    with database.read() as uow:
        assert uow.connection.execute(text("SELECT failed FROM sign_in_attempt")).scalars().all() == [1]


CHANGING = re.compile(r"[0-9:T+-]{5,}|nonce=\S+|(?<=retry_after_s\": )[0-9]+")
"""What is never the same twice in an answer: times and nonces."""


def answers(client, username, password="wrong"):
    """What somebody sees who tries a username again and again, apart from the time of day."""
    seen = []
    for _ in range(5):
        api = sign_in(client, username, password)
        page = client.post("/login", data={"username": username, "password": password})
        headers = sorted(api.headers)
        told = [api.status_code, page.status_code, headers, api.text, page.text.replace(username, "NAME")]
        seen.append([CHANGING.sub("#", str(one)) for one in told])
    return seen


def test_a_lock_does_not_tell_which_usernames_there_are(client, database):
    with database.write() as uow:
        accounts.create(OPERATOR, uow, username="gone", password=PASSWORD, grants=[])
        accounts.change(OPERATOR, uow, "gone", active=False, grants=[])
    known = answers(client, "lee")
    assert [told[0] for told in known] == ["401", "401", "429", "429", "429"]
    assert answers(client, "nobody") == known
    assert answers(client, "no such name!") == known
    assert answers(client, "gone", PASSWORD) == known
    assert answers(client, "root", PASSWORD) != known


def test_one_username_is_one_however_it_is_typed(client):
    typed = ["lee", "LEE", " lee ", "ｌｅｅ"]
    assert [sign_in(client, name, "wrong").status_code for name in typed] == [401, 401, 401, 429]
    assert sign_in(client, "ＲＯＯＴ ").json()["username"] == "root"


def test_what_was_typed_as_a_username_is_not_kept(client, database):
    sign_in(client, PASSWORD, "wrong")
    with database.read() as uow:
        kept = uow.connection.execute(
            text("SELECT string_agg(a::text, ' ') FROM sign_in_attempt AS a")
        ).scalar()
    assert kept
    assert PASSWORD not in kept
    assert PASSWORD.encode().hex() not in kept


def test_an_administrator_sees_and_lifts_a_lock(client, database):
    for _ in range(3):
        sign_in(client, "lee", "wrong")
    with database.write() as uow:
        assert accounts.get(OPERATOR, uow, "lee").locked_until > datetime.now(UTC)
        assert accounts.get(OPERATOR, uow, "root").locked_until is None
        accounts.set_password(OPERATOR, uow, "lee", OTHER)
        assert accounts.get(OPERATOR, uow, "lee").locked_until is None
    assert sign_in(client, "lee", OTHER).status_code == 200


def test_a_new_account_does_not_inherit_the_lock_of_its_name(client, database):
    for _ in range(4):
        sign_in(client, "new", "wrong")
    with database.write() as uow:
        accounts.create(OPERATOR, uow, username="new", password=PASSWORD, grants=[])
    assert sign_in(client, "new").status_code == 200


def test_comparing_with_nobody_costs_what_comparing_costs():
    fresh = PasswordHash.recommended().hash(PASSWORD).split("$")
    assert NOBODY.split("$")[:4] == fresh[:4]
    assert [len(part) for part in NOBODY.split("$")] == [len(part) for part in fresh]


def test_an_unknown_user_takes_the_same_work(monkeypatch):
    compared = []
    original = accounts._ARGON2.verify
    monkeypatch.setattr(
        accounts._ARGON2, "verify", lambda *given: compared.append(given[1]) or original(*given)
    )
    with pytest.raises(Unauthenticated):
        accounts.verify(None, PASSWORD)
    assert [text.split("$")[3] for text in compared] == [accounts._NOBODY.split("$")[3]]


# keeping accounts ----------------------------------------------------------------------------------------


def test_the_last_administrator_stays(database):
    with pytest.raises(LastAdministrator), database.write() as uow:
        accounts.change(OPERATOR, uow, "root", active=False, grants=[Grant(Role.ADMIN)])
    with pytest.raises(LastAdministrator), database.write() as uow:
        accounts.change(OPERATOR, uow, "root", active=True, grants=[Grant(Role.PLANNER)])
    with database.read() as uow:
        assert accounts.get(OPERATOR, uow, "root").grants == (Grant(Role.ADMIN),)


def test_two_administrators_can_not_remove_each_other_at_once(database):
    with database.write() as uow:
        accounts.create(OPERATOR, uow, username="two", password=PASSWORD, grants=[Grant(Role.ADMIN)])

    def remove(username: str) -> bool:
        try:
            with database.write() as uow:
                accounts.change(OPERATOR, uow, username, active=False, grants=[])
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, ["root", "two"])) == [False, True]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"username": "root"}, AlreadyExists),
        ({"username": "Root"}, BadValue),
        ({"password": "short"}, BadValue),
        ({"grants": [Grant(Role.LEADER, "nowhere")]}, StillInUse),
        ({"person_id": 99}, StillInUse),
    ],
)
def test_unsound_accounts_are_refused(database, given, error):
    sound = {"username": "new", "password": PASSWORD, "grants": []}
    with pytest.raises(error), database.write() as uow:
        accounts.create(OPERATOR, uow, **{**sound, **given})


def test_nobody_gives_more_than_they_have(database):
    limited = Actor("limited", 9, None, (Grant(Role.ADMIN, "330106"),))
    with pytest.raises(OutsideJurisdiction), database.write() as uow:
        accounts.create(limited, uow, username="new", password=PASSWORD, grants=[Grant(Role.ADMIN)])
    with pytest.raises(OutsideJurisdiction), database.write() as uow:
        accounts.set_password(limited, uow, "root", OTHER)
    with database.read() as uow:
        assert accounts.list_all(limited, uow) == ()


def test_passwords_never_reach_the_log(database):
    with database.write() as uow:
        accounts.set_password(OPERATOR, uow, "lee", OTHER)
        log = uow.connection.execute(text("SELECT string_agg(audit_log::text, ' ') FROM audit_log")).scalar()
    assert "change-password" in log
    assert PASSWORD not in log
    assert OTHER not in log
    assert "argon2" not in log


def test_secrets_are_in_no_answer_and_no_log(client, database, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    token = token_of(client)
    csrf = {"X-CSRF-Token": sign_in(client).json()["csrf_token"]}
    cookie = client.cookies["wangge_session"]
    wrong = {"username": {"password": OTHER}, "password": [OTHER], "grants": 1, "token": OTHER}
    answers = [
        sign_in(client, password=OTHER + PASSWORD),
        client.post("/login", data={"username": "root", "password": OTHER}),
        client.post("/login", data={"username": "root", "password": OTHER * 100}),
        client.post("/api/v1/auth/token", data={"username": "root" * 99, "password": OTHER}),
        client.post("/api/v1/auth/session", json={"username": 1, "password": OTHER * 99}),
        client.post("/api/v1/accounts", json=wrong, headers=token),
        client.post(
            "/api/v1/accounts", json={"username": "lee", "password": OTHER, "grants": []}, headers=token
        ),
        client.put("/api/v1/accounts/lee/password", json={"password": OTHER[:9]}, headers=token),
        client.put("/api/v1/auth/password", json={"password": OTHER, "current_password": 1}, headers=csrf),
        client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {OTHER}"}),
    ]
    client.cookies.clear()
    monkeypatch.setattr(accounts, "verify", lambda *_: 1 / 0)
    answers += [sign_in(client), client.post("/login", data={"username": "root", "password": PASSWORD})]
    assert answers[-1].status_code == 500
    monkeypatch.undo()
    with pytest.raises(DBAPIError) as failed, database.write() as uow:
        uow.connection.execute(text("SELECT :secret, lo_get(1)"), {"secret": OTHER})
    told = " ".join([caplog.text, str(failed.value), *(answer.text for answer in answers)])
    assert "incident" in told
    for secret in (OTHER[:9], PASSWORD, cookie, csrf["X-CSRF-Token"], token["Authorization"][7:], "argon2id"):
        assert secret not in told


# what administrators look after ---------------------------------------------------------------------------


def test_a_locked_account_is_unlocked_without_another_password(client):
    for _ in range(4):
        sign_in(client, "lee", OTHER)
    assert sign_in(client, "lee").status_code == 429
    headers = token_of(client)
    assert client.get("/api/v1/accounts/lee", headers=headers).json()["locked_until"] is not None
    assert client.delete("/api/v1/accounts/lee/lock", headers=headers).status_code == 204
    assert sign_in(client, "lee").status_code == 200
    newest = client.get("/api/v1/audit", headers=token_of(client)).json()["entries"][0]
    assert (newest["actor"], newest["action"], newest["key"]) == ("root", "unlock", "lee")


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, ["lee", "root"]),
        ({"actor": "operator"}, ["lee", "root"]),
        ({"actor": "nobody"}, []),
        ({"kind": "account", "key": "lee"}, ["lee"]),
        ({"kind": "plan"}, []),
        ({"since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}, []),
        ({"since": "2020-01-01T00:00:00Z"}, ["lee", "root"]),
        ({"until": "2020-01-01T00:00:00Z"}, []),
        ({"limit": 1}, ["lee"]),
    ],
)
def test_the_trail_is_narrowed(client, asked, keys):
    found = client.get("/api/v1/audit", params=asked, headers=token_of(client)).json()
    assert [entry["key"] for entry in found["entries"]] == keys
    assert (found["next"] is None) == ("limit" not in asked)


def test_the_trail_is_read_page_by_page(client, database):
    with database.write() as uow:
        for number in range(205):
            uow.record(OPERATOR, "change", "entity", number, {"name": "</script>", "state": "active"})
    address, pages = "/audit?kind=entity&lang=en", []
    while address:
        page = client.get(address, headers=token_of(client)).text
        assert "&lt;/script&gt;" in page
        pages.append(page.count("<time"))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older and older[1].replace("&amp;", "&")
    assert pages == [100, 100, 5]


@pytest.mark.parametrize(
    "query", ["since=yesterday", "before=x", "before=0", "actor=%00", "since=0001-01-01"]
)
def test_a_wrong_choice_is_told(client, query):
    assert client.get(f"/audit?{query}", headers=token_of(client)).status_code == 422


def test_the_pages_are_for_administrators(client):
    html = {"Accept": "text/html"}
    answer = client.get("/accounts", headers=html, follow_redirects=False)
    assert "/login?next=" in answer.headers["location"]
    for path in ("/accounts", "/audit"):
        assert client.get(path, headers=token_of(client, "lee")).status_code == 403
    page = client.get("/accounts?lang=en", headers=token_of(client)).text
    assert "Administrator" in page
    assert "lee" in page
