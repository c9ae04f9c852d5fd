"""The private cluster is made, started, killed, found again and stopped, on real processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from geo.db import cluster as cluster_module
from geo.db import postgres, processes
from geo.db.cluster import Cluster, ClusterFailed, ClusterForeign, ClusterVersion, PostgresMissing
from geo.db.postgres import Postgres

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops rights")


@pytest.fixture(scope="module")
def made():
    """A cluster that was made once and never started since; each test gets a copy."""
    with _public_folder() as folder:
        cluster = Cluster(folder / "cluster", durable=False)
        cluster.start()
        cluster.stop()
        yield folder / "cluster"


@pytest.fixture
def home(made):
    """A stopped cluster of one's own."""
    with _public_folder() as folder:
        subprocess.run(["cp", "-a", made, folder], check=True)
        yield folder / "cluster"
        Cluster(folder / "cluster").stop()


@contextmanager
def _public_folder():
    """Make a folder that the account of the server can enter, which pytest's own can't be."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def _write(url, statement):
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


def _read(url, statement):
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def _gone(pid):
    deadline = time.monotonic() + 10
    while processes.find(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_new_cluster_has_postgis_durable_settings_and_no_port():
    with _public_folder() as folder:
        cluster = Cluster(folder / "cluster")
        with cluster.running() as url:
            assert _read(url, "SELECT postgis_version()")
            assert _read(url, "SHOW fsync") == "on"
            assert _read(url, "SHOW data_checksums") == "on"
            assert _read(url, "SHOW listen_addresses") == ""
            assert _read(url, "SELECT datcollate FROM pg_database WHERE datname = 'wangge'") == "C.UTF-8"
            assert _read(url, "SELECT similarity('文三路', '文三西路')") > 0
        assert cluster.status().pid is None


def test_a_stopped_cluster_starts_again_with_what_was_written(home):
    cluster = Cluster(home)
    _write(cluster.start(), "CREATE TABLE kept AS SELECT 1 AS value")
    cluster.stop()
    assert cluster.status().pid is None
    assert _read(cluster.start(), "SELECT value FROM kept") == 1


def test_starting_twice_is_starting_once(home):
    Cluster(home).start()
    first = Cluster(home).status().pid
    Cluster(home).start()
    assert Cluster(home).status().pid == first


def test_two_that_start_at_once_get_the_same_server(home):
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(lambda _: Cluster(home).start(), range(4)))
    assert len(urls) == 1
    assert len(_postmasters(home)) == 1


def test_the_last_to_leave_stops_the_server(home):
    with Cluster(home).running() as url:
        with Cluster(home).running():
            pass
        assert _read(url, "SELECT 1") == 1
    assert Cluster(home).status().pid is None


def test_a_killed_server_comes_back_with_what_was_committed(home):
    cluster = Cluster(home)
    _write(cluster.start(), "CREATE TABLE kept AS SELECT 1 AS value")
    killed = cluster.status().pid
    os.kill(killed, signal.SIGKILL)
    _gone(killed)
    assert cluster.status().pid is None
    assert _read(cluster.start(), "SELECT value FROM kept") == 1


def test_busy_sessions_that_outlive_a_killed_server_are_ended(home):
    cluster = Cluster(home)
    url = cluster.start()
    busy = threading.Thread(target=_run_until_cut_off, args=(url,))
    busy.start()
    while (
        not _read(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%busy%' AND state = 'active'")
        > 1
    ):
        time.sleep(0.05)
    killed = cluster.status().pid
    os.kill(killed, signal.SIGKILL)
    _gone(killed)
    assert cluster._orphans(), "the session must outlive the server, or this proves nothing"
    assert _read(cluster.start(), "SELECT 1") == 1
    busy.join()


def _run_until_cut_off(url):
    statement = "DO $$ /* busy */ BEGIN LOOP PERFORM 1; END LOOP; END $$"
    with pytest.raises(Exception, match=r"terminat|closed"):
        _write(url, statement)


def test_a_lock_file_whose_number_nobody_has_is_no_obstacle(home):
    _leave_lock_file(home, _dead_pid())
    assert _read(Cluster(home).start(), "SELECT 1") == 1


def test_a_lock_file_whose_number_another_process_has_by_now_is_no_obstacle(home):
    owner = (home / "data").stat()
    stranger = subprocess.Popen(["sleep", "60"], **_as(owner))
    try:
        _leave_lock_file(home, stranger.pid)
        assert Cluster(home).status().pid is None
        assert _read(Cluster(home).start(), "SELECT 1") == 1
        Cluster(home).stop()
        assert stranger.poll() is None, "the stranger is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_cluster_that_was_left_half_made_is_made_anew():
    with _public_folder() as folder:
        cluster = Cluster(folder / "cluster", durable=False)
        cluster._settle()
        (folder / "cluster/data.partial").mkdir()
        (folder / "cluster/data.partial/PG_VERSION").write_text("15\n")
        with cluster.running() as url:
            assert _read(url, "SELECT 1") == 1


def test_a_database_that_was_left_unmade_is_made_at_the_next_start(home):
    cluster = Cluster(home)
    cluster.start()
    with cluster.superuser("postgres") as execute:
        execute("DROP DATABASE wangge")
    assert _read(cluster.start(), "SELECT postgis_version()")


def test_a_path_too_long_for_a_socket_is_no_obstacle(made):
    with _public_folder() as folder:
        deep = folder / ("long" * 30)
        deep.mkdir(mode=0o711)
        subprocess.run(["cp", "-a", made, deep], check=True)
        cluster = Cluster(deep / "cluster")
        with cluster.running() as url:
            assert _read(url, "SELECT 1") == 1
            assert not cluster.sockets.is_relative_to(folder)
            assert cluster.sockets.stat().st_mode & 0o077 == 0
        cluster.sockets.rmdir()


@as_root
def test_a_socket_folder_that_somebody_else_has_put_there_is_refused(made):
    with _public_folder() as folder:
        deep = folder / ("long" * 30)
        deep.mkdir(mode=0o711)
        subprocess.run(["cp", "-a", made, deep], check=True)
        planted = Cluster(deep / "cluster").sockets
        planted.symlink_to(folder)
        with pytest.raises(ClusterForeign):
            Cluster(deep / "cluster").start()
        planted.unlink()


def test_another_major_version_is_refused(home):
    (home / "data/PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterVersion) as refused:
        Cluster(home).start()
    assert refused.value.fields["version"] == 9
    assert refused.value.fields["installed"]


def test_a_machine_without_postgis_is_told_so(home, monkeypatch):
    monkeypatch.setattr(cluster_module, "installed", list)
    with pytest.raises(PostgresMissing):
        Cluster(home).start()


def test_what_the_server_says_when_it_cannot_start_is_told(home):
    with (home / "data/postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(ClusterFailed, match="cluster-failed") as failed:
        Cluster(home).start()
    assert "no_such_setting" in failed.value.fields["log"]


@as_root
@pytest.mark.parametrize("role", ["wangge", "postgres"])
def test_other_users_of_the_machine_cannot_reach_the_socket(home, role):
    Cluster(home).start()
    nobody = pwd.getpwnam("nobody")
    assert "Permission denied" in _refusal_to_connect(home, role, nobody.pw_uid, nobody.pw_gid)


@as_root
def test_the_account_of_the_server_has_no_role_of_its_own(home):
    """Even past the folders, whoever runs as the shared account isn't let in."""
    Cluster(home).start()
    owner = (home / "data").stat()
    assert "Peer authentication failed" in _refusal_to_connect(home, "postgres", owner.st_uid, owner.st_gid)


def _refusal_to_connect(home, role, uid, gid):
    psql = Cluster(home).programs().program("psql")
    command = [psql, "-h", str(Cluster(home).sockets), "-U", role, "-c", "SELECT 1", "postgres"]
    rights = {"user": uid, "group": gid, "extra_groups": []}
    return subprocess.run(command, capture_output=True, text=True, check=False, **rights).stderr


@as_root
def test_a_folder_that_the_account_cannot_enter_gets_its_cluster_elsewhere():
    with _public_folder() as folder:
        folder.chmod(0o700)
        home = folder / "data/cluster"
        cluster = Cluster(home, durable=False)
        with cluster.running() as url:
            assert _read(url, "SELECT 1") == 1
            assert cluster.place.is_relative_to("/var/lib/wangge")
            assert not home.exists()
            assert Cluster(home).status().pid, "another process finds it by the file beside the folder"
        shutil.rmtree(cluster.place)


@as_root
def test_the_server_runs_without_the_rights_of_root(home):
    cluster = Cluster(home)
    cluster.start()
    status = Path(f"/proc/{cluster.status().pid}/status").read_text()
    ids = dict(line.split(":", 1) for line in status.splitlines())
    assert "0" not in ids["Uid"].split()
    assert ids["Groups"].split() in ([], ids["Gid"].split()[:1])
    assert int(ids["CapEff"], 16) == 0


def test_the_installed_versions_have_postgis():
    assert all(isinstance(found, Postgres) for found in postgres.installed())
    assert postgres.is_installed() == bool(postgres.installed())


def test_a_process_is_known_by_its_start_and_not_its_number_alone():
    this = processes.this()
    assert this.alive()
    assert not processes.Process(this.pid, "another time").alive()
    assert processes.find(_dead_pid()) is None


def test_a_process_that_has_ended_but_was_not_collected_counts_as_gone():
    ended = subprocess.Popen(["true"])
    process = processes.find(ended.pid)
    assert process is None or process.gone_within(5)
    ended.wait()


def _postmasters(home):
    owner = (home / "data").stat().st_uid
    return [p for p in processes.of_user(owner) if f"-D {home / 'data'} " in p.command()]


def _dead_pid():
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def _leave_lock_file(home, pid):
    data = home / "data"
    lines = [pid, data, int(time.time()) - 1000, 5432, home / "run", "", "  5432001     12345", "ready   "]
    lock = data / "postmaster.pid"
    lock.write_text("".join(f"{line}\n" for line in lines))
    lock.chmod(0o600)
    owner = data.stat()
    os.chown(lock, owner.st_uid, owner.st_gid)


def _as(owner):
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
