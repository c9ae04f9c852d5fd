"""No input whatever makes the house fail: requests drawn from the OpenAPI document, and beyond it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from api.app import create_app
from api.openapi import operations
from api.settings import Settings
from geo.domain.actors import Role

pytestmark = [pytest.mark.database, pytest.mark.slow]

EXAMPLES = 8

_APP = create_app(Settings(database_url="postgresql+psycopg2:///none"))
_SCHEMA = schemathesis.openapi.from_dict(_APP.openapi())
_OPERATIONS = sorted(route.operation_id for route in operations(_APP))

OWN = {"change_account", "set_password"}
"""Operations that might take away the right to ask from the account that asks."""


def ask(client: TestClient, case: Case, headers: dict[str, str]) -> None:
    """Send a request; whatever it is, the answer is one that the document tells of."""
    given_by_case: dict[str, Any] = case.as_transport_kwargs(base_url=str(client.base_url))
    given_by_case["headers"] = {**given_by_case.get("headers", {}), **headers}
    given_by_case.pop("cookies", None)
    data = given_by_case.pop("data", None)
    if isinstance(data, bytes | str):
        given_by_case["content"] = data
    elif data is not None:
        given_by_case["data"] = data
    client.cookies.clear()
    response = client.request(**given_by_case)
    told = case.operation.definition.raw["responses"]
    assert response.status_code < 500, (given_by_case, response.text)
    assert str(response.status_code) in told, (given_by_case, response.text)


def draw(client: TestClient, name: str, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Ask an operation many things."""
    operation = _SCHEMA.find_operation_by_id(name)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Case) -> None:
        ask(client, case, headers)

    asked()


@pytest.mark.parametrize("name", [name for name in _OPERATIONS if name not in OWN])
def test_an_administrator_asks_anything(name, app, client, city):
    token = city.token(app, Role.ADMIN, "city")
    draw(client, name, GenerationMode.POSITIVE, {"Authorization": f"Bearer {token}"})
    with suppress(Unsatisfiable):  # where nothing particular is asked for, nothing can be wrong
        draw(client, name, GenerationMode.NEGATIVE, {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("name", _OPERATIONS)
def test_the_public_asks_anything(name, client):
    draw(client, name, GenerationMode.POSITIVE, {})
