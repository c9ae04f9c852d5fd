"""Times as programs give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""The database would keep earlier and later times that Python then can't read, in any zone."""


def _in_range(moment: datetime) -> datetime:
    if not _FIRST <= moment <= _LAST:
        raise ValueError(f"{_FIRST:%Y} – {_LAST:%Y}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""A time with its zone."""
