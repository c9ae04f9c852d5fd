"""The page of the audit log: who changed what, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from geo.domain.audit import AuditEntry
from geo.domain.pages import Page
from webmap.i18n import NO_VALUE, Translator, catalogue
from webmap.pages.frame import Frame, render

KINDS = (
    "account",
    "activity",
    "address",
    "assessment",
    "assignment",
    "batch",
    "calendar",
    "conflict",
    "demo",
    "deregistration",
    "draw",
    "entity",
    "finding",
    "generation",
    "import_run",
    "inspection",
    "issue",
    "issue_clock",
    "issue_reporter",
    "key_person",
    "layer",
    "leave",
    "licence",
    "partnership",
    "person",
    "photo",
    "plan",
    "plan_comment",
    "regulation",
    "reminder",
    "statistics",
    "track",
    "visit",
)
"""The kinds of things that changes are recorded of."""

ACTIONS = (
    "adopt",
    "anonymise",
    "change",
    "change-password",
    "commit",
    "correct",
    "create",
    "declare",
    "delete",
    "end",
    "explain",
    "export",
    "file",
    "import",
    "keep",
    "load",
    "look",
    "make_up",
    "override",
    "publish",
    "rate",
    "remind",
    "resolve",
    "reveal",
    "run",
    "unlock",
    "withdraw",
)
"""What is recorded to be done to them."""

FIELDS = (
    "accuracy_m",
    "active",
    "attributes",
    "category",
    "code",
    "count",
    "email",
    "entity_id",
    "filename",
    "format",
    "geom",
    "grants",
    "grid",
    "grid_code",
    "ids",
    "kind",
    "lat",
    "layer",
    "lon",
    "month",
    "name",
    "note",
    "number",
    "person_id",
    "people",
    "phone",
    "plan",
    "post",
    "reason",
    "reported_at",
    "result",
    "revision",
    "role",
    "rows",
    "score",
    "since",
    "state",
    "text",
    "valid_from",
    "valid_to",
    "visited_at",
)
"""The parts of changes that have words; the others stand by the name that the interface gives them."""

LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class AuditChoices:
    """What the log is narrowed down to, as the address of the page says it.

    Attributes
    ----------
    since, until : str
        The first and the last day, ISO 8601; empty for any.
    actor, kind, key : str
        Who, what kind of thing, which one; empty for all.
    is_newest : bool
        Whether the page shows the newest changes.
    """

    since: str = ""
    until: str = ""
    actor: str = ""
    kind: str = ""
    key: str = ""
    is_newest: bool = True

    def address(self, before: int | None = None) -> str:
        """Give the address of a page of the same choice.

        Parameters
        ----------
        before : int, optional
            Only changes with a lower number; the newest by default.
        """
        asked = {name: getattr(self, name) for name in ("since", "until", "actor", "kind", "key")}
        said = {name: value for name, value in {**asked, "before": before}.items() if value}
        return f"/audit?{urlencode(said)}"


@dataclass(frozen=True, slots=True)
class Written:
    """How changes are written in a language.

    Attributes
    ----------
    words : Translator
        The language.
    """

    words: Translator

    def kind(self, kind: str) -> str:
        """Give what a kind of thing is called."""
        return self._named(f"audit.kind.{kind}", kind)

    def action(self, action: str) -> str:
        """Give what was done."""
        return self._named(f"audit.action.{action}", action)

    def label(self, name: str) -> str:
        """Give what a part of a change is called."""
        return self._named(f"audit.field.{name}", name)

    def fields(self, change: Mapping[str, object]) -> list[tuple[str, str]]:
        """Give the parts of a change with their values as text."""
        return [(self.label(name), self._value(name, value)) for name, value in change.items()]

    def _value(self, name: str, value: object) -> str:
        text = self._text(name, value)
        return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

    def _text(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return self.words.text("rule.yes" if value else "rule.no")
        if isinstance(value, Mapping):
            parts = (f"{self.label(inner)} {self._text(inner, part)}" for inner, part in value.items())
            return self.words.text("list.separator").join(parts) or NO_VALUE
        if isinstance(value, list):
            return "; ".join(self._text(name, part) for part in value) or NO_VALUE
        return NO_VALUE if value is None or value == "" else self._named(f"{name}.{value}", str(value))

    def _named(self, key: str, name: str) -> str:
        return catalogue(self.words.language).get(key, name)


def audit_page(frame: Frame, page: Page[AuditEntry], choices: AuditChoices) -> str:
    """Give the page of the audit log, the newest changes first.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    page : Page of AuditEntry
        Some changes, and where the next older ones begin.
    choices : AuditChoices
        What was chosen.

    Returns
    -------
    str
        HTML.
    """
    written = Written(frame.translator)
    kinds = sorted(KINDS, key=written.kind)
    return render(
        "audit.html",
        frame,
        page=page,
        choices=choices,
        kinds=kinds,
        written=written,
        AuditChoices=AuditChoices,
    )
