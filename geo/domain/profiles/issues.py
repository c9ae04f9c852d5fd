"""How an issue is seen through, and by when (E)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from geo.domain.profiles.limits import DayRules, TimeLimit
from geo.domain.profiles.rules import Fault, Named, Quoted, Rules

Stage = Literal[
    "reported",
    "accepted",
    "reviewed",
    "approved",
    "dispatched",
    "handled",
    "fed_back",
    "checked",
    "closed",
]
"""上报, 受理, 审核, 审批, 派遣, 处置, 反馈, 核查, 结案."""

Matter = Literal["ordinary", "illegal"]
"""What a case that is handed over is about: 一般违规 or 违法."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKind(Named):
    """The way that issues of a kind go.

    Attributes
    ----------
    stages : tuple of Stage
        Through which they pass, from ``reported`` to ``closed``.
    limit : TimeLimit or None
        How long they may take on each level; by default what the level allows.
    level : str or None
        The level that deals with them first; by default the first one.
    """

    stages: tuple[Stage, ...] = ("reported", "accepted", "handled", "closed")
    limit: TimeLimit | None = None
    level: str | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a way that begins or ends elsewhere, or passes through a stage twice."""
        if self.stages[:1] != ("reported",) or self.stages[-1:] != ("closed",):
            yield Fault("stages", "from-reported-to-closed", {"value": list(self.stages)})
        if len(set(self.stages)) < len(self.stages):
            yield Fault("stages", "twice", {"value": list(self.stages)})


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingLevel(Named):
    """A level that deals with issues, and hands on to the next what is beyond it.

    Attributes
    ----------
    limit : TimeLimit or None
        How long an issue may stay there; None where the source names no time.
    post : str or None
        Whoever holds it in the narrowest grid around the issue sees to it.
    """

    limit: TimeLimit | None = None
    post: str | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: a post that the profile doesn't have."""
        if self.post is not None and self.post not in posts:
            yield Fault("post", "unknown-post", {"value": self.post, "known": sorted(posts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Quoted):
    """When an issue goes to the next level.

    Attributes
    ----------
    when_overdue : bool
        By itself, as soon as its time on a level has run out; otherwise by hand alone.
    """

    when_overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Quoted):
    """Where issues of a category go.

    Attributes
    ----------
    key : str
        The category, in the words of reports.
    kind : str
        Key of their kind.
    level : str or None
        The level that deals with them first; by default that of the kind.
    """

    key: str
    kind: str
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Named):
    """A section that takes cases (案件移交).

    Attributes
    ----------
    takes : Matter
        Which ones.
    """

    takes: Matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling(Quoted):
    """The time that no issue exceeds without being told of at each stage.

    Attributes
    ----------
    limit : TimeLimit
        Counted from the report, whatever the levels allow.
    feedback : tuple of Stage
        Stages of which the reporter is told when it takes longer.
    """

    limit: TimeLimit
    feedback: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates(Quoted):
    """Reports that are likely about one matter: of one category, near each other, and unresolved.

    Attributes
    ----------
    within_m : float
        How near.
    within_days : int
        Reported at most so many days apart.
    """

    within_m: float = 50.0
    within_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge(Named):
    """Something about an issue for which one person is named (责任到人).

    Attributes
    ----------
    stage : Stage
        Nobody takes an issue to this stage before the person is named.
    """

    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(Quoted):
    """Something that holds or doesn't.

    Attributes
    ----------
    holds : bool
        Whether it does.
    """

    holds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRules(Rules):
    """How an issue is seen through, and by when (E).

    Attributes
    ----------
    days : DayRules
        How days are counted.
    kinds : tuple of IssueKind
        The ways that issues go; one of no kind may go any way.
    categories : tuple of Category
        Which category is of which kind; others are of ``default_kind``.
    default_kind : str or None
        Key of the kind of all other categories; None where they are of none.
    levels : tuple of HandlingLevel
        Who deals with an issue, the lowest level first.
    escalation : Escalation
        When it goes to the next level.
    ceiling : Ceiling or None
        How long it takes at most.
    first_asked : Stated
        Whoever is asked first stays named until the issue is struck off (首问负责制).
    delay_states_reason, handing_on_explains : Stated
        Nothing is closed late, and nothing goes to the next level, without a reason.
    clock_stops : Stated
        No time runs while the reporter is waited for.
    results_published : Stated
        Everybody may read what became of issues.
    sections : tuple of Section
        Who takes cases.
    charges : tuple of Charge
        For what one person each is named, in the kinds that pass through those stages.
    duplicates : Duplicates
        Which reports are likely about one matter.
    """

    days: DayRules = field(default_factory=DayRules)
    kinds: tuple[IssueKind, ...] = ()
    categories: tuple[Category, ...] = ()
    default_kind: str | None = None
    levels: tuple[HandlingLevel, ...] = ()
    escalation: Escalation = field(default_factory=Escalation)
    ceiling: Ceiling | None = None
    first_asked: Stated = field(default_factory=Stated)
    delay_states_reason: Stated = field(default_factory=Stated)
    handing_on_explains: Stated = field(default_factory=Stated)
    clock_stops: Stated = field(default_factory=Stated)
    results_published: Stated = field(default_factory=Stated)
    sections: tuple[Section, ...] = ()
    charges: tuple[Charge, ...] = ()
    duplicates: Duplicates = field(default_factory=Duplicates)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - levels look at posts
        """Give what can't hold: references to kinds and levels that the profile doesn't have."""
        kinds = {kind.key for kind in self.kinds}
        levels = {level.key for level in self.levels}
        if self.default_kind is not None:
            yield from _unknown("default_kind", "unknown-kind", [self.default_kind], kinds)
        for category in self.categories:
            yield from _unknown(f"categories.{category.key}.kind", "unknown-kind", [category.kind], kinds)
            yield from _unknown(f"categories.{category.key}.level", "unknown-level", [category.level], levels)
        for kind in self.kinds:
            yield from _unknown(f"kinds.{kind.key}.level", "unknown-level", [kind.level], levels)


def _unknown(path: str, code: str, named: Iterable[str | None], known: set[str]) -> Iterator[Fault]:
    for name in named:
        if name is not None and name not in known:
            yield Fault(path, code, {"value": name, "known": sorted(known)})
