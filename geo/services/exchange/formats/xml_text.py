"""XML from strangers: parsed without entities and document types."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from geo.errors import Malformed


def parsed(path: Path, root: str) -> Element:
    """Return the root of an XML file.

    Parameters
    ----------
    path : Path
        The file.
    root : str
        What its root is called, without the namespace.

    Returns
    -------
    Element
        The root.

    Raises
    ------
    Malformed
        If it is no such XML, or holds a document type or entities.
    """
    try:
        element: Element = fromstring(path.read_bytes(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed(path="", expected=root) from error
    if local(element) != root:
        raise Malformed(path="", expected=root)
    return element


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """Return the children of that name, in any namespace."""
    return [child for child in element if local(child) == name]


def text_of(element: Element, name: str) -> str | None:
    """Return the text of the first child of that name, None without such a child."""
    found = children(element, name)
    return (found[0].text or "").strip() if found else None
