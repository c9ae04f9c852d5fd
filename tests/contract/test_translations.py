"""Every visible text stands in both catalogues, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.lexer import TOKEN_DATA

from api.routes.maps import COVERAGE_EXPORTS, ISSUE_EXPORTS
from geo.domain.activities import Presence
from geo.domain.actors import Role
from geo.domain.comparisons import SideKind
from geo.domain.context import ContextLayer
from geo.domain.entities import EntityKind, EntityState
from geo.domain.exchange import Layer, OnExisting, RunState, Severity
from geo.domain.grids import Level
from geo.domain.hotspots import Finding
from geo.domain.inspections import Acknowledgement, Answer
from geo.domain.issue_flow import Shown
from geo.domain.issues import EVENT_KINDS, IssueState
from geo.domain.jobs import FIGURES as JOB_FIGURES
from geo.domain.jobs import JobKey
from geo.domain.photos import Shows
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import PlanState
from geo.domain.posts import Fault
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally
from geo.domain.profiles.duties import Record
from geo.domain.profiles.issues import Matter
from geo.domain.profiles.limits import Unit
from geo.domain.profiles.statistics import BASICS, REPORTS, Figure
from geo.domain.suspicions import SuspicionKind
from geo.domain.todo import ReminderKind, Urgency
from geo.services.exchange.mapping import fields_of
from geo.services.profile_documents import schema, shipped_profiles
from webmap.i18n import Language, catalogue
from webmap.layers.coverage import Scale
from webmap.pages.audit import ACTIONS, FIELDS, KINDS
from webmap.pages.choices import Span
from webmap.pages.comparison import FIGURES, PAPERS, View
from webmap.pages.draws import COLUMNS as DRAW_COLUMNS
from webmap.pages.frame import GROUPS as MENUS
from webmap.pages.frame import NAVIGATION
from webmap.pages.imports import STAGES
from webmap.pages.inspections import REASONS
from webmap.pages.inspections import STEPS as INSPECTION_STEPS
from webmap.pages.locate import DATUMS
from webmap.pages.profiles import UNITS
from webmap.pages.workbench import STEPS, TABS, TOOLS

WEBMAP = Path(__file__).parents[2] / "webmap"
TEMPLATES = sorted((WEBMAP / "templates").glob("**/*.html"))
MODULES = sorted([*WEBMAP.glob("**/*.py"), *(WEBMAP.parent / "api").glob("**/*.py")])
SCRIPTS = sorted((WEBMAP / "static" / "js").glob("**/*.js"))

KEY = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)*"
GROUPS = {key.split(".")[0] for key in catalogue(Language.CHINESE) if "." in key}
CHINESE = re.compile(r"[\u3400-\u9fff]")
NAMES = {"网格", "Wangge", "OpenAPI"}


def keys_in_template(path: Path) -> set[str]:
    source = path.read_text("utf-8")
    return set(re.findall(rf"_\(\s*[\"']({KEY})[\"']\s*[,)]", source))


def keys_in_module(path: Path) -> set[str]:
    """Strings that begin like keys of the catalogue and aren't names of files."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    values = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    keys = {value for value in values if re.fullmatch(KEY, value) and "." in value}
    return {key for key in keys if key.split(".")[0] in GROUPS and not key.endswith(".html")}


def keys_in_script(path: Path) -> set[str]:
    return {f"js.{key}" for key in re.findall(rf"\bword\(\"({KEY})\"", path.read_text("utf-8"))}


def named_by_values() -> Iterator[str]:
    """What is made of a prefix and a value: those of every value there is."""
    for level in Level:
        yield from (f"level.{level}", f"js.level.{level}")
    yield from (f"role.{role}" for role in Role)
    yield from (f"kind.{kind}" for kind in EntityKind)
    yield from (f"span.{span.value}" for span in Span)
    yield from (f"map.hotspots.{finding}" for finding in Finding)
    yield from (f"map.issue.state.{state}" for state in IssueState)
    yield from (f"issue.to.{state}" for state in IssueState)
    yield from (f"issue.event.{kind}" for kind in (*EVENT_KINDS, "overtime"))
    yield from (f"issue.due.{counting}" for counting in (*get_args(Unit), "same_day"))
    yield from (f"issue.show.{shown}" for shown in Shown)
    yield from (f"photo.{shows}" for shows in (*Shows, "one"))
    yield from (f"photo.taking.{shows}" for shows in Shows)
    yield from (f"issue.charge.{charge}" for charge in ("first_asked", "handling"))
    yield from (f"case.matter.{matter}" for matter in get_args(Matter))
    yield from (f"results.score.{score}" for score in range(1, 6))
    columns = ("number", "category", "community", "reported", "closed", "result")
    yield from (f"results.{column}" for column in columns)
    yield from ("choices.kind", "choices.category")
    yield from (f"layer.{layer}" for layer in Layer)
    yield from (f"export.{form}" for _, form in (*COVERAGE_EXPORTS, *ISSUE_EXPORTS))
    yield from (f"datum.{datum}" for datum in DATUMS)
    yield from (f"nav.{key}" for key, _, _ in NAVIGATION)
    yield from (f"nav.group.{group}" for group, _ in MENUS)
    yield from (f"comparison.view.{view}" for view in View)
    yield from (f"comparison.{group}.{kind}" for group in ("kind", "title") for kind in SideKind)
    yield from (f"comparison.pdf.{paper}" for paper in PAPERS)
    yield from (f"comparison.figure.{name}" for name in FIGURES)
    yield from ("comparison.before", "comparison.after")
    yield from (key for job in JobKey for key in (f"jobs.{job}", f"jobs.{job}.meaning"))
    yield from (f"jobs.done.{figure}" for figure in JOB_FIGURES)
    yield from named_of_imports()
    yield from (key for scale in Scale for key in (f"scale.{scale}", f"map.coverage.note.{scale}"))
    yield from (f"post.fault.{fault}" for fault in Fault)
    yield from (f"field.{name}" for name in named_in_profiles())
    yield from named_as_values()
    yield from named_in_books()
    yield from named_of_duties()
    yield from named_of_inspections()
    yield from named_on_the_workbench()
    yield from named_in_the_trail()


def named_of_imports() -> Iterator[str]:
    yield from (f"imports.existing.{one}" for one in OnExisting)
    yield from {f"imports.of.{field.name}" for layer in Layer for field in fields_of(layer)}
    yield from (f"imports.state.{state}" for state in (*RunState, "kept", "tried"))
    yield from (f"js.imports.stage.{stage}" for stage in STAGES)
    ended = ("dry-run", "refused", "committed", RunState.FAILED, RunState.INTERRUPTED)
    yield from (f"js.imports.ended.{state}" for state in ended)
    yield from (f"js.imports.severity.{severity}" for severity in Severity)


def named_in_profiles() -> set[str]:
    """The names of what may stand in a profile, but for what tells of a part."""
    parts = schema()["$defs"].values()
    sections = {"division", "posts", "duties", "inspections", "issues", "statistics", "assessment", "privacy"}
    names = {name for part in parts for name in part.get("properties", {})}
    return (names | sections) - {"key", "name", "rules", "clause", "zh", "en"}


def named_as_values() -> Iterator[str]:
    """What stands in profiles as a word of the product: enumerations, guarded fields, counts of ledgers."""
    fixed = {"leaders", "check", *BASICS} - {"area"}
    fields = {rule.field for profile in shipped_profiles().values() for rule in profile.privacy.fields}
    guarded = {field for field in fields if field.isascii()}
    yield from (f"value.{value}" for value in {*enumerated(schema()), *fixed, *guarded})
    yield from (f"unit.{unit}" for unit in UNITS.values())


def enumerated(place: object) -> Iterator[str]:
    """The values that a schema names one by one."""
    if isinstance(place, list):
        yield from (value for one in place for value in enumerated(one))
    elif isinstance(place, dict):
        yield from (value for one in place.values() for value in enumerated(one))
        yield from (value for value in [*place.get("enum", ()), place.get("const")] if isinstance(value, str))


def named_in_books() -> Iterator[str]:
    yield from (f"figure.{figure}" for figure in Figure if figure is not Figure.RESULTS)
    yield from (f"report.{key}" for key in REPORTS)
    yield from (f"file.{kind}" for kind in ("pdf", "xlsx"))
    yield from (f"ledger.basic.{key}" for key in (*BASICS, "area"))
    yield from (f"subject_state.{state}" for state in EntityState)
    yield from (f"measure.{measure}" for measure in (*Rate, *Tally))
    yield from (f"period.{period}" for period in AssessedPeriod)
    yield from (f"assessment.subject.{subject}" for subject in ("grid", "person"))
    yield from (f"record.{kind}" for kind in ("visit", "issue", "activity"))
    for part in ("basics", "work", "changes", "posts", "responsible", "lineage"):
        yield f"ledger.{part}"
    for part in ("subjects", "visits", "issues"):
        yield from (f"ledger.{part}", f"ledger.{part}.kind", f"ledger.{part}.state")
    yield from (f"ledger.{column}" for column in ("grid", "post", "name", "phone"))


def named_of_duties() -> Iterator[str]:
    yield "choices.duty"
    yield from (f"presence.{state}" for state in Presence)
    yield from (f"todo.{urgency}" for urgency in Urgency)
    yield from (f"todo.{kind}" for kind in ReminderKind)
    yield from (f"filing.record.{record}" for record in (Record.VISIT, Record.ACTIVITY))
    yield from (f"draws.{column}" for column in DRAW_COLUMNS)


def named_of_inspections() -> Iterator[str]:
    yield from (f"inspection.step.{step}" for step in INSPECTION_STEPS)
    yield from (f"inspection.answer.{answer}" for answer in Answer)
    yield from (f"inspection.acknowledgement.{way}" for way in Acknowledgement)
    yield from (f"due.reason.{reason}" for reason in REASONS)
    for kind in SuspicionKind:
        yield from (f"suspicion.kind.{kind}", f"suspicion.figure.{kind}")


def named_in_the_trail() -> Iterator[str]:
    yield from (f"audit.kind.{kind}" for kind in KINDS)
    yield from (f"audit.action.{action}" for action in ACTIONS)
    yield from (f"audit.field.{field}" for field in FIELDS)


def named_on_the_workbench() -> Iterator[str]:
    for tool in (tool for group in TOOLS for tool in group):
        yield from (f"workbench.tool.{tool.name}", f"workbench.tool.{tool.name}.meaning")
    yield from (f"workbench.step.{step}" for step in STEPS)
    yield from (f"workbench.tab.{tab}" for tab in TABS)
    yield from (f"js.workbench.operation.{kind}" for kind in OperationKind)
    yield from (f"js.workbench.state.{state}" for state in PlanState)
    yield from (f"js.workbench.layer.{layer}" for layer in ContextLayer)
    yield from (f"js.workbench.datum.{datum}" for datum in ("declared", *DATUMS))


def used() -> set[str]:
    found = set(named_by_values())
    for template in TEMPLATES:
        found |= keys_in_template(template)
    for module in MODULES:
        found |= keys_in_module(module)
    for script in SCRIPTS:
        found |= keys_in_script(script)
    return found


@pytest.mark.parametrize("language", Language)
def test_every_key_that_is_used_has_words(language: Language) -> None:
    assert sorted(used() - catalogue(language).keys()) == []


def test_no_words_are_kept_for_nothing() -> None:
    called = used() | {f"{key}.meaning" for key in used()}
    assert sorted(catalogue(Language.CHINESE).keys() - called) == []


def test_both_catalogues_hold_the_same_keys() -> None:
    assert catalogue(Language.CHINESE).keys() == catalogue(Language.ENGLISH).keys()


@pytest.mark.parametrize("language", Language)
def test_nothing_is_empty_fuzzy_or_written_twice(language: Language) -> None:
    with language.file.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert [message.id for message in messages if not message.string or message.fuzzy] == []
    written = re.findall(r'^msgid "(.+)"$', language.file.read_text("utf-8"), re.MULTILINE)
    assert len(written) == len(set(written))


def test_translations_fill_the_same_gaps() -> None:
    def gaps(words: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(words) if name is not None}

    chinese, english = catalogue(Language.CHINESE), catalogue(Language.ENGLISH)
    assert [key for key in chinese if gaps(chinese[key]) != gaps(english[key])] == []


def test_english_speaks_no_chinese_but_in_the_example() -> None:
    chinese = {key for key, words in catalogue(Language.ENGLISH).items() if CHINESE.search(words)}
    assert chinese == {"locate.address.example"}


def raw_text(template: str) -> set[str]:
    """The words that stand in a template as they are."""
    tokens = Environment().lex(template)
    markup = "".join(text if kind == TOKEN_DATA else "\0" for _, kind, text in tokens)
    between_tags = re.sub(r"<(code|kbd|style|script)\b.*?</\1>", "", markup, flags=re.DOTALL)
    texts = re.split(r"<[^>]*>", between_tags) + re.findall(
        r"(?:title|alt|placeholder|aria-label)=[\"']([^\"']*)[\"']", between_tags
    )
    return {word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    assert raw_text(path.read_text("utf-8")) - NAMES == set()


def test_a_word_in_a_template_is_seen() -> None:
    assert raw_text('<p title="Untold">{{ _("x") }} Hello</p>') == {"Untold", "Hello"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_hold_no_words_of_their_own(path: Path) -> None:
    source = path.read_text("utf-8")
    code = re.sub(r"^\s*//.*$", "", source, flags=re.MULTILINE)
    assert not CHINESE.search(code)
    assert re.findall(r"(?:textContent\s*=|append\(|node\([^)]*,)\s*[\"'`][A-Za-z][^\"'`]* ", code) == []
