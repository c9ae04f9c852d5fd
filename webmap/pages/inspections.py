"""The pages of inspections: the form, the records, what is due; and the record on paper."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from geo.domain.entities import Entity
from geo.domain.inspections import (
    Acknowledgement,
    Answer,
    Answered,
    Deregistration,
    Due,
    Inspection,
    Strokes,
)
from geo.domain.photos import Photo
from geo.domain.profiles.inspections import Form, InspectionRules
from geo.domain.profiles.rules import Named
from webmap.base_map import MapParts
from webmap.i18n import Translator
from webmap.pages.frame import Frame, render
from webmap.printed import Paper, printed

REASONS = ("licensed", "correction_ordered", "case_closed")
"""Why a subject needs a check by itself."""

STEPS = ("who", "contents", "result", "photos", "acknowledgement")
"""The parts of the form, one of which is shown on a phone."""

STEPS_OF_A_CORRECTION = ("why", "contents", "result", "acknowledgement")
"""Its parts where a record is corrected: who was there, and the photos, are what happened."""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """What the form is made of.

    Attributes
    ----------
    entity : Entity
        The subject.
    rules : InspectionRules
        What the form offers.
    forms : sequence of Form
        Those in which it may be inspected.
    due : sequence of Due
        Why it needs a check by itself.
    officers : sequence of tuple of int and str
        Those in service there.
    now : datetime
        The present, in the zone of the city.
    before : Inspection or None
        The record that is corrected; None for a new one.
    """

    entity: Entity
    rules: InspectionRules
    forms: Sequence[Form]
    due: Sequence[Due]
    officers: Sequence[tuple[int, str]]
    now: datetime
    before: Inspection | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The parts that have something in them."""
        steps = STEPS_OF_A_CORRECTION if self.before else STEPS
        return tuple(step for step in steps if step != "contents" or self.rules.contents)

    def answered(self, item: str) -> Answered | None:
        """Give what the record that is corrected says of an item.

        Parameters
        ----------
        item : str
            Key of the item.
        """
        answers = self.before.said.answers if self.before else ()
        return next((one for one in answers if one.item == item), None)


@dataclass(frozen=True, slots=True)
class Paperwork:
    """A record with all that its page or its paper shows.

    Attributes
    ----------
    found : Inspection
        The record.
    rules : InspectionRules
        What its form offered.
    photos : sequence of Photo
        Its pictures.
    """

    found: Inspection
    rules: InspectionRules
    photos: Sequence[Photo] = ()

    def name(self, among: Sequence[Named], key: str, words: Translator) -> str:
        """Give what people call a key of the record.

        Parameters
        ----------
        among : sequence of Named
            What the form offered.
        key : str
            What the record keeps; told as it is where the form doesn't know it any more.
        words : Translator
            The language.
        """
        found = next((one for one in among if one.key == key), None)
        return words.choose(found.name.zh, found.name.en) if found else key

    def names(self, among: Sequence[Named], keys: Sequence[str], words: Translator) -> str:
        """Give what people call several keys, one after the other."""
        return words.text("list.separator").join(self.name(among, key, words) for key in keys)


def polylines(strokes: Strokes) -> list[str]:
    """Give the strokes of a signature as SVG has the points of a line.

    Parameters
    ----------
    strokes : Strokes
        As they were drawn.

    Examples
    --------
    >>> polylines((((10, 20), (30, 40)), ((5, 5),)))
    ['10,20 30,40', '5,5 5,5']
    """
    return [
        " ".join(f"{x},{y}" for x, y in (stroke if len(stroke) > 1 else stroke * 2)) for stroke in strokes
    ]


def subjects_page(frame: Frame, wanted: str, found: Sequence[Entity]) -> str:
    """Give the page on which the subject of an inspection is chosen.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    wanted : str
        What was looked for.
    found : sequence of Entity
        What is called so.
    """
    return render("inspection_subjects.html", frame, wanted=wanted, found=found)


def form_page(frame: Frame, blank: BlankForm) -> str:
    """Give the page on which an inspection is filed.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    blank : BlankForm
        What the form is made of.
    """
    return render(
        "inspection_form.html",
        frame,
        blank=blank,
        answers=tuple(Answer),
        acknowledgements=tuple(Acknowledgement),
    )


def inspections_page(
    frame: Frame, found: Sequence[Inspection], results: Sequence[Named], parts: MapParts
) -> str:
    """Give the page of the latest inspections.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    found : sequence of Inspection
        The latest first.
    results : sequence of Named
        What results are called.
    parts : MapParts
        The map.
    """
    named = {one.key: frame.translator.choose(one.name.zh, one.name.en) for one in results}
    return render("inspections.html", frame, found=found, named=named, map=parts)


def record_page(frame: Frame, paper: Paperwork) -> str:
    """Give the page of one record.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    paper : Paperwork
        The record.
    """
    signature = polylines(paper.found.said.signature or ())
    return render("inspection.html", frame, paper=paper, found=paper.found, signature=signature)


def due_page(
    frame: Frame,
    due: Sequence[Due],
    leaving: Sequence[Deregistration],
    parts: MapParts,
    *,
    day: date,
    reason: str | None,
) -> str:
    """Give the page of what needs a check by itself, and of what leaves the market.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    due : sequence of Due
        The subjects.
    leaving : sequence of Deregistration
        What is to be taken off the register.
    parts : MapParts
        The map.
    day : date
        Today in the city.
    reason : str or None
        The reason that was chosen.
    """
    return render(
        "inspections_due.html",
        frame,
        due=due,
        leaving=leaving,
        map=parts,
        day=day,
        reason=reason,
        reasons=REASONS,
    )


def record_file(words: Translator, paper: Paperwork, pictures: Sequence[bytes], at: datetime) -> bytes:
    """Give a record on paper, a copy for each who gets one.

    Parameters
    ----------
    words : Translator
        Language and time zone.
    paper : Paperwork
        The record.
    pictures : sequence of bytes
        Its photos as JPEG.
    at : datetime
        When it is made, aware.

    Returns
    -------
    bytes
        PDF on A4; each copy begins on a page of its own.

    Raises
    ------
    LimitExceeded, PrintingNotInstalled, Unavailable
        See `webmap.printed.printed`.
    """
    return printed(
        "print/inspection.html",
        words,
        Paper.A4,
        at=at,
        paper_work=paper,
        found=paper.found,
        rules=paper.rules,
        signature=polylines(paper.found.said.signature or ()),
        pictures=[base64.b64encode(picture).decode() for picture in pictures],
    )
