"""Printed forms: the paper, the pages, the type, and that nothing is loaded."""

from __future__ import annotations

import builtins
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geo.domain.measures import Share
from geo.errors import LimitExceeded, PrintingNotInstalled, Unavailable
from tests.pdfs import Pdf
from tests.unit.webmap.drawn import HOSTILE, SIDE, SOUTH, WEST, ground
from webmap import printed as printing
from webmap import theme
from webmap.i18n import Language, Translator
from webmap.printed import Paper, printed
from webmap.printed_map import Ink, Labels, Layer, ground_layers, printed_map
from webmap.tables import Column, Kind, Table
from webmap.templating import environment

CHINESE, ENGLISH = Translator(Language.CHINESE), Translator(Language.ENGLISH)
AT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
COLUMNS = (
    Column("网格"),
    Column("户数", Kind.NUMBER, "户"),
    Column("变化", Kind.CHANGE),
    Column("率", Kind.SHARE),
)


def table(rows: int, name: str = "西溪社区第一网格") -> Table:
    values = [(name, 1200 + row, -1.0, Share(3, 4)) for row in range(rows)]
    return Table("网格逐一比较", COLUMNS, values, totals=("合计", 99_999, 5, None), notes=("户数为估算",))


def form(paper: Paper = Paper.A4, words: Translator = CHINESE, **values: object) -> Pdf:
    shown = {"title": "划分方案比较", "tables": [table(2)], **values}
    return Pdf(printed("print/table.html", words, paper, at=AT, **shown))


@pytest.mark.parametrize(
    ("paper", "size_mm"),
    [
        (Paper.A4, (210, 297)),
        (Paper.A4_LANDSCAPE, (297, 210)),
        (Paper.A3, (297, 420)),
        (Paper.A3_LANDSCAPE, (420, 297)),
    ],
)
def test_a_form_has_the_size_of_its_paper(paper, size_mm):
    assert [page.size_mm for page in form(paper).pages] == [size_mm] == [paper.size_mm]


def test_a_form_holds_its_type_and_its_text():
    pdf = form()
    assert "Noto-Sans-CJK-SC" in pdf.fonts
    for text in ("划分方案比较", "西溪社区第一网格", "1,201", "-1", "75.0% (3/4)", "户数为估算", "99,999"):
        assert text in pdf.text


@pytest.mark.parametrize(("words", "why"), [(CHINESE, "已按本地规则脱敏"), (ENGLISH, "masked by the rules")])
def test_a_form_says_why_something_on_it_is_masked(words, why):
    assert why in form(words=words, tables=[table(2, "王**")]).text
    assert why not in form(words=words).text


def test_each_page_bears_its_number_and_the_headings_of_its_table():
    pages = form(tables=[table(80)]).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page.text.replace("\n", "")
        assert "户数" in page.text
        assert "2026年11月22日 09:30" in page.text


def test_the_words_are_those_of_the_reader():
    text = form(words=ENGLISH).text.replace("\n", "")
    assert "Page 1 of 1" in text
    assert "Printed 22 Nov 2026 09:30" in text


def test_what_is_shown_is_text():
    assert "onerror" in form(tables=[table(1, HOSTILE)]).text


@pytest.fixture
def template(monkeypatch):
    """A form whose content a test gives as markup."""
    source = '{% extends "print/base.html" %}{% block content %}{{ content|safe }}{% endblock %}'
    made = environment().from_string(source)
    of_tests = environment().overlay()
    monkeypatch.setattr(of_tests, "get_template", lambda _: made)
    monkeypatch.setattr(printing, "environment", lambda: of_tests)
    return lambda content: Pdf(printed("given", CHINESE, Paper.A4, at=AT, title="x", content=content))


PIXEL = "R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="


def test_nothing_is_loaded_from_anywhere(template, tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">SECRET</text></svg>')
    foreign = f'<img src="{secret.as_uri()}"><img src="http://192.0.2.1/a.png"><img src="relative.png">'
    assert "SECRET" not in template(foreign).text
    assert [one.levelname for one in caplog.records] == ["ERROR"] * 3  # each address was refused


def test_pictures_that_a_form_holds_are_shown(template, caplog):
    assert template(f'<img alt="x" src="data:image/gif;base64,{PIXEL}">').pages
    assert caplog.records == []


@pytest.mark.parametrize(("limit", "maximum"), [("MOST_CHARACTERS", 100), ("MOST_CELLS", 7)])
def test_what_takes_too_long_is_refused(monkeypatch, limit, maximum):
    monkeypatch.setattr(printing, limit, maximum)
    with pytest.raises(LimitExceeded):
        form()


def test_a_machine_without_pango_says_so(monkeypatch):
    original = builtins.__import__

    def without_pango(name, *rest):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return original(name, *rest)

    printing._engine.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(PrintingNotInstalled) as refused:
        form()
    assert refused.value.fields["library"] == "Pango"


@pytest.mark.parametrize(("loads", "broken"), [("printing._engine()", False), ("import weasyprint", True)])
def test_broken_photos_stay_broken_after_something_was_printed(loads, broken):
    asked = "print(ImageFile.LOAD_TRUNCATED_IMAGES)"
    code = f"from PIL import ImageFile; from webmap import printed as printing; {loads}; {asked}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(broken)


def test_those_who_wait_too_long_are_told(monkeypatch):
    monkeypatch.setattr(printing, "_PATIENCE_S", 0.01)
    taken = threading.Lock()
    monkeypatch.setattr(printing, "_ONE_AT_A_TIME", taken)
    with taken, pytest.raises(Unavailable):
        form()
    assert form().pages


# maps ----------------------------------------------------------------------------------------------------

CELLS = np.array(
    [shapely.box(x, SOUTH, x + SIDE, SOUTH + SIDE) for x in WEST + SIDE * np.arange(3)], dtype=object
)
BOUNDS = (WEST, SOUTH, WEST + 3 * SIDE, SOUTH + SIDE)


def drawing(layers: list[Layer], labels: Labels | None = None, title: str = "图") -> str:
    return printed_map(layers, (180, 120), CHINESE, bounds=BOUNDS, title=title, labels=labels)


def test_a_map_tells_what_its_colours_claim():
    made = drawing(
        [Layer(CELLS[:2], Ink(theme.SEQUENTIAL[0]), "多"), Layer(CELLS[2:], Ink(theme.HOT[0]), "少")]
    )
    for words in ("多", "少", "北", theme.SEQUENTIAL[0], theme.HOT[0], "500 m"):
        assert words in made


def test_a_map_fits_its_drawing():
    made = drawing([Layer(CELLS, Ink(theme.HOT[0]))])
    path = re.search(r'<path d="([^"]+)" fill="#b35806"', made)[1]
    xy = np.array(re.findall(r"([\d.]+),([\d.]+)", path), dtype=float)
    width, height = xy.max(axis=0) - xy.min(axis=0)
    assert width == pytest.approx(180 * 0.92, abs=0.1)  # it fills the room that is wider than it is high
    assert width / height == pytest.approx(3 * np.cos(np.radians(SOUTH)), rel=0.01)


def test_a_map_shows_areas_lines_points_and_names():
    line = np.array([shapely.LineString([(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE)])], dtype=object)
    layers = [
        Layer(CELLS, Ink(theme.NO_DATA, is_hatched=True), "无数据"),
        Layer(line, Ink(line=theme.INK, dash_mm=1)),
        Layer(shapely.centroid(CELLS), Ink(theme.OVERDUE)),
        *ground_layers(ground()),
    ]
    made = drawing(layers, Labels(CELLS, ("甲", "乙", "丙")), title=HOSTILE)
    assert made.count("<circle") == 3
    assert 'stroke-dasharray="1 1"' in made
    assert f"url(#hatch-{theme.NO_DATA[1:]})" in made
    assert "乙" in made
    assert "<script" not in made


def test_a_map_leaves_out_what_lies_elsewhere():
    far = shapely.box(WEST + 1, SOUTH + 1, WEST + 1.1, SOUTH + 1.1)
    made = drawing(
        [Layer(np.array([far], dtype=object), Ink(theme.HOT[0]))], Labels(np.array([far]), ("远",))
    )
    assert "远" not in made
    assert f'fill="{theme.HOT[0]}"' not in made


def test_a_map_is_printed_with_its_type(template):
    made = drawing([Layer(CELLS, Ink(theme.HOT[0]), "多")], Labels(CELLS, ("甲", "乙", "丙")))
    pdf = template(made)
    assert "乙" in pdf.text
    assert {font for font in pdf.fonts if "CJK-SC" not in font} == set()
