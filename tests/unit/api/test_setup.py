"""The set-up of a machine: what it finds, what it asks for, and that it can be interrupted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.setup import ROOT, SetupFailed, assets, environment, machine, progress
from api.setup.__main__ import main, steps_for
from api.setup.machine import Need

ABSENT = Need("postgis", lambda: False)
PRESENT = Need("venv", lambda: True)


@pytest.fixture
def commands(monkeypatch):
    """What would be run, instead of running it."""
    run = []
    for module in (machine, environment, assets):
        monkeypatch.setattr(module, "run", lambda _title, command, **_options: run.append(list(command)))
    return run


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with a requirements file."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin/python")
    monkeypatch.setattr(environment, "SITE_PACKAGES", venv / "site-packages")
    monkeypatch.setattr(environment, "_INTERRUPTED", venv / "interrupted")
    (tmp_path / "requirements.txt").write_text("shapely==1\n")
    (tmp_path / "requirements-test.txt").write_text("shapely==1\npytest==1\n")
    return tmp_path


def _make_venv(checkout):
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").symlink_to(sys.executable)
    (checkout / ".venv/site-packages/pip").mkdir(parents=True)


def _acting_as(monkeypatch, *, root=False, sudo=False, program="apt-get"):
    programs = {program, "sudo"} if sudo is not None else {program}
    monkeypatch.setattr(
        machine.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None
    )
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0 if root else 1000)
    answer = subprocess.CompletedProcess([], 0 if sudo else 1)
    monkeypatch.setattr(machine.subprocess, "run", lambda *_words, **_options: answer)


def test_it_needs_nothing_but_the_standard_library():
    bare = [Path(sys.executable).resolve(), "-S", "-c", "import api.setup.__main__"]
    assert subprocess.run(bare, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False).returncode == 0


def test_nothing_is_run_when_the_machine_has_everything(commands):
    machine.provide([PRESENT])
    assert commands == []


def test_root_gets_the_packages_installed_in_one_go(commands, monkeypatch):
    _acting_as(monkeypatch, root=True)
    machine.provide([ABSENT, PRESENT, Need("fonts", lambda: False)])
    assert [command[2:4] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert {"postgresql-postgis", "fonts-noto-cjk"} <= set(commands[1])
    assert not any("venv" in word for word in commands[1])


def test_sudo_is_used_where_it_asks_nothing(commands, monkeypatch):
    _acting_as(monkeypatch, sudo=True)
    machine.provide([ABSENT])
    assert all(command[:2] == ["/usr/bin/sudo", "-n"] for command in commands)


@pytest.mark.parametrize("sudo", [False, None])
def test_others_are_told_the_one_command(commands, monkeypatch, sudo):
    _acting_as(monkeypatch, sudo=sudo)
    with pytest.raises(SetupFailed) as failure:
        machine.provide([ABSENT, Need("venv", lambda: False)])
    assert failure.value.status == 2
    [command] = [line for line in failure.value.words.splitlines() if "sudo" in line]
    assert "apt-get update && sudo apt-get install" in command
    assert "postgresql-postgis" in command
    assert "-venv" in command
    assert commands == []


def test_an_unknown_system_is_told_what_is_missing(monkeypatch):
    _acting_as(monkeypatch, program="pacman")
    with pytest.raises(SetupFailed, match="postgis") as failure:
        machine.provide([ABSENT])
    assert failure.value.status == 2


def test_homebrew_is_never_run_as_root(commands, monkeypatch):
    _acting_as(monkeypatch, sudo=True, program="brew")
    machine.provide([ABSENT])
    assert commands == [["brew", "install", "postgis"]]


def test_what_lays_out_text_is_found_where_it_loads(monkeypatch):
    assert machine.PANGO.present()
    monkeypatch.setattr(machine.ctypes, "CDLL", _unless_it_is_pangoft2)
    assert not machine.PANGO.present()


def _unless_it_is_pangoft2(name):
    if "pangoft2" in name:
        raise OSError(name)


def test_every_package_manager_knows_what_printing_needs():
    assert [manager.program for manager in machine.MANAGERS if not manager.packages.get("pango")] == []


def test_an_environment_is_made_once(checkout, commands, monkeypatch):
    monkeypatch.setattr(
        environment,
        "run",
        lambda _title, command: commands.append(command) or _venv_if_asked(checkout, command),
    )
    environment.make(environment.BASE)
    assert [command[2] for command in commands] == ["venv", "pip"]
    assert "--require-hashes" in commands[1]
    assert environment.is_ready(environment.BASE)
    assert not environment.is_ready(environment.TEST)


def _venv_if_asked(checkout, command):
    if "venv" in command:
        _make_venv(checkout)


def test_what_the_tests_need_includes_what_the_product_needs(checkout, commands):
    _make_venv(checkout)
    environment.make(environment.TEST)
    assert environment.is_ready(environment.TEST)
    assert environment.is_ready(environment.BASE)


def test_changed_requirements_are_installed_again(checkout, commands):
    _make_venv(checkout)
    environment.make(environment.BASE)
    (checkout / "requirements.txt").write_text("shapely==2\n")
    assert not environment.is_ready(environment.BASE)


def test_an_interrupted_installation_is_begun_anew(checkout, commands, monkeypatch):
    _make_venv(checkout)
    monkeypatch.setattr(environment, "run", _killed)
    with pytest.raises(KeyboardInterrupt):
        environment.make(environment.BASE)
    assert not environment.is_ready(environment.BASE)
    monkeypatch.setattr(environment, "run", lambda _title, command: commands.append(command))
    environment.make(environment.BASE)
    assert "--clear" in commands[0]
    assert environment.is_ready(environment.BASE)


def _killed(_title, _command):
    raise KeyboardInterrupt


def test_an_environment_whose_python_is_gone_is_not_ready(checkout, commands):
    _make_venv(checkout)
    environment.make(environment.BASE)
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert not environment.is_ready(environment.BASE)


def test_every_asset_comes_from_a_locked_package():
    packages = json.loads((ROOT / "package.json").read_text())
    lock = (ROOT / "package-lock.json").read_text()
    locked = json.loads(lock)["packages"]
    for source in packages["wangge"]["assets"].values():
        name = "/".join(source["from"].split("/")[: 2 if source["from"].startswith("@") else 1])
        assert packages["dependencies"][name] == locked[f"node_modules/{name}"]["version"]
    assert all("integrity" in entry for path, entry in locked.items() if path)
    assert "resolved" not in lock


def test_assets_are_copied_and_stale_ones_removed(tmp_path, commands, monkeypatch):
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "_STAMP", tmp_path / "vendor/stamp.sha256")
    monkeypatch.setattr(assets, "_MANIFEST", tmp_path / "package.json")
    named = {"leaflet": {"from": "leaflet/dist", "files": ["*.js", "images/*.png"]}}
    (tmp_path / "package.json").write_text(json.dumps({"wangge": {"assets": named}}))
    dist = tmp_path / "node_modules/leaflet/dist"
    (dist / "images").mkdir(parents=True)
    (dist / "leaflet.js").write_text("js")
    (dist / "images/a.png").write_text("png")
    (dist / "leaflet.css").write_text("not named")
    (tmp_path / "vendor/old").mkdir(parents=True)
    assets.fetch()
    assert assets.are_ready()
    copied = {str(path.relative_to(tmp_path / "vendor")) for path in (tmp_path / "vendor").rglob("*.*")}
    assert copied == {"leaflet/leaflet.js", "leaflet/images/a.png", "stamp.sha256"}
    assert not (tmp_path / "vendor/old").exists()
    assert "--ignore-scripts" in commands[0]


def test_help_needs_no_database_and_tests_need_a_browser(monkeypatch):
    asked = []
    monkeypatch.setattr(machine, "provide", lambda needs: asked.append({need.name for need in needs}))
    for arguments in (["--help"], ["up", "--help"], ["check"], ["up"], ["test"]):
        steps_for(arguments)[0].run()
    assert asked == [
        {"venv"},
        {"venv"},
        {"venv"},
        {"venv", "postgis", "pango", "fonts"},
        {"venv", "postgis", "pango", "fonts", "chromium", "driver"},
    ]


def test_a_database_of_ones_own_needs_no_server_here(monkeypatch):
    asked = []
    monkeypatch.setattr(machine, "provide", lambda needs: asked.append({need.name for need in needs}))
    monkeypatch.setenv("WANGGE_DATABASE_URL", "postgresql://city")
    steps_for(["up"])[0].run()
    assert asked == [{"venv", "pango", "fonts"}]


def test_a_program_that_fails_shows_its_last_lines(capsys):
    with pytest.raises(SetupFailed, match="no such thing") as failure:
        progress.run("试 · Trying", [sys.executable, "-c", "raise SystemExit('no such thing')"])
    assert failure.value.status == 1
    assert "Trying" in capsys.readouterr().err


def test_what_fails_becomes_the_exit_status(monkeypatch, capsys):
    def fail(_needs):
        raise SetupFailed("请先安装 · Install it first", 2)

    monkeypatch.setattr(machine, "provide", fail)
    monkeypatch.setattr(machine, "POSTGIS", ABSENT)
    assert main(["up"]) == 2
    assert "Install it first" in capsys.readouterr().err


def test_completion_is_never_kept_waiting(monkeypatch):
    monkeypatch.setattr(machine, "POSTGIS", ABSENT)
    monkeypatch.setenv("_WANGGE_COMPLETE", "complete_bash")
    assert main(["up"]) == 0


def test_the_launcher_says_which_python_it_needs(tmp_path):
    (tmp_path / "wangge").write_text((ROOT / "wangge").read_text())
    for tool in ("sh", "dirname", "readlink"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(
        ["/bin/sh", tmp_path / "wangge", "up"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "3.11" in done.stderr
