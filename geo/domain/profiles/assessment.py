"""How work is assessed, and what follows (G)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRules(Rules):
    """How work is assessed, and what follows (G)."""
