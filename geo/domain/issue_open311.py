"""Issues as service requests of the Open311 standard, so that its interface can be put on top."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geo.domain.issues import Issue


def service_request(issue: Issue, *, updated_at: datetime, agency: str | None) -> dict[str, Any]:
    """Give an issue as a service request.

    Parameters
    ----------
    issue : Issue
        The issue.
    updated_at : datetime
        When something happened to it last, aware.
    agency : str or None
        Name of the body that deals with it.

    Returns
    -------
    dict
        The fields of the standard, JSON-ready; ``media_url`` comes from the attribute of that name, and what
        was written for the public is the note on its state.

    References
    ----------
    Open311 GeoReport v2, GET Service Request.
    """
    return {
        "service_request_id": issue.number,
        "service_code": issue.category,
        "service_name": issue.category,
        "description": issue.description,
        "status": "open" if issue.is_unresolved else "closed",
        "status_notes": issue.public_result,
        "agency_responsible": agency,
        "requested_datetime": issue.reported_at.isoformat(),
        "updated_datetime": updated_at.isoformat(),
        "expected_datetime": issue.due_at.isoformat() if issue.due_at else None,
        "address": issue.address,
        "lat": issue.geometry.y if issue.geometry else None,
        "long": issue.geometry.x if issue.geometry else None,
        "media_url": issue.attributes.get("media_url"),
    }
