"""How text is encoded, told from its bytes."""

from __future__ import annotations

import codecs

from geo.errors import BadValue, Malformed

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = ("utf-8", "gb18030")


def encoding_of(data: bytes, asked: str | None = None) -> str:
    """Return the encoding in which bytes are text.

    Parameters
    ----------
    data : bytes
        The whole text: one bad byte decides.
    asked : str, optional
        The encoding that somebody says it is.

    Returns
    -------
    str
        The encoding asked for; else that of the byte order mark; else UTF-8 where the bytes are UTF-8, which
        no other text of more than ASCII is by accident; else GB 18030, which holds GBK and GB 2312.

    Raises
    ------
    BadValue
        If there is no encoding of the name asked for.
    Malformed
        If the bytes are not text in that encoding, or in none of those that are tried.

    Examples
    --------
    >>> encoding_of("网格".encode("gbk")), encoding_of("网格".encode())
    ('gb18030', 'utf-8')
    """
    if asked is not None:
        _check_known(asked)
    marks = [name for mark, name in _MARKS if data.startswith(mark)]
    candidates = [asked] if asked else marks or list(_GUESSES)
    for name in candidates:
        if _decodes(data, name):
            return name
    raise Malformed(path="", expected="text", encodings=candidates)


def _check_known(name: str) -> None:
    try:
        text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - rot13 and zip are codecs too
    except LookupError as error:
        raise BadValue(field="encoding", value=name, expected="encoding") from error
    if not text:
        raise BadValue(field="encoding", value=name, expected="encoding")


def _decodes(data: bytes, name: str) -> bool:
    try:
        return "\0" not in data.decode(name)
    except UnicodeError:
        return False
