"""`wangge up`, `status`, `stop` and `db` as an operator meets them: real processes on a real port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest

from api.cli.installation import open_database, settings_of
from api.settings import CHECKOUT
from geo.db import processes
from geo.db.cluster import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def home():
    """A folder of data that the account of the database can enter; the first to need a database makes it."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def data(home):
    """The folder of data, where nothing runs."""
    yield home
    Cluster(home / "cluster").stop()
    (home / "server.json").unlink(missing_ok=True)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _wangge(*words, data):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    command = [sys.executable, "-m", "api", *map(str, words), "--data", str(data)]
    return {"args": command, "cwd": CHECKOUT, "env": environment, "text": True}


def _run(*words, data):
    return subprocess.run(**_wangge(*words, data=data), capture_output=True, check=False)


@pytest.fixture
def up(port, data):
    """Starts the product; what a failed test leaves running is ended."""
    with ExitStack() as ended:

        def start():
            command = _wangge("up", "--no-demo", "--port", port, data=data)
            server = subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            ended.enter_context(server)
            ended.callback(server.kill)
            return server

        yield start


def _await_pages(server, port):
    while server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status
        except OSError:
            time.sleep(0.05)
    raise AssertionError(server.stdout.read())


def _end(server, number):
    server.send_signal(number)
    output, _ = server.communicate(timeout=60)
    return output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(up, data, port, number):
    server = up()
    assert _await_pages(server, port) == 200
    output = _end(server, number)
    assert server.returncode == 0, output
    assert f"http://127.0.0.1:{port}" in output
    assert "Traceback" not in output
    assert Cluster(data / "cluster").status().pid is None
    assert not (data / "server.json").exists()


def test_a_killed_one_starts_again_and_stop_ends_it(up, data, port):
    killed = up()
    _await_pages(killed, port)
    _end(killed, signal.SIGKILL)
    os.kill(Cluster(data / "cluster").status().pid, signal.SIGKILL)
    assert (data / "server.json").exists()
    server = up()
    assert _await_pages(server, port) == 200
    assert f"http://127.0.0.1:{port} (pid {server.pid})" in _run("status", data=data).stdout
    assert _run("stop", data=data).returncode == 0
    server.communicate(timeout=60)
    assert Cluster(data / "cluster").status().pid is None


def test_a_second_one_is_refused_by_name(up, data, port):
    server = up()
    _await_pages(server, port)
    again = _run("up", "--port", port, data=data)
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as other:
        elsewhere = _run("up", "--port", port, data=other)
    _end(server, signal.SIGTERM)
    assert again.returncode == 1
    assert f"http://127.0.0.1:{port}" in again.stderr
    assert elsewhere.returncode == 1
    assert str(port) in elsewhere.stderr
    assert "--port" in elsewhere.stderr


def test_a_record_whose_process_is_another_one_now_is_not_believed(data, port):
    stranger = processes.this()
    record = {"pid": stranger.pid, "started": "long ago", "address": f"http://127.0.0.1:{port}"}
    (data / "server.json").write_text(json.dumps(record))
    assert "Nothing was running" in _run("stop", data=data).stdout
    assert stranger.alive()


def test_a_backup_comes_back_by_the_command_line(data, tmp_path):
    file = tmp_path / "city.dump"
    with open_database(settings_of(data)):
        pass
    assert _run("db", "backup", file, data=data).returncode == 0
    restored = _run("db", "restore", file, data=data)
    assert restored.returncode == 0, restored.stderr
    assert "wangge_before_" in restored.stdout
    refused = _run("db", "restore", __file__, data=data)
    assert refused.returncode == 1
    assert "the database is as it was" in refused.stderr


def test_settings_that_cannot_be_used_are_named():
    environment = {**os.environ, "WANGGE_PORT": "harbour"}
    command = [sys.executable, "-m", "api", "status"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "WANGGE_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_nobody_serves_is_told(data):
    address = {"WANGGE_DATABASE_URL": "postgresql://127.0.0.1:1/city"}
    process = _wangge("db", "backup", data / "x", data=data)
    process["env"] |= address
    done = subprocess.run(**process, capture_output=True, check=False)
    assert done.returncode == 1
    assert "WANGGE_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_teaches_every_command():
    done = subprocess.run(
        [sys.executable, "-m", "api", "--help"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    for command in ("up", "stop", "status", "db", "check", "test", "completion"):
        assert f" {command} " in done.stdout


def test_each_shell_gets_its_completion():
    for shell in ("bash", "zsh", "fish"):
        command = [sys.executable, "-m", "api", "completion", shell]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        assert "_WANGGE_COMPLETE" in done.stdout
