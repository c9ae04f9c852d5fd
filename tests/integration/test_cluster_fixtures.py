"""The fixtures that every test of the database stands on."""

from __future__ import annotations

import socket

import pytest
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def _one(url, statement):
    with create_engine(url, poolclass=NullPool).begin() as connection:
        return connection.execute(text(statement)).scalar_one()


@pytest.mark.parametrize("_round", [1, 2])
def test_each_test_gets_a_database_that_nobody_has_written_to(database_url, _round):
    assert _one(database_url, "SELECT count(*) FROM person") == 0
    _one(database_url, "INSERT INTO person (name) VALUES ('李 明') RETURNING id")


def test_the_readers_database_has_the_schema(clean_database_url):
    assert _one(clean_database_url, "SELECT count(*) FROM level") == 4


def test_trigrams_see_chinese(clean_database_url):
    assert _one(clean_database_url, "SELECT similarity('文三路', '文三路')") == 1


def test_the_role_of_the_product_is_no_superuser(clean_database_url):
    assert _one(clean_database_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_network_ends_at_this_machine():
    blocked = pytest.raises(SocketConnectBlockedError)
    with socket.socket() as outside, pytest.warns(UserWarning, match="192.0.2.1"), blocked:
        outside.connect(("192.0.2.1", 80))
