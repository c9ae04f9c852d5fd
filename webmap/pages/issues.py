"""The pages of issues: what is left to be done, one issue, a new one, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date

from geo.domain.issue_cases import PublicResult
from geo.domain.issue_flow import Candidate, Listed, Shown
from geo.domain.issue_views import IssueView
from geo.domain.issues import IssueEvent, IssueState, is_backward
from geo.domain.pages import Page
from geo.domain.photos import SeenBefore, Shows
from geo.domain.profiles.rules import Named
from webmap.base_map import MapParts
from webmap.i18n import Translator
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class Button:
    """A step that the reader may take, with what it asks for.

    Attributes
    ----------
    state : IssueState
        Where the step leads.
    label : str
        What the button says.
    is_backward : bool
        Whether it returns, reopens or gives up: the reason has to be stated.
    asks_result, asks_delay, asks_public : bool
        Whether it asks what was done, why it took longer, and what everybody may read.
    asks_photos : tuple of Shows
        What photos of it may show.
    """

    state: IssueState
    label: str
    is_backward: bool
    asks_result: bool
    asks_delay: bool
    asks_public: bool
    asks_photos: tuple[Shows, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the history in words.

    Attributes
    ----------
    event : IssueEvent
        The step.
    words : str
        What happened.
    """

    event: IssueEvent
    words: str


def issue_page(
    frame: Frame,
    view: IssueView,
    people: Sequence[Candidate],
    seen_before: Sequence[SeenBefore],
    *,
    is_overdue: bool,
) -> str:
    """Give the page of one issue.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    view : IssueView
        The issue.
    people : sequence of Candidate
        Who may be named for it.
    seen_before : sequence of SeenBefore
        Its photos that look like one that came sooner.
    is_overdue : bool
        Whether its deadline has passed, or had when it was closed.

    Returns
    -------
    str
        HTML.
    """
    words = frame.translator
    return render(
        "issue.html",
        frame,
        view=view,
        issue=view.issue,
        is_overdue=is_overdue,
        idle=_idle(words, view),
        weekday=_weekday(words, view),
        late_on=_late_on(words, view),
        stages=_stages(view),
        buttons=[_button(words, view, state, is_overdue=is_overdue) for state in _in_order(view)],
        lines=[Line(event, _told(words, view, event)) for event in reversed(view.history)],
        charges=_charges(words, view),
        people=people,
        seen_before=seen_before,
        named=partial(_named, words),
    )


def issues_page(frame: Frame, issues: Sequence[Listed], shown: Shown) -> str:
    """Give the page of what is left to be done.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    issues : sequence of Listed
        The issues, the overdue first.
    shown : Shown
        Which ones were asked for.

    Returns
    -------
    str
        HTML.
    """
    return render("issues.html", frame, issues=issues, shown=shown, choices=list(Shown))


def new_issue_page(frame: Frame, deadlines: Mapping[str, datetime | None], map_parts: MapParts) -> str:
    """Give the page on which an issue is reported.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    deadlines : Mapping[str, datetime or None]
        Until when an issue that is reported now has to be dealt with, by categories that were reported
        before; under an empty text, one of any other.
    map_parts : MapParts
        The map of the division.

    Returns
    -------
    str
        HTML.
    """
    return render("issue_new.html", frame, deadlines=deadlines, map=map_parts)


def results_page(frame: Frame, page: Page[PublicResult]) -> str:
    """Give the public page of what became of issues.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    page : Page of PublicResult
        The newest first.

    Returns
    -------
    str
        HTML.
    """
    return render("results.html", frame, page=page)


def result_page(frame: Frame, result: PublicResult, code: str) -> str:
    """Give the page on which a reporter follows and rates an issue.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    result : PublicResult
        The issue.
    code : str
        By which the reporter is known.

    Returns
    -------
    str
        HTML.
    """
    return render("result.html", frame, result=result, code=code, scores=range(5, 0, -1))


def _in_order(view: IssueView) -> list[IssueState]:
    """Put the step onward first, and the one that gives up last."""
    state = view.issue.state
    return sorted(view.next_states, key=lambda to: (to is IssueState.VOID, is_backward(state, to)))


def _button(words: Translator, view: IssueView, state: IssueState, *, is_overdue: bool) -> Button:
    backward = is_backward(view.issue.state, state)
    closes = state is IssueState.CLOSED
    return Button(
        state,
        _label(words, view, state),
        backward,
        asks_result=state in {IssueState.HANDLED, IssueState.CLOSED} and not backward,
        asks_delay=closes
        and view.rules.delay_states_reason.holds
        and (is_overdue or view.issue.missed_at is not None),
        asks_public=closes and view.rules.results_published.holds,
        asks_photos=() if backward else _PHOTOS.get(state, ()),
    )


_PHOTOS = {
    IssueState.HANDLED: (Shows.BEFORE, Shows.AFTER),
    IssueState.FED_BACK: (Shows.AFTER,),
    IssueState.CHECKED: (Shows.AFTER,),
    IssueState.CLOSED: (Shows.AFTER,),
}
"""What photos of the steps to these states may show."""


def _label(words: Translator, view: IssueView, state: IssueState) -> str:
    present = view.issue.state
    if present is IssueState.CLOSED:
        return words.text("issue.reopen")
    if is_backward(present, state) and IssueState.VOID not in {state, present}:
        return words.text("issue.back", state=words.text(f"map.issue.state.{state}"))
    return words.text(f"issue.to.{state}")


def _stages(view: IssueView) -> list[tuple[IssueState, str]]:
    """Give the stages of the issue's way, each with whether it is done, present or to come."""
    if view.kind is None or view.issue.state is IssueState.VOID:
        return []
    stages = [IssueState(stage) for stage in view.kind.stages]
    if view.issue.state not in stages:
        return []
    at = stages.index(view.issue.state)
    ended = len(stages) if view.issue.state is IssueState.CLOSED else at
    return [(stage, "done" if k < ended else "now" if k == at else "next") for k, stage in enumerate(stages)]


def _weekday(words: Translator, view: IssueView) -> str:
    if view.issue.due_at is None:
        return ""
    there = view.issue.due_at.astimezone(ZoneInfo(words.timezone))
    return format_date(there, format="EEE", locale=words.language.locale)


def _idle(words: Translator, view: IssueView) -> str:
    days = view.due.idle if view.due else ()
    return words.text("list.separator").join(map(words.day, days))


def _late_on(words: Translator, view: IssueView) -> str:
    names = _level_names(words, view)
    return words.text("list.separator").join(names.get(key, key) for key in view.issue.late_levels)


def _level_names(words: Translator, view: IssueView) -> dict[str, str]:
    return {key: words.choose(name.zh, name.en) for key, name in view.level_names.items()}


def _charges(words: Translator, view: IssueView) -> list[tuple[str, str]]:
    common = [(key, words.text(f"issue.charge.{key}")) for key in ("first_asked", "handling")]
    return [*common, *((one.key, _named(words, one)) for one in view.rules.charges)]


def _named(words: Translator, rule: Named) -> str:
    return words.choose(rule.name.zh, rule.name.en)


def _told(words: Translator, view: IssueView, event: IssueEvent) -> str:
    levels = _level_names(words, view)
    fields = {
        "from_state": words.text(f"map.issue.state.{event.from_state}") if event.from_state else "–",
        "to_state": words.text(f"map.issue.state.{event.to_state}") if event.to_state else "–",
        "from_level": levels.get(event.data.get("from_level", ""), "–"),
        "to_level": levels.get(event.data.get("to_level", ""), "–"),
    }
    kind = "overtime" if event.data.get("because") == "overdue" else event.kind
    return words.text(f"issue.event.{kind}", **fields)
