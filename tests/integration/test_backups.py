"""A copy of the database comes back whole, or the database stays as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from geo.db import backups
from geo.db.backups import BackupFailed, BackupUnusable, DatabaseBusy

pytestmark = pytest.mark.slow


@pytest.fixture
def postgres():
    return backups.client_programs()


@pytest.fixture
def copy(database_url, postgres, tmp_path):
    """A copy of a database with two people in it."""
    _execute(database_url, "INSERT INTO person (name) VALUES ('李明'), ('王芳') RETURNING id")
    file = tmp_path / "city.dump"
    assert backups.backup(database_url, file, postgres) == file.stat().st_size
    return file


def _execute(url, statement):
    with create_engine(url, poolclass=NullPool).begin() as connection:
        return connection.execute(text(statement)).scalars().all()


def _people(url):
    return _execute(url, "SELECT name FROM person ORDER BY name")


def _sibling(url, database):
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _databases(url):
    """The database and what a restore puts beside it."""
    beside = "SELECT datname FROM pg_database WHERE starts_with(datname, current_database())"
    return set(_execute(url, beside))


@pytest.fixture
def drop_afterwards(cluster_url):
    names = []
    yield names.append
    for name in names:
        with create_engine(
            cluster_url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        ).connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def test_a_restore_brings_back_what_was_copied_and_keeps_what_was_there(
    database_url, copy, postgres, drop_afterwards
):
    _execute(database_url, "INSERT INTO person (name) VALUES ('赵六') RETURNING id")
    restored = backups.restore(database_url, copy, postgres)
    drop_afterwards(restored.kept_as)
    assert _people(database_url) == ["李明", "王芳"]
    assert _people(_sibling(database_url, restored.kept_as)) == ["李明", "王芳", "赵六"]
    assert restored.rows["person"] == 2
    assert "spatial_ref_sys" not in restored.rows


def test_a_restore_ends_the_sessions_of_others(database_url, copy, postgres, drop_afterwards):
    engine = create_engine(database_url, pool_pre_ping=True)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    drop_afterwards(backups.restore(database_url, copy, postgres).kept_as)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 2
    engine.dispose()


@pytest.mark.parametrize("damage", ["empty", "cut", "other", "changed"])
def test_a_damaged_file_leaves_everything_as_it_was(database_url, copy, postgres, damage):
    whole = copy.read_bytes()
    middle = len(whole) // 2
    copy.write_bytes(
        {
            "empty": b"",
            "cut": whole[:middle],
            "other": b"PK\x03\x04 no backup at all",
            "changed": whole[:middle] + b"\0" * 400 + whole[middle + 400 :],
        }[damage]
    )
    before = _databases(database_url)
    with pytest.raises(BackupUnusable):
        backups.restore(database_url, copy, postgres)
    assert _databases(database_url) == before
    assert _people(database_url) == ["李明", "王芳"]


def test_a_file_that_is_not_there_is_told(database_url, tmp_path, postgres):
    with pytest.raises(BackupUnusable):
        backups.restore(database_url, tmp_path / "nowhere.dump", postgres)


def test_a_copy_of_another_product_is_refused(database_url, tmp_path, postgres):
    _execute(database_url, "DELETE FROM alembic_version RETURNING 1")
    file = tmp_path / "other.dump"
    backups.backup(database_url, file, postgres)
    with pytest.raises(BackupUnusable) as refused:
        backups.restore(database_url, file, postgres)
    assert refused.value.fields["reason"] == "no-schema"


def test_a_copy_from_a_newer_version_is_refused(database_url, tmp_path, postgres):
    _execute(database_url, "UPDATE alembic_version SET version_num = '9999' RETURNING 1")
    file = tmp_path / "newer.dump"
    backups.backup(database_url, file, postgres)
    before = _databases(database_url)
    with pytest.raises(BackupUnusable) as refused:
        backups.restore(database_url, file, postgres)
    assert refused.value.fields["reason"] == "newer-version"
    assert _databases(database_url) == before


def test_a_database_that_cannot_be_exchanged_stays(database_url, copy, postgres, monkeypatch):
    monkeypatch.setattr(backups, "_ATTEMPTS", 0)
    before = _databases(database_url)
    with pytest.raises(DatabaseBusy):
        backups.restore(database_url, copy, postgres)
    assert _databases(database_url) == before


def test_a_backup_that_fails_leaves_the_former_file(database_url, tmp_path, postgres):
    file = tmp_path / "city.dump"
    file.write_text("former")
    with pytest.raises(BackupFailed):
        backups.backup(_sibling(database_url, "no-such-database"), file, postgres)
    assert file.read_text() == "former"
    assert list(tmp_path.iterdir()) == [file]


def test_a_backup_into_a_folder_that_is_not_there_is_refused(database_url, tmp_path, postgres):
    with pytest.raises(BackupFailed):
        backups.backup(database_url, tmp_path / "nowhere/city.dump", postgres)


def test_a_backup_is_for_its_owner_alone(copy):
    assert copy.stat().st_mode & 0o077 == 0
