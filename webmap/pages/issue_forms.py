"""Printed forms of issues."""

from __future__ import annotations

from datetime import datetime

from geo.domain.issue_cases import Case
from geo.domain.issues import Issue
from webmap.i18n import Translator
from webmap.printed import Paper, printed


def transfer_form(words: Translator, issue: Issue, case: Case, *, at: datetime) -> bytes:
    """Give the form of a case that goes to a section (案件移交表) as PDF.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    issue : Issue
        What the case is about.
    case : Case
        The case.
    at : datetime
        When it is printed, aware.

    Returns
    -------
    bytes
        A4.

    Raises
    ------
    LimitExceeded, PrintingNotInstalled, Unavailable
        See `webmap.printed.printed`.
    """
    return printed(
        "print/case.html",
        words,
        Paper.A4,
        at=at,
        title=words.text("case.title"),
        issue=issue,
        case=case,
        section=words.choose(case.section_zh, case.section_en),
    )
