"""Printed forms: templates as PDF, with Chinese type and page numbers, loading nothing from anywhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from PIL import ImageFile

from geo.errors import LimitExceeded, PrintingNotInstalled, Unavailable
from webmap.i18n import Translator
from webmap.templating import environment

MOST_CHARACTERS = 8_000_000
"""Of a document with its drawings; larger ones take longer than anybody waits."""

MOST_CELLS = 10_000
"""Of all tables of a document: each takes over a millisecond. Longer tables belong into a workbook."""

MARGIN_MM = 15

_PATIENCE_S = 20
_ONE_AT_A_TIME = threading.Lock()
"""Laying out fills a processor and some hundred megabytes: those who ask together wait for each other."""


class Paper(StrEnum):
    """What is printed on, as CSS names it but for the hyphen."""

    A4 = "a4"
    A4_LANDSCAPE = "a4-landscape"
    A3 = "a3"
    A3_LANDSCAPE = "a3-landscape"

    @property
    def css(self) -> str:
        """The value of ``size`` in ``@page``."""
        return self.value.replace("-", " ")

    @property
    def size_mm(self) -> tuple[int, int]:
        """Width and height."""
        short, long = (210, 297) if self in {Paper.A4, Paper.A4_LANDSCAPE} else (297, 420)
        return (long, short) if self in {Paper.A4_LANDSCAPE, Paper.A3_LANDSCAPE} else (short, long)

    @property
    def room_mm(self) -> tuple[int, int]:
        """Width and height between the margins."""
        width, height = self.size_mm
        return width - 2 * MARGIN_MM, height - 2 * MARGIN_MM


def printed(template: str, words: Translator, paper: Paper, *, at: datetime, **values: object) -> bytes:
    """Give a template as PDF.

    Parameters
    ----------
    template : str
        Its name; it extends ``print/base.html``.
    words : Translator
        Language and time zone of the form.
    paper : Paper
        What it is printed on.
    at : datetime
        When it is made, as each page says at its foot; aware.
    **values : object
        What the template shows.

    Returns
    -------
    bytes
        PDF with its text, its outline and its fonts.

    Raises
    ------
    LimitExceeded
        If the document is larger than `MOST_CHARACTERS`, or has more than `MOST_CELLS`.
    PrintingNotInstalled
        If the machine lacks the libraries that lay out text.
    Unavailable
        If too many forms are printed at once.
    """
    shown = {"t": words, "_": words.text, "paper": paper, "margin_mm": MARGIN_MM, "at": at, **values}
    document = environment().get_template(template).render(shown)
    _check("printed_characters", len(document), MOST_CHARACTERS)
    _check("printed_cells", document.count("<td"), MOST_CELLS)
    engine = _engine()
    with _turn():
        pdf: bytes = engine.HTML(string=document, url_fetcher=_fetcher()).write_pdf(pdf_tags=True)
    return pdf


def _check(limit: str, value: int, maximum: int) -> None:
    if value > maximum:
        raise LimitExceeded(limit=limit, value=value, maximum=maximum)


@cache
def _engine() -> Any:
    """Import what lays out pages: it takes half a second, and libraries that a machine may lack.

    It tells Pillow to take broken pictures for whole ones, everywhere in the process: that is taken back, for
    photos that come in are refused when they are broken, and printed ones are whole.
    """
    strictness = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import weasyprint  # noqa: PLC0415
    except OSError as error:
        raise PrintingNotInstalled(library="Pango") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = strictness
    return weasyprint


def _fetcher() -> Any:
    """Give what refuses every address: a form holds all it shows, images as ``data:``."""
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    return URLFetcher(allowed_protocols=("data",))


@contextmanager
def _turn() -> Iterator[None]:
    if not _ONE_AT_A_TIME.acquire(timeout=_PATIENCE_S):
        raise Unavailable(what="print", retry_after_s=_PATIENCE_S)
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()
