"""Revisions as ETags: a change names the revision that it is based on."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Response

from geo.errors import BadValue, RevisionRequired, StaleRevision

_TAG = re.compile(r'"(?P<kind>[a-z]+)-(?P<key>[0-9]{1,19})-(?P<revision>[0-9]{1,9})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="所依据的 ETag；缺少则 428，已过期则 409 · The ETag that the change is based on",
        examples=['"person-17-3"'],
    ),
]


def etag(kind: str, key: int, revision: int) -> str:
    """Give the ETag of one revision of a thing.

    Parameters
    ----------
    kind : str
        What kind of thing: lower-case letters.
    key, revision : int
        Which one, and its lock counter.

    Examples
    --------
    >>> etag("person", 17, 3)
    '"person-17-3"'
    """
    return f'"{kind}-{key}-{revision}"'


def set_etag(response: Response, kind: str, key: int, revision: int) -> None:
    """Let an answer name the revision that it shows.

    Parameters
    ----------
    response : Response
        The answer.
    kind, key, revision
        See `etag`.
    """
    response.headers["ETag"] = etag(kind, key, revision)


def base_revision(if_match: str | None, kind: str, key: int) -> int:
    """Give the revision that a change is based on.

    Parameters
    ----------
    if_match : str or None
        The header ``If-Match``.
    kind, key
        What is to be changed.

    Returns
    -------
    int
        The lock counter that the service compares.

    Raises
    ------
    RevisionRequired
        If the header is missing, or holds for any revision.
    BadValue
        If it is no ETag of ours.
    StaleRevision
        If it is the ETag of another thing.

    Examples
    --------
    >>> base_revision('"person-17-3"', "person", 17)
    3
    """
    if if_match is None or if_match.strip() == "*":
        raise RevisionRequired(kind=kind, key=key)
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise BadValue(field="If-Match", value=if_match, expected=etag(kind, key, 1))
    if (tag["kind"], tag["key"]) != (kind, str(key)):
        raise StaleRevision(kind=kind, key=key, revision=if_match, current=None)
    return int(tag["revision"])
