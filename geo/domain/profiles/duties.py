"""What is to be done, how often, on what (C)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.profiles.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRules(Rules):
    """What is to be done, how often, on what (C)."""
