"""How a subject is inspected (D)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRules(Rules):
    """How a subject is inspected (D)."""
