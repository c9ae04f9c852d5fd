"""What the documents say is so: commands, settings, links, files, and the same in both languages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from api.cli import app
from api.settings import Limits, Settings, Timers

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DECISIONS = sorted(path for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("docs/**/*.md")])
PARTS = ["Context", "Decision", "Consequences", "Evidence"]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_FILE = re.compile(r"`((?:api|data|docs|geo|migrations|tests|webmap)/[\w./-]+)`")
NAMED_CODE = re.compile(r"`(?:\w+\.)?(\w+)(?:\(\))?`")
MACHINE = re.compile(r"/(?:home|root|Users)/")
SIZES = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

COMMAND = typer.main.get_command(app)


def page(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", path.read_text("utf-8"))


def headings(path: Path) -> list[tuple[int, str]]:
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", prose(path), re.MULTILINE)]


def anchors(path: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", words).strip().lower().replace(" ", "-") for _, words in headings(path)}


def commands(path: Path) -> Iterator[list[str]]:
    """The words of each call of the command line."""
    for language, block in FENCE.findall(path.read_text("utf-8")):
        if language == "sh":
            lines = block.replace("\\\n", " ").splitlines()
            yield from filter(None, map(words_of_call, lines))


def words_of_call(line: str) -> list[str]:
    _, here, call = line.partition("./wangge ")
    return shlex.split(call.replace(')"', ""), comments=True) if here else []


def unknown_words(words: list[str]) -> list[str]:
    """What of a call the command line doesn't know."""
    command, rest = COMMAND, list(words)
    while rest and hasattr(command, "commands"):
        name = rest.pop(0)
        if name not in command.commands:
            return [] if name == "--help" else [name]
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    return [
        word for word in rest if word.startswith("--") and word.partition("=")[0] not in known | {"--help"}
    ]


def tables(path: Path) -> list[list[str]]:
    """The cells of each row of each table."""
    rows = [line for line in prose(path).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


# commands and settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*READMES, ROOT / "CONTRIBUTING.md"], ids=page)
def test_every_command_is_one_that_the_command_line_knows(path: Path) -> None:
    assert [(words, unknown) for words in commands(path) if (unknown := unknown_words(words))] == []


def test_the_two_commands_come_first() -> None:
    for path in READMES:
        assert list(commands(path))[:2] == [["up"], ["test"]]


def test_an_unknown_command_or_option_is_noticed() -> None:
    assert unknown_words(["fly"]) == ["fly"]
    assert unknown_words(["db", "vanish"]) == ["vanish"]
    assert unknown_words(["up", "--port", "1", "--wings"]) == ["--wings"]


def variables() -> set[str]:
    nested = {"limits": Limits, "timers": Timers}
    fields = {f"WANGGE_{name.upper()}" for name in Settings.model_fields if name not in nested}
    return fields | {
        f"WANGGE_{group.upper()}__{name.upper()}" for group, of in nested.items() for name in of.model_fields
    }


def documented(path: Path) -> dict[str, str]:
    """The default of each setting, as the page has it."""
    rows = (row for row in tables(path) if row[0].startswith("`WANGGE_"))
    return {variable.strip("`"): default for variable, default, *_ in rows}


def plain(default: str) -> str:
    """A default as a variable holds it."""
    number, _, unit = default.partition(" ")
    return str(int(number) * SIZES[unit]) if unit in SIZES else default.strip("`")


@pytest.mark.parametrize("path", READMES, ids=page)
def test_every_setting_is_told_with_its_default(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = documented(path)
    assert set(told) == variables()
    monkeypatch.chdir(ROOT)
    for variable in told:
        monkeypatch.delenv(variable, raising=False)
    usual = Settings()
    for variable, default in told.items():
        if default != "–":
            monkeypatch.setenv(variable, plain(default))
    assert Settings() == usual


# both languages ------------------------------------------------------------------------------------------


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = ([level for level, _ in headings(path)] for path in READMES)
    assert english == chinese


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = (list(commands(path)) for path in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_tables() -> None:
    english, chinese = ([len(row) for row in tables(path)] for path in READMES)
    assert english == chinese


# files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        target, _, anchor = link.partition("#")
        if re.match(r"https?://", target):
            continue
        file = path.parent / target if target else path
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_every_file_that_is_named_is_there(path: Path) -> None:
    made_at_set_up = "webmap/static/vendor/"
    named = {name for name in NAMED_FILE.findall(path.read_text("utf-8")) if "NAME" not in name}
    assert sorted(name for name in named - {made_at_set_up} if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("path", READMES, ids=page)
def test_the_request_passes_through_code_that_is_there(path: Path) -> None:
    part = re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[3]
    steps = re.split(r"^(?=\d\. )", part, flags=re.MULTILINE)[1:]
    assert len(steps) == 6
    for step in steps:
        code = "".join((ROOT / name).read_text("utf-8") for name in NAMED_FILE.findall(step))
        assert [name for name in NAMED_CODE.findall(step) if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_no_page_knows_the_machine_it_was_written_on(path: Path) -> None:
    assert MACHINE.findall(path.read_text("utf-8")) == []


def test_a_path_of_a_machine_is_noticed() -> None:
    assert MACHINE.search("see /home/somebody/wangge")


def test_pictures_are_small_and_shown() -> None:
    shown = {
        (path.parent / link).resolve() for path in PAGES for link in LINK.findall(path.read_text("utf-8"))
    }
    pictures = [path for path in (ROOT / "docs/images").iterdir() if path.is_file()]
    assert [path.name for path in pictures if path.stat().st_size > 300_000 or path not in shown] == []


def test_each_file_of_data_has_a_source_and_a_licence() -> None:
    files = {
        str(path.relative_to(ROOT / "data")) for path in (ROOT / "data").rglob("*") if path.is_file()
    } - {"README.md"}
    told = {name.strip("`"): cells for name, *cells in tables(ROOT / "data/README.md")}
    assert files <= told.keys()
    assert all(all(told[name]) for name in files)


# decisions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DECISIONS, ids=page)
def test_each_decision_has_a_date_and_its_parts(path: Path) -> None:
    assert re.match(r"# .+\n\n\d{4}-\d{2}-\d{2} · ", path.read_text("utf-8"))
    parts = [words for level, words in headings(path) if level == 2]
    assert parts[: len(PARTS)] == PARTS
    assert parts[len(PARTS) :] in ([], ["References"])


def test_the_list_of_decisions_is_whole() -> None:
    listed = LINK.findall(prose(ROOT / "docs/decisions/README.md"))
    assert sorted(listed) == [path.name for path in DECISIONS]
