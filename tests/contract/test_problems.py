"""Every failure is a problem in both languages, and none leaks what is inside."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api.cli import words as command_line
from api.json_gate import check_json
from api.middleware import BodyGate, Failures, SecurityHeaders
from api.problems import HTTP_WORDS, INVALID, PROBLEMS, UNKNOWN, Words, install_problem_handlers
from api.settings import BaseMap, Limits, Settings
from geo import errors
from geo.errors import BadValue, GridError, LimitExceeded, Malformed

ALL_WORDS = [*PROBLEMS.values(), *HTTP_WORDS.values(), INVALID, UNKNOWN]


def all_errors(kind: type[GridError] = GridError) -> Iterator[type[GridError]]:
    """The errors of the product, without those that only gather others."""
    if not kind.__subclasses__() and kind.__module__.startswith(("geo.", "api.")):
        yield kind
    for below in kind.__subclasses__():
        yield from all_errors(below)


def test_every_error_has_its_words():
    told = set(PROBLEMS) | set(command_line._WORDS)
    assert [kind for kind in all_errors() if kind not in told] == []


def test_codes_are_unique():
    codes = [kind.code for kind in all_errors()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("words", ALL_WORDS, ids=lambda words: words.title)
def test_words_are_in_both_languages(words: Words):
    assert any("一" <= sign <= "鿿" for sign in words.title_zh + words.detail_zh)
    assert not any("一" <= sign <= "鿿" for sign in words.title + words.detail)
    assert names(words.detail) == names(words.detail_zh)


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


class Thing(BaseModel):
    lon: float
    password: str = ""
    anything: dict[str, object] = {}


LIMITS = Limits(body_bytes=1000, upload_bytes=2000, depth=5)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    router = APIRouter()

    @router.post("/things")
    def create_thing(thing: Thing) -> None:
        return None

    @router.get("/fails")
    def fail() -> None:
        raise RuntimeError("secret of the house")

    @router.get("/refuses")
    def refuse() -> None:
        raise BadValue(field="x", value=float("nan"), expected="finite", geometry={"type": "Point"})

    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    app.add_middleware(BodyGate, limits=LIMITS)
    app.add_middleware(Failures)
    app.add_middleware(SecurityHeaders, settings=Settings(secure_cookies=True))
    with TestClient(app) as client:
        yield client


def post(client: TestClient, body: bytes | str) -> tuple[int, dict[str, object]]:
    response = client.post("/things", content=body, headers={"Content-Type": "application/json"})
    return response.status_code, response.json() if response.content != b"null" else {}


def test_a_sound_body_passes(client):
    text = json.dumps({"lon": 1, "anything": {"词": "[[[[[[ NaN \\u0000 1e999 😀 \\"}})
    assert post(client, text)[0] == 200
    assert post(client, r'{"lon": 1, "anything": {"a": "\ud83d\ude00"}}')[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"lon": NaN}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": Infinity}}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": 1e999}}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": ' + b"9" * 400 + b"}}", 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": "\\u0000"}}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": "\\ud800"}}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": "\\udc00\\ud800"}}', 422, "bad-value"),
        (b'{"lon": 1, "anything": {"a": "\xff"}}', 422, "malformed"),
        (b'{"lon": 1, "anything": {"a": "\xed\xa0\x80"}}', 422, "malformed"),
        (b'{"lon": 1, "anything": {"a": [[[[1]]]]}}', 413, "limit-exceeded"),
        (b'["]]]]]]",' + b"[" * 20, 413, "limit-exceeded"),
        (b'{"lon": 1, "anything": {"a": "' + b"x" * 1000 + b'"}}', 413, "limit-exceeded"),
        ('{"lon": 1}'.encode("utf-16"), 422, "malformed"),
        (b'{"lon": 1', 422, "invalid-request"),
        (b'"unfinished \\', 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b'{"lon": "east"}', 422, "invalid-request"),
    ],
)
def test_an_unsound_body_is_a_problem(client, body, status, code):
    answered, problem = post(client, body)
    assert (answered, problem["code"]) == (status, code)
    assert problem["status"] == status
    assert problem["title_zh"]
    assert problem["detail_zh"]


def test_a_body_that_keeps_its_size_to_itself_is_bounded(client):
    parts = (b'{"lon": 1, "anything": {"a": "', *[b"x" * 100] * 20, b'"}}')
    response = client.post("/things", content=iter(parts), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize("url", ["/things%00", "/things?x=%00"])
def test_the_character_nul_passes_nowhere(client, url):
    assert client.post(url).status_code == 422


def test_secrets_are_not_echoed(client):
    _, problem = post(client, '{"lon": "east", "password": ["hush"]}')
    assert "hush" not in json.dumps(problem)
    values = {fault["field"]: fault["value"] for fault in problem["errors"]}
    assert values == {"lon": "east", "password": None}


def test_an_unforeseen_failure_tells_a_number_alone(client, caplog):
    response = client.get("/fails")
    problem = response.json()
    assert response.status_code == 500
    assert "secret of the house" not in response.text
    assert problem["fields"]["incident"] in caplog.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_fields_and_geometry_stand_in_the_problem(client):
    response = client.get("/refuses")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["geometry"] == {"type": "Point"}
    assert response.json()["fields"]["value"] == "nan"


def test_what_the_framework_refuses_is_a_problem_too(client):
    assert client.get("/nowhere").json()["title_zh"] == "没有此页"
    refused = client.get("/things")
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "POST"
    assert refused.json()["title_zh"] == "方法不适用"


def test_headers_forbid_what_comes_from_outside(client):
    first, second = (client.get("/nowhere").headers for _ in range(2))
    policy = first["Content-Security-Policy"]
    assert policy != second["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert first["Strict-Transport-Security"]


def test_only_the_chosen_base_maps_are_allowed():
    async def app(scope, receive, send):
        return None

    tiles = BaseMap(name="a", url="https://t{s}.tianditu.gov.cn/{z}/{x}/{y}")
    headers = SecurityHeaders(app, Settings(base_maps=(tiles,)))
    assert "img-src 'self' data: https://*.tianditu.gov.cn;" in headers.policy
    assert "Strict-Transport-Security" not in headers.fixed


def test_json_of_many_quotation_marks_is_read_in_linear_time():
    check_json(b'"' + rb"\"" * 2_000_000, depth=5)
    check_json(b"[" + b"1" * 299 + b"," + b"11e1," * 200_000, depth=5)


def test_the_gate_names_what_it_refuses():
    with pytest.raises(LimitExceeded) as caught:
        check_json(b"[[[1]]]", depth=2)
    assert caught.value.fields == {"limit": "depth", "value": 3, "maximum": 2}
    with pytest.raises(Malformed):
        check_json(b"\xff", depth=2)
    assert issubclass(errors.BadValue, Malformed)
