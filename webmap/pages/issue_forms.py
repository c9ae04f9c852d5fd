"""Printed forms of issues."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from geo.domain.issue_cases import Case
from geo.domain.issues import Issue
from geo.domain.photos import Photo
from webmap.i18n import Translator
from webmap.printed import Paper, printed


def transfer_form(
    words: Translator, issue: Issue, case: Case, pictures: Sequence[tuple[Photo, bytes]], *, at: datetime
) -> bytes:
    """Give the form of a case that goes to a section (案件移交表) as PDF.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    issue : Issue
        What the case is about.
    case : Case
        The case.
    pictures : sequence of tuple of Photo and bytes
        The photos of the issue, each made small, as JPEG.
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
        pictures=[(photo, base64.b64encode(small).decode()) for photo, small in pictures],
        section=words.choose(case.section_zh, case.section_en),
    )
