"""Reads what WeasyPrint has written: sizes of pages, fonts, and the text as a reader would copy it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property

MM_PER_POINT = 25.4 / 72

_STREAM = re.compile(rb"(\d+) 0 obj\s*(<<.*?>>)\s*stream\r?\n", re.DOTALL)
_SHOWN = re.compile(r"/(\w+) [\d.]+ Tf|<([0-9a-f]+)>|(ET)")


def _mm(points: str) -> int:
    return round(float(points) * MM_PER_POINT)


@dataclass(frozen=True)
class Page:
    """A page: its size in millimetres, and its text line by line."""

    size_mm: tuple[int, int]
    text: str


class Pdf:
    """A file of PDF 1.7 with object streams, not encrypted."""

    def __init__(self, content: bytes) -> None:
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
        self.streams = dict(self._streams_in(content))
        self.objects = dict(self._objects())

    @property
    def pages(self) -> list[Page]:
        """The pages in their order."""
        [kids] = [re.search(r"/Kids \[([^]]*)\]", one)[1] for one in self._of_type("Pages")]
        return [self._page(self.objects[int(number)]) for number in re.findall(r"(\d+) 0 R", kids)]

    @property
    def fonts(self) -> set[str]:
        """The names of the fonts that are embedded."""
        embedded = [one for one in self._of_type("FontDescriptor") if "/FontFile" in one]
        return {re.search(r"/FontName /\w+\+([\w-]+)", one)[1] for one in embedded}

    @property
    def text(self) -> str:
        """The text of all pages, and of the drawings on them."""
        return "\n".join(self._text(body) for _, body in self.streams.values() if b" Tf" in body)

    @staticmethod
    def _streams_in(content: bytes):
        for found in _STREAM.finditer(content):
            length = int(re.search(rb"/Length (\d+)", found[2])[1])
            body = content[found.end() : found.end() + length]
            yield int(found[1]), (found[2], zlib.decompress(body) if b"/FlateDecode" in found[2] else body)

    def _objects(self):
        for header, body in self.streams.values():
            if b"/ObjStm" in header:
                first = int(re.search(rb"/First (\d+)", header)[1])
                numbers = [int(number) for number in body[:first].split()]
                ends = [*numbers[3::2], len(body)]
                for number, start, end in zip(numbers[::2], numbers[1::2], ends, strict=True):
                    yield number, body[first + start : first + end].decode("latin-1")

    def _of_type(self, kind: str) -> list[str]:
        return [one for one in self.objects.values() if re.search(rf"/Type /{kind}\b", one)]

    def _page(self, page: str) -> Page:
        width, height = re.search(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page).groups()
        _, body = self.streams[int(re.search(r"/Contents (\d+) 0 R", page)[1])]
        return Page(
            (round(float(width) * MM_PER_POINT), round(float(height) * MM_PER_POINT)), self._text(body)
        )

    def _text(self, body: bytes) -> str:
        signs: dict[str, str] = {}
        text = []
        for font, codes, end in _SHOWN.findall(body.decode("latin-1")):
            signs = self._signs[font] if font else signs
            text.extend(signs[codes[at : at + 4]] for at in range(0, len(codes), 4))
            text.extend("\n" if end else "")
        return "".join(text)

    @cached_property
    def _signs(self) -> dict[str, dict[str, str]]:
        fonts = [one for one in self._of_type("Font") if "/ToUnicode" in one]
        return {re.search(r"/BaseFont /(\w+)\+", one)[1]: self._map(one) for one in fonts}

    def _map(self, font: str) -> dict[str, str]:
        _, body = self.streams[int(re.search(r"/ToUnicode (\d+) 0 R", font)[1])]
        pairs = re.findall(r"^<([0-9a-f]{4})> <([0-9a-f]+)>$", body.decode("latin-1"), re.MULTILINE)
        return {code: bytes.fromhex(sign).decode("utf-16-be") for code, sign in pairs}
